"""Writes the distance limits of ``gear_limits.csv`` to the gear that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from db.models import Gear
from ingest.load import sync_state
from ingest.transform.gear_limits import NAME, GearLimit
from ingest.transform.tables.names import name_key


def limits_to_set(connection: sa.Connection, limits: Sequence[GearLimit]) -> set[int]:
    """The athletes whose gear has other limits than these."""
    by_name = {name_key(limit.gear): limit for limit in limits}
    return {row.athlete_id for row, _ in _changed(connection, by_name)}


def set_limits(connection: sa.Connection, athlete_id: int, limits: Sequence[GearLimit]) -> None:
    """Give an athlete's gear these limits, and all other gear of theirs none."""
    by_name = {name_key(limit.gear): limit for limit in limits}
    sync_state.mark_stale(connection, athlete_id)
    for row, limit_m in list(_changed(connection, by_name)):
        if row.athlete_id == athlete_id:
            own = sa.update(Gear).where(Gear.gear_id == row.gear_id)
            connection.execute(own.values(distance_limit_m=limit_m))


def unknown_gear(connection: sa.Connection, limits: Sequence[GearLimit]) -> list[str]:
    """A sentence about each limit whose gear no athlete has."""
    known = {key for row in _gear(connection) for key in _keys(row)}
    return [
        f"{NAME}, line {limit.line}: no gear has the name or id {limit.gear}; `gear_mileage` has "
        "the names"
        for limit in limits
        if name_key(limit.gear) not in known
    ]


def _changed(
    connection: sa.Connection, limits: Mapping[str, GearLimit]
) -> Iterator[tuple[Any, float | None]]:
    """Gear whose limit is another one, and the limit in metres that it should have."""
    for row in _gear(connection):
        limit = next((limits[key] for key in _keys(row) if key in limits), None)
        limit_m = None if limit is None else limit.limit_km * 1000.0
        if row.distance_limit_m != limit_m:
            yield row, limit_m


def _gear(connection: sa.Connection) -> Sequence[Any]:
    columns = (Gear.athlete_id, Gear.name_key, Gear.strava_gear_id, Gear.distance_limit_m)
    return connection.execute(sa.select(Gear.gear_id, *columns).order_by(Gear.gear_id)).all()


def _keys(row: Any) -> list[str]:
    """What the file may call it."""
    return [row.name_key, *([row.strava_gear_id] if row.strava_gear_id else [])]
