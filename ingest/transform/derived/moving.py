"""Computes moving time as Strava shows it.

It uses times and distances of the activity, and what the source says of pauses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.transform.records import NO_FIGURES, BoolArray, DeviceFigures, FloatArray

#: Sports that have best efforts, and whose moving time follows Strava's rules for runs.
RUNS: Final = frozenset({"Run", "TrailRun", "VirtualRun"})
#: Speeds (m/s) below which the athlete rests. In runs 30 minutes per mile, as Strava has it; in
#: other sports what agrees best with Strava's columns.
_RUN_REST_MPS: Final = 1609.344 / 1800
_REST_MPS: Final = 0.3
#: Seconds that a slow stretch must exceed to be a rest: in runs; in other sports, and for averages
#: of sensors.
_RUN_REST_S: Final = 3.0
_REST_S: Final = 15.0
#: Seconds by which the timer must fall short of the elapsed time to have stopped at all.
_TIMER_S: Final = 1.5
#: Seconds above which a slow step between two points of streams is a pause.
_STEP_S: Final = 1.5
#: Seconds of a pause from which on pauses alone decide what is rest in streams of runs.
_PAUSE_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the source says beside the points: its format, and the device's figures.

    The format is fit, gpx, tcx or streams, and empty where it is not known.
    """

    file_format: str = ""
    figures: DeviceFigures = NO_FIGURES


NOTHING_TOLD: Final = Told()


def sums_from_zero(step: FloatArray) -> FloatArray:
    """The running total of steps, beginning with 0."""
    sums = np.zeros(len(step) + 1)
    np.cumsum(step, out=sums[1:])
    return sums


def moving_time(
    elapsed: FloatArray, distance: FloatArray, rests: Rests, sport_type: str | None, told: Told
) -> FloatArray:
    """Moving time up to each point, as Strava shows it.

    If there is a ``moving`` stream, it decides. Otherwise: runs follow the device's timer if that
    stopped; streams of runs follow the pauses between their points if there are long ones; other
    runs follow Strava's threshold of speed; other sports take ``active_s``.
    """
    if told.figures.has_moving_stream:
        return sums_from_zero(np.diff(elapsed) - _paused(elapsed, told.figures))
    if sport_type not in RUNS:
        return rests.active_s
    timer = told.figures.timer_time_s
    if timer is not None and 0 < timer < elapsed[-1] - elapsed[0] - _TIMER_S:
        return _by_timer(elapsed, distance, rests, told.figures, timer)
    if told.file_format == "streams":
        step = np.diff(elapsed)
        pause = _slow_steps(step, distance)
        if (step[pause] > _PAUSE_S).any():
            return sums_from_zero(np.where(pause, 0.0, step))
    return rests.left_out(_RUN_REST_S)


def _by_timer(
    elapsed: FloatArray, distance: FloatArray, rests: Rests, figures: DeviceFigures, timer: float
) -> FloatArray:
    """Time without pauses, scaled so that all pauses together last as long as the timer stood."""
    step = np.diff(elapsed)
    stood = elapsed[-1] - elapsed[0] - timer
    paused = _paused(elapsed, figures)
    # If the file names few pauses or none, look for them where points are missing or stand still.
    if paused.sum() < stood / 2:
        paused = np.where(_slow_steps(step, distance), step, 0.0)
    if paused.sum() < stood / 2:
        paused = step - np.diff(rests.left_out(_RUN_REST_S))
    if paused.sum() < stood / 2:
        paused = step
    return sums_from_zero(step - np.minimum(paused * (stood / paused.sum()), step))


def _paused(elapsed: FloatArray, figures: DeviceFigures) -> FloatArray:
    """Seconds of each step that lie in pauses, ``n - 1`` values."""
    if not figures.pauses:
        return np.zeros(len(elapsed) - 1)
    knots = np.array(figures.pauses, np.float64)
    # Pauses that overlap count once.
    knots = np.maximum.accumulate(knots[np.argsort(knots[:, 0], kind="stable")].ravel())
    lasting = sums_from_zero(np.diff(knots) * (np.arange(len(knots) - 1) % 2 == 0))
    return np.diff(np.interp(elapsed, knots, lasting))


def _slow_steps(step: FloatArray, distance: FloatArray) -> BoolArray:
    return np.asarray((step > _STEP_S) & (np.diff(distance) < _RUN_REST_MPS * step))


class Rests:
    """The stretches of a course that are slow enough to be a rest in its sport."""

    def __init__(self, elapsed: FloatArray, distance: FloatArray, sport_type: str | None) -> None:
        self._elapsed = elapsed
        self._step = elapsed[1:] - elapsed[:-1]
        threshold = _RUN_REST_MPS if sport_type in RUNS else _REST_MPS
        slow = distance[1:] - distance[:-1] <= threshold * self._step
        turns = np.flatnonzero(slow[1:] != slow[:-1]) + 1
        self._bounds = np.concatenate(([0], turns, [len(slow)]))
        lasting = elapsed[self._bounds[1:]] - elapsed[self._bounds[:-1]]
        #: How long each stretch lasts; 0 for one that is no rest.
        self._lasting = np.where(slow[self._bounds[:-1]], lasting, 0.0) if len(slow) else lasting
        #: Time up to each point without rests of more than 15 seconds; in all sports, sensors are
        #: averaged over it.
        self.active_s = self.left_out(_REST_S)

    def left_out(self, longest: float) -> FloatArray:
        """Time up to each point without the rests that last longer than ``longest`` seconds."""
        rest = self._lasting > longest
        if not rest.any():
            return np.asarray(self._elapsed - self._elapsed[0], np.float64)
        return sums_from_zero(np.where(np.repeat(rest, np.diff(self._bounds)), 0.0, self._step))
