"""A course in, the altitude and the climb up to given moments out."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.derived.course import Course
from ingest.rows import FloatArray

#: Altitudes are averaged over about so many seconds before rises are summed: barometers flicker, GPS altitude drifts.
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
    """Means of blocks of points, and the time in the middle of each; the first and the last point stand for themselves."""
    span = float(elapsed[-1] - elapsed[0])
    size = max(1, min(len(altitude), int(_SMOOTH_S * len(altitude) / span))) if span > 1 else len(altitude)
    if size == 1:
        return elapsed, altitude
    starts = np.arange(0, len(altitude), size)
    counts = np.full(len(starts), size)
    counts[-1] = len(altitude) - starts[-1]
    middles, means = elapsed[starts + counts // 2], np.add.reduceat(altitude, starts) / counts
    return (
        np.concatenate((elapsed[:1], middles, elapsed[-1:])),
        np.concatenate((altitude[:1], means, altitude[-1:])),
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
