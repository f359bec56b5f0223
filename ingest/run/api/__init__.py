"""Fetches from the Strava API, within its limits, what is newer than the newest export.

Every step can be resumed. ``sync`` runs it, ``listing`` chooses the list, ``pages`` compares its
pages with the database, ``worker`` makes the requests that wait in the queue, ``meter`` counts them
against ``extract.api.rate_limits``, ``dry_run`` counts what a run would fetch.
"""
