"""Holds what a device would have recorded: the columns of one synthetic activity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.demo.kinds import MAX_HR, REST_HR
from ingest.transform.records import FloatArray, IntArray

#: Seconds until half of a change of effort shows in the heart rate, roughly.
_LAG_S: Final = 35


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """One length of a pool, or a rest at the wall."""

    start_s: int
    duration_s: int
    strokes: int
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoTrack:
    """Columns of equal length, rounded as devices store them; ``None`` where the device has no such
    sensor.
    """

    elapsed_s: IntArray
    distance_m: FloatArray
    speed_mps: FloatArray
    heartrate_bpm: FloatArray
    cadence_rpm: FloatArray
    latitude: FloatArray | None = None
    longitude: FloatArray | None = None
    altitude_m: FloatArray | None = None
    grade: FloatArray | None = None
    power_w: FloatArray | None = None
    temperature_c: FloatArray | None = None
    #: Points after which the clock was stopped until the next point.
    pauses: tuple[int, ...] = ()
    #: The last point of each lap.
    lap_ends: tuple[int, ...]
    lengths: tuple[Length, ...] = ()
    pool_length_m: float | None = None

    @property
    def count(self) -> int:
        """How many points there are."""
        return len(self.elapsed_s)


def smooth_noise(rng: np.random.Generator, count: int, every: int) -> FloatArray:
    """Noise of unit size that changes over about ``every`` points."""
    knots = rng.normal(0, 1, count // every + 3)
    return np.interp(np.arange(count) / every, np.arange(len(knots)), knots)


def heart_rate(effort: FloatArray, interval_s: int, rng: np.random.Generator) -> FloatArray:
    """Heart rate that follows an effort (share of the reserve) late, and slowly drifts up."""
    kernel = np.exp(-np.arange(0, 5 * _LAG_S, interval_s) / _LAG_S)
    before = np.full(len(kernel), 0.25)  # the effort of the warm-up
    late = np.convolve(np.concatenate((before, effort)), kernel / kernel.sum())[
        len(before) : len(before) + len(effort)
    ]
    hours = np.arange(len(effort)) * interval_s / 3600
    beats = (
        REST_HR
        + (MAX_HR - REST_HR) * late * (1 + 0.045 * hours)
        + 1.3 * smooth_noise(rng, len(effort), 20)
    )
    return np.clip(np.rint(beats), REST_HR, MAX_HR - 1)


def lap_ends(distance_m: FloatArray, lap_m: float) -> tuple[int, ...]:
    """The last point of each automatic lap."""
    marks = np.arange(lap_m, float(distance_m[-1]), lap_m)
    ends = np.searchsorted(distance_m, marks).tolist()
    last = len(distance_m) - 1
    # A rest of a few metres at the end belongs to the lap before.
    return (*(end for end in ends if end < last - 5), last)


def warmth(start_c: float, count: int, rng: np.random.Generator) -> FloatArray:
    """Temperatures of a thermometer on the wrist, which is warmer than the air."""
    return np.rint(start_c + 4 + 2 * np.linspace(0, 1, count) + 0.4 * smooth_noise(rng, count, 300))
