"""Says how long an athlete takes for a flat distance, from the best efforts of recent runs.

Riegel: time grows with distance to the power of 1.06. The exponent is drawn from that value towards
the athlete's own. Each run counts with its best effort alone: efforts inside one evenly paced run
say nothing of endurance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.course.history import Run
from ingest.transform.grade import PaceFactor
from ingest.transform.records import FloatArray

#: Riegel's exponent.
RIEGEL: Final = 1.06
#: Exponents that efforts of all strength lie between: nobody is faster over the longer distance,
#: and a runner who slows by more did not run the longer one as hard as possible.
_LOWEST: Final = 1.0
_HIGHEST: Final = 1.15
#: Standard deviations of exponents among athletes, and of logs of time from one race to another.
_EXPONENT_SPREAD: Final = 0.04
_RACE_SPREAD: Final = 0.03
#: Metres of the efforts that are looked for, on flat ground. Shorter ones say little of races.
_LENGTHS: Final[FloatArray] = np.array(
    [3000.0, 5000.0, 7500.0, 10_000.0, 15_000.0, 21_097.0, 30_000.0, 42_195.0]
)
#: Seconds per kilometre that nobody runs; a faster effort is an error of the GPS.
_FASTEST_S_PER_KM: Final = 145.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """A stretch of one run, as if on flat ground."""

    flat_m: float
    time_s: float

    def time_for(self, flat_m: float, exponent: float) -> float:
        """The time for another distance, run as hard."""
        return self.time_s * math.pow(flat_m / self.flat_m, exponent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endurance:
    """Best efforts of several runs, and how the athlete slows with distance."""

    efforts: Sequence[Effort]
    exponent: float = RIEGEL

    def time_for(self, flat_m: float) -> float:
        """The time for a flat distance, by the effort that promises most.

        The further an effort has to be extended, the less it is believed: they are compared by
        cautious exponents, a spread higher for longer distances, a spread lower for shorter ones.
        """
        return min(self.efforts, key=lambda e: self._cautious(e, flat_m)).time_for(
            flat_m, self.exponent
        )

    def _cautious(self, effort: Effort, flat_m: float) -> float:
        spread = _EXPONENT_SPREAD if flat_m > effort.flat_m else -_EXPONENT_SPREAD
        return effort.time_for(flat_m, self.exponent + spread)


def best_efforts(runs: Iterable[Run], factor: PaceFactor) -> Sequence[Effort]:
    """The best effort of each run: that which promises most by Riegel's exponent."""
    return [effort for run in runs if (effort := _best_effort(run, factor))]


def _best_effort(run: Run, factor: PaceFactor) -> Effort | None:
    flat = run.pieces.flat_m(factor)
    lengths = np.append(_LENGTHS[: np.searchsorted(_LENGTHS, flat[-1])], flat[-1])
    times = np.array([_fastest(flat, run.elapsed_s, length) for length in lengths])
    times[times < lengths / 1000 * _FASTEST_S_PER_KM] = np.inf
    at = int(np.argmin(times / lengths**RIEGEL))
    if not np.isfinite(times[at]):
        return None
    return Effort(flat_m=float(lengths[at]), time_s=float(times[at]))


def _fastest(flat: FloatArray, elapsed: FloatArray, length: float) -> float:
    """The least time over a flat distance that begins at a border of pieces."""
    begins = flat[flat <= flat[-1] - length]
    ends = np.interp(begins + length, flat, elapsed)
    return float(np.min(ends - elapsed[: len(begins)]))


def endurance_of(efforts: Sequence[Effort]) -> Endurance:
    """The endurance that efforts show."""
    strong = _all_out(efforts)
    along = np.log([effort.flat_m for effort in strong])
    slower = np.log([effort.time_s for effort in strong]) - RIEGEL * along
    along = along - along.mean()
    believed = (_RACE_SPREAD / _EXPONENT_SPREAD) ** 2
    own = float(along @ slower / (along @ along + believed))
    exponent = float(np.clip(RIEGEL + own, _LOWEST, _HIGHEST))
    return Endurance(efforts=efforts, exponent=exponent)


def _all_out(efforts: Sequence[Effort]) -> Sequence[Effort]:
    """Efforts that no other one shows to have been less than all the athlete could do."""
    return [e for e in efforts if not any(_beats(other, e) for other in efforts)]


def _beats(other: Effort, effort: Effort) -> bool:
    exponent = _HIGHEST if effort.flat_m > other.flat_m else _LOWEST
    return other.time_for(effort.flat_m, exponent) < effort.time_s
