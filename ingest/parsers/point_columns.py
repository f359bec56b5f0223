"""Columns of texts in, the float64 columns of a ``Recording`` out: numbers, times and distances of whole tracks at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ingest.parsers.times import parse_times, to_datetime
from ingest.parsers.xml_points import Texts
from ingest.rows import POINT_COLUMNS, FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The time of each point: microseconds since 1970 where ``known``, interpolated where the file gives none."""

    micros: NDArray[np.int64]
    known: NDArray[np.bool_]
    naive: bool

    def elapsed(self, kept: NDArray[np.bool_]) -> tuple[datetime, FloatArray]:
        """Start, and seconds since the start, of the points that are kept (at least one)."""
        micros = self.micros[kept]
        # Whole microseconds are subtracted: 1.6e9 as float has no room for them.
        return to_datetime(int(micros[0])), (micros - micros[0]) / 1e6


def numbers(texts: Texts) -> FloatArray | None:
    """A column of numbers, NaN where the text is none or not finite; ``None`` when there is no text at all."""
    if texts.count(None) == len(texts):
        return None
    try:
        column = np.fromiter(map(float, texts), np.float64, len(texts))  # type: ignore[arg-type]  # None raises
    except (TypeError, ValueError):
        column = np.array([_number(text) for text in texts])
    column[~np.isfinite(column)] = np.nan
    return column


def number(text: str | None) -> float | None:
    """One finite number, or ``None``."""
    value = _number(text)
    return value if np.isfinite(value) else None


def _number(text: str | None) -> float:
    if not text:
        return np.nan
    try:
        return float(text)
    except ValueError:
        return np.nan


def clock(texts: Texts, breaks: Sequence[int]) -> Clock:
    """Times of points; one without time is interpolated between timed neighbours of its own segment, by index."""
    times = parse_times(texts)
    if times.known.all() or not times.known.any():
        return Clock(micros=times.micros, known=times.known, naive=times.naive)
    rows = np.arange(len(texts))
    before = np.maximum.accumulate(np.where(times.known, rows, -1))
    after = np.minimum.accumulate(np.where(times.known, rows, len(texts))[::-1])[::-1]
    enclosed = (before >= 0) & (after < len(texts))
    before, after = np.where(enclosed, before, 0), np.where(enclosed, after, 0)
    segment = segments(breaks, len(texts))
    enclosed &= (segment[before] == segment) & (segment[after] == segment)
    share = (rows - before) / np.maximum(after - before, 1)
    step = (times.micros[after] - times.micros[before]) * share
    micros = np.where(enclosed, times.micros[before] + step.astype(np.int64), times.micros)
    return Clock(micros=micros, known=times.known | enclosed, naive=times.naive)


def segments(breaks: Sequence[int], count: int) -> NDArray[np.intp]:
    """The number of its segment for each point."""
    segment = np.zeros(count, np.intp)
    np.add.at(segment, [start for start in breaks if start < count], 1)
    return segment.cumsum()


def ordered(columns: Mapping[str, FloatArray | None]) -> dict[str, FloatArray]:
    """The columns that hold anything, in the order of the table."""
    return {
        name: column
        for name in POINT_COLUMNS
        if (column := columns.get(name)) is not None and not np.isnan(column).all()
    }
