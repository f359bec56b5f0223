"""Completes the distance of points in a pool swim from the lengths of the FIT file.

A device knows that a length was swum only when the swimmer touches the wall. Records get the metres
of the length at that moment; on newer watches they get none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np

from ingest.transform.parsers.fit_profile import FIT_EPOCH
from ingest.transform.pool_lengths import metres_at, swum
from ingest.transform.records import BoolArray, FloatArray, LengthRow, SessionRow

_FIT_START: Final = datetime.fromtimestamp(FIT_EPOCH, UTC)


def with_pool_distance(
    moments: FloatArray,
    columns: Mapping[str, FloatArray],
    sessions: Sequence[SessionRow],
    lengths: Sequence[LengthRow],
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """The points with distances from lengths, where the records of a swim have none.

    If the first record of a swim comes late, a point with distance 0 is added where its first
    length begins. ``moments`` are FIT seconds.
    """
    found = dict(columns)
    for pool_m, own in _swims(sessions, lengths):
        ends = swum(own, _FIT_START)
        if len(ends):
            moments, found = _begun(moments, found, ends[0, 0], pool_m)
            inside = (moments >= ends[0, 0]) & (moments <= ends[-1, 1])
            found["distance_m"] = _filled(moments, found.get("distance_m"), inside, ends, pool_m)
    return moments, found


def _swims(
    sessions: Sequence[SessionRow], lengths: Sequence[LengthRow]
) -> Iterator[tuple[float, list[LengthRow]]]:
    """For each session in a pool, the length of the pool and the session's lengths.

    With several sessions, lengths are assigned by time.
    """
    starts = sorted(s.start_time_utc for s in sessions if s.start_time_utc)
    for session in sessions:
        if not session.pool_length_m:
            continue
        begin = session.start_time_utc
        end = None if begin is None else next((start for start in starts if start > begin), None)
        yield (
            session.pool_length_m,
            [
                length
                for length in lengths
                if length.start_time_utc
                and (len(sessions) < 2 or begin is None or begin <= length.start_time_utc)
                and (end is None or length.start_time_utc < end)
            ],
        )


def _begun(
    moments: FloatArray, columns: Mapping[str, FloatArray], begin: float, pool_m: float
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Add a point where the swim begins, if its first record is from the end of a length."""
    at = int(np.searchsorted(np.maximum.accumulate(moments), begin))
    if at == len(moments) or moments[at] == begin:
        return moments, dict(columns)
    distance = columns.get("distance_m")
    if distance is None:
        before = np.nan
    else:
        known = distance[:at][~np.isnan(distance[:at])]
        before = float(known[-1]) if len(known) and known[-1] <= distance[at] else 0.0
        if distance[at] - before < pool_m / 2:  # the record is from the beginning
            return moments, dict(columns)
    grown = {
        name: np.insert(column, at, before if name == "distance_m" else np.nan)
        for name, column in columns.items()
    }
    return np.insert(moments, at, begin), grown


def _filled(
    moments: FloatArray,
    distance: FloatArray | None,
    inside: BoolArray,
    ends: FloatArray,
    pool_m: float,
) -> FloatArray:
    """The distance, computed from lengths if the records of a swim have none.

    It grows evenly over each length and stands still between them.
    """
    whole = np.full(len(moments), np.nan) if distance is None else distance
    if not np.isnan(whole[inside]).all():
        return whole
    return np.where(inside, metres_at(moments, ends, pool_m), whole)
