"""Tracks of a few points, and what they give."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.transform.derived import Derived, Zones, derive
from ingest.transform.records import FloatArray

START = datetime(2026, 5, 1, 7, 12, 33, tzinfo=UTC)
NAN = float("nan")
#: What a test gives as a column.
Values = Sequence[float] | NDArray[np.floating[Any] | np.integer[Any]]


def points(**columns: Values) -> dict[str, FloatArray]:
    """Columns of points by name."""
    return {name: np.array(values, np.float64) for name, values in columns.items()}


def derived(sport: str | None = "Run", zones: Zones | None = None, **columns: Values) -> Derived:
    """What a track with these columns gives."""
    return derive(points(**columns), sport_type=sport, zones=zones or Zones(), start_time_utc=START)
