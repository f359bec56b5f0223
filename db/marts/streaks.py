"""Finds streaks: unbroken rows of days or weeks with an activity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa

from db.marts.mart import Conditions, Mart
from db.marts.scope import Scope
from db.marts.sports import ALL
from db.models import PeriodSummary, Streak

#: Time from the start of a period to the start of the next.
_LENGTHS: Final = {"day": dt.timedelta(days=1), "week": dt.timedelta(days=7)}


@dataclass(slots=True)
class _Run:
    """Periods in a row."""

    first: dt.date
    last: dt.date
    length: int
    activities: int


def _rows(connection: sa.Connection, scope: Scope) -> list[dict[str, Any]]:
    periods = connection.execute(_periods(scope)).all()
    newest: dict[tuple[int, str], dt.date] = {}
    for athlete_id, group, period, start, _ in periods:
        if group == ALL:
            newest[athlete_id, period] = start  # the last one stays
    rows: list[dict[str, Any]] = []
    for (athlete_id, group, period), some in groupby(periods, key=itemgetter(0, 1, 2)):
        own = {"athlete_id": athlete_id, "sport_group": group, "period_type": period}
        rows += (
            {**own, **row}
            for row in _streaks(list(some), _LENGTHS[period], newest[athlete_id, period])
        )
    return rows


def _held(scope: Scope) -> Conditions:
    return scope.of(Streak.athlete_id)


def _periods(scope: Scope) -> sa.Select[int, str, str, dt.date, int]:
    keys = (
        PeriodSummary.athlete_id,
        PeriodSummary.sport_group,
        PeriodSummary.period_type,
        PeriodSummary.period_start,
    )
    return (
        sa.select(*keys, PeriodSummary.activity_count)
        .where(*scope.of(PeriodSummary.athlete_id), PeriodSummary.period_type.in_(_LENGTHS))
        .order_by(*keys)
    )


def _streaks(
    periods: Sequence[Any], step: dt.timedelta, newest: dt.date
) -> Iterator[dict[str, Any]]:
    runs = _runs(periods, step)
    longest = max(runs, key=lambda run: (run.length, run.first))
    for run in runs:
        is_current = run is runs[-1] and run.last >= newest - step
        if run.length > 1 or run is longest or is_current:
            yield {
                "start_date": run.first,
                "end_date": run.last + step - dt.timedelta(days=1),
                "length": run.length,
                "activity_count": run.activities,
                "is_longest": run is longest,
                "is_current": is_current,
            }


def _runs(periods: Sequence[Any], step: dt.timedelta) -> list[_Run]:
    runs: list[_Run] = []
    following: dt.date | None = None
    for _, _, _, start, activities in periods:
        if start == following:
            run = runs[-1]
            run.last = start
            run.length += 1
            run.activities += activities
        else:
            runs.append(_Run(start, start, 1, activities))
        following = start + step
    return runs


STREAKS: Final = Mart(model=Streak, rows=_rows, held=_held)
