"""Finds activities by the filters of the page Activities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from db.models import Activity, Athlete, Gear
from exporters.report.units import Units, units_of
from exporters.selection import local_start, on_days
from ingest.web.filters import PER_PAGE, Filters

_COLUMNS: Final = {
    "date": local_start(),
    "name": sa.func.lower(Activity.name),
    "sport": Activity.sport_type,
    "distance": Activity.distance_m,
    "time": Activity.moving_time_s,
    "climb": Activity.total_elevation_gain_m,
    "heartrate": Activity.average_heartrate_bpm,
    "power": Activity.average_power_w,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of the table, and what all chosen activities make together."""

    rows: Sequence[Any]
    count: int
    distance_m: float
    moving_time_s: float
    climb_m: float

    @property
    def pages(self) -> int:
        """Number of pages."""
        return max(1, -(-self.count // PER_PAGE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the filters offer."""

    sports: Sequence[str]
    gear: Sequence[tuple[int, str]]
    places: Sequence[str]


def fold_all_letters(connection: sa.Connection) -> sa.Connection:
    """The connection, on which SQLite's ``lower`` knows more letters than those of English."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.create_function("lower", 1, lambda text: text and text.lower(), deterministic=True)
    return connection


def units(connection: sa.Connection) -> Units:
    """The units in which the athlete sees Strava."""
    query = sa.select(Athlete.measurement_preference).order_by(Athlete.athlete_id).limit(1)
    return units_of(connection.scalar(query))


def choices(connection: sa.Connection) -> Choices:
    """What can be chosen."""
    sports = sa.select(Activity.sport_type).where(Activity.sport_type.is_not(None)).distinct()
    places = sa.select(Activity.timezone_name).where(Activity.timezone_name.is_not(None)).distinct()
    gear = connection.execute(sa.select(Gear.gear_id, Gear.name).order_by(Gear.name))
    return Choices(
        sports=sorted(connection.scalars(sports)),
        gear=[(row.gear_id, row.name) for row in gear],
        places=sorted(connection.scalars(places)),
    )


def chosen_ids(connection: sa.Connection, filters: Filters, units: Units) -> tuple[int, ...]:
    """The ids of all chosen activities."""
    query = sa.select(Activity.activity_id).where(*_conditions(filters, units))
    return tuple(connection.scalars(query))


def listing(connection: sa.Connection, filters: Filters, units: Units) -> Listing:
    """A page of the chosen activities, and their totals."""
    conditions = list(_conditions(filters, units))
    count, distance, seconds, climb = connection.execute(
        sa.select(
            sa.func.count(),
            _sum(Activity.distance_m),
            _sum(Activity.moving_time_s),
            _sum(Activity.total_elevation_gain_m),
        ).where(*conditions)
    ).one()
    column = _COLUMNS[filters.sort]
    query = (
        sa.select(
            Activity.activity_id,
            Activity.name,
            Activity.sport_type,
            local_start().label("start"),
            Activity.distance_m,
            Activity.moving_time_s,
            Activity.total_elevation_gain_m,
            Activity.average_heartrate_bpm,
            Activity.average_power_w,
            Gear.name.label("gear_name"),
        )
        .outerjoin(Gear, Gear.gear_id == Activity.gear_id)
        .where(*conditions)
        .order_by(
            column.is_(None),
            column.asc() if filters.is_ascending else column.desc(),
            Activity.activity_id.desc(),
        )
        .limit(PER_PAGE)
        .offset((filters.number - 1) * PER_PAGE)
    )
    return Listing(
        rows=connection.execute(query).all(),
        count=count,
        distance_m=distance,
        moving_time_s=seconds,
        climb_m=climb,
    )


def _sum(column: Any) -> sa.ColumnElement[float]:
    return sa.func.coalesce(sa.func.sum(column), 0.0)


def _conditions(filters: Filters, units: Units) -> Iterator[sa.ColumnElement[bool]]:
    if filters.text:
        yield sa.or_(
            Activity.name.icontains(filters.text, autoescape=True),
            Activity.description.icontains(filters.text, autoescape=True),
        )
    if filters.sport:
        yield Activity.sport_type == filters.sport
    yield from on_days(filters.since, filters.until)
    if filters.least is not None:
        yield Activity.distance_m >= filters.least * units.metres
    if filters.most is not None:
        yield Activity.distance_m <= filters.most * units.metres
    if filters.gear is not None:
        yield Activity.gear_id == filters.gear
    if filters.place:
        yield Activity.timezone_name == filters.place
    if filters.has_power:
        yield Activity.average_power_w.is_not(None)
    if filters.has_heartrate:
        yield Activity.average_heartrate_bpm.is_not(None)
