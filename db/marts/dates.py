"""Fills the calendar: each day from the first to the last year of which anything is known."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa

from db.bulk import insert_rows
from db.known_until import known_until
from db.local_day import START
from db.models import Activity, ActivityFact, DailyLoad, Date, YearToDate

#: Bounds of the calendar, so that one wrong start far away does not make it cover millennia.
#: Activities outside the bounds have no calendar columns.
_FIRST: Final = dt.datetime(1950, 1, 1)
_AFTER: Final = dt.datetime(2100, 1, 1)


def grow(connection: sa.Connection) -> None:
    """Add the days that activities need; other marts refer to them."""
    bounds = _bounds(connection)
    if bounds is not None and bounds != _stored(connection):
        known = set(connection.scalars(sa.select(Date.date)))
        rows = [_row(day) for day in every_day(*bounds) if day not in known]
        insert_rows(connection, Date, rows)


def shrink(connection: sa.Connection) -> None:
    """Delete the days of years of which nothing is known any more.

    Only where there are some, since PostgreSQL looks for each deleted day in all tables that refer
    to days. Days that a mart still refers to stay: those of an athlete whose activities another run
    has just changed, and whose marts it has not refilled yet.
    """
    bounds = _bounds(connection) or ()
    if bounds != _stored(connection):
        needed = [*bounds, *_referred(connection)]
        surplus = sa.or_(Date.date < min(needed), Date.date > max(needed)) if needed else sa.true()
        connection.execute(sa.delete(Date).where(surplus))


def _referred(connection: sa.Connection) -> list[dt.date]:
    """The first and last days of the marts that refer to days."""
    columns = (ActivityFact.local_date, DailyLoad.date, YearToDate.date)
    ends = [
        connection.execute(sa.select(sa.func.min(day), sa.func.max(day))).one() for day in columns
    ]
    return [day for pair in ends for day in pair if day is not None]


def _bounds(connection: sa.Connection) -> tuple[dt.date, dt.date] | None:
    """First day of the first activity's year, last day of the last one's or of newer news."""
    query = sa.select(sa.func.min(START), sa.func.max(START)).where(
        START >= _FIRST, START < _AFTER, Activity.vanished_at.is_(None)
    )
    first, last = connection.execute(query).one()
    if first is None:
        return None
    years = [last.year, *(day.year for day in known_until(connection).values())]
    return dt.date(first.year, 1, 1), dt.date(max(years), 12, 31)


def _stored(connection: sa.Connection) -> tuple[Any, ...]:
    ends = sa.select(sa.func.min(Date.date), sa.func.max(Date.date))
    return tuple(connection.execute(ends).one())


def every_day(first: dt.date, last: dt.date) -> list[dt.date]:
    """The days from one to another, both included."""
    return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]


def _row(day: dt.date) -> dict[str, Any]:
    iso = day.isocalendar()
    quarter = (day.month + 2) // 3
    return {
        "date": day,
        "year": day.year,
        "quarter": quarter,
        "month": day.month,
        # Not by strftime, whose names depend on the locale of the run.
        "month_name": _MONTHS[day.month],
        "day_of_month": day.day,
        "day_of_year": day.timetuple().tm_yday,
        "iso_year": iso.year,
        "iso_week": iso.week,
        "weekday": iso.weekday,
        "weekday_name": _WEEKDAYS[iso.weekday - 1],
        "is_weekend": iso.weekday >= 6,
        "week_start": day - dt.timedelta(days=iso.weekday - 1),
        "month_start": day.replace(day=1),
        "quarter_start": dt.date(day.year, 3 * quarter - 2, 1),
        "year_start": dt.date(day.year, 1, 1),
    }


_MONTHS: Final = (
    "",
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
