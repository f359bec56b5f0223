"""Says how long an athlete takes for a flat distance, from races and the best efforts in training.

Riegel: time grows with distance to the power of 1.06. The athlete's level, and how far the athlete
is from that exponent, come from one regression. It is drawn to what is usual, as strongly as
athletes differ, so that few races change little.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.course.model.history import FASTEST_S_PER_KM, Run
from ingest.transform.grade import PaceFactor
from ingest.transform.records import FloatArray

#: Riegel's exponent.
RIEGEL: Final = 1.06
#: Metres of the race that the level is about.
_MIDDLE_M: Final = 10_000.0
#: Exponents between any two efforts of full strength: nobody is faster over the longer distance,
#: and a runner who slows by more did not run the longer one as hard as possible.
_LOWEST: Final = 1.0
_HIGHEST: Final = 1.15
#: Metres of the efforts that are looked for, on flat ground. Shorter ones say little of races.
_LENGTHS: Final[FloatArray] = np.array(
    [3000.0, 5000.0, 7500.0, 10_000.0, 15_000.0, 21_097.0, 30_000.0, 42_195.0]
)
#: What is usual, in logs of time, and how much athletes differ: the level, of which nothing is
#: known beforehand; the exponent above Riegel's; what is held back in training; and what trails
#: cost beside their grades.
_USUAL: Final[FloatArray] = np.array([0.0, 0.0, 0.03, 0.0])
_SPREAD: Final[FloatArray] = np.array([np.inf, 0.04, 0.05, 0.08])
#: How much one race differs from the next, an effort in training from the best possible one, and
#: how far form wanders within a year.
_RACE_SPREAD: Final = 0.03
_TRAINING_SPREAD: Final = 0.05
_YEAR_SPREAD: Final = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """A stretch of one run, as if on flat ground."""

    run: Run
    flat_m: float
    time_s: float
    #: Whether it is a whole race, else the best effort of a run in training.
    is_race: bool = False

    def time_for(self, flat_m: float, exponent: float = RIEGEL) -> float:
        """The time for another distance, run as hard."""
        return self.time_s * math.pow(flat_m / self.flat_m, exponent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endurance:
    """How an athlete's time grows with distance."""

    #: Seconds of a race over 10 km on flat ground.
    middle_s: float
    exponent: float
    #: What trails cost beside their grades, in logs of time.
    trail: float

    def time_for(self, flat_m: float, sport: str = "Run") -> float:
        """Seconds of a race over a flat distance."""
        time = self.middle_s * math.pow(flat_m / _MIDDLE_M, self.exponent)
        return time * math.exp(self.trail) if sport == "TrailRun" else time


def best_windows(runs: Iterable[Run], factor: PaceFactor) -> Sequence[Effort]:
    """The best effort of each run: that which promises most by Riegel's exponent.

    Each run counts once, since efforts inside one evenly paced run say nothing of endurance.
    """
    return [effort for run in runs if (effort := _best_effort(run, factor))]


def _best_effort(run: Run, factor: PaceFactor) -> Effort | None:
    flat = run.pieces.flat_m(factor)
    lengths = np.append(_LENGTHS[: np.searchsorted(_LENGTHS, flat[-1])], flat[-1])
    times = np.array([_fastest(flat, run.elapsed_s, length) for length in lengths])
    times[times < lengths / 1000 * FASTEST_S_PER_KM] = np.inf
    at = int(np.argmin(times / lengths**RIEGEL))
    if not np.isfinite(times[at]):
        return None
    return Effort(run=run, flat_m=float(lengths[at]), time_s=float(times[at]))


def _fastest(flat: FloatArray, elapsed: FloatArray, length: float) -> float:
    """The least time over a flat distance that begins at a border of pieces."""
    begins = flat[flat <= flat[-1] - length]
    ends = np.interp(begins + length, flat, elapsed)
    return float(np.min(ends - elapsed[: len(begins)]))


def whole_races(races: Iterable[Run], factor: PaceFactor) -> Sequence[Effort]:
    """Each race as an effort."""
    return [
        Effort(
            run=race,
            flat_m=float(race.pieces.flat_m(factor)[-1]),
            time_s=race.time_s,
            is_race=True,
        )
        for race in races
    ]


def all_out(efforts: Sequence[Effort]) -> Sequence[Effort]:
    """Efforts that no other one shows to have been less than the athlete could do."""
    return [e for e in efforts if not any(_beats(other, e) for other in efforts)]


def _beats(other: Effort, effort: Effort) -> bool:
    exponent = _HIGHEST if effort.flat_m > other.flat_m else _LOWEST
    return other.time_for(effort.flat_m, exponent) < effort.time_s


def endurance_of(efforts: Sequence[Effort]) -> Endurance:
    """The endurance that efforts show as of the day of the last one; there must be one at least."""
    last = max(effort.run.day for effort in efforts)
    longer = np.log([effort.flat_m / _MIDDLE_M for effort in efforts])
    slower = np.log([effort.time_s for effort in efforts]) - RIEGEL * longer
    training = np.array([not effort.is_race for effort in efforts])
    trail = np.array([effort.run.sport_type == "TrailRun" for effort in efforts])
    years = np.array([(last - effort.run.day).days / 365.25 for effort in efforts])
    weight = 1.0 / (
        np.where(training, _TRAINING_SPREAD, _RACE_SPREAD) ** 2 + _YEAR_SPREAD**2 * years
    )
    columns = np.column_stack((np.ones(len(efforts)), longer, training, trail))
    believed = _SPREAD**-2
    products = (columns.T * weight) @ columns + np.diag(believed)
    moments = (columns.T * weight) @ slower + believed * _USUAL
    level, steeper, _, on_trails = np.linalg.solve(products, moments).tolist()
    return Endurance(middle_s=math.exp(level), exponent=RIEGEL + steeper, trail=on_trails)
