"""Sets the pace of run splits against their climb, from one source for each activity."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from db.marts.mart import M_PER_MI, Conditions, Mart, pace_per, per, preferring, select
from db.marts.scope import Scope
from db.models import ActivityFact, Split, SplitPace

_AS_THEY_ARE: Final = (
    "activity_id",
    "unit",
    "split_index",
    "source",
    "distance_m",
    "moving_time_s",
    "elevation_difference_m",
    "total_elevation_gain_m",
    "elevation_loss_m",
    "average_heartrate_bpm",
    "average_cadence_rpm",
    "average_power_w",
    "steepness_pct",
    "is_partial",
)

#: Metres per second that no one ever ran a kilometre at; only jumps of the GPS are faster.
_FASTEST_MPS: Final = 8.0
#: Condition that prefers our own splits: most activities have no others, and all points of a chart
#: should be made in one way.
_CHOSEN: Final = preferring("computed", Split, "unit")


def _rows(_: sa.Connection, scope: Scope) -> sa.Select[Any]:
    distance, moving = Split.distance_m, Split.moving_time_s
    adjusted = Split.average_grade_adjusted_speed_mps
    columns: dict[str, Any] = {name: getattr(Split, name) for name in _AS_THEY_ARE} | {
        "athlete_id": ActivityFact.athlete_id,
        "sport_type": ActivityFact.sport_type,
        "local_date": ActivityFact.local_date,
        "pace_min_per_km": pace_per(moving, distance, 1000.0),
        "pace_min_per_mi": pace_per(moving, distance, M_PER_MI),
        "grade_adjusted_pace_min_per_km": pace_per(1.0, adjusted, 1000.0),
        "grade_adjusted_pace_min_per_mi": pace_per(1.0, adjusted, M_PER_MI),
        "average_speed_kmh": per(distance, moving) * 3.6,
        "grade_pct": per(Split.elevation_difference_m * 100.0, distance),
    }
    is_run = sa.func.coalesce(per(distance, moving), 0.0) <= _FASTEST_MPS
    of_runs = (ActivityFact.sport_group == "run", _CHOSEN, is_run)
    return (
        select(columns)
        .select_from(Split)
        .join(ActivityFact, ActivityFact.activity_id == Split.activity_id)
        .where(*of_runs, *scope.of(ActivityFact.athlete_id, ActivityFact.local_date))
    )


def _held(scope: Scope) -> Conditions:
    return scope.of(SplitPace.athlete_id, SplitPace.local_date)


SPLIT_PACE: Final = Mart(model=SplitPace, rows=_rows, held=_held)
