"""Sums activities per year, month and sport, by the clock of the place.

Distances and climbs stand side by side in kilometres and metres, and in miles and feet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from db.models import Activity
from exporters.job import Job
from exporters.selection import WALL_CLOCK

SUMMARY_COLUMNS: Final = (
    "period",
    "period_start_local",
    "sport_type",
    "activities",
    "distance_km",
    "distance_mi",
    "moving_time_h",
    "elapsed_time_h",
    "total_elevation_gain_m",
    "total_elevation_gain_ft",
)
_SUMS: Final = (
    (Activity.distance_m, 1000.0),
    (Activity.distance_m, 1609.344),
    (Activity.moving_time_s, 3600.0),
    (Activity.elapsed_time_s, 3600.0),
    (Activity.total_elevation_gain_m, 1.0),
    (Activity.total_elevation_gain_m, 0.3048),
)


def summaries(job: Job) -> Iterator[tuple[Any, ...]]:
    """One row per year and sport, then one per month and sport.

    Activities without a start are left out.
    """
    sums: defaultdict[tuple[str, datetime, str], list[float]] = defaultdict(
        lambda: [0.0] * (1 + len(_SUMS))
    )
    for at, sport, *values in job.connection.execute(_query(job)):
        for period, start in _periods(at):
            total = sums[period, start, sport or ""]
            total[0] += 1
            for place, value in enumerate(values, 1):
                total[place] += value or 0.0
    for period, start, sport in sorted(sums, key=lambda key: (key[0] == "month", *key[1:])):
        count, *rest = sums[period, start, sport]
        scaled = (value / unit for value, (_, unit) in zip(rest, _SUMS, strict=True))
        yield (period, start, sport or None, int(count), *scaled)


def _query(job: Job) -> sa.Select[Any]:
    start = sa.func.coalesce(Activity.start_time_local, Activity.start_time_utc, type_=WALL_CLOCK)
    columns: list[Any] = [start, Activity.sport_type, *(column for column, _ in _SUMS)]
    return sa.select(*columns).where(start.is_not(None), *job.selection.conditions())


def _periods(at: datetime) -> tuple[tuple[str, datetime], ...]:
    return ("year", datetime(at.year, 1, 1)), ("month", datetime(at.year, at.month, 1))
