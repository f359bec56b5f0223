"""Finds what the API can still add to known activities: their details, and missing tracks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from db.models import Activity, ActivityObservation, PurgedActivity, QueueItem, Track
from ingest import clock
from ingest.load import fetch_queue as queue
from ingest.load.fetch_queue import Item


def to_enrich(athlete_id: int) -> tuple[sa.Select[*tuple[Any, ...]], sa.Select[*tuple[Any, ...]]]:
    """Id and start of the activities that the API shows and whose details are not known, and of
    those that have no track.

    A device file that was read in part counts as none until streams were compared with it. What it
    does not show (deleted, or private without the permission) would be asked for in vain, in every
    run.
    """
    known = sa.select(ActivityObservation.activity_id)
    shown = known.where(ActivityObservation.source == "api_summary")
    detailed = known.where(ActivityObservation.source == "api_detail")
    wanting = sa.select(Activity.activity_id, Activity.start_time_utc).where(
        Activity.athlete_id == athlete_id,
        Activity.vanished_at.is_(None),
        Activity.activity_id.in_(shown),
        Activity.activity_id.not_in(detailed),
        Activity.activity_id.not_in(sa.select(PurgedActivity.activity_id)),
    )
    queued = sa.select(QueueItem.activity_id)
    details = wanting.where(Activity.activity_id.not_in(queued.where(QueueItem.item == "detail")))
    streams = wanting.where(Activity.activity_id.not_in(queued.where(QueueItem.item == "streams")))
    is_rest_known = sa.or_(
        Track.source == "api", Track.is_partial.is_(False), Track.fetched_at.is_not(None)
    )
    tracked = sa.select(Track.activity_id).where(is_rest_known)
    is_recorded = sa.func.coalesce(Activity.is_manual, False).is_(False)
    return details, streams.where(Activity.activity_id.not_in(tracked), is_recorded)


def enqueue_enrichment(connection: sa.Connection, athlete_id: int) -> None:
    """Have the next requests ask for these details and streams."""
    details, streams = (connection.execute(query).all() for query in to_enrich(athlete_id))
    wanted: list[tuple[int, Item, datetime | None]] = [(i, "detail", s) for i, s in details]
    wanted += [(i, "streams", s) for i, s in streams]
    queue.enqueue(connection, wanted, athlete_id, clock.now(), queue.ENRICHMENT)
