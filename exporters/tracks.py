"""Reads each chosen activity with its track and points, for GPX and TCX files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import numpy as np
import sqlalchemy as sa

from db.models import Track
from db.points import FloatArray, Points, read_points
from exporters.job import Job
from exporters.selection import Chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One activity that has points; ``start`` is the moment that ``elapsed_s`` counts from."""

    activity: Chosen
    start: datetime
    points: Points

    def times(self) -> list[str | None]:
        """The time of each point, ``None`` where it is not known.

        Milliseconds appear only where a point has a fraction of a second.
        """
        elapsed_s = self.points.column("elapsed_s")
        known = np.isfinite(elapsed_s)
        with np.errstate(invalid="ignore"):  # a time beyond all calendars
            ms = np.round(np.where(known, elapsed_s, 0.0) * 1000).astype(np.int64)
        start = np.datetime64(self.start.astimezone(UTC).replace(tzinfo=None), "ms")
        unit: Literal["s", "ms"] = "ms" if (ms % 1000).any() else "s"
        texts = np.datetime_as_string(start + ms.astype("timedelta64[ms]"), unit=unit).tolist()
        return [
            f"{text}Z" if there else None for text, there in zip(texts, known.tolist(), strict=True)
        ]

    def positions(self) -> tuple[FloatArray, FloatArray]:
        """Latitude and longitude of each point as the schemas allow them, NaN without a position.

        The schemas allow -180 but not 180, which is the same place; so values that eight decimals
        would round to 180 become -180.
        """
        latitude, longitude = self.points.positions()
        longitude[longitude > 180 - 1e-8] = -180
        return latitude, longitude


def recorded(job: Job) -> Iterator[Recorded]:
    """Activities with points, by start.

    Left out are those whose track does not say from which moment its times count.
    """
    activities = {a.activity_id: a for a in job.activities}
    tracks = {row.activity_id: row for row in job.connection.execute(_tracks())}
    for points in read_points(job.connection, job.activities):
        activity, track = activities[points.activity_id], tracks[points.activity_id]
        start = track.start_time_utc or activity.start_time_utc
        if start is not None:
            yield Recorded(activity=activity, start=start, points=points)


def _tracks() -> sa.Select[int, datetime | None]:
    return sa.select(Track.activity_id, Track.start_time_utc).where(Track.point_count > 0)


def decimals(values: FloatArray, places: int) -> list[str | None]:
    """Numbers as XML texts: no exponent, no needless zeros; ``None`` where there is no number."""
    form = f"%.{places}f"
    texts = [
        None if value != value else (form % value).rstrip("0").rstrip(".")
        for value in values.tolist()
    ]
    return ["0" if text == "-0" else text for text in texts]


def whole_numbers(values: FloatArray, lowest: int, highest: int) -> list[int | None]:
    """Rounded numbers; ``None`` where there is none, or where the schema does not allow it."""
    rounded = np.round(values)
    fits = np.isfinite(values) & (rounded >= lowest) & (rounded <= highest)
    numbers = np.where(fits, rounded, 0).astype(np.int64).tolist()
    return [number if there else None for number, there in zip(numbers, fits.tolist(), strict=True)]
