"""Computes Eddington numbers of each sport group, in kilometres and in miles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa

from db.marts.mart import Conditions, Mart
from db.marts.scope import Scope
from db.models import Eddington, PeriodSummary


def _rows(connection: sa.Connection, scope: Scope) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for (athlete_id, group), days in groupby(connection.execute(_days(scope)), itemgetter(0, 1)):
        own = {"athlete_id": athlete_id, "sport_group": group}
        _, _, *distances = zip(*days, strict=True)
        for unit, of_days in zip(("km", "mi"), distances, strict=True):
            rows.append({**own, "unit": unit, **_numbers(of_days)})
    return rows


def _held(scope: Scope) -> Conditions:
    return scope.of(Eddington.athlete_id)


def _days(scope: Scope) -> sa.Select[int, str, float, float]:
    columns = (
        PeriodSummary.athlete_id,
        PeriodSummary.sport_group,
        PeriodSummary.distance_km,
        PeriodSummary.distance_mi,
    )
    condition = (
        *scope.of(PeriodSummary.athlete_id),
        PeriodSummary.period_type == "day",
        PeriodSummary.distance_km > 0,
    )
    return (
        sa.select(*columns)
        .where(*condition)
        .order_by(PeriodSummary.athlete_id, PeriodSummary.sport_group)
    )


def _numbers(distances: Sequence[float]) -> dict[str, int]:
    longest_first = sorted(distances, reverse=True)
    number = sum(1 for _ in _reached(longest_first))
    target = number + 1
    done = sum(1 for _ in takewhile(lambda distance: distance >= target, longest_first))
    return {
        "eddington_number": number,
        "next_target": target,
        "days_done": done,
        "days_needed": target - done,
    }


def _reached(longest_first: Sequence[float]) -> Iterator[int]:
    """The targets 1, 2, 3 ... that enough days reach."""
    for days, distance in enumerate(longest_first, start=1):
        if distance < days:
            return
        yield days


EDDINGTON: Final = Mart(model=Eddington, rows=_rows, held=_held)
