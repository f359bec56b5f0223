"""Defines the rows that the report is made from: activities and their details."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One activity; unknown values count as zero in sums."""

    activity_id: int
    name: str
    sport_type: str
    sport_group: str
    local_date: date | None
    distance_km: float
    moving_time_h: float
    total_elevation_gain_m: float
    gear_id: int | None

    @property
    def strava_url(self) -> str:
        """Its page on Strava; empty for one that Strava does not know, whose id is negative."""
        known = self.activity_id > 0
        return f"https://www.strava.com/activities/{self.activity_id}" if known else ""


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
    activity_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneMonth:
    """The time in a heart-rate zone in a month, whose first day is known or not."""

    month: date | None
    zone: int
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A heart-rate zone as it is now; ``is_assumed`` if it does not come from Strava."""

    zone: int
    lower_bpm: float
    upper_bpm: float | None
    is_assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSwim:
    """The lengths of a swim in a pool, with the rests at the wall between them.

    ``seconds`` has the time of each, ``is_swum`` tells lengths from rests.
    """

    activity_id: int
    pool_m: float
    seconds: tuple[float, ...]
    is_swum: tuple[bool, ...]
    #: Of all lengths together; 0 where they were not counted.
    strokes: int


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnRoute:
    """What is drawn of a route: pieces of latitudes and longitudes, each ``(n, 2)``."""

    activity_id: int
    pieces: tuple[npt.NDArray[np.float64], ...]


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
