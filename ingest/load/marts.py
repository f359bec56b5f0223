"""Refills the marts after activities have changed.

A mark in the database makes the next run do what a killed one left undone.
"""

from __future__ import annotations

import sqlalchemy as sa

from ingest.load import ledger


def are_stale(connection: sa.Connection) -> bool:
    """Whether anything was written since the marts were filled."""
    return ledger.get_state(connection, ledger.STALE_MARTS) is not None


def refill_stale(engine: sa.Engine) -> None:
    """Fill the marts anew where they are stale, in one transaction with the mark's removal."""
    with engine.connect() as connection:
        if not are_stale(connection):
            return
    from db.marts import refresh  # a run without news need not load it

    with engine.begin() as connection:
        refresh(connection)
        ledger.set_state(connection, ledger.STALE_MARTS, None)
