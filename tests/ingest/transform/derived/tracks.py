"""Tracks of a few points, and what they give."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from ingest.transform.derived import Derived, Zones, derive
from ingest.transform.records import FloatArray

START = datetime(2026, 5, 1, 7, 12, 33, tzinfo=UTC)
NAN = float("nan")


def points(**columns: Sequence[float] | FloatArray) -> dict[str, FloatArray]:
    """Columns of points by name."""
    return {name: np.array(values, np.float64) for name, values in columns.items()}


def derived(
    sport: str | None = "Run", zones: Zones | None = None, **columns: Sequence[float] | FloatArray
) -> Derived:
    """What a track with these columns gives."""
    return derive(points(**columns), sport_type=sport, zones=zones or Zones(), start_time_utc=START)
