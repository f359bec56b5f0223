"""Selects activities by day, sport or id, and the rows of each table that belong to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

import sqlalchemy as sa

from db.models import Activity, Base, Track
from exporters.errors import UsageError

#: Number of unknown ids that a message names.
_NAMED: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The choice of activities: ``None`` selects all, an empty list none.

    Days follow the clock at the place of the start where it is known, else UTC; ``until`` is
    included. Case does not matter in ``sports``.
    """

    since: date | None = None
    until: date | None = None
    sports: tuple[str, ...] | None = None
    ids: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.until < self.since:
            raise UsageError(f"--until {self.until} is before --since {self.since}")

    def __bool__(self) -> bool:
        return any(choice is not None for choice in (self.since, self.until, self.sports, self.ids))

    def __str__(self) -> str:
        parts = [
            f"since {self.since}" if self.since else "",
            f"until {self.until}" if self.until else "",
        ]
        parts += [f"sport {' or '.join(self.sports)}"] if self.sports is not None else []
        parts += [f"{len(self.ids)} ids"] if self.ids is not None else []
        return ", ".join(filter(None, parts)) or "all"

    def conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        """What a row of ``activities`` must fulfil."""
        yield from on_days(self.since, self.until)
        if self.sports is not None:
            yield sa.func.lower(Activity.sport_type).in_([sport.lower() for sport in self.sports])
        if self.ids is not None:
            # Written into the statement, since drivers limit the number of parameters.
            yield Activity.activity_id.in_(
                sa.bindparam("chosen", self.ids, expanding=True, literal_execute=True)
            )

    def restrict(self, query: sa.Select[Any], table: sa.FromClause) -> sa.Select[Any]:
        """Restrict a query to the chosen activities; tables without activities stay whole."""
        if not self or "activity_id" not in table.c:
            return query
        if table is Base.metadata.tables["activities"]:
            return query.where(*self.conditions())
        return query.where(
            table.c.activity_id.in_(sa.select(Activity.activity_id).where(*self.conditions()))
        )


WALL_CLOCK = Base.metadata.tables["activities"].c.start_time_local.type


def on_days(since: date | None, until: date | None) -> Iterator[sa.ColumnElement[bool]]:
    """What a row of ``activities`` that began on these days must fulfil, both included."""
    if since is not None:
        yield local_start() >= sa.literal(datetime.combine(since, time()), WALL_CLOCK)
    if until is not None:
        # Times are stored in whole seconds, so this second ends the day; the next midnight does not
        # exist for the last day of the calendar.
        yield local_start() <= sa.literal(datetime.combine(until, time(23, 59, 59)), WALL_CLOCK)


def local_start() -> sa.ColumnElement[datetime]:
    """The start by the clock at its place where that is known, else UTC."""
    return sa.func.coalesce(
        Activity.start_time_local, sa.type_coerce(Activity.start_time_utc, WALL_CLOCK)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One activity: what is needed to name and order files."""

    activity_id: int
    start_time_utc: datetime | None
    name: str | None
    sport_type: str | None
    #: Number of rows in ``track_points``.
    point_count: int


def chosen(connection: sa.Connection, selection: Selection) -> Sequence[Chosen]:
    """The chosen activities by start, then id; those without a start at the end."""
    query = (
        sa.select(
            Activity.activity_id,
            Activity.start_time_utc,
            Activity.name,
            Activity.sport_type,
            sa.func.coalesce(Track.point_count, 0).label("point_count"),
        )
        .outerjoin_from(Activity, Track, Activity.activity_id == Track.activity_id)
        .where(*selection.conditions())
        .order_by(*by_start())
    )
    return [Chosen(**row) for row in connection.execute(query).mappings()]


def by_start() -> tuple[sa.ColumnElement[Any], ...]:
    """The order of activities: by start, so that newer ones come after; then by id."""
    return (
        Activity.start_time_utc.is_(None),
        Activity.start_time_utc.asc(),
        Activity.activity_id.asc(),
    )


def unknown(connection: sa.Connection, selection: Selection) -> Iterator[str]:
    """What was asked for but is nowhere in the database, in words; mostly a typing error."""
    if selection.ids:
        known = connection.scalars(
            sa.select(Activity.activity_id).where(*Selection(ids=selection.ids).conditions())
        )
        absent = sorted(set(selection.ids) - set(known))
        if absent:
            more = f" and {len(absent) - _NAMED:,} more" if len(absent) > _NAMED else ""
            yield f"there is no activity {', '.join(map(str, absent[:_NAMED]))}{more}"
    if selection.sports:
        sports = sorted(filter(None, connection.scalars(sa.select(Activity.sport_type).distinct())))
        absent_sports = [
            name for name in selection.sports if name.lower() not in map(str.lower, sports)
        ]
        if absent_sports:
            yield (
                f"no activity has the sport {', '.join(absent_sports)}; the sports in this "
                f"database are: {', '.join(sports) or 'none'}"
            )
