"""Merges points of a FIT file that have the same time and complete one another.

Some devices (Bryton, Suunto) write the position of a second in one record, and its heart rate and
in the next.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ingest.transform.records import BoolArray, FloatArray, IndexArray


def merged(
    moments: FloatArray, columns: Mapping[str, FloatArray]
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Merge neighbours of the same time into one point.

    Two that both have a value of one column stay two points.
    """
    repeats = np.flatnonzero(moments[1:] == moments[:-1]) + 1
    if not len(repeats):
        return moments, dict(columns)
    begins = _begins(repeats, columns, len(moments))
    if begins.all():
        return moments, dict(columns)
    point = np.cumsum(begins) - 1
    return moments[begins], {name: _merged(column, point) for name, column in columns.items()}


def _begins(repeats: IndexArray, columns: Mapping[str, FloatArray], count: int) -> BoolArray:
    """Which rows begin a point; the others belong to the point before them."""
    begins = np.ones(count, np.bool_)
    # One bit for each column of which a row has a value.
    known = sum(
        (~np.isnan(column) << bit for bit, column in enumerate(columns.values())),
        np.zeros(count, np.int64),
    )
    point, last = 0, -1
    for row, before, here in zip(
        repeats.tolist(), known[repeats - 1].tolist(), known[repeats].tolist(), strict=True
    ):
        point = point if row - 1 == last else before
        last = row
        if point & here:
            point = here
        else:
            point |= here
            begins[row] = False
    return begins


def _merged(column: FloatArray, point: IndexArray) -> FloatArray:
    values = np.full(int(point[-1]) + 1, np.nan)
    given = ~np.isnan(column)
    values[point[given]] = column[given]
    return values
