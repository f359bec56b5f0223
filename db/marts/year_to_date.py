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


def _rows(_: sa.Connection, scope: Scope) -> sa.Select[Any]:
    # Every calendar day gets a row: rest days repeat the sum, so that years can be compared.
    year, last, day = _years(scope), _last_days(scope), aliased(PeriodSummary)
    over: dict[str, Any] = {
        "partition_by": (year.c.athlete_id, year.c.sport_group, year.c.year),
        "order_by": Date.date,
        "rows": (None, 0),
    }
    columns: dict[str, Any] = {
        "athlete_id": year.c.athlete_id,
        "sport_group": year.c.sport_group,
        "year": year.c.year,
        "day_of_year": Date.day_of_year,
        "date": Date.date,
        "activity_count": sa.func.sum(sa.func.coalesce(day.activity_count, 0)).over(**over),
    }
    for name in AMOUNTS:
        columns[name] = rounded(sa.func.sum(sa.func.coalesce(getattr(day, name), 0.0)).over(**over))
    of_day = sa.and_(
        day.athlete_id == year.c.athlete_id,
        day.period_type == "day",
        day.period_start == Date.date,
        day.sport_group == year.c.sport_group,
    )
    sums = (
        select(columns)
        .select_from(year)
        .join(last, last.c.athlete_id == year.c.athlete_id)
        .join(Date, sa.and_(Date.year == year.c.year, Date.date <= last.c.date))
        .outerjoin(day, of_day)
        .subquery()
    )
    return sa.select(sums).where(*_from_first(scope, sums.c.date))


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
    query = sa.select(PeriodSummary.athlete_id, PeriodSummary.sport_group, PeriodSummary.year)
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
