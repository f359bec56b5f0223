"""Shows speeds, distances and cadences as Strava does for a sport, such as the pace of a run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from db.points import FloatArray
from exporters.report.units import Units, number, pace
from ingest.web.formats import figure

#: Sport groups on foot, whose cadence Strava shows in steps of both legs.
_ON_FOOT: Final = ("run", "walk")
_M_PER_YARD: Final = 0.9144
#: Slowest speed in m/s whose pace is still of use: 56 minutes per kilometre.
_SLOWEST: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class SportUnits:
    """The units of one activity; ``group`` is its sport group."""

    units: Units
    group: str

    @property
    def is_pace(self) -> bool:
        """Whether the time for a distance is shown, not the speed."""
        return self.group in (*_ON_FOOT, "swim")

    @property
    def speed_name(self) -> str:
        """Pace or Speed."""
        return "Pace" if self.is_pace else "Speed"

    @property
    def speed_unit(self) -> str:
        """Unit of ``speeds``."""
        if self.group == "swim":
            return f"min/100 {self._swum}"
        if self.is_pace:
            return f"min/{self.units.distance}"
        return "km/h" if self.units.is_metric else "mph"

    def speeds(self, mps: FloatArray) -> FloatArray:
        """Speeds in m/s as paces in minutes, NaN where it stands still; or in km/h or mph."""
        if not self.is_pace:
            return mps * 3600 / self.units.metres
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(mps >= _SLOWEST, self._pace_metres / mps / 60, np.nan)

    def speed_text(self, mps: float | None) -> str:
        """A speed in m/s for people."""
        value = float("nan") if mps is None else float(self.speeds(np.array(mps)))
        if not math.isfinite(value):
            return ""
        return pace(value) if self.is_pace else number(value, 1)

    @property
    def distance_unit(self) -> str:
        """Unit of ``distance_text``."""
        return self._swum if self.group == "swim" else self.units.distance

    @property
    def distance_metres(self) -> float:
        """Metres in the unit of distance."""
        return self._swum_metres if self.group == "swim" else self.units.metres

    def distance_text(self, metres: float | None) -> str:
        """A distance for people."""
        if metres is None:
            return ""
        return number(metres / self.distance_metres, 0 if self.group == "swim" else 2)

    def height_text(self, metres: float | None) -> str:
        """A height or a climb for people."""
        return figure(None if metres is None else self.units.from_m(metres))

    @property
    def temperature_unit(self) -> str:
        """Unit of ``temperatures``."""
        return "°C" if self.units.is_metric else "°F"

    def temperatures(self, celsius: FloatArray) -> FloatArray:
        """Temperatures in the unit of temperature."""
        return celsius if self.units.is_metric else celsius * 1.8 + 32

    def temperature_text(self, celsius: float | None) -> str:
        """A temperature for people."""
        return "" if celsius is None else figure(float(self.temperatures(np.array(celsius))))

    @property
    def cadence_unit(self) -> str:
        """Unit of cadences times ``cadence_factor``."""
        if self.group in _ON_FOOT:
            return "steps/min"
        return "strokes/min" if self.group == "swim" else "rpm"

    def cadence_text(self, rpm: float | None) -> str:
        """A cadence for people."""
        return figure(None if rpm is None else rpm * self.cadence_factor)

    @property
    def cadence_factor(self) -> int:
        """Devices count the steps of one leg, Strava shows those of both."""
        return 2 if self.group in _ON_FOOT else 1

    @property
    def _swum(self) -> str:
        return "m" if self.units.is_metric else "yd"

    @property
    def _swum_metres(self) -> float:
        return 1.0 if self.units.is_metric else _M_PER_YARD

    @property
    def _pace_metres(self) -> float:
        """Metres that a pace is given for."""
        return 100 * self._swum_metres if self.group == "swim" else self.units.metres
