"""Fills the calendar: one row for each day of every year that has an activity."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa

from db.bulk import insert_rows
from db.marts.mart import Mart
from db.models import Activity, Date

#: Bounds of the calendar, so that one wrong start far away does not make it cover millennia.
#: Activities outside the bounds have no calendar columns.
_FIRST: Final = dt.datetime(1950, 1, 1)
_AFTER: Final = dt.datetime(2100, 1, 1)

#: Start that decides the calendar day of an activity: local where known, else UTC.
START: Final = sa.func.coalesce(
    Activity.start_time_local,
    sa.type_coerce(Activity.start_time_utc, Activity.start_time_local.type),
)


def _fill(connection: sa.Connection) -> None:
    query = sa.select(sa.func.min(START), sa.func.max(START)).where(
        START >= _FIRST, START < _AFTER, Activity.vanished_at.is_(None)
    )
    first, last = connection.execute(query).one()
    days = [] if first is None else every_day(dt.date(first.year, 1, 1), dt.date(last.year, 12, 31))
    surplus = sa.or_(Date.date < days[0], Date.date > days[-1]) if days else sa.true()
    connection.execute(sa.delete(Date).where(surplus))
    known = set(connection.scalars(sa.select(Date.date)))
    insert_rows(connection, Date, [_row(day) for day in days if day not in known])


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

# Kept, since PostgreSQL would look for each deleted day in all tables that refer to days, which
# took half of the whole time.
DATES: Final = Mart(model=Date, fill=_fill, is_kept=True)
