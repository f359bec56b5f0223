"""A course in, the altitude and the climb up to given moments out."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.derived.course import Course
from ingest.rows import FloatArray

#: Altitudes are averaged over so many seconds before rises are summed: barometers flicker, GPS altitude drifts.
_SMOOTH_S: Final = 10.0
#: A rise counts once it is higher than this, as in GoldenCheetah.
_HYSTERESIS_M: Final = 3.0


def altitude_and_climb(course: Course, moments: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Altitude, and metres climbed since the start, at ``moments`` (``elapsed_s``); NaN where no altitude is known."""
    altitude, elapsed = course.sensors.get("altitude_m"), course.elapsed_s
    if altitude is None:
        unknown = np.full(len(moments), np.nan)
        return unknown, unknown
    known = ~np.isnan(altitude)
    if not known.all():
        altitude, elapsed = altitude[known], elapsed[known]
    ends, heights = _smoothed(elapsed, altitude)
    return np.interp(moments, elapsed, altitude), np.interp(moments, ends, _climbed(heights))


def _smoothed(elapsed: FloatArray, altitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Moments, and mean altitudes of blocks of time around them; at both ends what the blocks beside them lead to.

    The first altitudes are often wrong ones, so none stands for itself.
    """
    block = ((elapsed - elapsed[0]) * (1 / _SMOOTH_S)).astype(np.int64)
    starts = np.concatenate(([0], np.flatnonzero(block[1:] != block[:-1]) + 1, [len(block)]))
    means = np.add.reduceat(altitude, starts[:-1]) / (starts[1:] - starts[:-1])
    middles = (elapsed[starts[:-1]] + elapsed[starts[1:] - 1]) / 2
    if len(means) == 1:
        return middles, means
    slope = (means[1:] - means[:-1]) / (middles[1:] - middles[:-1])
    first = means[0] + slope[0] * (elapsed[0] - middles[0])
    last = means[-1] + slope[-1] * (elapsed[-1] - middles[-1])
    return (
        np.concatenate((elapsed[:1], middles, elapsed[-1:])),
        np.concatenate(([first], means, [last])),
    )


def _climbed(heights: FloatArray) -> FloatArray:
    """The sum of rises up to each height, a rise or fall counting once it exceeds the hysteresis."""
    climbed, total = [], 0.0
    low, high = heights[0] - _HYSTERESIS_M, heights[0] + _HYSTERESIS_M
    for height in heights.tolist():
        if height > high:
            total += height - (high - _HYSTERESIS_M)
        elif height >= low:
            climbed.append(total)
            continue
        low, high = height - _HYSTERESIS_M, height + _HYSTERESIS_M
        climbed.append(total)
    return np.array(climbed)
