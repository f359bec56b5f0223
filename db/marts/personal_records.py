"""Finds personal records: one row each time the best time over a distance improved."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from db.marts.mart import M_PER_MI, Conditions, Mart, pace_per, per, preferring, select
from db.marts.scope import Scope
from db.models import ActivityFact, BestEffort, PersonalRecord

#: Condition that prefers Strava's own efforts, since athletes know their records from Strava.
_CHOSEN: Final = preferring("api", BestEffort, "name")


def _rows(_: sa.Connection, scope: Scope) -> sa.Select[Any]:
    record = _records(scope)
    within: dict[str, Any] = {
        "partition_by": (record.c.athlete_id, record.c.sport_group, record.c.name),
        "order_by": (record.c.start_time_utc, record.c.activity_id),
    }
    distance, time = record.c.distance_m, record.c.elapsed_time_s
    kept = (
        "athlete_id",
        "sport_group",
        "name",
        "activity_id",
        "source",
        "local_date",
        "distance_m",
        "elapsed_time_s",
    )
    columns: dict[str, Any] = {name: record.c[name] for name in kept} | {
        "record_index": sa.func.row_number().over(**within),
        "pace_min_per_km": pace_per(time, distance, 1000.0),
        "pace_min_per_mi": pace_per(time, distance, M_PER_MI),
        "average_speed_kmh": per(distance, time) * 3.6,
        "improvement_s": record.c.best_before - time,
        "beaten_date": sa.func.lead(record.c.local_date, type_=sa.Date()).over(**within),
        "is_current": sa.func.lead(record.c.activity_id).over(**within).is_(None),
    }
    return select(columns).select_from(record)


def _held(scope: Scope) -> Conditions:
    return scope.of(PersonalRecord.athlete_id)


def _records(scope: Scope) -> sa.Subquery:
    """The efforts that were faster than all before them."""
    effort = _efforts(scope)
    query = sa.select(effort).where(
        sa.or_(effort.c.best_before.is_(None), effort.c.elapsed_time_s < effort.c.best_before)
    )
    return query.subquery()


def _efforts(scope: Scope) -> sa.Subquery:
    """Efforts in order of time, each with the best time before it."""
    group = (ActivityFact.athlete_id, ActivityFact.sport_group, BestEffort.name)
    order = (ActivityFact.start_time_utc, ActivityFact.activity_id)
    return (
        sa.select(
            ActivityFact.athlete_id,
            ActivityFact.sport_group,
            BestEffort.name,
            ActivityFact.activity_id,
            BestEffort.source,
            ActivityFact.local_date,
            ActivityFact.start_time_utc,
            BestEffort.distance_m,
            BestEffort.elapsed_time_s,
            sa.func.min(BestEffort.elapsed_time_s)
            .over(partition_by=group, order_by=order, rows=(None, -1))
            .label("best_before"),
        )
        .join(ActivityFact, ActivityFact.activity_id == BestEffort.activity_id)
        .where(
            *scope.of(ActivityFact.athlete_id),
            _CHOSEN,
            BestEffort.elapsed_time_s > 0,
            ActivityFact.start_time_utc.is_not(None),
            sa.func.coalesce(ActivityFact.is_flagged, sa.false()).is_(sa.false()),
        )
        .subquery()
    )


PERSONAL_RECORDS: Final = Mart(model=PersonalRecord, rows=_rows, held=_held)
