"""Says which activities a refill of the marts is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa

from db.local_day import MOST_DAYS

_STARTS: Final[dict[str, Callable[[dt.date], dt.date]]] = {
    "day": lambda day: day,
    "week": lambda day: day - dt.timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "year": lambda day: day.replace(month=1, day=1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The activities of an athlete on some local days, and those without a day."""

    #: ``None`` for every athlete.
    athlete_id: int | None = None
    #: ``None`` for every day.
    days: frozenset[dt.date] | None = None

    def of(self, athlete: Any, day: Any = None) -> list[sa.ColumnElement[bool]]:
        """The conditions of rows in the scope, by their columns of the athlete and of the day.

        Without a day they are all rows of the athlete.
        """
        mine = [] if self.athlete_id is None else [athlete == self.athlete_id]
        if day is None or self.days is None:
            return mine
        return [*mine, sa.or_(day.in_(sorted(self.days)), day.is_(None))]

    def starts_of(self, period: str) -> list[dt.date]:
        """First days of the periods that hold the scope's days."""
        return sorted({_STARTS[period](day) for day in self.days or ()})

    def on(self, days: Collection[dt.date | None]) -> Scope:
        """The same, and these days, too."""
        if self.days is None:
            return self
        every = self.days | {day for day in days if day is not None}
        return replace(self, days=None if len(every) > MOST_DAYS else every)


EVERYTHING: Final = Scope()
