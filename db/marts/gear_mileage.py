"""Fills ``gear_mileage``: how much each bike, pair of shoes and component was used."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from db.marts.mart import Conditions, Mart, select
from db.marts.period_summary import AMOUNTS, sums
from db.marts.scope import Scope
from db.models import ActivityFact, Gear, GearComponent, GearMileage


def _rows(_: sa.Connection, scope: Scope) -> sa.Select[Any]:
    use = _use(scope)
    itself = (
        select(_gear(use))
        .outerjoin(use, use.c.gear_id == Gear.gear_id)
        .where(*scope.of(Gear.athlete_id))
    )
    component = itself.with_only_columns(*select(_gear(use) | _component()).selected_columns).join(
        GearComponent, GearComponent.gear_id == Gear.gear_id
    )
    return sa.select(sa.union_all(itself, component).subquery())


def _held(scope: Scope) -> Conditions:
    return scope.of(GearMileage.athlete_id)


def _use(scope: Scope) -> sa.Subquery:
    return (
        sa.select(
            ActivityFact.gear_id,
            sa.func.min(ActivityFact.local_date).label("first_used_date"),
            sa.func.max(ActivityFact.local_date).label("last_used_date"),
            *(expression.label(name) for name, expression in sums(ActivityFact).items()),
        )
        .where(ActivityFact.gear_id.is_not(None), *scope.of(ActivityFact.athlete_id))
        .group_by(ActivityFact.gear_id)
        .subquery()
    )


def _gear(use: sa.Subquery) -> dict[str, Any]:
    return {
        "gear_id": Gear.gear_id,
        "part_index": sa.literal_column("0", sa.Integer),
        "athlete_id": Gear.athlete_id,
        "part": sa.literal_column("'gear'", sa.String),
        "gear_name": Gear.name,
        "gear_type": Gear.gear_type,
        "component_type": sa.cast(sa.null(), sa.String),
        "brand": Gear.brand,
        "model": Gear.model,
        "is_retired": Gear.is_retired,
        "first_used_date": use.c.first_used_date,
        "last_used_date": use.c.last_used_date,
        "activity_count": sa.func.coalesce(use.c.activity_count, 0),
        **{name: sa.func.coalesce(use.c[name], 0.0) for name in AMOUNTS},
        "strava_distance_km": Gear.distance_m / 1000.0,
        "distance_limit_km": Gear.distance_limit_m / 1000.0,
        "is_due": sa.func.coalesce(use.c.distance_km, 0.0) >= Gear.distance_limit_m / 1000.0,
    }


def _component() -> dict[str, Any]:
    return {
        "part_index": sa.func.row_number().over(
            partition_by=GearComponent.gear_id, order_by=GearComponent.component_index
        ),
        "part": sa.literal_column("'component'", sa.String),
        "component_type": GearComponent.component_type,
        "brand": GearComponent.brand,
        "model": GearComponent.model,
        "distance_limit_km": sa.cast(sa.null(), sa.Double),
        "is_due": sa.cast(sa.null(), sa.Boolean),
    }


GEAR_MILEAGE: Final = Mart(model=GearMileage, rows=_rows, held=_held)
