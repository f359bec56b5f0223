"""``activity_facts`` in; sums per day, ISO week, month and year, for each sport group and for all, out."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from db.marts.mart import Athletes, Mart, of_athletes, per, rounded, total
from db.marts.sports import ALL
from db.models import ActivityFact, PeriodSummary

_PERIODS: Final = {
    "day": ActivityFact.local_date,
    "week": ActivityFact.week_start,
    "month": ActivityFact.month_start,
    "year": ActivityFact.year_start,
}


def _fill(connection: sa.Connection, athletes: Athletes) -> None:
    parts = [_part(period, is_all, athletes) for period in _PERIODS for is_all in (False, True)]
    names = [column.name for column in parts[0].selected_columns]
    connection.execute(sa.insert(PeriodSummary).from_select(names, sa.union_all(*parts)))


def _part(period: str, is_all: bool, athletes: Athletes) -> sa.Select[Any]:
    start = _PERIODS[period]
    keys = [ActivityFact.athlete_id, start] if is_all else [ActivityFact.athlete_id, start, ActivityFact.sport_group]
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
            *(expression.label(name) for name, expression in _more().items()),
        )
        .where(start.is_not(None), of_athletes(ActivityFact.athlete_id, athletes))
        .group_by(*keys)
    )


def sums(facts: Any) -> dict[str, Any]:
    """The sums that every mart of totals has, of grouped activities."""
    return {
        "activity_count": sa.func.count(),
        "distance_km": total(facts.distance_km),
        "distance_mi": total(facts.distance_mi),
        "moving_time_h": total(facts.moving_time_h),
        "total_elevation_gain_m": total(facts.total_elevation_gain_m),
        "total_elevation_gain_ft": total(facts.total_elevation_gain_ft),
    }


def _more() -> dict[str, Any]:
    distance, moving = sa.func.sum(ActivityFact.distance_km), sa.func.sum(ActivityFact.moving_time_h)
    return {
        "elapsed_time_h": total(ActivityFact.elapsed_time_h),
        "calories_kcal": total(ActivityFact.calories_kcal),
        "relative_effort": total(ActivityFact.relative_effort),
        "training_load": total(ActivityFact.training_load),
        "longest_distance_km": rounded(sa.func.max(ActivityFact.distance_km)),
        "average_speed_kmh": rounded(per(sa.func.nullif(distance, 0.0), moving)),
        "pace_min_per_km": rounded(per(sa.func.nullif(moving, 0.0) * 60.0, distance)),
    }


PERIOD_SUMMARY: Final = Mart(model=PeriodSummary, fill=_fill)
