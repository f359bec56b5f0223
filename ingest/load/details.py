"""Replaces the laps, splits, efforts and photos that details of the API hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from db.bulk import insert_rows
from db.models import BestEffort, Lap, Media, SegmentEffort, Split
from db.upsert import upsert
from ingest.transform.detail_records import Detail
from ingest.transform.records import as_dict

#: Tables whose rows from the API have the source "api".
_OWN: Final[tuple[Any, ...]] = (Lap, Split, BestEffort, Media)


def write_detail(
    connection: sa.Connection, athlete_id: int, activity_id: int, detail: Detail
) -> None:
    """Replace what an earlier detail of the API said of an activity.

    Laps and photos of a device file or an export stay.
    """
    remove_details(connection, [activity_id])
    own = {"activity_id": activity_id, "source": "api"}
    if not _has(connection, Lap, activity_id):
        insert_rows(connection, Lap, [{**own, **as_dict(lap)} for lap in detail.laps])
    insert_rows(connection, Split, [{**own, **as_dict(split)} for split in detail.splits])
    insert_rows(
        connection, BestEffort, [{**own, **as_dict(effort)} for effort in detail.best_efforts]
    )
    # Upserted by id: an activity that was uploaded again keeps its efforts' ids.
    upsert(
        connection,
        SegmentEffort,
        [{"activity_id": activity_id, **as_dict(e)} for e in detail.segment_efforts],
    )
    if not _has(connection, Media, activity_id):
        photos = [
            {
                **own,
                "athlete_id": athlete_id,
                "filename": photo.unique_id,
                "media_index": photo.media_index,
                "media_type": photo.media_type,
                "url": photo.url,
            }
            for photo in detail.photos
        ]
        upsert(connection, Media, photos)


def remove_details(connection: sa.Connection, activity_ids: Sequence[int]) -> None:
    """Remove everything that the API's details gave these activities."""
    for model in _OWN:
        of_api = sa.delete(model).where(model.activity_id.in_(activity_ids), model.source == "api")
        connection.execute(of_api)
    connection.execute(sa.delete(SegmentEffort).where(SegmentEffort.activity_id.in_(activity_ids)))


def _has(connection: sa.Connection, model: Any, activity_id: int) -> bool:
    query = (
        sa.select(sa.literal(1)).select_from(model).where(model.activity_id == activity_id).limit(1)
    )
    return connection.scalar(query) is not None
