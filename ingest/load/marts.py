"""Refills the marts after activities have changed.

A mark in the database makes the next run finish what a killed one left undone.
"""

from __future__ import annotations

import sqlalchemy as sa

from db.lock import in_turn
from ingest.load import sync_state


def refill_stale(engine: sa.Engine) -> None:
    """Fill stale marts anew, and remove the mark in the same transaction."""
    with engine.connect() as connection:
        if not sync_state.are_marts_stale(connection):
            return
    from db.marts import refresh  # imported late: a run without news does not need it

    with engine.begin() as connection:
        in_turn(connection, "shared tables")
        # The mark goes first: a run that writes meanwhile waits, and then leaves a mark of its own.
        sync_state.mark_fresh(connection)
        refresh(connection)
