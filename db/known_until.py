"""Says up to which day the activities of an athlete are known."""

from __future__ import annotations

import datetime as dt
from typing import Final

import sqlalchemy as sa

from db.models import ActivityObservation, ImportFile

#: First year that no clock should show yet; the calendar ends before it.
_BEYOND: Final = 2100


def known_until(connection: sa.Connection, athlete_id: int | None = None) -> dict[int, dt.date]:
    """The day (UTC) of the newest export or answer of the API, of each athlete or of one."""
    export = sa.select(ImportFile.athlete_id, sa.func.max(ImportFile.exported_at)).where(
        ImportFile.file_kind == "export"
    )
    api = sa.select(
        ActivityObservation.athlete_id, sa.func.max(ActivityObservation.observed_at)
    ).where(ActivityObservation.source.in_(("api_summary", "api_detail")))
    known: dict[int, dt.date] = {}
    for query, owner in ((export, ImportFile.athlete_id), (api, ActivityObservation.athlete_id)):
        mine = query if athlete_id is None else query.where(owner == athlete_id)
        for athlete, moment in connection.execute(mine.group_by(owner)):
            if moment.year < _BEYOND:
                known[athlete] = max(known.get(athlete, dt.date.min), moment.date())
    return known
