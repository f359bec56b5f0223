"""Turns columns of texts into the float64 columns of a ``Recording``, whole tracks at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from ingest.transform.parsers.clocks import NOTHING_KNOWN, Expected, stray, usable
from ingest.transform.parsers.odd_texts import odd_number
from ingest.transform.parsers.times import Times, parse_times, to_datetime
from ingest.transform.parsers.xml_points import RawPoints, Texts
from ingest.transform.records import POINT_COLUMNS, BoolArray, FloatArray, IndexArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The time of each point: microseconds since 1970, valid where ``known``.

    Points without a time in the file are interpolated. ``stray`` is the number of points whose time
    is wrong; they are not ``known``.
    """

    micros: IntArray
    known: BoolArray
    naive: bool
    stray: int = 0
    offset_s: int | None = None

    def elapsed(self, kept: BoolArray) -> tuple[datetime, FloatArray]:
        """The start, and the seconds since it of the points that are kept (at least one)."""
        micros = self.micros[kept]
        # Subtract whole microseconds: a float of 1.6e9 seconds has no room for them.
        return to_datetime(int(micros[0])), (micros - micros[0]) / 1e6


def numbers(texts: Texts) -> FloatArray | None:
    """A column of numbers, NaN where a text is no finite number; ``None`` without any text."""
    if texts.count(None) == len(texts):
        return None
    try:
        column = np.fromiter(map(float, texts), np.float64, len(texts))  # type: ignore[arg-type]  # None raises
    except (TypeError, ValueError):
        column = np.array([_number(text) for text in texts])
        odd = [row for row in np.flatnonzero(np.isnan(column)) if texts[row]]
        if odd:
            dots = any(text and "." in text and "," not in text for text in texts)
            column[odd] = [odd_number(texts[row] or "", dots) for row in odd]
    column[~np.isfinite(column)] = np.nan
    return column


def finite_number(text: str | None) -> float | None:
    """One finite number, or ``None``."""
    value = _number(text)
    value = odd_number(text, has_dots=False) if text and np.isnan(value) else value
    return value if np.isfinite(value) else None


def _number(text: str | None) -> float:
    if not text:
        return np.nan
    try:
        return float(text)
    except ValueError:
        return np.nan


def clock(texts: Texts, breaks: Sequence[int], expected: Expected = NOTHING_KNOWN) -> Clock:
    """Times of points, from their texts.

    A point without a time is interpolated by index between timed neighbours in its own segment.
    """
    times = parse_times(texts)
    if not times.known.any():
        return Clock(micros=times.micros, known=times.known, naive=times.naive)
    # Where the file's zone is not known, the row's start cannot be compared with its times.
    known = usable(_seconds(times), replace(expected, start=None) if times.naive else expected)
    strays = times.known & ~known
    found = Clock(
        micros=times.micros,
        known=known,
        naive=times.naive,
        stray=int(strays.sum()),
        offset_s=times.offset_s,
    )
    return found if known.all() else _interpolated(found, strays, breaks)


def _seconds(times: Times) -> FloatArray:
    seconds = times.micros / 1e6
    return seconds if times.known.all() else np.where(times.known, seconds, np.nan)


def _interpolated(times: Clock, strays: BoolArray, breaks: Sequence[int]) -> Clock:
    """Interpolate times of points without one between neighbours that have one."""
    count = len(times.known)
    rows = np.arange(count)
    before = np.maximum.accumulate(np.where(times.known, rows, -1))
    after = np.minimum.accumulate(np.where(times.known, rows, count)[::-1])[::-1]
    enclosed = (before >= 0) & (after < count) & ~strays
    before, after = np.where(enclosed, before, 0), np.where(enclosed, after, 0)
    segment = segments(breaks, count)
    enclosed &= (segment[before] == segment) & (segment[after] == segment)
    share = (rows - before) / np.maximum(after - before, 1)
    step = (times.micros[after] - times.micros[before]) * share
    micros = np.where(enclosed, times.micros[before] + step.astype(np.int64), times.micros)
    return replace(times, micros=micros, known=times.known | enclosed)


def _untimed(times: Clock) -> str | None:
    """A sentence about points without a time, ``None`` if there are none."""
    count, total = int((~times.known).sum()) - times.stray, len(times.known)
    return f"{count} of {total} points {'has' if count == 1 else 'have'} no time" if count else None


def partial(raw: RawPoints, times: Clock, *more: str | None) -> str | None:
    """A sentence about what of a file is not in the recording, ``None`` if all of it is."""
    reasons = (raw.damage, *more, _untimed(times), stray(times.stray, raw.count))
    return "; ".join(filter(None, reasons)) or None


def segments(breaks: Sequence[int], count: int) -> IndexArray:
    """For each point, the number of its segment."""
    segment = np.zeros(count, np.intp)
    np.add.at(segment, [start for start in breaks if start < count], 1)
    return segment.cumsum()


def ordered(columns: Mapping[str, FloatArray | None]) -> dict[str, FloatArray]:
    """The columns that hold any value, in the order of the table."""
    return {
        name: column
        for name in POINT_COLUMNS
        if (column := columns.get(name)) is not None and not np.isnan(column).all()
    }
