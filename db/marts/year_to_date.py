"""Sums activities since 1 January, for each day of each year."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from db.marts.mart import Mart, insert_select, rounded
from db.marts.period_summary import AMOUNTS
from db.marts.sports import ALL
from db.models import Date, PeriodSummary, YearToDate


def _fill(connection: sa.Connection) -> None:
    # Every calendar day gets a row: rest days repeat the sum, so that years can be compared.
    year, last, day = _years(), _last_days(), aliased(PeriodSummary)
    over: dict[str, Any] = {
        "partition_by": (year.c.athlete_id, year.c.sport_group, year.c.year),
        "order_by": Date.date,
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
    insert_select(
        connection,
        YearToDate,
        columns,
        lambda select: (
            select.select_from(year)
            .join(last, last.c.athlete_id == year.c.athlete_id)
            .join(Date, sa.and_(Date.year == year.c.year, Date.date <= last.c.date))
            .outerjoin(day, of_day)
        ),
    )


def _years() -> sa.Subquery:
    query = sa.select(PeriodSummary.athlete_id, PeriodSummary.sport_group, PeriodSummary.year)
    return query.where(PeriodSummary.period_type == "year").subquery()


def _last_days() -> sa.Subquery:
    query = sa.select(
        PeriodSummary.athlete_id, sa.func.max(PeriodSummary.period_start).label("date")
    )
    days = query.where(PeriodSummary.period_type == "day", PeriodSummary.sport_group == ALL)
    return days.group_by(PeriodSummary.athlete_id).subquery()


YEAR_TO_DATE: Final = Mart(model=YearToDate, fill=_fill)
