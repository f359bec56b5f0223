"""The API half of a run: the list that is due, then the requests that wait, within Strava's limits; all of it resumable.

``fetching`` runs it, ``listing`` chooses the list, ``summaries`` compares its pages with the database, ``work`` makes the requests of
the queue, ``meter`` counts them against ``budget``.
"""
