"""Tells which data in the database came from the Strava API, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from db.models import ActivityObservation, Track

#: Sources of observations that are the API's.
API_SOURCES: Final = ("api_summary", "api_detail")


def said_by_api(before: datetime | None) -> sa.ColumnElement[bool]:
    """Which observations came from the API, before a moment or ever."""
    of_api = ActivityObservation.source.in_(API_SOURCES)
    return of_api if before is None else sa.and_(of_api, ActivityObservation.observed_at < before)


def fetched(before: datetime | None) -> sa.ColumnElement[bool]:
    """Which tracks were fetched from the API, before a moment or ever."""
    of_api = Track.source == "api"
    return of_api if before is None else sa.and_(of_api, Track.fetched_at < before)


def oldest(connection: sa.Connection) -> datetime | None:
    """When the oldest API data were fetched that ``purge`` would remove."""
    times = (
        connection.scalar(
            sa.select(sa.func.min(ActivityObservation.observed_at)).where(said_by_api(None))
        ),
        connection.scalar(sa.select(sa.func.min(Track.fetched_at)).where(fetched(None))),
    )
    return min(filter(None, times), default=None)
