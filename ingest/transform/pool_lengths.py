"""Tells when each pool length was swum, and how far the swimmer was at any moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from ingest.transform.records import FloatArray, LengthRow


def swum(lengths: Sequence[LengthRow], since: datetime) -> FloatArray:
    """Begin and end of each length swum, in seconds from ``since``, as an array ``(n, 2)``.

    They do not overlap. Rests at the wall are left out.
    """
    rows = [
        ((x.start_time_utc - since).total_seconds(), x.elapsed_time_s)
        for x in lengths
        if x.is_active is not False and x.start_time_utc and x.elapsed_time_s is not None
    ]
    ends = np.array(sorted(rows), np.float64).reshape(-1, 2)
    ends[:, 1] += ends[:, 0]
    ends[:-1, 1] = np.minimum(ends[:-1, 1], ends[1:, 0])
    return ends


def metres_at(moments: FloatArray, ends: FloatArray, pool_m: float) -> FloatArray:
    """Metres swum at each moment, given at least one length.

    Distance grows evenly within a length and stands still in a rest.
    """
    reached = np.arange(len(ends)) * pool_m
    metres: FloatArray = np.interp(
        moments, ends.ravel(), np.column_stack((reached, reached + pool_m)).ravel()
    )
    return metres
