"""Computes Eddington numbers of each sport group, in kilometres and in miles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from db.marts.mart import Conditions, Mart
from db.marts.scope import Scope
from db.models import Eddington, PeriodSummary


def _rows(connection: sa.Connection, scope: Scope) -> list[dict[str, Any]]:
    days = connection.execute(_days(scope)).all()
    rows: list[dict[str, Any]] = []
    for (athlete_id, group), some in groupby(
        days, key=lambda row: (row.athlete_id, row.sport_group)
    ):
        mine = list(some)
        for unit in ("km", "mi"):
            distances = [getattr(day, f"distance_{unit}") for day in mine]
            rows.append(
                {
                    "athlete_id": athlete_id,
                    "sport_group": group,
                    "unit": unit,
                    **_numbers(distances),
                }
            )
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
    number = sum(1 for _ in _reached(distances))
    target = number + 1
    done = sum(distance >= target for distance in distances)
    return {
        "eddington_number": number,
        "next_target": target,
        "days_done": done,
        "days_needed": target - done,
    }


def _reached(distances: Sequence[float]) -> Iterator[int]:
    """The targets 1, 2, 3 ... that enough days reach; distances come longest first."""
    for days, distance in enumerate(sorted(distances, reverse=True), start=1):
        if distance < days:
            return
        yield days


EDDINGTON: Final = Mart(model=Eddington, rows=_rows, held=_held)
