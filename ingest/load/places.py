"""Writes in which country, region and town activities started."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from db.batches import chunks
from db.models import Activity, ActivityPlace
from db.upsert import upsert
from ingest.load.marts import outdate
from ingest.transform.places import towns_of
from ingest.transform.records import as_dict


def athletes_to_place(connection: sa.Connection) -> list[int]:
    """The athletes with activities whose place was not looked up, or that started elsewhere."""
    query = _unplaced().with_only_columns(Activity.athlete_id).order_by(None)
    return sorted(connection.scalars(query.distinct()))


def place_starts(connection: sa.Connection, athlete_id: int) -> int:
    """Look up the places of an athlete's starts that are not known yet; returns how many."""
    mine = connection.execute(_unplaced().where(Activity.athlete_id == athlete_id))
    rows: list[Any] = [tuple(row) for row in mine]
    for some in chunks(rows):
        outdate(connection, [number for number, _, _ in some])
        places = towns_of([(latitude, longitude) for _, latitude, longitude in some])
        written = [
            {"activity_id": number, "latitude": latitude, "longitude": longitude, **as_dict(place)}
            for (number, latitude, longitude), place in zip(some, places, strict=True)
        ]
        upsert(connection, ActivityPlace, written)
    return len(rows)


def _unplaced() -> sa.Select[int, float | None, float | None]:
    """Starts without a place; virtual sports start nowhere."""
    start = (Activity.start_latitude, Activity.start_longitude)
    return (
        sa.select(Activity.activity_id, *start)
        .outerjoin(ActivityPlace, ActivityPlace.activity_id == Activity.activity_id)
        .where(
            *(each.is_not(None) for each in start),
            Activity.vanished_at.is_(None),
            sa.func.coalesce(Activity.sport_type, "").not_like("Virtual%"),
            sa.or_(
                ActivityPlace.activity_id.is_(None),
                ActivityPlace.latitude != Activity.start_latitude,
                ActivityPlace.longitude != Activity.start_longitude,
            ),
        )
        .order_by(Activity.activity_id)
    )
