"""Computes altitude, climb and descent of a course up to given moments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.transform.derived.course import Course
from ingest.transform.derived.moving import Told
from ingest.transform.records import FloatArray


@dataclass(frozen=True, slots=True)
class _Rule:
    """How altitudes are smoothed, and the least rise or fall that counts.

    The values are those that agree best with Strava's columns. ``block_s`` is the length of blocks
    of time to average over, ``window_s`` the width of a window that moves with the points.
    """

    threshold_m: float
    block_s: float | None = None
    window_s: float | None = None


_FINE: Final = _Rule(1.0, block_s=5.0)
_COARSE: Final = _Rule(1.0, block_s=10.0)
_XML: Final = _Rule(0.5, window_s=3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heights:
    """Altitude, and metres climbed and descended since the start, at given moments.

    They are NaN where no altitude is known.
    """

    altitude_m: FloatArray
    climb_m: FloatArray
    descent_m: FloatArray


def heights_at(course: Course, moments: FloatArray, told: Told) -> Heights:
    """Heights at ``moments`` (``elapsed_s``).

    Where a FIT file tells total climb and descent, the computed ones are scaled to these totals.
    """
    altitude, elapsed = course.sensors.get("altitude_m"), course.elapsed_s
    if altitude is None:
        unknown = np.full(len(moments), np.nan)
        return Heights(altitude_m=unknown, climb_m=unknown, descent_m=unknown)
    known = ~np.isnan(altitude)
    if not known.all():
        altitude, elapsed = altitude[known], elapsed[known]
    rule = _rule(told)
    ends, smooth = (
        _blocks(elapsed, altitude, rule.block_s)
        if rule.block_s
        else _window(elapsed, altitude, rule.window_s)
    )
    climb, descent = _summed(smooth, rule.threshold_m)
    if told.file_format == "fit":
        climb = _scaled(climb, told.figures.ascent_m)
        descent = _scaled(descent, told.figures.descent_m)
    return Heights(
        altitude_m=np.interp(moments, elapsed, altitude),
        climb_m=np.interp(moments, ends, climb),
        descent_m=np.interp(moments, ends, descent),
    )


def _rule(told: Told) -> _Rule:
    if told.file_format in ("gpx", "tcx"):
        return _XML
    if told.file_format == "fit" and (
        told.figures.ascent_m is not None or told.figures.is_barometric
    ):
        return _FINE
    return _COARSE


def _scaled(summed: FloatArray, total: float | None) -> FloatArray:
    return summed if total is None or not summed[-1] > 0 else summed * (total / summed[-1])


def _window(
    elapsed: FloatArray, altitude: FloatArray, window_s: float | None
) -> tuple[FloatArray, FloatArray]:
    """Moments, and the mean altitude of the points within half a window of each."""
    half = (window_s or 0.0) / 2
    first, last = (
        np.searchsorted(elapsed, elapsed - half),
        np.searchsorted(elapsed, elapsed + half, "right"),
    )
    sums = np.concatenate(([0.0], np.cumsum(altitude)))
    return elapsed, (sums[last] - sums[first]) / (last - first)


def _blocks(
    elapsed: FloatArray, altitude: FloatArray, block_s: float
) -> tuple[FloatArray, FloatArray]:
    """Mean altitudes of blocks of time, at the middle of each, and extrapolated to both ends.

    The ends are extrapolated since the first altitudes of a file are often wrong.
    """
    block = ((elapsed - elapsed[0]) * (1 / block_s)).astype(np.int64)
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


def _summed(heights: FloatArray, threshold_m: float) -> tuple[FloatArray, FloatArray]:
    """Total climb and total descent up to each height.

    A rise or fall counts once it exceeds the threshold.
    """
    turns = [0]
    low = high = float(heights[0])
    low, high = low - threshold_m, high + threshold_m
    for place, height in enumerate(heights.tolist()):
        if height > high or height < low:
            turns.append(place)
            low, high = height - threshold_m, height + threshold_m
    counting = heights[turns]
    changes = np.zeros(len(heights))
    changes[turns[1:]] = counting[1:] - counting[:-1]
    return np.maximum(changes, 0.0).cumsum(), np.maximum(-changes, 0.0).cumsum()
