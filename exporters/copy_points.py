"""Reads track points in the batches that ``db.bulk`` writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import sqlalchemy as sa

from db.batches import batches
from db.points import FloatArray, Points, read_points
from exporters.errors import ExportError
from exporters.selection import Chosen

#: Points per batch; PostgreSQL writes each batch with one COPY.
_BATCH: Final = 200_000

Batch = list[tuple[int, dict[str, FloatArray]]]


def point_batches(connection: sa.Connection, activities: Sequence[Chosen]) -> Iterator[Batch]:
    """The points of all activities, some activities at a time."""
    for some in batches(read_points(connection, activities), len, _BATCH):
        yield [(points.activity_id, _columns(points)) for points in some]


def _columns(points: Points) -> dict[str, FloatArray]:
    """The columns that have a value.

    The writer numbers points anew, so ``point_index`` must count from 0 without gaps.
    """
    if not np.array_equal(points.index, np.arange(len(points))):
        raise ExportError(
            f"activity {points.activity_id}: track points are missing (point_index has gaps), so "
            "it cannot be copied; import the activity again"
        )
    return {"elapsed_s": points.column("elapsed_s"), **points.known_columns()}
