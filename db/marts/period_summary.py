"""Sums activities per day, ISO week, month and year, for each sport group and for all."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from db.marts.mart import Conditions, Mart, Written, rounded, total
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
_PERIODS: Final = {
    "day": ActivityFact.local_date,
    "week": ActivityFact.week_start,
    "month": ActivityFact.month_start,
    "year": ActivityFact.year_start,
}


def _rows(_: sa.Connection, scope: Scope) -> sa.Select[Any]:
    parts = [_part(period, is_all, scope) for period in _PERIODS for is_all in (False, True)]
    return sa.select(sa.union_all(*parts).subquery())


def _held(scope: Scope) -> Conditions:
    """The periods that hold the scope's days."""
    own = scope.of(PeriodSummary.athlete_id)
    if scope.days is None:
        return own
    holding = (
        sa.and_(
            PeriodSummary.period_type == period,
            PeriodSummary.period_start.in_(scope.starts_of(period)),
        )
        for period in _PERIODS
    )
    return [*own, sa.or_(*holding)]


def _part(period: str, is_all: bool, scope: Scope) -> sa.Select[Any]:
    start = _PERIODS[period]
    keys = (
        [ActivityFact.athlete_id, start]
        if is_all
        else [ActivityFact.athlete_id, start, ActivityFact.sport_group]
    )
    group = sa.literal_column(f"'{ALL}'", sa.String) if is_all else ActivityFact.sport_group
    return (
        sa.select(
            ActivityFact.athlete_id,
            sa.literal_column(f"'{period}'", sa.String).label("period_type"),
            start.label("period_start"),
            group.label("sport_group"),
            sa.cast(sa.extract("year", start), sa.Integer).label("year"),
            sa.func.count(ActivityFact.local_date.distinct()).label("active_days"),
            *(expression.label(name) for name, expression in sums(ActivityFact).items()),
            *(expression.label(name) for name, expression in _more(is_all).items()),
        )
        .where(
            *scope.of(ActivityFact.athlete_id),
            start.is_not(None) if scope.days is None else start.in_(scope.starts_of(period)),
        )
        .group_by(*keys)
    )


def changed_sums(scope: Scope, written: Written) -> Scope:
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


def _more(is_all: bool) -> dict[str, Any]:
    more = ("elapsed_time_h", "calories_kcal", "relative_effort", "training_load")
    return {
        **{name: total(getattr(ActivityFact, name)) for name in more},
        "longest_distance_km": rounded(sa.func.max(ActivityFact.distance_km)),
        **_speeds(is_all),
    }


def _speeds(is_all: bool) -> dict[str, Any]:
    """Mean speeds over activities that have both time and distance.

    Time without a distance tells no speed, and a mean over all sports would mean nothing.
    """
    if is_all:
        return dict.fromkeys(
            ("average_speed_kmh", "pace_min_per_km"), sa.cast(sa.null(), sa.Double)
        )
    has_both = sa.and_(ActivityFact.distance_km > 0, ActivityFact.moving_time_h > 0)
    distance, moving = (
        sa.func.sum(sa.case((has_both, amount)))
        for amount in (ActivityFact.distance_km, ActivityFact.moving_time_h)
    )
    return {
        "average_speed_kmh": rounded(distance / moving),
        "pace_min_per_km": rounded(moving * 60.0 / distance),
    }


PERIOD_SUMMARY: Final = Mart(model=PeriodSummary, rows=_rows, held=_held)
