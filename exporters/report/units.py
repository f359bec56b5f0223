"""Formats distances, times and paces for people, in kilometres or miles.

The unit is the one in which the athlete sees Strava.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Final

_KM_PER_MI: Final = 1.609344
_FT_PER_M: Final = 1 / 0.3048


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """The units of a page."""

    is_metric: bool = True

    @property
    def distance(self) -> str:
        """km or mi; ``splits`` and ``eddington`` use the same words."""
        return "km" if self.is_metric else "mi"

    @property
    def height(self) -> str:
        """m or ft."""
        return "m" if self.is_metric else "ft"

    @property
    def metres(self) -> float:
        """Metres in a unit of distance."""
        return 1000.0 if self.is_metric else 1000.0 * _KM_PER_MI

    def from_km(self, km: float) -> float:
        """Kilometres in the unit of distance."""
        return km if self.is_metric else km / _KM_PER_MI

    def from_m(self, metres: float) -> float:
        """Metres in the unit of height."""
        return metres if self.is_metric else metres * _FT_PER_M

    @property
    def speed(self) -> str:
        """km/h or mph."""
        return "km/h" if self.is_metric else "mph"

    @property
    def pool(self) -> str:
        """The distance of which swimmers tell the pace: 100 m or 100 yd."""
        return "100 m" if self.is_metric else "100 yd"

    def swim_pace(self, distance_m: float, seconds: float) -> float:
        """Minutes per 100 m or 100 yd."""
        return seconds / 60 / distance_m * (100.0 if self.is_metric else 91.44)

    def pace(self, distance_m: float, seconds: float) -> float:
        """Minutes per unit of distance."""
        return seconds / 60 / (distance_m / self.metres)


def units_of(measurement_preference: str | None) -> Units:
    """The units of a preference, which Strava writes as Metric, meters, Imperial or feet."""
    return Units(
        is_metric=(measurement_preference or "").strip().lower()
        not in {"imperial", "feet", "standard"}
    )


def number(value: float, digits: int = 0) -> str:
    """A number with narrow spaces between thousands, and never a minus zero.

    No language takes such a space for a decimal point.
    """
    text = f"{value:,.{digits}f}".replace(",", "\u202f")
    return (
        text.removeprefix("-") if not float(f"{value:.{digits}f}") else text.replace("-", "\u2212")
    )


def pace(minutes: float) -> str:
    """A pace as text: 5.5 minutes become 5:30."""
    seconds = round(minutes * 60)
    return f"{seconds // 60}:{seconds % 60:02d}"


def duration(seconds: float) -> str:
    """A duration as text: 45 s, 12:05 or 1:23:45."""
    whole = math.floor(seconds + 0.5)
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def short_duration(seconds: float) -> str:
    """The name of a round duration: 30 s, 5 min, 2 h."""
    for size, word in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:g} {word}"
    return f"{seconds:g} s"


def day(value: date | None) -> str:
    """A day as text: 4 May 2026."""
    return f"{value.day} {value:%b %Y}" if value else "day unknown"
