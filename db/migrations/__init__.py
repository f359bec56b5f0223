"""Holds the history of the schema, one file per change, which ``db.migrate`` runs.

The files in ``versions`` were generated and then tidied.
"""
