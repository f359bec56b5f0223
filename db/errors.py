"""What can go wrong with the database itself. Both say in plain words what happened and what to do.

* DatabaseProblem   it cannot be reached, opened, migrated or written
  x NoDatabase      the SQLite file is not there, and only reading was wanted
* Locked            another run writes to it right now
"""

from __future__ import annotations


class DatabaseProblem(Exception):
    """The database cannot be used; the message names its URL without the password."""


class NoDatabase(DatabaseProblem):
    """The SQLite file is not there, and only reading was wanted."""


class Locked(Exception):
    """Another run holds the database's lock."""
