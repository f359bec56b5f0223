"""Refills the marts after activities have changed.

A mark in the database makes the next run do what a killed one left undone.
"""

from __future__ import annotations

import sqlalchemy as sa

from ingest.load import sync_state


def refill_stale(engine: sa.Engine) -> None:
    """Fill the marts anew where they are stale, in one transaction with the mark's removal."""
    with engine.connect() as connection:
        if not sync_state.are_marts_stale(connection):
            return
    from db.marts import refresh  # a run without news need not load it

    with engine.begin() as connection:
        refresh(connection)
        sync_state.mark_fresh(connection)
