"""Fills ``daily_load``: fitness, fatigue and form of every day.

The model is the usual one of endurance training (Banister's, which TrainingPeaks made known). CTL
and ATL are exponential means of the daily load with time constants of 42 and 7 days: ``mean +=
(load - mean) / days``, from zero. TSB is CTL minus ATL, both of the day before. It is computed in
Python, since each mean depends on the one before: SQL would need a recursive query of thousands of
steps.

The days go on to that of the newest export or answer of the API, since rest lowers fitness, too.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from db.known_until import known_until
from db.marts.dates import every_day
from db.marts.mart import Conditions, Mart
from db.marts.period_summary import last_day
from db.marts.scope import Scope
from db.marts.sports import ALL
from db.models import ActivityFact, DailyLoad, Date, PeriodSummary

_CHRONIC_DAYS: Final = 42
_ACUTE_DAYS: Final = 7
_PLACES: Final = 6
_NOTHING: Final = (0.0, 0, 0.0, 0.0)


def _rows(connection: sa.Connection, scope: Scope) -> list[dict[str, Any]]:
    every = connection.execute(_days(scope)).all()
    measured = {row.athlete_id: row for row in connection.execute(_measured(scope))}
    ends = _ends(connection, scope)
    rows: list[dict[str, Any]] = []
    for athlete_id, days in groupby(every, key=lambda row: row.athlete_id):
        source = _source(measured[athlete_id])
        if source is not None:
            own = list(days)
            end = max(own[-1].period_start, ends.get(athlete_id, dt.date.min))
            rows += _loads(athlete_id, source, own, end, _since(scope))
    return rows


def _held(scope: Scope) -> Conditions:
    return [*scope.of(DailyLoad.athlete_id), DailyLoad.date >= _since(scope)]


def _since(scope: Scope) -> dt.date:
    """The first day that may have changed: each day carries on from the day before."""
    return dt.date.min if scope.days is None else min(scope.days, default=dt.date.max)


def _reach(connection: sa.Connection, scope: Scope) -> Scope:
    """The day, too, on which rows end; every day, if another measure of load is taken now."""
    stored = connection.execute(
        sa.select(DailyLoad.load_source, sa.func.max(DailyLoad.date))
        .where(*scope.of(DailyLoad.athlete_id))
        .group_by(DailyLoad.load_source)
    ).first()
    measured = connection.execute(_measured(scope)).first()
    if stored is None or measured is None or stored.load_source != _source(measured):
        return replace(scope, days=None)
    return scope.on([stored[1], last_day(connection, scope), *_ends(connection, scope).values()])


def _ends(connection: sa.Connection, scope: Scope) -> dict[int, dt.date]:
    """The day up to which activities are known, of each athlete.

    Another run may have imported a newer export since the calendar was made for this one.
    """
    last = connection.scalar(sa.select(sa.func.max(Date.date))) or dt.date.min
    known = known_until(connection, scope.athlete_id)
    return {athlete_id: min(day, last) for athlete_id, day in known.items()}


def _measured(scope: Scope) -> sa.Select[int, int, int]:
    """How many activities of each athlete have each measure of load."""
    return (
        sa.select(
            ActivityFact.athlete_id,
            sa.func.count(ActivityFact.training_load).label("with_training_load"),
            sa.func.count(ActivityFact.relative_effort).label("with_relative_effort"),
        )
        .where(*scope.of(ActivityFact.athlete_id), ActivityFact.local_date.is_not(None))
        .group_by(ActivityFact.athlete_id)
    )


def _days(scope: Scope) -> sa.Select[int, dt.date, int, float, float, float, float]:
    return (
        sa.select(
            PeriodSummary.athlete_id,
            PeriodSummary.period_start,
            PeriodSummary.activity_count,
            PeriodSummary.distance_km,
            PeriodSummary.moving_time_h,
            PeriodSummary.training_load,
            PeriodSummary.relative_effort,
        )
        .where(
            *scope.of(PeriodSummary.athlete_id),
            PeriodSummary.period_type == "day",
            PeriodSummary.sport_group == ALL,
        )
        .order_by(PeriodSummary.athlete_id, PeriodSummary.period_start)
    )


def _loads(
    athlete_id: int, source: str, days: Sequence[Any], end: dt.date, since: dt.date
) -> Iterator[dict[str, Any]]:
    known = {
        day: (training_load if source == "training_load" else relative_effort, *amounts)
        for _, day, *amounts, training_load, relative_effort in days
    }
    ctl = atl = 0.0
    distances, hours = (deque([0.0] * _ACUTE_DAYS, _ACUTE_DAYS) for _ in range(2))
    rest_days = 0
    for day in every_day(days[0].period_start, end):
        load, activities, distance, moving = known.get(day, _NOTHING)
        tsb = ctl - atl
        ctl += (load - ctl) / _CHRONIC_DAYS
        atl += (load - atl) / _ACUTE_DAYS
        distances.append(distance)
        hours.append(moving)
        rest_days = 0 if activities else rest_days + 1
        if day < since:
            continue
        yield {
            "athlete_id": athlete_id,
            "date": day,
            "load_source": source,
            "load": load,
            "ctl": round(ctl, _PLACES),
            "atl": round(atl, _PLACES),
            "tsb": round(tsb, _PLACES),
            "acute_chronic_ratio": round(atl / ctl, _PLACES) if ctl > 0 else None,
            "activity_count": activities,
            "rest_days": rest_days,
            "distance_km": distance,
            "moving_time_h": moving,
            "rolling_7d_distance_km": round(sum(distances), _PLACES),
            "rolling_7d_moving_time_h": round(sum(hours), _PLACES),
        }


def _source(measured: Any) -> str | None:
    """The measure of load that more activities have.

    The scales of the measures differ, so a sum of both would mean nothing.
    """
    if not measured.with_training_load and not measured.with_relative_effort:
        return None
    if measured.with_training_load >= measured.with_relative_effort:
        return "training_load"
    return "relative_effort"


DAILY_LOAD: Final = Mart(model=DailyLoad, rows=_rows, held=_held, reach=_reach)
