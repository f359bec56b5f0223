"""Fits a straight line to splits, and says whether they are enough and agree enough to tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Fewer splits, or splits of fewer runs, are a few days' luck.
_FEWEST_SPLITS: Final = 200
_FEWEST_RUNS: Final = 10
#: The slope is told if it is so many times its standard error.
_STANDARD_ERRORS: Final = 4.0
#: Paces in seconds per metre that a runner can have for a kilometre: 2:20 to 15:00.
_PACES: Final = (0.14, 0.9)
#: A steeper kilometre is an error of the altitude, or no run.
_STEEPEST: Final = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSplit:
    """A whole split of a run in metres and seconds."""

    activity_id: int
    distance_m: float
    rise_m: float
    seconds: float

    @property
    def is_plausible(self) -> bool:
        """Whether somebody could have run it."""
        fast, slow = _PACES
        return (
            fast <= self.seconds / self.distance_m <= slow
            and abs(self.rise_m) <= _STEEPEST * self.distance_m
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceSlope:
    """How pace grows with climb: seconds per metre on the flat, and more for each unit of grade."""

    flat: float
    slope: float
    standard_error: float


def pace_slope(splits: Sequence[RunSplit]) -> PaceSlope | None:
    """The line through the plausible splits; ``None`` where they cannot tell it.

    Splits of one run share its pace of the day, so the standard error counts runs, not splits
    (Liang and Zeger's, for clusters). A slope that says climbing is faster is an error of the data.
    """
    some = [one for one in splits if one.is_plausible]
    runs, places = np.unique([one.activity_id for one in some], return_inverse=True)
    if len(some) < _FEWEST_SPLITS or len(runs) < _FEWEST_RUNS:
        return None
    grades = np.array([one.rise_m / one.distance_m for one in some])
    paces = np.array([one.seconds / one.distance_m for one in some])
    apart = grades - grades.mean()
    spread = float(apart @ apart)
    if not spread:
        return None
    slope = float(apart @ paces) / spread
    flat = float(paces.mean() - slope * grades.mean())
    sums = np.bincount(places, weights=apart * (paces - flat - slope * grades))
    error = float(np.sqrt(sums @ sums * len(runs) / (len(runs) - 1))) / spread
    if slope < _STANDARD_ERRORS * error or slope <= 0:
        return None
    return PaceSlope(flat=flat, slope=slope, standard_error=error)
