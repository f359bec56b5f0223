"""Decides when and where the demo athlete trains, and how fit: the calendar of the plan."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np

from ingest.demo.kinds import HOME, ISLAND, TRIP, Place
from ingest.transform.records import FloatArray

#: Time between the first export and the later one.
LATER: Final = timedelta(days=31)
_HOURS: Final = (
    (0, 5.9),
    (0.3, 8.2),
    (0.42, 11.6),
    (0.58, 13.2),
    (0.66, 16.6),
    (0.95, 18.9),
    (1, 19.8),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """The years that an export covers and how many activities lie in them."""

    activities: int
    newer: int
    until: datetime
    #: Share of all activities done by each day since the first.
    done: FloatArray = field(repr=False, compare=False)

    @property
    def first(self) -> date:
        """The day on which the athlete began."""
        return self.until.date() - timedelta(days=len(self.done))

    @property
    def exported(self) -> datetime:
        """When the export was made."""
        return self.until + LATER if self.newer else self.until

    def day(self, index: int, jitter: float) -> float:
        """Days since ``first`` of one activity; the fraction is the time of day."""
        if index >= self.activities:  # in the month between both exports
            return len(self.done) + (index - self.activities + jitter) / self.newer * (
                LATER.days - 3
            )
        share = (index + jitter) / self.activities
        return (
            float(np.interp(share, self.done, np.arange(len(self.done))))
            * (len(self.done) - 2)
            / len(self.done)
        )

    def form(self, day: float) -> float:
        """Fitness from 0 to 1: it grows over the years, and is better in summer than in winter."""
        when = self.first + timedelta(days=day)
        return min(max(0.15 + 0.6 * day / len(self.done) + 0.12 * summer(when), 0.0), 1.0)


def season(*, activities: int, newer: int, years: int, until: datetime) -> Season:
    """Spread activities over the years: fewer in winter, more from year to year."""
    if until.tzinfo is None:
        raise ValueError("until must be aware")
    until = until.astimezone(UTC)
    count = round(years * 365.25)
    days = np.arange(count)
    turn = (until.timetuple().tm_yday - count + days - 190) / 365.25 * math.tau
    rate = (1 + 0.35 * np.cos(turn)) * (0.85 + 0.3 * days / count)
    done = np.concatenate(([0.0], np.cumsum(rate)[:-1])) / rate.sum()
    return Season(activities=activities, newer=newer, until=until, done=done)


def summer(when: date) -> float:
    """The season from -1 in January to 1 in the middle of July."""
    return math.cos((when.timetuple().tm_yday - 196) / 365.25 * math.tau)


def place_on(when: date) -> Place:
    """The place of a day: home, but for two weeks a year.

    These are an island in odd years' spring, and across the ocean in even years' autumn.
    """
    if when.year % 2 and date(when.year, 3, 10) <= when <= date(when.year, 3, 23):
        return ISLAND
    if when.year % 2 == 0 and date(when.year, 9, 5) <= when <= date(when.year, 9, 18):
        return TRIP
    return HOME


def hour_of(fraction: float) -> float:
    """The local hour at which an activity starts: before work, at lunch or after work."""
    return float(np.interp(fraction, [share for share, _ in _HOURS], [hour for _, hour in _HOURS]))
