"""Holds what the references share: their failures, and their points as columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np

from ingest.transform.records import FloatArray

#: What a library raises that does not check damaged input: whatever the input led it to.
LED_ASTRAY: Final = (
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
)


def as_columns(
    names: Sequence[str], points: Iterable[Sequence[float | None]]
) -> dict[str, FloatArray]:
    """The points' values by name, NaN where one is missing."""
    table = np.array(list(points), dtype=np.float64).reshape(-1, len(names))
    return {name: table[:, at].copy() for at, name in enumerate(names)}


def since_1970(time: datetime | None) -> float | None:
    """Seconds since 1970; a naive time counts as UTC."""
    if time is None:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
