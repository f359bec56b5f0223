"""Cleans track points into a course, from which all figures are computed.

The time of a course never runs back and its distance never falls; it knows where it stood still.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.transform.derived.moving import NOTHING_TOLD, Rests, Told, moving_time, sums_from_zero
from ingest.transform.derived.swim import agree, swim
from ingest.transform.path import path_length
from ingest.transform.records import FloatArray, IndexArray
from ingest.transform.speeds import fastest_mps

#: Seconds of the longest gap over which a value holds until the next known one. Over a longer gap
#: it holds for one second and is then unknown. "Smart" recording mostly leaves out up to ten
#: seconds ...
_HOLD_S: Final = 10.0
#: ... but more on an even course: seconds of the longest gap if the athlete moved throughout it.
_MOVING_HOLD_S: Final = 60.0
#: Metres below which a distance must fall, and below half of its value, to count as begun anew by
#: the device. Any other fall is an error of the device.
_ANEW_M: Final = 50.0
#: Seconds by which times may be rounded; nothing is averaged over less.
_INSTANT_S: Final = 1e-3
#: Largest time (s) and distance (m): 30 years, or 2.6 times to the moon. More is no measurement.
_BEYOND: Final = 1e9
#: Lowest and highest value that a sensor can give; a heart rate of 0 means a lost strap.
_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "heartrate_bpm": (1.0, 300.0),
    "cadence_rpm": (0.0, 1000.0),
    "power_w": (0.0, 10_000.0),
    "altitude_m": (-15_000.0, 100_000.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The ``n`` points of known time; all arrays but ``step_s`` have length ``n``.

    ``distance_m``, ``moving_s`` and ``active_s`` count from 0 at the first point; they are ``None``
    without any distance. ``moving_s`` is moving time as Strava shows it. ``active_s`` is the time
    without long rests, over which sensors are averaged.
    """

    #: The columns of ``_RANGES`` that have values; NaN for values that no sensor can give.
    sensors: Mapping[str, FloatArray]
    #: Which of the file's points these are; ``None`` means all.
    index: IndexArray | None
    elapsed_s: FloatArray
    #: Seconds from each point to the next, ``n - 1`` values.
    step_s: FloatArray
    distance_m: FloatArray | None
    moving_s: FloatArray | None
    active_s: FloatArray | None
    #: Seconds for which the value of each point holds, for a sensor that every point knows.
    held_s: FloatArray

    def held(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """A sensor's value at each point, and for how many seconds it holds.

        A value holds until the next point with one. Points without a value take that of the point
        before them, while it holds; else they are NaN and hold for no time. The last known value,
        and one before a gap, holds for one second.
        """
        unknown = np.isnan(values)
        if not unknown.any():
            return values, self.held_s
        known = np.flatnonzero(~unknown)
        if not len(known):
            return values, np.zeros(len(values))
        moved = None if self.active_s is None else self.active_s[known]
        return self._between(values, known, _held(np.diff(self.elapsed_s[known]), moved))

    def _between(
        self, values: FloatArray, known: IndexArray, held: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Spread the values of the known points over the points without a value."""
        of = np.searchsorted(known, np.arange(len(values)), "right") - 1
        since = self.elapsed_s - self.elapsed_s[known[of]]
        left = np.where(of < 0, 0.0, held[of] - since).clip(0.0)
        time = np.minimum(left, np.append(self.step_s, np.inf))
        return np.where(left > 0, values[known[of]], np.nan), time


def course_of(
    points: Mapping[str, FloatArray],
    sport_type: str | None,
    told: Told = NOTHING_TOLD,
    swum: FloatArray | None = None,
) -> Course | None:
    """The course of an activity; ``None`` without a point of known time.

    ``sport_type`` is the API's word, ``told`` what the source says beside the points. ``swum`` is
    begin and end of each pool length, ``(n, 2)``, where they are known.
    """
    elapsed = points.get("elapsed_s")
    if elapsed is None or not len(elapsed):
        return None
    index: IndexArray | None = None
    step = elapsed[1:] - elapsed[:-1]
    if not _in_order(elapsed, step):
        index = np.flatnonzero(np.abs(elapsed) < _BEYOND)
        if not len(index):
            return None
        # Where a clock was set back, the time of the step is unknown: count 0, keep the points.
        step = np.maximum(np.diff(elapsed[index]), 0.0)
        elapsed = elapsed[index[0]] + sums_from_zero(step)
    distance = _distance(points, index, elapsed, sport_type)
    moving = active = None
    if distance is not None and sport_type == "Swim":
        if swum is not None and agree(swum, elapsed, distance):
            distance, moving = swim(swum, elapsed, distance)
        else:
            distance = _between_walls(distance, elapsed)
    if distance is not None:
        rests = Rests(elapsed, distance, sport_type)
        active = rests.active_s
        if moving is None:
            moving = moving_time(elapsed, distance, rests, sport_type, told)
    return Course(
        sensors=_sensors(points, index),
        index=index,
        elapsed_s=elapsed,
        step_s=step,
        distance_m=distance,
        moving_s=moving,
        active_s=active,
        held_s=_held(step, active),
    )


def _held(step: FloatArray, active: FloatArray | None) -> FloatArray:
    """For how many seconds values hold.

    ``step`` is the time from each value to the next, ``active`` the active time up to each of them.
    """
    stands = step <= _HOLD_S
    if active is not None and not stands.all():
        stands |= (step <= _MOVING_HOLD_S) & (active[1:] - active[:-1] >= step - _INSTANT_S)
    held = np.ones(len(step) + 1)
    np.copyto(held[:-1], step, where=stands)
    return held


def _sensors(points: Mapping[str, FloatArray], index: IndexArray | None) -> dict[str, FloatArray]:
    found = {}
    for name, (low, high) in _RANGES.items():
        values = points.get(name)
        if values is None:
            continue
        values = values if index is None else values[index]
        if not (low <= values.min() and values.max() <= high):
            good = (values >= low) & (values <= high)
            if not good.any():
                continue
            values = np.where(good, values, np.nan)
        found[name] = values
    return found


def _in_order(elapsed: FloatArray, step: FloatArray) -> bool:
    return bool(
        elapsed[0] > -_BEYOND and elapsed[-1] < _BEYOND and (not len(step) or step.min() >= 0)
    )


def _distance(
    points: Mapping[str, FloatArray],
    index: IndexArray | None,
    elapsed: FloatArray,
    sport_type: str | None,
) -> FloatArray | None:
    """The device's distance, else the length of the path without jumps.

    Gaps are filled evenly in time.
    """
    distance = points.get("distance_m")
    if distance is not None:
        distance = _filled(distance if index is None else distance[index], elapsed)
    if distance is None and "latitude" in points and "longitude" in points:
        latitude, longitude = points["latitude"], points["longitude"]
        if index is not None:
            latitude, longitude = latitude[index], longitude[index]
        distance = _filled(
            path_length(latitude, longitude, elapsed, fastest_mps(sport_type)), elapsed
        )
    return None if distance is None else _rising(distance)


def _filled(distance: FloatArray, elapsed: FloatArray) -> FloatArray | None:
    known = np.abs(distance) < _BEYOND
    if known.all():
        return distance
    if np.count_nonzero(known) < 2:
        return None
    filled: FloatArray = np.interp(elapsed, elapsed[known], distance[known])
    return filled


def _rising(distance: FloatArray) -> FloatArray:
    """The distance counted from 0 and never falling, without single wrong values.

    After a fall to nearly 0 the device began to count anew. A smaller fall is a correction by the
    device: the distance stands still until it is reached again.
    """
    step = distance[1:] - distance[:-1]
    if not len(step) or step.min() >= 0:
        return np.asarray(distance - distance[0], np.float64)
    falls = np.flatnonzero(step < 0)
    for beside in (1, -1):  # first a value too low and back up, then one too high and back down
        falls = falls[(falls + beside >= 0) & (falls + beside < len(step))]
        back = step[falls + beside] >= -step[falls]
        step[falls[back] + beside] += step[falls[back]]
        step[falls[back]] = 0.0
        falls = falls[~back]
    before, after = distance[:-1], distance[1:]
    step[(step < 0) & (after < _ANEW_M) & (after < before / 2)] = 0.0
    return np.maximum.accumulate(np.maximum(sums_from_zero(step), 0.0))


def _between_walls(distance: FloatArray, elapsed: FloatArray) -> FloatArray:
    """Spread the metres of a pool swim, which devices add at the wall, evenly over each length."""
    walls = np.flatnonzero(distance[1:] > distance[:-1]) + 1
    at = np.concatenate(([0], walls))
    spread: FloatArray = np.interp(elapsed, elapsed[at], distance[at])
    return spread
