"""Holds the data of the report: everything its sections show of one athlete.

Activities in friendly units, splits, efforts, power, load, gear and routes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from exporters.report.units import Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One activity; unknown values count as zero in sums."""

    activity_id: int
    name: str
    sport_group: str
    local_date: date | None
    distance_km: float
    moving_time_h: float
    total_elevation_gain_m: float
    gear_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPoint:
    """One kilometre or mile of a run.

    It has a length, and an elevation difference and a moving time where they are known.
    """

    activity_id: int
    distance_m: float
    rise_m: float | None
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeFactor:
    """Pace on a grade by pace on flat ground, as the last prediction found it for runs."""

    grade_pct: int
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEffort:
    """The fastest stretch of a standard distance inside a run."""

    activity_id: int
    name: str
    distance_m: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The highest average power of one activity over a duration."""

    activity_id: int
    seconds: int
    watts: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadDay:
    """Fitness, fatigue and form of one day."""

    date: date
    source: str
    ctl: float
    atl: float
    tsb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GearItem:
    """A bike or a pair of shoes."""

    gear_id: int
    name: str
    kind: str
    is_retired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteLine:
    """The simplified route of an activity."""

    activity_id: int
    polyline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EddingtonNumber:
    """The greatest number E such that on E days the distance was E or more."""

    sport_group: str
    number: int
    next_target: int
    days_needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StreakSpan:
    """Days or weeks in a row with an activity."""

    period: str
    start: date
    end: date
    length: int
    is_longest: bool
    is_current: bool


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
    facts: tuple[Fact, ...]
    splits: tuple[SplitPoint, ...]
    #: In order of grades; empty before the first prediction.
    grade_factors: tuple[GradeFactor, ...]
    efforts: tuple[RunEffort, ...]
    peaks: tuple[Peak, ...]
    loads: tuple[LoadDay, ...]
    gear: tuple[GearItem, ...]
    routes: tuple[RouteLine, ...]
    eddington: tuple[EddingtonNumber, ...]
    streaks: tuple[StreakSpan, ...]

    @cached_property
    def by_id(self) -> dict[int, Fact]:
        """The activities by their ids."""
        return {fact.activity_id: fact for fact in self.facts}

    @cached_property
    def dated(self) -> tuple[tuple[date, Fact], ...]:
        """The activities whose day is known, by day."""
        return tuple((fact.local_date, fact) for fact in self.facts if fact.local_date)

    @cached_property
    def last_day(self) -> date | None:
        """The day of the newest activity.

        "Last year" ends with it, so that the page of an old export is not empty.
        """
        return max((day for day, _ in self.dated), default=None)

    def within(self, activity_id: int, days: int) -> bool:
        """Whether the activity is one of the last ``days`` days."""
        at = self.by_id[activity_id].local_date
        return bool(at and self.last_day and at > self.last_day - timedelta(days=days))

    @property
    def everything(self) -> str:
        """A note for figures of the whole account, which a selection does not change."""
        return " Of the whole account, whatever was chosen for this page." if self.chosen else ""
