"""Sums activities per day, ISO week, month and year, for each sport group and for all."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from db.marts.mart import Conditions, Mart, Refilled, rounded, total
from db.marts.scope import Scope
from db.marts.sports import ALL
from db.models import ActivityFact, PeriodSummary

#: Columns that every mart of totals sums up.
AMOUNTS: Final = (
    "distance_km",
    "distance_mi",
    "moving_time_h",
    "total_elevation_gain_m",
    "total_elevation_gain_ft",
)
_MORE: Final = ("elapsed_time_h", "calories_kcal", "relative_effort", "training_load")
_PERIODS: Final = {
    "day": ActivityFact.local_date,
    "week": ActivityFact.week_start,
    "month": ActivityFact.month_start,
    "year": ActivityFact.year_start,
}


def _rows(_: sa.Connection, scope: Scope) -> sa.Select[Any]:
    each = _each(scope)
    keys = (each.c.athlete_id, each.c.period_type, each.c.period_start, each.c.sport_group)
    return (
        sa.select(
            *keys,
            sa.cast(sa.extract("year", each.c.period_start), sa.Integer).label("year"),
            sa.func.count(each.c.local_date.distinct()).label("active_days"),
            *(expression.label(name) for name, expression in sums(each.c).items()),
            *(expression.label(name) for name, expression in _more(each.c).items()),
        )
        .where(*_holding(scope, each.c.period_type, each.c.period_start))
        .group_by(*keys)
    )


def _each(scope: Scope) -> sa.Subquery:
    """Each activity eight times: in its four periods, each in its own sport group and in all."""
    period = _words("period_type", *_PERIODS)
    group = _words("sport_group", "own", ALL)
    start = sa.case(*((period.c.period_type == name, day) for name, day in _PERIODS.items()))
    summed = (*AMOUNTS, *_MORE, "local_date")
    return (
        sa.select(
            ActivityFact.athlete_id,
            period.c.period_type,
            start.label("period_start"),
            sa.case((group.c.sport_group == ALL, ALL), else_=ActivityFact.sport_group).label(
                "sport_group"
            ),
            *(getattr(ActivityFact, name) for name in summed),
        )
        .join(period, sa.true())
        .join(group, sa.true())
        .where(*scope.of(ActivityFact.athlete_id), ActivityFact.local_date.is_not(None))
        .subquery()
    )


def _words(name: str, *words: str) -> sa.Subquery:
    """A table of one column."""
    rows = (sa.select(sa.literal_column(f"'{word}'", sa.String).label(name)) for word in words)
    return sa.union_all(*rows).subquery()


def _held(scope: Scope) -> Conditions:
    return [
        *scope.of(PeriodSummary.athlete_id),
        *_holding(scope, PeriodSummary.period_type, PeriodSummary.period_start),
    ]


def _holding(scope: Scope, period_type: Any, period_start: Any) -> Conditions:
    """The periods that hold the scope's days."""
    if scope.days is None:
        return []
    of_period = (
        sa.and_(period_type == period, period_start.in_(scope.starts_of(period)))
        for period in _PERIODS
    )
    return [sa.or_(*of_period)]


def changed_sums(scope: Scope, written: Refilled) -> Scope:
    """The days whose sums a refill changed: those of renamed activities, say, stay as they were."""
    if written.changed is None:
        return replace(scope, days=None)
    days = {row["period_start"] for row in written.changed if row["period_type"] == "day"}
    return replace(scope, days=frozenset(days))


def last_day(connection: sa.Connection, scope: Scope) -> dt.date | None:
    """The day of the last activity."""
    days = sa.select(sa.func.max(PeriodSummary.period_start)).where(
        *scope.of(PeriodSummary.athlete_id), PeriodSummary.period_type == "day"
    )
    return connection.scalar(days)


def sums(facts: Any) -> dict[str, Any]:
    """The sums that every mart of totals has, of grouped activities."""
    return {
        "activity_count": sa.func.count(),
        **{name: total(getattr(facts, name)) for name in AMOUNTS},
    }


def _more(each: Any) -> dict[str, Any]:
    return {
        **{name: total(getattr(each, name)) for name in _MORE},
        "longest_distance_km": rounded(sa.func.max(each.distance_km)),
        **_speeds(each),
    }


def _speeds(each: Any) -> dict[str, Any]:
    """Mean speeds over activities that have both time and distance.

    Time without a distance tells no speed, and a mean over all sports would mean nothing.
    """
    has_both = sa.and_(each.distance_km > 0, each.moving_time_h > 0, each.sport_group != ALL)
    distance, moving = (
        sa.func.sum(sa.case((has_both, amount)))
        for amount in (each.distance_km, each.moving_time_h)
    )
    return {
        "average_speed_kmh": rounded(distance / moving),
        "pace_min_per_km": rounded(moving * 60.0 / distance),
    }


PERIOD_SUMMARY: Final = Mart(model=PeriodSummary, rows=_rows, held=_held)
