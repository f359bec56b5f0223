"""Fills ``pace_at_heart_rate``: pace and power by month and band of heart rate."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from db.marts.mart import M_PER_MI, Conditions, Mart, pace_per, per, rounded
from db.marts.scope import Scope
from db.models import ActivityFact, HeartrateBand, PaceAtHeartRate


def _rows(_: sa.Connection, scope: Scope) -> sa.Select[Any]:
    keys = (
        ActivityFact.athlete_id,
        ActivityFact.sport_group,
        ActivityFact.month_start,
        HeartrateBand.from_bpm,
    )
    metres = sa.func.sum(HeartrateBand.distance_m)
    # Time without a distance tells no pace.
    moved = sa.func.sum(sa.case((HeartrateBand.distance_m > 0, HeartrateBand.time_s)))
    figures: dict[str, Any] = {
        "below_bpm": sa.func.max(HeartrateBand.below_bpm),
        "activity_count": sa.func.count(),
        "time_s": rounded(sa.func.sum(HeartrateBand.time_s)),
        "distance_km": rounded(metres / 1000.0),
        "pace_min_per_km": rounded(pace_per(moved, metres, 1000.0)),
        "pace_min_per_mi": rounded(pace_per(moved, metres, M_PER_MI)),
        "average_speed_kmh": rounded(per(metres, moved) * 3.6),
        "average_power_w": rounded(
            per(sa.func.sum(HeartrateBand.work_j), sa.func.sum(HeartrateBand.power_time_s))
        ),
    }
    return (
        sa.select(*keys, *(expression.label(name) for name, expression in figures.items()))
        .join(ActivityFact, ActivityFact.activity_id == HeartrateBand.activity_id)
        .where(
            ActivityFact.month_start.is_not(None),
            *scope.of(ActivityFact.athlete_id),
            *_in_months(scope, ActivityFact.month_start),
        )
        .group_by(*keys)
    )


def _held(scope: Scope) -> Conditions:
    month = PaceAtHeartRate.month_start
    return [*scope.of(PaceAtHeartRate.athlete_id), *_in_months(scope, month)]


def _in_months(scope: Scope, month: Any) -> Conditions:
    return [] if scope.days is None else [month.in_(scope.starts_of("month"))]


PACE_AT_HEART_RATE: Final = Mart(model=PaceAtHeartRate, rows=_rows, held=_held)
