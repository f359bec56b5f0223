"""The course of a run in, its best efforts over Strava's distances out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import numpy as np

from ingest.derived.course import RUNS, Course
from ingest.effort_rows import BestEffortRow
from ingest.rows import FloatArray

#: Strava's names and whole metres of ``best_efforts``.
DISTANCES: Final = (
    ("400m", 400),
    ("1/2 mile", 805),
    ("1K", 1000),
    ("1 mile", 1609),
    ("2 mile", 3219),
    ("5K", 5000),
    ("10K", 10_000),
    ("15K", 15_000),
    ("10 mile", 16_090),
    ("20K", 20_000),
    ("Half-Marathon", 21_097),
    ("30K", 30_000),
    ("Marathon", 42_195),
    ("50K", 50_000),
)
#: Faster than anyone has run: a jump of the GPS.
_FASTEST_MPS: Final = 12.5
#: No run is longer; what says so gets no efforts.
_LONGEST_M: Final = 1_000_000.0


def best_efforts(course: Course, sport_type: str | None, start: datetime | None) -> tuple[BestEffortRow, ...]:
    """The least elapsed time over each distance that the run is as long as, rests included; none for other sports.

    Efforts begin at whole metres of the course: the time differs from the best over all beginnings by at most a tenth of a second or so.
    ``start`` is the moment that ``elapsed_s`` counts from.
    """
    distance = course.distance_m
    if sport_type not in RUNS or distance is None or not DISTANCES[0][1] <= distance[-1] + 1e-6 <= _LONGEST_M:
        return ()
    leave, reach = _times(distance, course.elapsed_s)
    found = [(name, length, _fastest(leave, reach, length)) for name, length in DISTANCES if length < len(leave)]
    kept = [(name, length, at) for name, length, at in found if at is not None]
    begins = np.array([leave[at] for _, _, at in kept])
    ends = np.array([reach[at + length] for _, length, at in kept])
    return _rows(course, [(name, length) for name, length, _ in kept], begins, ends, start)


def _times(distance: FloatArray, elapsed: FloatArray) -> tuple[FloatArray, FloatArray]:
    """When each whole metre was left, and when it was reached: the same but for a rest on it."""
    metres = np.arange(int(distance[-1] + 1e-6) + 1.0)
    leave = np.interp(metres, distance, elapsed)
    leave[0] = elapsed[np.searchsorted(distance, 0.0, "right") - 1]  # numbers next to 0 are too close to interpolate
    rests = np.flatnonzero(distance[1:] == distance[:-1])
    places = distance[rests]
    on_metre = places == np.floor(places)
    if not on_metre.any():
        return leave, leave
    reach = leave.copy()
    places, first = np.unique(places[on_metre], return_index=True)
    reach[places.astype(np.intp)] = elapsed[rests[on_metre][first]]
    return leave, reach


def _fastest(leave: FloatArray, reach: FloatArray, length: int) -> int | None:
    """The metre where the fastest stretch begins."""
    lasting = reach[length:] - leave[:-length]
    at = int(lasting.argmin())
    least = length / _FASTEST_MPS
    if lasting[at] >= least:
        return at
    lasting[lasting < least] = np.inf
    at = int(lasting.argmin())
    return at if np.isfinite(lasting[at]) else None


def _rows(
    course: Course, what: list[tuple[str, int]], begins: FloatArray, ends: FloatArray, start: datetime | None
) -> tuple[BestEffortRow, ...]:
    elapsed, moving = course.elapsed_s, course.moving_s
    assert moving is not None
    first = np.searchsorted(elapsed, begins, "right") - 1
    last = np.searchsorted(elapsed, ends)
    rested = np.interp(ends, elapsed, moving) - np.interp(begins, elapsed, moving)
    if course.index is not None:
        first, last = course.index[first], course.index[last]
    columns = (begins, np.round(ends - begins, 3), np.round(rested, 3), first, last)
    return tuple(
        BestEffortRow(
            name=name,
            distance_m=float(length),
            elapsed_time_s=lasting,
            moving_time_s=moved,
            start_time_utc=_later(start, begin),
            start_index=i,
            end_index=j,
        )
        for (name, length), begin, lasting, moved, i, j in zip(what, *(c.tolist() for c in columns), strict=True)
    )


def _later(start: datetime | None, seconds: float) -> datetime | None:
    """In whole seconds, which is how the database keeps times."""
    try:
        return start and start + timedelta(seconds=int(seconds))
    except OverflowError:  # a clock beyond the year 9999
        return None
