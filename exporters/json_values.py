"""Converts values of the database to values that JSON has.

Times become texts like ``2026-05-01T07:12:33Z``; wall clocks have no Z.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from db.points import Points, read_points
from exporters import clock
from exporters.job import Job
from exporters.selection import Chosen
from exporters.streaming import stream
from exporters.tables import flat_activities

_CHUNK: Final = 1000


def flat_rows(job: Job) -> Iterator[dict[str, Any]]:
    """Every chosen activity with the name of its gear, by start."""
    for rows in stream(job.connection, flat_activities(job.selection), _CHUNK):
        yield from (as_json(dict(row._mapping)) for row in rows)


def flat_rows_with_points(job: Job) -> Iterator[tuple[Chosen, dict[str, Any], Points | None]]:
    """Every chosen activity with its points, by start; ``None`` where it has no points."""
    tracks = read_points(job.connection, job.activities)
    points = next(tracks, None)
    for activity, row in zip(job.activities, flat_rows(job), strict=True):
        if points is not None and points.activity_id == activity.activity_id:
            yield activity, row, points
            points = next(tracks, None)
        else:
            yield activity, row, None


def as_json(row: dict[str, Any]) -> dict[str, Any]:
    """Convert a row to values that JSON can hold."""
    return {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.iso_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
