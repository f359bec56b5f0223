"""Learns one athlete's pace on grades from runs: a published curve and the athlete's deviation.

Of each piece of a run: log pace = what the run has in common + log of the published curve +
deviation at the piece's grade + fatigue. The deviation is a line between knots. Both it and the
fatigue are drawn to zero, as strongly as if other athletes' spread had been observed beforehand
(ridge regression, or a normal prior), so that thin data fall back to the published curve.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.transform.grade import Pieces, strava_factor
from ingest.transform.records import FloatArray

#: Grades between which the deviation is a line. It is 0 at grade 0, which all else is compared to.
KNOTS: Final[FloatArray] = np.array([-0.3, -0.2, -0.12, -0.06, 0.0, 0.06, 0.12, 0.2, 0.3])
_FREE: Final = KNOTS != 0
#: Grades that the support is counted at: each whole per cent, and what is nearest to it.
SUPPORTED: Final[FloatArray] = np.arange(-30, 31) / 100.0
#: Columns of the equations: the deviation at each knot but 0, then the fatigue by 10 km and by
#: 1,000 m of climb.
_COLUMNS: Final = int(_FREE.sum()) + 2
#: Standard deviations among athletes, in logs of pace: at a knot from the published curve, from
#: one knot's deviation to the next one's, and of both fatigues. Published curves differ by 5 %
#: uphill and by more downhill.
_SPREAD: Final = 0.15
_STEP_SPREAD: Final = 0.08
_FATIGUE_SPREAD: Final = 0.03
#: Pieces that tell as much as one whose pace is its own: neighbours are run alike.
_ALIKE: Final = 5.0
#: Least variance of log pace inside a run that is believed.
_LEAST_VARIANCE: Final = 0.05**2
#: Pieces whose pace differs from the run's by more than this factor are rests or errors.
_FAR: Final = 2.0
_FEWEST: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Equations:
    """What runs tell of the curve, as sums for least squares: those of several runs add up."""

    #: Products of the columns with each other, and with the logs of pace.
    products: FloatArray
    moments: FloatArray
    #: Metres run at each of ``SUPPORTED``.
    support_m: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeCurve:
    """Pace on grades by pace on flat ground, and how it falls off in the course of a run."""

    #: Deviation from the published curve at each of ``KNOTS``, in logs.
    deviation: FloatArray
    #: Metres run at each of ``SUPPORTED``.
    support_m: FloatArray
    #: Growth of log pace by 10 km, and by 1,000 m of climb.
    fatigue: tuple[float, float]

    def factor(self, grade: FloatArray) -> FloatArray:
        """Pace on grades by pace on flat ground."""
        return strava_factor(grade) * np.exp(np.interp(grade, KNOTS, self.deviation))

    def effort_m(self, pieces: Pieces) -> FloatArray:
        """Length of each piece on flat ground, with fatigue; times are in proportion to it."""
        distance, climb = _so_far(pieces)
        tired = self.fatigue[0] * distance + self.fatigue[1] * climb
        return pieces.length_m * self.factor(pieces.grade) * np.exp(tired)


#: Nothing is known of the athlete.
NOTHING_TOLD: Final = Equations(
    products=np.zeros((_COLUMNS, _COLUMNS)),
    moments=np.zeros(_COLUMNS),
    support_m=np.zeros(len(SUPPORTED)),
)


def equations_of(pieces: Pieces, time_s: FloatArray) -> Equations:
    """What one run tells; ``time_s`` are the seconds of each piece."""
    length, grade = pieces.length_m, pieces.grade
    with np.errstate(all="ignore"):
        slower = np.log(time_s / length) - np.log(strava_factor(grade))
    kept = np.isfinite(slower)
    if kept.any():
        kept &= np.abs(slower - np.median(slower[kept])) < np.log(_FAR)
    if kept.sum() < _FEWEST:
        return NOTHING_TOLD
    columns = np.column_stack((_near_knots(grade)[:, _FREE], *_so_far(pieces)))[kept]
    slower = slower[kept] - slower[kept].mean()
    columns -= columns.mean(axis=0)
    weight = length[kept].mean() / 100.0 / _ALIKE / max(float(slower.var()), _LEAST_VARIANCE)
    return Equations(
        products=columns.T @ columns * weight,
        moments=columns.T @ slower * weight,
        support_m=_at_supported(grade[kept], length[kept]),
    )


def fit_curve(told: Iterable[Equations]) -> GradeCurve:
    """The athlete's curve; the published one, where nothing is told."""
    every = [NOTHING_TOLD, *told]
    products = sum(equations.products for equations in every) + _PRIOR
    moments = sum(equations.moments for equations in every)
    found = np.linalg.solve(products, moments)
    deviation = np.zeros(len(KNOTS))
    deviation[_FREE] = found[:-2]
    return GradeCurve(
        deviation=deviation,
        support_m=np.sum([equations.support_m for equations in every], axis=0),
        # Who gets faster has warmed up, or trained so; that is no way to plan a race.
        fatigue=(max(float(found[-2]), 0.0), max(float(found[-1]), 0.0)),
    )


def _near_knots(grade: FloatArray) -> FloatArray:
    """How near each grade is to each knot, from 0 to 1; each row adds up to 1."""
    return np.column_stack([np.interp(grade, KNOTS, knot) for knot in np.eye(len(KNOTS))])


def _at_supported(grade: FloatArray, length: FloatArray) -> FloatArray:
    """Metres by grade; steeper grades than the last count nowhere."""
    edges = np.append(SUPPORTED - 0.005, SUPPORTED[-1] + 0.005)
    metres: FloatArray = np.histogram(grade, edges, weights=length)[0]
    return metres


def _so_far(pieces: Pieces) -> tuple[FloatArray, FloatArray]:
    """Before the middle of each piece: distance in 10 km, and climb in 1,000 m."""
    rise = np.maximum(pieces.rise_m, 0.0)
    climbed = np.cumsum(rise) - rise / 2
    return (pieces.border_m[:-1] + pieces.border_m[1:]) / 2 / 10_000.0, climbed / 1000.0


def _prior() -> FloatArray:
    """What is known beforehand, as products: spread at knots, from knot to knot, of fatigue."""
    products = np.zeros((_COLUMNS, _COLUMNS))
    steps = np.diff(np.eye(len(KNOTS)), axis=0)[:, _FREE] / _STEP_SPREAD
    knots = len(KNOTS) - 1
    products[:knots, :knots] = np.eye(knots) / _SPREAD**2 + steps.T @ steps
    products[knots:, knots:] = np.eye(2) / _FATIGUE_SPREAD**2
    return products


_PRIOR: Final = _prior()
