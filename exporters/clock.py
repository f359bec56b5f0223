"""Writes moments as texts like ``2026-05-01T07:12:33Z``.

Milliseconds appear only where a point has a fraction of a second.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import numpy as np

from db.points import FloatArray


def iso_text(moment: datetime) -> str:
    """ISO 8601 text; aware times end in Z, wall clocks have no suffix."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z" if moment.tzinfo else f"{moment:%Y-%m-%dT%H:%M:%S}"


def point_times(start: datetime, elapsed_s: FloatArray) -> list[str | None]:
    """The time of each point, ``None`` where it is not known."""
    known = np.isfinite(elapsed_s)
    ms = np.round(np.where(known, elapsed_s, 0.0) * 1000).astype(np.int64)
    times = np.datetime64(start.astimezone(UTC).replace(tzinfo=None), "ms") + ms.astype(
        "timedelta64[ms]"
    )
    unit: Literal["s", "ms"] = "ms" if (ms % 1000).any() else "s"
    texts = np.datetime_as_string(times, unit=unit).tolist()
    return [f"{one}Z" if there else None for one, there in zip(texts, known.tolist(), strict=True)]
