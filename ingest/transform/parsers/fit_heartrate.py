"""Fills in heart rates that FIT records lack from the file's hr messages.

A chest strap cannot send under water. It stores the beats and sends them after the swim, and the
watch writes them as hr messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from ingest.transform.parsers.fit_columns import Messages
from ingest.transform.parsers.fit_profile import field_spec
from ingest.transform.parsers.fit_stream import Stream
from ingest.transform.records import BoolArray, FloatArray, IntArray

#: Ticks of the strap's clock in a second, and the mask of its short times: the low twelve bits, two
#: of them in three bytes.
_TICKS: Final = 1024
_SHORT: Final = 0xFFF
#: Seconds for which a heart rate counts for later points.
_STANDS_S: Final = 5.0


def with_heartrate(
    stream: Stream, moments: FloatArray, columns: Mapping[str, FloatArray]
) -> dict[str, FloatArray]:
    """Fill heart rates that the records lack from hr messages.

    ``moments`` are the times of the points in FIT seconds, ``columns`` their columns.
    """
    beats, rates = heartrates(stream)
    if not len(beats) or not len(moments):
        return dict(columns)
    own = columns.get("heartrate_bpm", np.full(len(moments), np.nan))
    last = np.searchsorted(beats, moments, "right") - 1
    stands = (last >= 0) & (moments - beats[last] <= _STANDS_S)
    return {**columns, "heartrate_bpm": np.where(np.isnan(own) & stands, rates[last], own)}


def heartrates(stream: Stream) -> tuple[FloatArray, FloatArray]:
    """Times (FIT seconds, rising) and heart rates of all beats.

    They are empty if nothing ties the strap's clock to the file's. A message holds whole times, or
    the low twelve bits of up to eight. A message that also has a FIT time sets the zero of the
    strap's clock for those after it.
    """
    messages = Messages(stream, "hr")
    if not messages.count:
        return np.empty(0), np.empty(0)
    whole = np.rint(messages.elements("event_timestamp") * _TICKS)
    is_whole = np.asarray(~np.isnan(whole).all(axis=1))
    told = _side_by_side(
        whole,
        _unpacked(messages.raw_bytes(field_spec("hr", "event_timestamp_12").number)),
        is_whole,
    )
    rates = _as_wide(messages.elements("filtered_bpm"), told.shape[1])
    known = ~np.isnan(told)
    message = np.nonzero(known)[0]
    seconds = _accumulated(told[known].astype(np.int64), is_whole[message]) / _TICKS
    beats, rate = _zeros(messages, whole)[message] + seconds, rates[known]
    good = np.isfinite(beats) & (rate > 0)
    order = np.argsort(beats[good], kind="stable")
    return beats[good][order], rate[good][order]


def _unpacked(packed: FloatArray) -> FloatArray:
    """Unpack two numbers of twelve bits from each three bytes; NaN where a byte is missing."""
    low, middle, high = (packed[:, i : packed.shape[1] // 3 * 3 : 3] for i in range(3))
    first, second = low + middle % 16 * 256, middle // 16 + high * 16
    return np.stack((first, second), axis=2).reshape(len(packed), -1)


def _side_by_side(whole: FloatArray, short: FloatArray, is_whole: BoolArray) -> FloatArray:
    """The whole times of messages that have some, the short times of the others."""
    width = max(whole.shape[1], short.shape[1])
    return np.where(is_whole[:, None], _as_wide(whole, width), _as_wide(short, width))


def _as_wide(table: FloatArray, width: int) -> FloatArray:
    """The first columns of a table, with NaN in columns that it lacks."""
    wide = np.full((len(table), width), np.nan)
    wide[:, : table.shape[1]] = table[:, :width]
    return wide


def _accumulated(ticks: IntArray, is_whole: BoolArray) -> FloatArray:
    """Whole times from short ones; NaN before the first whole time.

    Each short time is the next time with these low bits.
    """
    steps = np.cumsum(np.diff(ticks & _SHORT, prepend=0) & _SHORT)
    since = np.maximum.accumulate(np.where(is_whole, np.arange(len(ticks)), -1))
    return np.where(since >= 0, ticks[since] + steps - steps[since], np.nan)


def _zeros(messages: Messages, whole: FloatArray) -> FloatArray:
    """For each message, the FIT time at which the strap's clock was 0.

    It is known from the last message that had both times.
    """
    stamps = messages.numbers("timestamp")
    if stamps is None or not whole.shape[1]:
        return np.full(messages.count, np.nan)
    zeros = stamps - whole[:, 0] / _TICKS
    last = np.maximum.accumulate(np.where(np.isnan(zeros), -1, np.arange(len(zeros))))
    return np.where(last >= 0, zeros[last], np.nan)
