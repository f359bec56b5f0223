"""A course in, its kilometres and miles out."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from ingest.derived.climb import altitude_and_climb
from ingest.derived.course import Course
from ingest.rows import FloatArray, SplitRow

Unit = Literal["km", "mi"]
_UNITS: Final[tuple[tuple[Unit, float], ...]] = (("km", 1000.0), ("mi", 1609.344))
#: A remainder shorter than this belongs to the split before.
_REMAINDER_M: Final = 10.0
#: A last split that lacks less than this is a full one: distances come rounded.
_LACKING_M: Final = 0.5
#: No activity is longer; what says so gets no splits.
_LONGEST_M: Final = 10_000_000.0
_SENSORS: Final = ("heartrate_bpm", "cadence_rpm", "power_w")


def splits_of(course: Course) -> tuple[SplitRow, ...]:
    """Kilometres, then miles, as docs/definitions.md defines them; none where the course is shorter than 10 m.

    ``average_*`` of sensors are means over the moving time in which the sensor is known; ``average_speed_mps`` is distance by
    moving time, as Strava has it.
    """
    distance = course.distance_m
    if distance is None or not _REMAINDER_M <= distance[-1] <= _LONGEST_M:
        return ()
    borders = [_borders(float(distance[-1]), length) for _, length in _UNITS]
    table = _at_borders(course, np.concatenate(borders))
    cut = len(borders[0])
    return tuple(_rows("km", 1000.0, table[:, :cut]) + _rows("mi", 1609.344, table[:, cut:]))


def _borders(total: float, length: float) -> FloatArray:
    """Where splits begin, and the end."""
    full = int((total - _REMAINDER_M) // length)
    borders: FloatArray = np.arange(full + 2.0) * length
    borders[-1] = total
    return borders


def _at_borders(course: Course, borders: FloatArray) -> FloatArray:
    """Per border: distance, the quantities of ``_grown`` up to there, altitude and climb; one row each."""
    distance = course.distance_m
    assert distance is not None
    # The first point that is as far: a rest at a border belongs to the split that follows, one at the end to the last.
    after = np.searchsorted(distance, borders)
    after[borders == distance[-1]] = len(distance) - 1
    before = np.maximum(after - 1, 0)
    gap = distance[after] - distance[before]
    share = np.where(gap > 0, (borders - distance[before]) / np.where(gap > 0, gap, 1.0), 1.0)
    grown = _grown(course)
    table = grown[:, before]
    table += (grown[:, after] - table) * share
    return np.vstack((borders, table, *altitude_and_climb(course, table[0])))


def _grown(course: Course) -> FloatArray:
    """What grows along the way, ``(8, n)``: elapsed and moving time, then for each sensor the moving time in which it is known and its sum over it."""
    moving = course.moving_s
    assert moving is not None
    grown = np.zeros((2 + 2 * len(_SENSORS), len(moving)))
    grown[0], grown[1] = course.elapsed_s, moving
    step = moving[1:] - moving[:-1]
    for row, name in zip(range(2, 8, 2), _SENSORS, strict=True):
        values = course.sensors.get(name)
        if values is None:
            continue
        weighted = values[:-1] * step
        np.cumsum(weighted, out=grown[row + 1, 1:])
        if not np.isnan(grown[row + 1, -1]):
            grown[row] = moving
            continue
        known = ~np.isnan(weighted)
        np.cumsum(np.where(known, step, 0.0), out=grown[row, 1:])
        np.cumsum(np.where(known, weighted, 0.0), out=grown[row + 1, 1:])
    return grown


def _rows(unit: Unit, length: float, table: FloatArray) -> list[SplitRow]:
    within = table[:, 1:] - table[:, :-1]
    distance, elapsed, moving = within[:3]
    sums, times = within[[0, 4, 6, 8]], within[[2, 3, 5, 7]]
    means = np.divide(sums, times, out=np.full_like(sums, np.nan), where=times > 0)
    columns = np.round(np.vstack((distance, elapsed, moving, within[9:11], means)), 3)
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
            average_speed_mps=row[5],
            average_heartrate_bpm=row[6],
            average_cadence_rpm=row[7],
            average_power_w=row[8],
            is_partial=row[0] < whole,
        )
        for index, row in enumerate(_nan_to_none(columns.T))
    ]


def _nan_to_none(values: FloatArray) -> list[list[float]]:
    """Rows of numbers, ``None`` for NaN."""
    if not np.isnan(values).any():
        return values.tolist()  # type: ignore[no-any-return]
    boxed = values.astype(object)
    boxed[np.isnan(values)] = None
    return boxed.tolist()  # type: ignore[no-any-return]
