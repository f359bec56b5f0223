"""Rebuilds activities from what is still said of them; deletes those of which nothing is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from db.bulk import delete_points
from db.models import Activity, ActivityObservation, Base
from ingest.load import ledger
from ingest.load.gear import GearBook
from ingest.load.writer import ActivityWrite, Batch, Writer


def fold_again(
    connection: sa.Connection, athlete_id: int, ids: Sequence[int], run_id: int
) -> set[int]:
    """Rebuild activities from other sources; delete those without any, and return their ids."""
    known = ActivityObservation.activity_id
    left = set(connection.scalars(sa.select(known).where(known.in_(ids)).distinct()))
    gone = set(ids) - left
    delete_activities(connection, gone)
    batch = Batch()
    for activity_id in sorted(left):
        batch.add(ActivityWrite(activity_id=activity_id))
    write_again(connection, athlete_id, batch, run_id)
    return gone


def write_again(connection: sa.Connection, athlete_id: int, batch: Batch, run_id: int) -> None:
    """Write a batch of one athlete's activities."""
    gear = GearBook(connection, athlete_id)
    writer = Writer(athlete_id=athlete_id, origin=ledger.API, run_id=run_id, gear=gear)
    writer.write(connection, batch)


def delete_activities(connection: sa.Connection, ids: Collection[int]) -> None:
    """Delete activities and all rows that belong to them."""
    delete_points(connection, ids)
    for table in reversed(Base.metadata.sorted_tables):
        if _belongs_to_activity(table):
            connection.execute(sa.delete(table).where(table.c.activity_id.in_(ids)))
    connection.execute(sa.delete(Activity).where(Activity.activity_id.in_(ids)))


def _belongs_to_activity(table: Any) -> bool:
    return any(key.target_fullname == "activities.activity_id" for key in table.foreign_keys)
