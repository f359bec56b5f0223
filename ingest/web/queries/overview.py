"""Counts what there is, for Home, and lists the runs, for Import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa

from db.models import Activity, ImportRun
from exporters.selection import local_start

#: Weeks of the chart on the first page.
_WEEKS: Final = 26
#: Runs that the import page lists.
_RUNS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What is in the database, for the first page; distances in metres, times in seconds."""

    activities: int
    distance_m: float
    moving_time_s: float
    first: datetime | None
    last: datetime | None
    #: Monday of a week, and its distance; the newest week comes last.
    weeks: Sequence[tuple[date, float]]


def overview(connection: sa.Connection) -> Overview:
    """Count what there is."""
    count, distance, seconds, first, last = connection.execute(
        sa.select(
            sa.func.count(),
            _sum(Activity.distance_m),
            _sum(Activity.moving_time_s),
            sa.func.min(local_start()),
            sa.func.max(local_start()),
        )
    ).one()
    return Overview(
        activities=count,
        distance_m=distance,
        moving_time_s=seconds,
        first=first,
        last=last,
        weeks=_weeks(connection, last),
    )


def _weeks(connection: sa.Connection, last: datetime | None) -> Sequence[tuple[date, float]]:
    if last is None:
        return []
    newest = last.date() - timedelta(days=last.weekday())
    oldest = newest - timedelta(weeks=_WEEKS - 1)
    sums = {oldest + timedelta(weeks=n): 0.0 for n in range(_WEEKS)}
    start_at = local_start()
    query = sa.select(start_at, Activity.distance_m).where(
        start_at >= datetime.combine(oldest, time())
    )
    for start, distance in connection.execute(query):
        sums[start.date() - timedelta(days=start.weekday())] += distance or 0.0
    return list(sums.items())


def newest_runs(connection: sa.Connection) -> Sequence[Any]:
    """The newest runs, and what each brought."""
    query = sa.select(ImportRun).order_by(ImportRun.run_id.desc()).limit(_RUNS)
    return connection.execute(
        query.with_only_columns(
            ImportRun.started_at,
            ImportRun.status,
            ImportRun.activities_new,
            ImportRun.activities_changed,
            ImportRun.activities_vanished,
            ImportRun.files_read,
            ImportRun.points_written,
            ImportRun.seconds,
            ImportRun.error,
        )
    ).all()


def _sum(column: Any) -> sa.ColumnElement[float]:
    return sa.func.coalesce(sa.func.sum(column), 0.0)
