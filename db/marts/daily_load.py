"""Fills ``daily_load``: fitness, fatigue and form of every day.

The model is the usual one of endurance training (Banister's, which TrainingPeaks made known). CTL
and ATL are exponential means of the daily load with time constants of 42 and 7 days: ``mean +=
(load - mean) / days``, from zero. TSB is CTL minus ATL, both of the day before. It is computed in
Python, since each mean depends on the one before: SQL would need a recursive query of thousands of
steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from db.bulk import insert_rows
from db.marts.dates import every_day
from db.marts.mart import Mart, total
from db.models import ActivityFact, DailyLoad

_CHRONIC_DAYS: Final = 42
_ACUTE_DAYS: Final = 7
_PLACES: Final = 6
_NOTHING: Final = (0.0, 0, 0.0, 0.0)


def _fill(connection: sa.Connection) -> None:
    every = connection.execute(_days()).all()
    rows: list[dict[str, Any]] = []
    for athlete_id, days in groupby(every, key=lambda row: row.athlete_id):
        rows += _rows(athlete_id, list(days))
    insert_rows(connection, DailyLoad, rows)


def _days() -> sa.Select[Any]:
    return (
        sa.select(
            ActivityFact.athlete_id,
            ActivityFact.local_date,
            sa.func.count().label("activities"),
            total(ActivityFact.distance_km).label("distance_km"),
            total(ActivityFact.moving_time_h).label("moving_time_h"),
            total(ActivityFact.training_load).label("training_load"),
            total(ActivityFact.relative_effort).label("relative_effort"),
            sa.func.count(ActivityFact.training_load).label("with_training_load"),
            sa.func.count(ActivityFact.relative_effort).label("with_relative_effort"),
        )
        .where(ActivityFact.local_date.is_not(None))
        .group_by(ActivityFact.athlete_id, ActivityFact.local_date)
        .order_by(ActivityFact.athlete_id, ActivityFact.local_date)
    )


def _rows(athlete_id: int, days: Sequence[Any]) -> Iterator[dict[str, Any]]:
    source = _source(days)
    if source is None:
        return
    known = {
        d.local_date: (getattr(d, source), d.activities, d.distance_km, d.moving_time_h)
        for d in days
    }
    ctl = atl = 0.0
    distances, hours = [0.0] * _ACUTE_DAYS, [0.0] * _ACUTE_DAYS
    for day in every_day(days[0].local_date, days[-1].local_date):
        load, activities, distance, moving = known.get(day, _NOTHING)
        tsb = ctl - atl
        ctl += (load - ctl) / _CHRONIC_DAYS
        atl += (load - atl) / _ACUTE_DAYS
        distances, hours = [*distances[1:], distance], [*hours[1:], moving]
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
            "distance_km": distance,
            "moving_time_h": moving,
            "rolling_7d_distance_km": round(sum(distances), _PLACES),
            "rolling_7d_moving_time_h": round(sum(hours), _PLACES),
        }


def _source(days: Sequence[Any]) -> str | None:
    """The measure of load that more activities have.

    The scales of the measures differ, so a sum of both would mean nothing.
    """
    with_load = sum(d.with_training_load for d in days)
    with_effort = sum(d.with_relative_effort for d in days)
    if not with_load and not with_effort:
        return None
    return "training_load" if with_load >= with_effort else "relative_effort"


DAILY_LOAD: Final = Mart(model=DailyLoad, fill=_fill)
