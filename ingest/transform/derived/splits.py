"""Cuts a course into kilometres and miles."""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from ingest.transform.derived.climb import heights_at
from ingest.transform.derived.course import Course
from ingest.transform.derived.moving import Told
from ingest.transform.detail_records import SplitRow
from ingest.transform.grade import Pieces
from ingest.transform.records import FloatArray

Unit = Literal["km", "mi"]
_UNITS: Final[tuple[tuple[Unit, float], ...]] = (("km", 1000.0), ("mi", 1609.344))
#: Metres below which a remainder belongs to the split before it.
_REMAINDER_M: Final = 10.0
#: Metres that a full last split may lack, since distances come rounded.
_LACKING_M: Final = 0.5
#: Longest activity in metres; one that claims more gets no splits.
_LONGEST_M: Final = 10_000_000.0
#: Seconds below which nothing is averaged.
_INSTANT_S: Final = 1e-3
_SENSORS: Final = ("heartrate_bpm", "cadence_rpm", "power_w")
#: Rows of the table of ``_at_borders``. The row after each ``_KNOWN`` holds the sensor's sum over
#: its known time.
_ELAPSED: Final = 1
_MOVING: Final = 2
_ACTIVE: Final = 3
_KNOWN: Final = (4, 6, 8)
_FLAT: Final = 13
_UNSIGNED: Final = 14
#: Sensors whose zeros do not count: Strava's average cadence leaves out coasting and standing.
_WITHOUT_ZEROS: Final = ("cadence_rpm",)


def splits_of(course: Course, told: Told, pieces: Pieces | None = None) -> tuple[SplitRow, ...]:
    """Kilometres, then miles, as docs/definitions.md defines them.

    A course shorter than 10 m has none. Averages of sensors are means over the active time in which
    the sensor is known; ``average_speed_mps`` is distance by moving time, as Strava has it.
    ``pieces`` are those of the course, for runs only.
    """
    distance = course.distance_m
    if distance is None or not _REMAINDER_M <= distance[-1] <= _LONGEST_M:
        return ()
    borders = [_borders(float(distance[-1]), length) for _, length in _UNITS]
    metres = np.concatenate(borders)
    table = np.vstack((_at_borders(course, metres, told), _of_pieces(pieces, metres)))
    rows = _between_borders(table)
    full = len(borders[0])
    # Leave out what lies between the last border in kilometres and the first in miles.
    return tuple(_splits("km", 1000.0, rows[: full - 1]) + _splits("mi", 1609.344, rows[full:]))


def _borders(total: float, length: float) -> FloatArray:
    """Metres at which splits begin, and the end of the last."""
    full = int((total - _REMAINDER_M) // length)
    borders: FloatArray = np.arange(full + 2.0) * length
    borders[-1] = total
    return borders


def _at_borders(course: Course, borders: FloatArray, told: Told) -> FloatArray:
    """Totals up to each border, as a table ``(13, b)`` with a column per border.

    The rows: distance, elapsed, moving and active time; for each sensor the active time in which it
    is known and the sensor's sum over that time; altitude, climb and descent.
    """
    distance = course.distance_m
    assert distance is not None
    # Take the first point that is as far: a rest at a border then belongs to the next split, and a
    # rest at the end to the last one.
    after = np.searchsorted(distance, borders)
    after[borders == distance[-1]] = len(distance) - 1
    before = np.maximum(after - 1, 0)
    gap = distance[after] - distance[before]
    share = np.where(gap > 0, (borders - distance[before]) / np.where(gap > 0, gap, 1.0), 1.0)
    grown, filled = _grown(course)
    table = np.zeros((4 + 2 * len(_SENSORS), len(borders)))
    table[0] = borders
    start = grown[:, before]
    table[filled] = start + (grown[:, after] - start) * share
    for known in _KNOWN:
        if known + 1 in filled and known not in filled:
            table[known] = table[_ACTIVE]
    heights = heights_at(course, table[_ELAPSED], told)
    return np.vstack((table, heights.altitude_m, heights.climb_m, heights.descent_m))


def _of_pieces(pieces: Pieces | None, borders: FloatArray) -> FloatArray:
    """Distance on flat ground that costs as much, and rises and falls, up to each border."""
    if pieces is None:
        return np.full((2, len(borders)), np.nan)
    totals = (pieces.flat_m(), pieces.unsigned_m())
    return np.array([np.interp(borders, pieces.border_m, total) for total in totals])


def _grown(course: Course) -> tuple[FloatArray, list[int]]:
    """Totals that grow from point to point, and the row of the table that each of them fills.

    They are elapsed, moving and active time, and for each sensor its sum over active time. A
    sensor's known time is among them only where it differs from the active time.
    """
    moving, active = course.moving_s, course.active_s
    assert moving is not None
    assert active is not None
    step = active[1:] - active[:-1]
    grown, filled = np.empty((3 + 2 * len(_SENSORS), len(moving))), [_ELAPSED, _MOVING, _ACTIVE]
    grown[0], grown[1], grown[2], grown[3:, 0] = course.elapsed_s, moving, active, 0.0
    for name, row in zip(_SENSORS, _KNOWN, strict=True):
        values = course.sensors.get(name)
        if values is None:
            continue
        values, held = course.held(values)
        stands = held[:-1] >= step
        if name in _WITHOUT_ZEROS and not values.all():
            held = np.where(values > 0, held, 0.0)
            stands = (held[:-1] >= step) & (held[:-1] > 0)
        is_whole = bool(stands.all())
        standing = step if is_whole else np.where(stands, step, held[:-1])
        weighted, at = values[:-1] * standing, len(filled)
        weighted.cumsum(out=grown[at, 1:])
        filled.append(row + 1)
        if not is_whole or np.isnan(grown[at, -1]):
            np.copyto(weighted, 0.0, where=standing == 0)
            weighted.cumsum(out=grown[at, 1:])
            standing.cumsum(out=grown[at + 1, 1:])
            filled.append(row)
    return grown[: len(filled)], filled


def _between_borders(table: FloatArray) -> list[list[float]]:
    """Differences between each border and the next, in the order of ``_splits``.

    ``None`` stands for unknown values.
    """
    within = table[:, 1:] - table[:, :-1]
    distance, elapsed, moving = within[:3]
    sums = within[[0, *(known + 1 for known in _KNOWN), _FLAT, _UNSIGNED]]
    times = within[[_MOVING, *_KNOWN, _MOVING, 0]]
    means = np.divide(sums, times, out=np.full_like(sums, np.nan), where=times > _INSTANT_S)
    # Add zero, since a difference may be -0.0, which PostgreSQL keeps and SQLite does not.
    columns = np.round(np.vstack((distance, elapsed, moving, within[10:13], means)), 3) + 0.0
    return _nan_to_none(columns.T)


def _splits(unit: Unit, length: float, rows: list[list[float]]) -> list[SplitRow]:
    whole = length - _LACKING_M
    return [
        SplitRow(
            unit=unit,
            split_index=index,
            distance_m=row[0],
            elapsed_time_s=row[1],
            moving_time_s=row[2],
            elevation_difference_m=row[3],
            total_elevation_gain_m=row[4],
            elevation_loss_m=row[5],
            average_speed_mps=row[6],
            average_heartrate_bpm=row[7],
            average_cadence_rpm=row[8],
            average_power_w=row[9],
            average_grade_adjusted_speed_mps=row[10],
            steepness_pct=None if row[11] is None else round(100 * row[11], 1),
            is_partial=row[0] < whole,
        )
        for index, row in enumerate(rows)
    ]


def _nan_to_none(values: FloatArray) -> list[list[float]]:
    """Rows of numbers, with ``None`` for NaN and infinity."""
    good = np.isfinite(values)
    boxed: NDArray[Any] = values
    if not good.all():
        boxed = values.astype(object)
        boxed[~good] = None
    rows: list[list[float]] = boxed.tolist()
    return rows
