"""Reads track points in the batches that ``db.bulk`` writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import sqlalchemy as sa

from db.bulk import POINT_COLUMNS
from exporters.errors import ExportError
from exporters.points import FloatArray, Points, read_points
from exporters.selection import Chosen

#: Points per batch; PostgreSQL writes each batch with one COPY.
_BATCH: Final = 200_000

Batch = list[tuple[int, dict[str, FloatArray]]]


def point_batches(connection: sa.Connection, activities: Sequence[Chosen]) -> Iterator[Batch]:
    """The points of all activities, some activities at a time."""
    batch: Batch = []
    count = 0
    for points in read_points(connection, activities):
        batch.append((points.activity_id, _columns(points)))
        count += len(points)
        if count >= _BATCH:
            yield batch
            batch, count = [], 0
    if batch:
        yield batch


def _columns(points: Points) -> dict[str, FloatArray]:
    """The columns that have a value.

    The writer numbers points anew, so ``point_index`` must count from 0 without gaps.
    """
    if not np.array_equal(points.index, np.arange(len(points))):
        raise ExportError(
            f"activity {points.activity_id}: point_index has gaps, which a copy would close; "
            "import the activity again"
        )
    columns = {name: points.column(name) for name in POINT_COLUMNS}
    return {
        name: values
        for name, values in columns.items()
        if name == "elapsed_s" or np.isfinite(values).any()
    }
