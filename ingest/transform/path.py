"""Measures the distance along positions, leaving out jumps of the GPS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ingest.transform.positions import placed, steps_m
from ingest.transform.records import BoolArray, FloatArray, IndexArray
from ingest.transform.speeds import fastest_mps

#: Metres by which positions are wrong although the receiver works well.
_SLACK_M: Final = 20.0
#: Metres below which a position counts as not having moved.
_STANDING_M: Final = 10.0
#: Seconds below which a whole file tells nothing about speed, so that no jump can be found in it.
_NO_TIME_S: Final = 1.0
#: Number of points after which a position that jumped away counts as the new place, not as an
#: error.
_AWAY: Final = 60
#: Number of jumps above which they just add no distance: looking for the way round each of them
#: would take too long.
_MANY_JUMPS: Final = 2_000


def path_length(
    latitude: FloatArray, longitude: FloatArray, elapsed_s: FloatArray, fastest: float = np.inf
) -> FloatArray:
    """Metres up to each position; NaN where there is none, or where it had jumped away.

    A position that cannot be reached at ``fastest`` metres per second is skipped if the track comes
    back after a few points. If it does not come back, the jump adds no distance.
    """
    known = np.flatnonzero(placed(latitude, longitude))
    if len(known) == len(latitude):
        return _sums(_Path(latitude, longitude, elapsed_s, fastest))
    length = np.full(len(latitude), np.nan)
    length[known] = _sums(_Path(latitude[known], longitude[known], elapsed_s[known], fastest))
    return length


def _sums(path: _Path) -> FloatArray:
    """Metres up to each point of a path of known positions; NaN where a point had jumped away."""
    if not len(path.latitude):
        return np.zeros(0)
    steps = steps_m(path.latitude, path.longitude)
    jumping = _jumping(steps, path)
    away = _without(jumping, steps, path) if len(jumping) else None
    sums = np.zeros(len(steps) + 1)
    np.cumsum(steps, out=sums[1:])
    if away is not None:
        sums[away] = np.nan
    return sums


def track_length(points: Mapping[str, FloatArray], sport: str | None) -> FloatArray | None:
    """Metres up to each point of a ``Recording``, measured along its positions.

    Points without a position get theirs from their neighbours. ``None`` without positions.
    """
    latitude, longitude = points.get("latitude"), points.get("longitude")
    if latitude is None or longitude is None:
        return None
    elapsed = points["elapsed_s"]
    return filled(path_length(latitude, longitude, elapsed, fastest_mps(sport)), elapsed)


def jumps(distance: FloatArray, elapsed_s: FloatArray, fastest: float) -> bool:
    """Whether a distance grows anywhere faster than ``fastest`` allows."""
    grown, seconds = distance[1:] - distance[:-1], elapsed_s[1:] - elapsed_s[:-1]
    return bool((grown > fastest * np.maximum(seconds, 0.0) + _SLACK_M).any())


def filled(length: FloatArray, elapsed_s: FloatArray) -> FloatArray | None:
    """Lengths with gaps filled evenly in time, flat at both ends; ``None`` without any value."""
    known = ~np.isnan(length)
    if known.all():
        return length if len(length) else None
    if not known.any():
        return None
    return np.interp(elapsed_s, elapsed_s[known], length[known])


def _jumping(steps: FloatArray, path: _Path) -> IndexArray:
    """The points after which the next position cannot be reached in the time."""
    seconds = path.elapsed_s[1:] - path.elapsed_s[:-1]
    found = np.flatnonzero(steps > path.reach_m(seconds))
    if len(found) and path.elapsed_s.max() - path.elapsed_s.min() < _NO_TIME_S:
        return found[:0]
    if seconds[found].all():
        return found
    spread = path.with_spread_times().elapsed_s
    return np.flatnonzero(steps > path.reach_m(np.maximum(seconds, spread[1:] - spread[:-1])))


@dataclass(frozen=True, slots=True)
class _Path:
    """Known positions, their times, and the highest possible speed between them."""

    latitude: FloatArray
    longitude: FloatArray
    elapsed_s: FloatArray
    fastest: float

    def reach_m(self, seconds: FloatArray) -> FloatArray:
        """Metres that can be covered in these times."""
        return np.asarray(self.fastest * np.maximum(seconds, 0.0) + _SLACK_M)

    def distances_m(self, point: int, others: slice) -> FloatArray:
        """Metres from one point to each of the others."""
        latitude, longitude = self.latitude[others], self.longitude[others]
        ends = np.empty((2, 2 * len(latitude)))
        ends[0, ::2], ends[1, ::2] = self.latitude[point], self.longitude[point]
        ends[0, 1::2], ends[1, 1::2] = latitude, longitude
        return steps_m(ends[0], ends[1])[::2]

    def stood_since(self, point: int) -> float:
        """When the position became what it is at ``point``.

        A receiver without a fix repeats its last position, or nearly so.
        """
        first = max(0, point - _AWAY)
        moved = np.flatnonzero(self.distances_m(point, slice(first, point)) > _STANDING_M)
        return float(self.elapsed_s[first + moved[-1] + 1 if len(moved) else first])

    def with_spread_times(self) -> _Path:
        """The path with the times of points that share one spread up to the next time.

        Some clocks tell minutes only, and some files have two points in a second.
        """
        firsts = np.flatnonzero(np.diff(self.elapsed_s, prepend=-np.inf) != 0)
        times = self.elapsed_s[firsts]
        last = times[-1] + (times[-1] - times[-2])
        spread = np.interp(
            np.arange(len(self.elapsed_s)), [*firsts, len(self.elapsed_s)], [*times, last]
        )
        return replace(self, elapsed_s=spread)


def _without(jumps: IndexArray, steps: FloatArray, path: _Path) -> BoolArray:
    """Replace the steps of jumps in place; returns which points had jumped away."""
    away = np.zeros(len(steps) + 1, np.bool_)
    if len(jumps) > _MANY_JUMPS:
        steps[jumps] = 0.0
        return away
    at = 0  # the first point whose step has not been judged
    for jump in jumps.tolist():
        if jump < at:
            continue
        at, step = _next_good(jump, float(steps[jump]), path)
        steps[jump:at], away[jump + 1 : at] = 0.0, True
        steps[at - 1] = step
    return away


def _next_good(jump: int, step: float, path: _Path) -> tuple[int, float]:
    """The next good point after the jump behind ``jump``, and the metres to it."""
    after = slice(jump + 1, jump + 2 + _AWAY)
    distances = path.distances_m(jump, after)
    within = distances <= path.reach_m(path.elapsed_s[after] - path.stood_since(jump))
    back = np.flatnonzero(within & (distances <= step / 2))
    if len(back):
        return jump + 1 + int(back[0]), float(distances[back[0]])
    return jump + 1, step if within[0] else 0.0
