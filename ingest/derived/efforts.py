"""The course of a run in, its best efforts over Strava's distances out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.derived.course import RUNS, Course
from ingest.effort_rows import BestEffortRow
from ingest.rows import FloatArray

#: Strava's names and whole metres of ``best_efforts``, and seconds that nobody has run them in (a little under the world records):
#: a run that has a faster stretch was measured wrong.
DISTANCES: Final = (
    ("400m", 400, 42),
    ("1/2 mile", 805, 99),
    ("1K", 1000, 130),
    ("1 mile", 1609, 221),
    ("2 mile", 3219, 468),
    ("5K", 5000, 750),
    ("10K", 10_000, 1560),
    ("15K", 15_000, 2360),
    ("10 mile", 16_090, 2540),
    ("20K", 20_000, 3180),
    ("Half-Marathon", 21_097, 3360),
    ("30K", 30_000, 5100),
    ("Marathon", 42_195, 7150),
    ("50K", 50_000, 9300),
)
#: Faster than anyone has run: the distance of a step beyond this is owed to a jump of the GPS.
_FASTEST_MPS: Final = 12.5
#: An effort may owe so much of its length to jumps.
_OWED: Final = 0.01
#: A distance that stood (was slower than the first number) and caught up at the speed of a run was not there, but on its way.
_STANDING_MPS: Final = 0.5
_CAUGHT_UP_MPS: Final = 7.0
#: Efforts may begin and end at rests of so many seconds.
_REST_S: Final = 1.0
#: No run is longer; what says so gets no efforts.
_LONGEST_M: Final = 1_000_000.0


def best_efforts(course: Course, sport_type: str | None, start: datetime | None) -> tuple[BestEffortRow, ...]:
    """The least elapsed time over each distance that the run is as long as, rests included; none for other sports.

    Efforts begin at whole metres of the course, and begin or end at rests: the time differs from the best over all beginnings by at
    most a tenth of a second or so. ``start`` is the moment that ``elapsed_s`` counts from.
    """
    distance = course.distance_m
    if sport_type not in RUNS or distance is None or not DISTANCES[0][1] <= distance[-1] + 1e-6 <= _LONGEST_M:
        return ()
    search = _Search(_caught_up(distance, course.elapsed_s), course.elapsed_s)
    found = [(*what, search.fastest(what[1])) for what in DISTANCES if what[1] < len(search.leave)]
    kept = [(name, length, *times) for name, length, least, times in found if times and times[1] - times[0] >= least]
    begins, ends = (np.array([row[side] for row in kept], np.float64) for side in (2, 3))
    return _rows(course, [(name, length) for name, length, *_ in kept], begins, ends, start)


def _caught_up(distance: FloatArray, elapsed: FloatArray) -> FloatArray:
    """The distance, spread evenly over the time it stood still where it then leapt to where a runner would be."""
    rise, step = distance[1:] - distance[:-1], elapsed[1:] - elapsed[:-1]
    leaps = np.flatnonzero(rise > _FASTEST_MPS * step)
    if not len(leaps):
        return distance
    moved = np.maximum.accumulate(np.where(rise > _STANDING_MPS * step, np.arange(1, len(distance)), 0))
    since = np.where(leaps > 0, moved[leaps - 1], 0)
    spread = distance.copy()
    for first, last in zip(since.tolist(), (leaps + 1).tolist(), strict=True):
        lasting = elapsed[last] - elapsed[first]
        if distance[last] - distance[first] <= _CAUGHT_UP_MPS * lasting:
            share = (elapsed[first : last + 1] - elapsed[first]) / lasting
            spread[first : last + 1] = distance[first] + share * (distance[last] - distance[first])
    return spread


class _Search:
    """The course of a run, to be asked for its fastest stretches."""

    def __init__(self, distance: FloatArray, elapsed: FloatArray) -> None:
        self._distance, self._elapsed = distance, elapsed
        metres = np.arange(int(distance[-1] + 1e-6) + 1.0)
        rests = np.flatnonzero(distance[1:] == distance[:-1])
        places = distance[rests]
        #: When each whole metre was left, and when it was reached: the same but for a rest on it.
        self.leave = np.interp(metres, distance, elapsed)
        # Numbers next to 0 are too close to interpolate.
        self.leave[0] = elapsed[np.searchsorted(distance, 0.0, "right") - 1]
        self.reach = self.leave.copy() if len(rests) else self.leave
        on_metre = places[places == np.floor(places)]
        self.reach[on_metre.astype(np.intp)] = self._reached(on_metre)
        self._rests = np.unique(places[elapsed[rests + 1] - elapsed[rests] >= _REST_S])
        owed = np.maximum(distance[1:] - distance[:-1] - _FASTEST_MPS * (elapsed[1:] - elapsed[:-1]), 0.0)
        self._owed = np.concatenate(([0.0], owed.cumsum())) if owed.any() else None
        self._metres_owed = None if self._owed is None else np.interp(metres, distance, self._owed)

    def fastest(self, length: int) -> tuple[float, float] | None:
        """When the fastest stretch of this length began and ended; ``None`` where all of them jump."""
        leave, reach = self.leave[:-length], self.reach[length:]
        lasting = reach - leave
        if self._metres_owed is not None:
            lasting[self._metres_owed[length:] - self._metres_owed[:-length] > length * _OWED] = np.inf
        at = int(lasting.argmin())
        best = (lasting[at], leave[at], reach[at])
        if len(self._rests):
            best = min(best, self._beside_a_rest(length))
        return None if np.isinf(best[0]) else (float(best[1]), float(best[2]))

    def _beside_a_rest(self, length: int) -> tuple[float, float, float]:
        """The fastest of the stretches that begin or end at a rest: how long, when it began and when it ended."""
        starts = np.concatenate((self._rests, self._rests - length))
        starts = starts[(starts >= 0) & (starts + length <= self._distance[-1])]
        if not len(starts):
            return np.inf, np.inf, np.inf
        begins, ends = self._left(starts), self._reached(starts + length)
        lasting = ends - begins
        if self._owed is not None:
            before, after = (np.interp(at, self._distance, self._owed) for at in (starts, starts + length))
            lasting[after - before > length * _OWED] = np.inf
        at = int(lasting.argmin())
        return lasting[at], begins[at], ends[at]

    def _left(self, metres: FloatArray) -> FloatArray:
        """When places on the course were left."""
        before = np.searchsorted(self._distance, metres, "right") - 1
        return self._between(np.minimum(before, len(self._distance) - 2), metres)

    def _reached(self, metres: FloatArray) -> FloatArray:
        """When places on the course were reached."""
        after = np.searchsorted(self._distance, metres).clip(1, len(self._distance) - 1)
        return self._between(after - 1, metres)

    def _between(self, before: NDArray[np.intp], metres: FloatArray) -> FloatArray:
        """The time at places between the points ``before`` and the next ones."""
        gap = self._distance[before + 1] - self._distance[before]
        share = (metres - self._distance[before]) / np.where(gap > 0, gap, 1.0)
        times: FloatArray = self._elapsed[before] + share.clip(0.0, 1.0) * (
            self._elapsed[before + 1] - self._elapsed[before]
        )
        return times


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
