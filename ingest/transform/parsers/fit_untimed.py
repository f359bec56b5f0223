"""Gives FIT records without a time one from the lap or session around them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from ingest.transform.parsers.fit_columns import Messages, Offsets, times
from ingest.transform.parsers.fit_profile import FIRST_DATE, LAST_DATE
from ingest.transform.parsers.fit_stream import Stream
from ingest.transform.records import FloatArray


def with_times(stream: Stream, offsets: Offsets, found: FloatArray) -> FloatArray:
    """The times of records; missing ones are filled in from the lap, else session, around them.

    They are filled evenly by index between known times. If the first or last record of a lap has no
    time, the lap's begin or end takes its place. ``offsets`` and ``found`` are place and time (FIT
    seconds, NaN: none) of each record. Records outside of laps and sessions are left as they are.
    """
    if not np.isnan(found).any():
        return found
    filled = found.copy()
    for name in ("lap", "session"):
        for first, end, begin, finish in _stretches(stream, name, offsets):
            if np.isnan(filled[first:end]).any():
                filled[first:end] = _filled(filled[first:end], begin, finish)
    return filled


def _stretches(
    stream: Stream, name: str, offsets: Offsets
) -> Iterator[tuple[int, int, float, float]]:
    """For each lap with both times: first record, record after the last, begin and end.

    A lap's message follows its records.
    """
    messages = Messages(stream, name)
    begins = messages.numbers("start_time")
    if begins is None:
        return
    borders = [0, *np.searchsorted(offsets, messages.offsets).tolist()]
    for (first, end), begin, finish in zip(
        pairwise(borders), begins, times(stream, messages), strict=True
    ):
        if end > first and FIRST_DATE <= begin <= finish < LAST_DATE:
            yield first, end, float(begin), float(finish)


def _filled(found: FloatArray, begin: float, finish: float) -> FloatArray:
    known = ~np.isnan(found)
    if known.any() and not (begin <= found[known].min() and found[known].max() <= finish):
        return found  # the lap has another clock
    knots = found.copy()
    for end, moment in ((0, begin), (-1, finish)):
        if np.isnan(knots[end]):
            knots[end] = moment
    rows, given = np.arange(len(found)), ~np.isnan(knots)
    return np.where(known, found, np.interp(rows, rows[given], knots[given]))
