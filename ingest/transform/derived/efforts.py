"""Finds the best efforts of a run over Strava's distances."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import numpy as np

from ingest.transform.derived.course import Course
from ingest.transform.derived.moving import RUNS, sums_from_zero
from ingest.transform.detail_records import BestEffortRow
from ingest.transform.records import BoolArray, FloatArray, IndexArray, IntArray

#: Strava's name and whole metres of each best effort, and seconds a little below the world record:
#: a run with a faster stretch was measured wrong.
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
_LEAST: Final = {length: float(least) for _, length, least in DISTANCES}
_METRES, _SECONDS = (np.array([row[i] for row in DISTANCES], np.float64) for i in (1, 2))
_SHORTEST_M: Final = DISTANCES[0][1]
#: Seconds for 400 m. If no stretch of 400 m took less, no longer stretch can be faster than its
#: record either, since it consists of stretches of 400 m.
_NO_RECORD_S: Final = max(least / (length // _SHORTEST_M) for length, least in _LEAST.items())
#: Metres per second that no runner reaches: a faster step is a jump of the GPS.
_FASTEST_MPS: Final = 12.5
#: Largest share of a run's length in jumps for which the run's average speed replaces them.
_OWED: Final = 0.01
#: Metres per second below which a distance stands, and up to which an average is a running speed.
#: If distance froze and then jumped so that the average over both is at most a running speed, the
#: runner was moving: spread the jump over the freeze.
_STANDING_MPS: Final = 0.5
_CAUGHT_UP_MPS: Final = 7.0
#: Seconds of a rest from which on efforts may begin and end at it.
_REST_S: Final = 1.0
#: Longest run in metres that gets best efforts; a longer one is damage.
_LONGEST_M: Final = 1_000_000.0


def best_efforts(
    course: Course, sport_type: str | None, start: datetime | None
) -> tuple[BestEffortRow, ...]:
    """The least elapsed time, rests included, over each distance that the run is long enough for.

    Other sports have none. Efforts begin at whole metres of the course, and also begin or end at
    rests, so a time differs from the best over all beginnings by at most about a tenth of a second.
    No effort overlaps a stretch that is faster than anybody runs, and a run that is too fast as a
    whole has none. A long effort also improves the shorter ones inside it, so that their times
    never contradict it. ``start`` is the moment that ``elapsed_s`` counts from.
    """
    distance = course.distance_m
    if (
        sport_type not in RUNS
        or distance is None
        or not DISTANCES[0][1] <= distance[-1] + 1e-6 <= _LONGEST_M
    ):
        return ()
    distance = _caught_up(distance, course.elapsed_s)
    run, jumps = _without_jumps(distance, course.elapsed_s)
    if not _is_run(run, course):
        return ()
    search = _Search(run if jumps is None else distance, course.elapsed_s, jumps)
    found = {
        length: search.fastest(length) for _, length, _ in DISTANCES if length < len(search.leave)
    }
    search.make_consistent(found)
    kept = [(name, length, *times) for name, length, _ in DISTANCES if (times := found.get(length))]
    begins, ends = (np.array([row[side] for row in kept], np.float64) for side in (2, 3))
    return _rows(course, [(name, length) for name, length, *_ in kept], begins, ends, start)


def _is_run(distance: FloatArray, course: Course) -> bool:
    """Whether the whole run is no faster than the records of the distances around its length."""
    length = float(distance[-1])
    longest, seconds = _METRES[-1], _SECONDS[-1]
    least = (
        np.interp(length, _METRES, _SECONDS) if length <= longest else seconds * length / longest
    )
    return bool(course.elapsed_s[-1] - course.elapsed_s[0] >= least)


def _caught_up(distance: FloatArray, elapsed: FloatArray) -> FloatArray:
    """The distance; jumps after a freeze are spread over it if a runner can be that fast."""
    rise, step = distance[1:] - distance[:-1], elapsed[1:] - elapsed[:-1]
    leaps = np.flatnonzero(rise > _FASTEST_MPS * step)
    if not len(leaps):
        return distance
    moved = np.maximum.accumulate(
        np.where(rise > _STANDING_MPS * step, np.arange(1, len(distance)), 0)
    )
    since = np.where(leaps > 0, moved[leaps - 1], 0)
    spread = distance.copy()
    for first, last in zip(since.tolist(), (leaps + 1).tolist(), strict=True):
        lasting = elapsed[last] - elapsed[first]
        if distance[last] - distance[first] <= _CAUGHT_UP_MPS * lasting:
            share = (elapsed[first : last + 1] - elapsed[first]) / lasting
            spread[first : last + 1] = distance[first] + share * (distance[last] - distance[first])
    return spread


def _without_jumps(
    distance: FloatArray, elapsed: FloatArray
) -> tuple[FloatArray, BoolArray | None]:
    """The distance with jumps replaced by the run's average speed.

    If the jumps are too large a share of the distance for that, also returns which steps jump.
    """
    rise, step = distance[1:] - distance[:-1], elapsed[1:] - elapsed[:-1]
    jumps = rise > _FASTEST_MPS * step
    if not jumps.any():
        return distance, None
    time = float(step[~jumps].sum())
    run = sums_from_zero(
        np.where(jumps, step * (float(rise[~jumps].sum()) / time if time > 0 else 0.0), rise)
    )
    if distance[-1] - run[-1] > _OWED * distance[-1]:
        return run, jumps
    return run * (distance[-1] / run[-1]), None


class _Search:
    """Finds the fastest stretches in the course of a run."""

    def __init__(self, distance: FloatArray, elapsed: FloatArray, jumps: BoolArray | None) -> None:
        self._distance, self._elapsed = distance, elapsed
        metres = np.arange(int(distance[-1] + 1e-6) + 1.0)
        rests = np.flatnonzero(distance[1:] == distance[:-1])
        places = distance[rests]
        #: When each whole metre was left and when it was reached; they differ for a rest at the
        #: metre.
        self.leave = np.interp(metres, distance, elapsed)
        # np.interp is wrong for distances that are next to 0 but not equal.
        self.leave[0] = elapsed[np.searchsorted(distance, 0.0, "right") - 1]
        self.reach = self.leave.copy() if len(rests) else self.leave
        on_metre = places[places == np.floor(places)]
        self.reach[on_metre.astype(np.intp)] = self._reached(on_metre)
        self._rests = np.unique(places[elapsed[rests + 1] - elapsed[rests] >= _REST_S])
        #: Count of metres that nobody can have run, up to each whole metre; ``None`` if there are
        #: none.
        self._impossible = self._metres_nobody_runs(jumps)

    def fastest(self, length: int) -> tuple[float, float] | None:
        """When the fastest stretch of this length began and ended.

        ``None`` if all stretches overlap metres that nobody can have run.
        """
        leave, reach = self.leave[:-length], self.reach[length:]
        lasting = reach - leave
        if self._impossible is not None:
            lasting[self._impossible[length:] > self._impossible[:-length]] = np.inf
        at = int(lasting.argmin())
        best = (lasting[at], leave[at], reach[at])
        if len(self._rests):
            best = min(best, self._beside_a_rest(length))
        return None if np.isinf(best[0]) else (float(best[1]), float(best[2]))

    def make_consistent(self, found: dict[int, tuple[float, float] | None]) -> None:
        """Give a shorter distance the fastest part of a longer effort, if that beats its own.

        Efforts that begin at whole metres can miss such a part.
        """
        for longer, times in sorted(found.items(), reverse=True):
            for shorter, held in found.items() if times else ():
                parts = longer // shorter
                if (
                    times is None
                    or parts < 2
                    or (held is not None and times[1] - times[0] >= parts * (held[1] - held[0]))
                ):
                    continue
                first = float(np.interp(times[0], self._elapsed, self._distance))
                starts = first + shorter * np.arange(float(parts))
                begins, ends = self._left(starts), self._reached(starts + shorter)
                at = int((ends - begins).argmin())
                if held is None or ends[at] - begins[at] < held[1] - held[0]:
                    found[shorter] = (float(begins[at]), float(ends[at]))

    def _metres_nobody_runs(self, jumps: BoolArray | None) -> IntArray | None:
        """Count of metres up to each one that lie in jumps or in stretches faster than a record."""
        if (
            jumps is None
            and (self.reach[_SHORTEST_M:] - self.leave[:-_SHORTEST_M]).min() >= _NO_RECORD_S
        ):
            return None
        changes = np.zeros(len(self.leave) + 1, np.int64)
        for _, length, least in DISTANCES:
            if length >= len(self.leave):
                break
            begins = self.reach[length:] - self.leave[:-length] < least
            if begins.any():
                changes[: len(begins)] += begins
                changes[length : length + len(begins)] -= begins
        if jumps is not None:
            np.add.at(changes, np.floor(self._distance[:-1][jumps]).astype(np.intp), 1)
            np.add.at(
                changes,
                np.ceil(self._distance[1:][jumps]).astype(np.intp).clip(0, len(changes) - 1),
                -1,
            )
        inside = changes.cumsum()[:-2] > 0
        return np.concatenate(([0], inside.cumsum())) if inside.any() else None

    def _beside_a_rest(self, length: int) -> tuple[float, float, float]:
        """The fastest stretch that begins or ends at a rest: its duration, begin and end."""
        starts = np.concatenate((self._rests, self._rests - length))
        starts = starts[(starts >= 0) & (starts + length <= self._distance[-1])]
        if not len(starts):
            return np.inf, np.inf, np.inf
        begins, ends = self._left(starts), self._reached(starts + length)
        lasting = ends - begins
        if self._impossible is not None:
            first, last = np.floor(starts).astype(np.intp), np.ceil(starts + length).astype(np.intp)
            top = len(self._impossible) - 1
            lasting[self._impossible[last.clip(0, top)] > self._impossible[first.clip(0, top)]] = (
                np.inf
            )
        lasting[lasting < _LEAST[length]] = np.inf
        at = int(lasting.argmin())
        return lasting[at], begins[at], ends[at]

    def _left(self, metres: FloatArray) -> FloatArray:
        """When the athlete left places on the course."""
        before = np.searchsorted(self._distance, metres, "right") - 1
        return self._between(np.minimum(before, len(self._distance) - 2), metres)

    def _reached(self, metres: FloatArray) -> FloatArray:
        """When the athlete reached places on the course."""
        after = np.searchsorted(self._distance, metres).clip(1, len(self._distance) - 1)
        return self._between(after - 1, metres)

    def _between(self, before: IndexArray, metres: FloatArray) -> FloatArray:
        """The time at places that lie between the points ``before`` and the next points."""
        gap = self._distance[before + 1] - self._distance[before]
        share = (metres - self._distance[before]) / np.where(gap > 0, gap, 1.0)
        times: FloatArray = self._elapsed[before] + share.clip(0.0, 1.0) * (
            self._elapsed[before + 1] - self._elapsed[before]
        )
        return times


def _rows(
    course: Course,
    what: list[tuple[str, int]],
    begins: FloatArray,
    ends: FloatArray,
    start: datetime | None,
) -> tuple[BestEffortRow, ...]:
    elapsed = course.elapsed_s
    first = np.searchsorted(elapsed, begins, "right") - 1
    last = np.searchsorted(elapsed, ends)
    if course.index is not None:
        first, last = course.index[first], course.index[last]
    columns = (begins, np.round(ends - begins, 3), first, last)
    return tuple(
        BestEffortRow(
            name=name,
            distance_m=float(length),
            elapsed_time_s=lasting,
            moving_time_s=lasting,  # Strava shows the elapsed time as both
            start_time_utc=_later(start, begin),
            start_index=i,
            end_index=j,
        )
        for (name, length), begin, lasting, i, j in zip(
            what, *(c.tolist() for c in columns), strict=True
        )
    )


def _later(start: datetime | None, seconds: float) -> datetime | None:
    """A moment after the start, in whole seconds as the database keeps times."""
    try:
        return start and start + timedelta(seconds=int(seconds))
    except OverflowError:  # a clock beyond the year 9999
        return None
