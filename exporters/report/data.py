"""Holds the data of the report: everything its sections show of one athlete.

Activities in friendly units, splits, efforts, power, load, gear and routes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from db.polylines import decode_all
from exporters.report.hiding import Hiding
from exporters.report.rows import (
    DrawnRoute,
    EddingtonNumber,
    Fact,
    GearItem,
    GradeFactor,
    LoadDay,
    Peak,
    PoolSwim,
    RouteLine,
    RunEffort,
    SplitPoint,
    StreakSpan,
    Zone,
    ZoneMonth,
)
from exporters.report.units import Units, day

#: After so many days without an activity an account counts as one that has ended.
_ENDED_DAYS: Final = 60
#: A sport matters from this share of the athlete's moving time or activities.
_SHARE: Final = 0.1


@dataclass(frozen=True, kw_only=True)
class Data:
    """Everything that sections draw from.

    ``chosen`` says what the user chose; it is empty if nothing was chosen.

    ``is_unfilled``: there are activities, but the marts are not filled yet.

    Not slotted, so that what sections share can be cached.
    """

    #: Whose data it is; ``None`` if nobody has activities.
    athlete_id: int | None
    athlete: str
    units: Units
    chosen: str
    is_unfilled: bool
    #: Day of the newest export or answer of the API; ``None`` if no source tells.
    source_day: date | None
    #: The last day that the user chose, if any.
    until: date | None
    facts: tuple[Fact, ...]
    splits: tuple[SplitPoint, ...]
    #: In order of grades; empty before the first prediction.
    grade_factors: tuple[GradeFactor, ...]
    efforts: tuple[RunEffort, ...]
    peaks: tuple[Peak, ...]
    loads: tuple[LoadDay, ...]
    zones: tuple[Zone, ...]
    zone_months: tuple[ZoneMonth, ...]
    pool_swims: tuple[PoolSwim, ...]
    gear: tuple[GearItem, ...]
    #: Of all chosen activities, the newest first.
    routes: tuple[RouteLine, ...]
    #: Number of routes that get a picture of their own.
    pictures: int
    #: What is not drawn of routes; ``None`` hides nothing.
    hiding: Hiding | None
    eddington: tuple[EddingtonNumber, ...]
    streaks: tuple[StreakSpan, ...]

    @cached_property
    def by_id(self) -> dict[int, Fact]:
        """The activities by their ids."""
        return {fact.activity_id: fact for fact in self.facts}

    @cached_property
    def drawn_routes(self) -> tuple[DrawnRoute, ...]:
        """Routes without what is hidden, the newest first."""
        found = []
        lines = decode_all([one.polyline for one in self.routes])
        for route, places in zip(self.routes, lines, strict=True):
            whole = [places] if len(places) > 1 else []
            pieces = self.hiding.cut(places) if self.hiding and whole else whole
            if pieces:
                found.append(DrawnRoute(activity_id=route.activity_id, pieces=tuple(pieces)))
        return tuple(found)

    @property
    def hiding_words(self) -> str:
        """What is hidden of routes, or why something should be."""
        if not self.hiding:
            return (
                "Routes often begin at a home: report --public or --hide-around cuts that out, "
                "for pages that others will see."
            )
        count = len(self.hiding.boxes)
        if not count:
            return "No place has so many starts that anything had to be hidden."
        return (
            f"Nothing is drawn within {self.hiding.metres} m of where most activities begin or end."
        )

    @cached_property
    def dated(self) -> tuple[tuple[date, Fact], ...]:
        """The activities whose day is known, by day."""
        return tuple((fact.local_date, fact) for fact in self.facts if fact.local_date)

    @cached_property
    def last_day(self) -> date | None:
        """The day of the newest activity."""
        return max((at for at, _ in self.dated), default=None)

    @cached_property
    def as_of(self) -> date | None:
        """The day that the data is of: nothing is known, or was chosen, of later ones."""
        newest = max(filter(None, (self.source_day, self.last_day)), default=None)
        return min(newest, self.until) if newest and self.until else newest

    @cached_property
    def has_ended(self) -> bool:
        """Whether the last activity was long before the day that the data is of."""
        return is_ended(self.last_day, self.as_of)

    @cached_property
    def end_day(self) -> date | None:
        """The day with which "the last year" ends.

        It is the day that the data is of; of an account that has ended, that of its last activity,
        so that its page is not empty.
        """
        return self.last_day if self.has_ended else self.as_of

    def within(self, activity_id: int, days: int) -> bool:
        """Whether the activity is one of the last ``days`` days."""
        at = self.by_id[activity_id].local_date
        return bool(at and self.end_day and at > self.end_day - timedelta(days=days))

    def last_days(self, days: int) -> str:
        """How to name the last ``days`` days."""
        return f"{days} days up to {day(self.end_day)}" if self.has_ended else f"last {days} days"

    def of_sport(self, group: str) -> tuple[Fact, ...]:
        """The activities of a sport group."""
        return tuple(fact for fact in self.facts if fact.sport_group == group)

    def matters(self, group: str) -> bool:
        """Whether the athlete does enough of a sport for sections of its own."""
        some = self.of_sport(group)
        hours = sum(fact.moving_time_h for fact in self.facts)
        return bool(some) and (
            len(some) >= _SHARE * len(self.facts)
            or sum(fact.moving_time_h for fact in some) >= _SHARE * hours > 0
        )

    @property
    def everything(self) -> str:
        """A note for figures of the whole account, which a selection does not change."""
        return " Of the whole account, whatever was chosen for this page." if self.chosen else ""


def is_ended(last: date | None, as_of: date | None) -> bool:
    """Whether a last day is so long before the day of the data that it was indeed the last."""
    return bool(last and as_of and as_of - last > timedelta(days=_ENDED_DAYS))
