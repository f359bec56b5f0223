"""The hr messages of a FIT file in, heart rates merged into its points out.

A strap that could not send (in water) keeps its beats and hands them over after the swim, in messages of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isnan
from typing import Final

import numpy as np

from ingest.parsers.fit_columns import Messages
from ingest.parsers.fit_stream import Stream
from ingest.rows import FloatArray

#: The short times are the low twelve bits of 1/1024 seconds, two of them in three bytes.
_TICKS: Final = 1024
_SHORT: Final = 0xFFF
#: A heart rate stands for a point so many seconds later at most.
_STANDS_S: Final = 5.0


def with_heartrate(
    stream: Stream, moments: FloatArray, columns: Mapping[str, FloatArray]
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """The points, their heart rates filled from hr messages; seconds between first and last point that only these know become points.

    ``moments`` are FIT seconds. Heart rates that the records have stay; then no points are added.
    """
    found = dict(columns)
    beats, rates = heartrates(stream)
    if not len(beats) or not len(moments):
        return moments, found
    own = found.get("heartrate_bpm")
    if own is None or np.isnan(own).all():
        moments, found = _with_more_points(moments, found, beats)
        own = np.full(len(moments), np.nan)
    last = np.searchsorted(beats, moments, "right") - 1
    stands = (last >= 0) & (moments - beats[last] <= _STANDS_S)
    found["heartrate_bpm"] = np.where(np.isnan(own) & stands, rates[last], own)
    return moments, found


def _with_more_points(
    moments: FloatArray, columns: Mapping[str, FloatArray], beats: FloatArray
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """The points and, without values, the whole seconds in which a beat is known and no point stands."""
    seconds = np.unique(np.ceil(beats))
    seconds = seconds[(seconds > moments.min()) & (seconds < moments.max())]
    new = seconds[~np.isin(seconds, np.ceil(moments))]
    at = np.searchsorted(np.maximum.accumulate(moments), new)
    return np.insert(moments, at, new), {name: np.insert(column, at, np.nan) for name, column in columns.items()}


def heartrates(stream: Stream) -> tuple[FloatArray, FloatArray]:
    """Times (FIT seconds, rising) and heart rates of all beats; empty where nothing ties their clock to the file's."""
    found = np.array(list(_beats(Messages(stream, "hr"))), np.float64).reshape(-1, 2)
    found = found[np.argsort(found[:, 0], kind="stable")]
    return found[:, 0], found[:, 1]


def _beats(messages: Messages) -> Iterator[tuple[float, float]]:
    """Time and rate of each beat; a message that has both clocks sets what the others count from."""
    if not messages.count:
        return
    zero = ticks = None
    stamps = messages.values("timestamp")
    long, short, rates = (messages.elements(name) for name in ("event_timestamp", "event_timestamp_12", "filtered_bpm"))
    for stamp, whole, packed, bpm in zip(stamps, long.tolist(), short.tolist(), rates.tolist(), strict=True):
        counts = [round(seconds * _TICKS) for seconds in whole if not isnan(seconds)]
        if stamp is not None and counts:
            zero = stamp - counts[0] / _TICKS
        if not counts and ticks is not None:
            counts = list(_unpacked(packed, ticks))
        if counts:
            ticks = counts[-1]
        if zero is not None:
            # A message may be longer than what is in it.
            yield from ((zero + t / _TICKS, rate) for t, rate in zip(counts, bpm, strict=False) if rate > 0)


def _unpacked(packed: list[float], ticks: int) -> Iterator[int]:
    """Times in 1/1024 s of a message of short times; ``ticks`` is the time before the first."""
    for low, middle, high in zip(packed[0::3], packed[1::3], packed[2::3], strict=False):
        if isnan(low + middle + high):
            return
        a, b, c = int(low), int(middle), int(high)
        for short in (a | (b & 0xF) << 8, b >> 4 | c << 4):
            ticks += (short - ticks) & _SHORT
            yield ticks
