"""Sums activities since 1 January, for each day of each year."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from db.marts.mart import Conditions, Mart, rounded, select
from db.marts.period_summary import AMOUNTS, last_day
from db.marts.scope import Scope
from db.marts.sports import ALL
from db.models import Date, PeriodSummary, YearToDate

_SUMMED: Final = ("activity_count", *AMOUNTS)


def _rows(_: sa.Connection, scope: Scope) -> sa.Select[Any]:
    # Every calendar day gets a row: rest days repeat the sum, so that years can be compared.
    sums, last = _sums(scope).subquery(), _last_days(scope)
    columns: dict[str, Any] = {
        "athlete_id": sums.c.athlete_id,
        "sport_group": sums.c.sport_group,
        "year": sums.c.year,
        "day_of_year": Date.day_of_year,
        "date": Date.date,
        **{name: sums.c[name] for name in _SUMMED},
    }
    # Engines are to find the days by their dates, since there are few. If the years were compared
    # by =, they would look up all days of the year for each sum; so the year is compared in a form
    # that no index and no hash serves.
    is_same_year = (Date.year + 0).between(sums.c.year, sums.c.year)
    is_until_next = sa.and_(Date.date >= sums.c.date, Date.date < sums.c.next_date, is_same_year)
    return (
        select(columns)
        .select_from(sums)
        .join(last, last.c.athlete_id == sums.c.athlete_id)
        .join(Date, sa.and_(is_until_next, Date.date <= last.c.date))
        .where(*_from_first(scope, Date.date))
    )


def _sums(scope: Scope) -> sa.Select[Any]:
    """The sums up to each day on which they change, and the next such day, perhaps of a later
    year.
    """
    day = _days(scope).subquery()
    of_group = (day.c.athlete_id, day.c.sport_group)
    next_date = sa.func.lead(day.c.date, type_=sa.Date()).over(
        partition_by=of_group, order_by=day.c.date
    )
    of_year: dict[str, Any] = {
        "partition_by": (*of_group, day.c.year),
        "order_by": day.c.date,
        "rows": (None, 0),
    }
    columns: dict[str, Any] = {
        **{name: day.c[name] for name in ("athlete_id", "sport_group", "year", "date")},
        "next_date": sa.func.coalesce(next_date, sa.literal(dt.date.max, sa.Date())),
    }
    for name in _SUMMED:
        so_far = sa.func.sum(day.c[name]).over(**of_year)
        columns[name] = so_far if name == "activity_count" else rounded(so_far)
    return select(columns)


def _days(scope: Scope) -> sa.CompoundSelect[Any]:
    """The days with an activity, and 1 January of each year without one on that day."""
    year, day = _years(scope), aliased(PeriodSummary)
    nothing: list[Any] = [
        sa.literal_column("0" if n == "activity_count" else "0.0") for n in _SUMMED
    ]
    is_first_day = sa.and_(
        day.athlete_id == year.c.athlete_id,
        day.period_type == "day",
        day.period_start == year.c.date,
        day.sport_group == year.c.sport_group,
    )
    first_days = sa.select(
        year.c.athlete_id, year.c.sport_group, year.c.year, year.c.date, *nothing
    ).where(~sa.exists().where(is_first_day))
    active = sa.select(
        day.athlete_id,
        day.sport_group,
        day.year,
        day.period_start.label("date"),
        *(getattr(day, name) for name in _SUMMED),
    ).where(*scope.of(day.athlete_id), *_in_years(scope, day.year), day.period_type == "day")
    return sa.union_all(active, first_days)


def _reach(connection: sa.Connection, scope: Scope) -> Scope:
    """The last day, too, where rows end; and 1 January of years that have other sports now."""
    stored = sa.select(sa.func.max(YearToDate.date)).where(*scope.of(YearToDate.athlete_id))
    scope = scope.on([connection.scalar(stored), last_day(connection, scope)])
    if scope.days is None:
        return scope
    had = sa.select(YearToDate.year, YearToDate.sport_group).where(
        *scope.of(YearToDate.athlete_id),
        *_in_years(scope, YearToDate.year),
        YearToDate.day_of_year == 1,
    )
    year = _years(scope)
    have = sa.select(year.c.year, year.c.sport_group)
    before, now = ({(row[0], row[1]) for row in connection.execute(each)} for each in (had, have))
    return scope.on([dt.date(of, 1, 1) for of, _ in before ^ now])


def _held(scope: Scope) -> Conditions:
    return [*scope.of(YearToDate.athlete_id), *_from_first(scope, YearToDate.date)]


def _from_first(scope: Scope, date: Any) -> Conditions:
    """Each day carries on from the days before it, until the year ends."""
    if scope.days is None:
        return []
    first: dict[int, dt.date] = {}
    for day in sorted(scope.days):
        first.setdefault(day.year, day)
    rests = (date.between(day, dt.date(year, 12, 31)) for year, day in first.items())
    return [sa.or_(sa.false(), *rests)]


def _in_years(scope: Scope, year: Any) -> Conditions:
    return [] if scope.days is None else [year.in_(sorted({day.year for day in scope.days}))]


def _years(scope: Scope) -> sa.Subquery:
    query = sa.select(
        PeriodSummary.athlete_id,
        PeriodSummary.sport_group,
        PeriodSummary.year,
        PeriodSummary.period_start.label("date"),
    )
    own = [*scope.of(PeriodSummary.athlete_id), *_in_years(scope, PeriodSummary.year)]
    return query.where(*own, PeriodSummary.period_type == "year").subquery()


def _last_days(scope: Scope) -> sa.Subquery:
    query = sa.select(
        PeriodSummary.athlete_id, sa.func.max(PeriodSummary.period_start).label("date")
    )
    own = scope.of(PeriodSummary.athlete_id)
    days = query.where(*own, PeriodSummary.period_type == "day", PeriodSummary.sport_group == ALL)
    return days.group_by(PeriodSummary.athlete_id).subquery()


YEAR_TO_DATE: Final = Mart(model=YearToDate, rows=_rows, held=_held, reach=_reach)
