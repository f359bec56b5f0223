"""Says how much slower a runner is on a grade, and cuts courses into pieces that have one grade.

The net grade of a kilometre tells too little: with 50 m up and 50 m down it is 0. So courses are
cut into pieces of about 100 m. Altitudes of recordings and of planned courses are resampled and
smoothed alike, so that both have the same grades.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.transform.records import FloatArray

#: Pace on a grade by pace on flat ground; grades are fractions, 0.1 for 10 %.
PaceFactor = Callable[[FloatArray], FloatArray]

#: Metres between two altitudes of the resampled course, and of the window that they are means of.
_STEP_M: Final = 10.0
_WINDOW_M: Final = 90.0
#: Metres that a piece has about.
PIECE_M: Final = 100.0
#: Steepest grade up and down for which the curves are known; on a steeper one runners walk.
STEEPEST: Final = 0.35
#: Metres of the longest course that is cut: a longer one is damage.
_LONGEST_M: Final = 10_000_000.0


def strava_factor(grade: FloatArray) -> FloatArray:
    """The curve behind Strava's grade-adjusted pace of 2017, as fitted by others.

    Source: rungrade-test (hughac94), whose polynomial takes the grade in per cent.
    """
    percent = 100.0 * np.clip(grade, -STEEPEST, STEEPEST)
    return _polynomial(percent, (1.0, 0.0326567, 0.00205357, -3.98957e-6, -5.29444e-7))


def kay_factor(grade: FloatArray) -> FloatArray:
    """Kay's curve of 2012, from records of hill races."""
    slope = np.clip(grade, -STEEPEST, STEEPEST)
    return 1.0 + _polynomial(slope, (0.0, 5656.0, 32209.0, -3211.0, -43635.0)) / 1707.0


def _polynomial(values: FloatArray, coefficients: tuple[float, ...]) -> FloatArray:
    """The sum of coefficient times power, the constant first."""
    total = np.zeros_like(values)
    for coefficient in reversed(coefficients):
        total = total * values + coefficient
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """A course in ``n`` pieces of about 100 m.

    Arrays have one value for each piece, but ``border_m`` and ``height_m`` one for each of the
    ``n + 1`` ends.
    """

    border_m: FloatArray
    height_m: FloatArray

    @property
    def length_m(self) -> FloatArray:
        """Length along the ground as maps show it."""
        return np.diff(self.border_m)

    @property
    def rise_m(self) -> FloatArray:
        """Height at the end minus height at the begin."""
        return np.diff(self.height_m)

    @property
    def grade(self) -> FloatArray:
        """Rise by length, as a fraction."""
        return self.rise_m / self.length_m

    def flat_m(self, factor: PaceFactor = strava_factor) -> FloatArray:
        """Distance on flat ground that costs as much, up to each border, ``(n + 1,)``."""
        return np.concatenate(([0.0], np.cumsum(self.length_m * factor(self.grade))))

    def unsigned_m(self) -> FloatArray:
        """Rises and falls added up without their signs, up to each border, ``(n + 1,)``."""
        return np.concatenate(([0.0], np.cumsum(np.abs(self.rise_m))))


def pieces_of(distance_m: FloatArray, altitude_m: FloatArray) -> Pieces | None:
    """The pieces of a course; ``None`` without altitudes, or if it is shorter than one piece.

    Args:
        distance_m: metres from the start, never falling.
        altitude_m: NaN where it is not known.
    """
    known = np.isfinite(altitude_m)
    if known.sum() < 2:
        return None
    along, height = distance_m[known], altitude_m[known]
    total = float(distance_m[-1])
    if not PIECE_M <= total <= _LONGEST_M:
        return None
    smooth = _smoothed(along, height, total)
    border = np.linspace(0.0, total, round(total / PIECE_M) + 1)
    return Pieces(
        border_m=border, height_m=np.interp(border, np.linspace(0.0, total, len(smooth)), smooth)
    )


def _smoothed(along: FloatArray, height: FloatArray, total: float) -> FloatArray:
    """Altitudes about every 10 m, each the mean of the ground around it.

    Towards both ends the window shrinks on both sides, so that the ends keep their heights.
    """
    places = np.linspace(0.0, total, round(total / _STEP_M) + 1)
    sums = np.concatenate(([0.0], np.cumsum(np.interp(places, along, height))))
    at = np.arange(len(places))
    half = np.minimum(np.minimum(at, at[::-1]), round(_WINDOW_M / _STEP_M / 2))
    means: FloatArray = (sums[at + half + 1] - sums[at - half]) / (2 * half + 1)
    return means
