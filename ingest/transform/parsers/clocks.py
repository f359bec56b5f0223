"""Finds wrong times in a file, and files whose whole clock is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from ingest.clock import now
from ingest.transform.records import BoolArray, FloatArray, IndexArray

#: Error of a receiver for each overflow that it missed: GPS counts weeks with ten bits.
ROLL_OVER: Final = timedelta(weeks=1024)
#: Normal difference between a start in activities.csv and the same start in a file.
_MINUTES: Final = timedelta(minutes=15)
#: Moment before which no device recorded activities, unless activities.csv says so.
_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
#: Seconds by which a device may correct its clock while it records.
_PUT_RIGHT_S: Final = 60.0
#: Shortest pause that may be a wrong clock instead, since clocks are wrong by hours.
_PAUSE_S: Final = 3000.0
#: Longest pause that anybody makes, unless activities.csv says so.
_LONGEST_PAUSE_S: Final = 7 * 86400.0
#: Longest activity; where activities.csv tells a longer one, Strava believed a wrong clock.
_LONGEST_S: Final = 60 * 86400.0
#: Seconds, and factor, by which a file may be longer than activities.csv says.
_LONGER_S: Final = 600.0
_LONGER: Final = 1.02
#: Largest share, and number, of points with a wrong clock that their own file can show: more of
#: them may as well stand after a pause.
_FEW: Final = 0.05
_FEW_POINTS: Final = 30.0
#: Number of points below which points may be hours apart by the way they were recorded.
_JUDGED: Final = 12
#: Number of changes of a clock above which it is judged by the middle of all times.
_MANY_STRETCHES: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What activities.csv says of a file: when it starts, how long it lasts, when it was exported.

    A file is no younger than its export.
    """

    start: datetime | None = None
    elapsed_s: float | None = None
    exported_at: datetime | None = None

    @property
    def lasts_s(self) -> float | None:
        """Seconds that the activity took, where the number is possible."""
        return self.elapsed_s if self.elapsed_s and self.elapsed_s <= _LONGEST_S else None

    @property
    def first(self) -> datetime:
        """No time of the file is before this moment."""
        return _FIRST if self.start is None else min(_FIRST, self.start - _DAY)

    @property
    def last(self) -> datetime:
        """No time of the file is after this moment."""
        newest = now() if self.exported_at is None else min(now(), self.exported_at)
        if self.start is not None and self.start > newest:  # the archive's dates are wrong
            newest = max(now(), self.start)
        return newest + _DAY


NOTHING_KNOWN: Final = Expected()


def usable(times: FloatArray, expected: Expected = NOTHING_KNOWN) -> BoolArray:
    """Which times are right, judged by the other times and by ``expected``.

    ``times`` are seconds since 1970, NaN for unknown. If none of them is possible, all are judged
    by one another only, since ``whole_clock`` may correct them together.
    """
    found = (times >= expected.first.timestamp()) & (times <= expected.last.timestamp())
    if not found.any():
        found = ~np.isnan(times)
    rows = np.flatnonzero(found)
    moments = times if len(rows) == len(times) else times[rows]
    steps = moments[1:] - moments[:-1]
    if not len(steps) or (steps.min() >= -_PUT_RIGHT_S and steps.max() <= _PAUSE_S):
        return found
    found[rows] = _in_order(moments, steps, expected)
    return found


def stray(count: int, total: int) -> str | None:
    """A sentence about points with a wrong time, ``None`` if there are none."""
    if not count:
        return None
    return (
        f"{count} of {total} points {'has' if count == 1 else 'have'} a wrong time, far from "
        "the others"
    )


def whole_clock(start: datetime, expected: Expected) -> str | None:
    """The reason to move a file to the start in activities.csv; ``None`` if there is none."""
    if expected.start is None or abs(start - expected.start) < _DAY:
        return None
    if start < expected.first:
        return (
            f"its clock says {start:%Y-%m-%d}, which is too early for any device: moved to the "
            "start in activities.csv"
        )
    if start > expected.last:
        return (
            f"its clock says {start:%Y-%m-%d}, which is after the export: moved to the start "
            "in activities.csv"
        )
    rolled = round((expected.start - start) / ROLL_OVER)
    if rolled and abs(expected.start - start - rolled * ROLL_OVER) <= _MINUTES:
        return (
            f"its clock is wrong by {1024 * abs(rolled):,} weeks, a known error of GPS receivers: "
            "moved to the start in activities.csv"
        )
    return None


@dataclass(frozen=True, slots=True)
class _Stretches:
    """Runs of points between two leaps of the clock: first and last time, and count of points."""

    bounds: IndexArray
    first: FloatArray
    last: FloatArray
    size: IndexArray


def _in_order(moments: FloatArray, steps: FloatArray, expected: Expected) -> BoolArray:
    """Which of several possible times to keep."""
    if len(moments) < _JUDGED and moments.max() - moments.min() < _DAY.total_seconds():
        return np.ones(len(moments), np.bool_)
    # Once the clock went back, even a small leap may lead to or from wrong times.
    leap = _PUT_RIGHT_S if steps.min() < -_PUT_RIGHT_S else _PAUSE_S
    stretches = _stretches(moments, steps, leap)
    if len(stretches.size) > _MANY_STRETCHES:
        stretches = _stretches(moments, steps, _PAUSE_S)
    if len(stretches.size) > _MANY_STRETCHES:
        return np.asarray(
            np.abs(moments - np.median(moments)) <= _longest(expected, _LONGEST_PAUSE_S)
        )
    kept = _chosen(stretches, expected)
    _keep_overlapping(stretches, kept, len(moments))
    return np.repeat(kept, stretches.size)


def _stretches(moments: FloatArray, steps: FloatArray, leap: float) -> _Stretches:
    cuts = np.flatnonzero((steps > leap) | (steps < -_PUT_RIGHT_S)) + 1
    bounds = np.concatenate(([0], cuts, [len(moments)]))
    return _Stretches(bounds, moments[bounds[:-1]], moments[bounds[1:] - 1], np.diff(bounds))


def _longest(expected: Expected, otherwise: float) -> float:
    """The most seconds that the file may last."""
    return expected.lasts_s * _LONGER + _LONGER_S if expected.lasts_s else otherwise


def _chosen(stretches: _Stretches, expected: Expected) -> BoolArray:
    """Choose the stretches that follow one another and have the most points.

    They lie within the time that activities.csv gives, where it gives one.
    """
    everywhere = np.ones(len(stretches.size), np.bool_)
    if expected.lasts_s is None:
        return _without_few(stretches, _near(stretches, expected))
    longest = _longest(expected, np.inf)
    free = _longest_chain(stretches, everywhere, longest)
    if expected.start is None:
        return free
    begin = expected.start.timestamp() - _LONGER_S
    inside = (stretches.first >= begin) & (stretches.last <= begin + _LONGER_S + longest)
    expected_ones = _longest_chain(stretches, inside, longest)
    # If the clock is off by a constant, nothing or only a part of the points lies where it is
    # expected.
    return free if (free | ~expected_ones).all() else expected_ones


def _near(stretches: _Stretches, expected: Expected) -> BoolArray:
    """Cut the longest chain at pauses of more than a week, and keep one part.

    It is the part around the start in activities.csv, else the one with the most points.
    """
    chain = np.flatnonzero(
        _longest_chain(stretches, np.ones(len(stretches.size), np.bool_), np.inf)
    )
    parts = np.split(
        chain,
        np.flatnonzero(stretches.first[chain[1:]] - stretches.last[chain[:-1]] > _LONGEST_PAUSE_S)
        + 1,
    )
    kept = np.zeros(len(stretches.size), np.bool_)
    kept[
        max(
            parts,
            key=lambda part: (_holds(stretches, part, expected), int(stretches.size[part].sum())),
        )
    ] = True
    return kept


def _holds(stretches: _Stretches, part: IndexArray, expected: Expected) -> bool:
    if expected.start is None:
        return False
    start, day = expected.start.timestamp(), _DAY.total_seconds()
    return bool(stretches.first[part[0]] - day <= start <= stretches.last[part[-1]] + day)


def _without_few(stretches: _Stretches, kept: BoolArray) -> BoolArray:
    """Drop a few points at either end that lie hours away from the rest."""
    few = min(_FEW_POINTS, _FEW * float(stretches.size[kept].sum()))
    for order in (1, -1):
        places = np.flatnonzero(kept)[::order]
        if len(places) < 2:
            break
        end, beside = places[:2]
        apart = (
            stretches.first[beside] - stretches.last[end]
            if order == 1
            else stretches.first[end] - stretches.last[beside]
        )
        rest = stretches.size[kept].sum() - stretches.size[end]
        if apart > _PAUSE_S and stretches.size[end] <= few and stretches.size[end] < rest:
            kept[end] = False
    return kept


def _longest_chain(stretches: _Stretches, among: BoolArray, longest: float) -> BoolArray:
    """The chain of stretches with the most points, of those that last at most ``longest`` seconds.

    Time runs forward along a chain.
    """
    best, most = np.zeros(0, np.intp), 0
    candidates = np.flatnonzero(among)
    for begin in candidates if np.isfinite(longest) else candidates[:1]:
        within = candidates
        if np.isfinite(longest):
            # A stretch without leaps is believed, however long it lasts.
            end = max(stretches.first[begin] + longest, stretches.last[begin])
            within = candidates[candidates >= begin]
            within = within[
                (stretches.first[within] >= stretches.first[begin])
                & (stretches.last[within] <= end)
            ]
        size, chain = _chain(stretches, within)
        if size > most:
            best, most = chain, size
    kept = np.zeros(len(stretches.size), np.bool_)
    kept[best] = True
    return kept


def _chain(stretches: _Stretches, among: IndexArray) -> tuple[int, IndexArray]:
    """How many points the best chain has, and its stretches."""
    first, last = stretches.first[among] + _PUT_RIGHT_S, stretches.last[among]
    sizes, before = stretches.size[among].copy(), np.full(len(among), -1)
    for place in range(1, len(among)):
        earlier = np.where(last[:place] <= first[place], sizes[:place], 0)
        at = int(earlier.argmax())
        if earlier[at]:
            sizes[place] += earlier[at]
            before[place] = at
    place, places = int(sizes.argmax()), list[int]()
    most = int(sizes[place])
    while place >= 0:
        places.append(place)
        place = int(before[place])
    return most, among[places[::-1]]


def _keep_overlapping(stretches: _Stretches, kept: BoolArray, count: int) -> None:
    """Also keep stretches from the same time as the chosen ones, unless a wrong clock wrote them.

    Two tracks may overlap or stand in another order. But a clock that went wrong comes back, so
    stretches in the middle of the chosen ones are not kept.
    """
    chain = np.flatnonzero(kept)
    begin, end = stretches.first[chain[0]] - _PAUSE_S, stretches.last[chain[-1]] + _PAUSE_S
    near = (stretches.first >= begin) & (stretches.last <= end) & (stretches.size > _FEW * count)
    near[chain[0] : chain[-1]] = False
    kept |= near
