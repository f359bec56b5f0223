"""Refills the marts after activities have changed.

Marks in the database say what has changed, and make the next run finish what a killed one left
undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from db.batches import chunks
from db.local_day import START
from db.lock import in_turn, written_by_others
from db.models import Activity
from ingest.load import sync_state


def outdate(connection: sa.Connection, activity_ids: Sequence[int]) -> None:
    """Mark the marts of these activities as stale, on their days.

    To be called in the transaction that changes them: before, if they may move to another day, and
    after.
    """
    days: dict[int, set[date]] = {}
    for some in chunks(activity_ids):
        starts = sa.select(Activity.athlete_id, START).where(Activity.activity_id.in_(some))
        for athlete_id, start in connection.execute(starts):
            days.setdefault(athlete_id, set()).update([start.date()] if start else [])
    for athlete_id, changed in days.items():
        sync_state.mark_stale(connection, athlete_id, changed)


def refill_stale(engine: sa.Engine) -> None:
    """Refill stale marts, and remove the marks in the same transaction.

    Those of athletes that another run is writing are left to that run: it is not done yet, and
    would have to wait with its next mark.
    """
    with engine.connect() as connection:
        if not sync_state.are_all_stale(connection) and not sync_state.stale_marts(connection):
            return
    from db import marts  # imported late: a run without news does not need it

    with engine.begin() as connection:
        in_turn(connection, "shared tables")
        others = written_by_others(connection, sync_state.stale_marts(connection))
        # The marks go first: a run that writes meanwhile leaves a mark of its own.
        is_all, stale = sync_state.take_stale(connection, but=others)
        if is_all:
            marts.refresh(connection)
        elif stale:
            scopes = [marts.Scope(athlete_id=i, days=days) for i, days in sorted(stale.items())]
            marts.refill(connection, scopes)
