"""Brings back what the API said of activities, where a device file had replaced it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from db.batches import chunks
from db.models import Activity, ActivityObservation, QueueItem
from ingest.load import fetch_queue as queue
from ingest.load import observations
from ingest.load.details import write_detail
from ingest.transform.api_json.detail import detail
from ingest.transform.detail_records import GearRow


def details_again(
    connection: sa.Connection, athlete_id: int, ids: Sequence[int]
) -> Iterator[tuple[datetime, GearRow]]:
    """Write what details of the API say, in which exports and files had replaced some; yields the
    gear that they tell, and when.
    """
    for activity_id, every in observations.stored(connection, ids).items():
        for seen in every:
            if seen.source == "api_detail" and seen.raw is not None:
                rows = detail(seen.raw)
                write_detail(connection, athlete_id, activity_id, rows)
                if rows.gear is not None:
                    yield seen.observed_at, rows.gear


def ask_for_streams(
    connection: sa.Connection, athlete_id: int, ids: Collection[int], now: datetime
) -> set[int]:
    """Ask the API for points in place of a device file's, where it knows the activity; returns of
    which ones.
    """
    waiting = sa.select(QueueItem.activity_id).where(QueueItem.item == "streams")
    query = (
        sa.select(Activity.activity_id, Activity.start_time_utc)
        .join(ActivityObservation, ActivityObservation.activity_id == Activity.activity_id)
        .where(ActivityObservation.source == "api_summary", Activity.activity_id.not_in(waiting))
    )
    asked: set[int] = set()
    for some in chunks(sorted(ids)):
        rows = connection.execute(query.where(Activity.activity_id.in_(some))).all()
        queue.enqueue(
            connection,
            [(row.activity_id, "streams", row.start_time_utc) for row in rows],
            athlete_id,
            now,
            queue.ENRICHMENT,
        )
        asked |= {row.activity_id for row in rows}
    return asked
