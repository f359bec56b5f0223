"""Reads a column of ISO 8601 texts as microseconds since 1970.

Texts of one length and layout are read together as a table of bytes; other texts one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.transform.parsers.odd_texts import with_ascii_digits
from ingest.transform.records import BoolArray, IndexArray, IntArray
from ingest.transform.timezones import FIRST_YEAR, LAST_YEAR

_Bytes = NDArray[np.uint8]

_PREFIX: Final = len("2019-09-20T14:10:03")
_DIGITS: Final = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18]
_MARKS: Final = {4: b"-", 7: b"-", 10: b"T", 13: b":", 16: b":"}
_SUFFIX: Final = re.compile(r"(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_DAYS_IN_MONTH: Final = np.array(
    [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64
)
_LENIENT: Final = re.compile(
    r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})[T ](\d{1,2})[:.](\d{1,2})[:.](\d{1,2})(?:[.,](\d+))? "
    r"?(ZZ?|[+-]\d{1,2}(?::?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
#: Share of points that must have an offset for it to be the file's. A few points may have another:
#: edited by another program, or recorded after the clock was set.
_NEARLY_ALL: Final = 0.9
_WIDEST_OFFSET: Final = 15 * 3600
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
#: Microseconds since 1970 of the first moment that is kept, and of the first one too late.
_FIRST: Final = (datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_END: Final = (datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Microseconds since 1970 in UTC, valid where ``known``.

    ``naive`` is true when no known time carries a zone. ``offset_s`` is the offset from UTC, in
    seconds east, that nearly all known times carry; ``None`` for zero, which programs without a
    zone write too.
    """

    micros: IntArray
    known: BoolArray
    naive: bool
    offset_s: int | None = None


def parse_times(texts: Sequence[str | None]) -> Times:
    """Read a column of times; texts that are no time stay unknown.

    A time without a zone is read as UTC.
    """
    clean = [text.strip() if text else "" for text in texts]
    micros, known, offsets = (
        np.zeros(len(clean), np.int64),
        np.zeros(len(clean), np.bool_),
        np.zeros(len(clean), np.int64),
    )
    zoned = False
    for rows, length in _by_length(clean):
        micros[rows], known[rows], block_zoned, offsets[rows] = _read_block(clean, rows, length)
        zoned = zoned or (block_zoned and bool(known[rows].any()))
    for row in np.flatnonzero(~known):
        found = _read_one(clean[row])
        if found is not None:
            micros[row], offset, known[row] = *found, True
            zoned, offsets[row] = zoned or offset is not None, offset or 0
    naive = bool(known.any()) and not zoned
    return Times(
        micros=micros,
        known=known,
        naive=naive,
        offset_s=_common(offsets[known]) if offsets.any() else None,
    )


def _common(offsets: IntArray) -> int | None:
    """The offset that nearly all points carry, else ``None``."""
    values, counts = np.unique(offsets, return_counts=True)
    if not len(values) or counts.max() < _NEARLY_ALL * len(offsets):
        return None
    offset = int(values[counts.argmax()])
    return offset if offset and abs(offset) <= _WIDEST_OFFSET else None


def parse_time(text: str | None) -> tuple[datetime, bool] | None:
    """One time as aware UTC, and whether the text carried a zone; ``None`` when it is no time."""
    found = _read_one((text or "").strip())
    return None if found is None else (to_datetime(found[0]), found[1] is not None)


def to_datetime(micros: int) -> datetime:
    """Microseconds since 1970 as aware UTC."""
    return _EPOCH + timedelta(microseconds=int(micros))


def _by_length(texts: list[str]) -> list[tuple[slice | IndexArray, int]]:
    """The rows of each length that is read as a table."""
    lengths = list(map(len, texts))
    distinct = set(lengths)
    if len(distinct) == 1:
        return [(slice(None), distinct.pop())] if lengths[0] >= _PREFIX else []
    table = np.array(lengths, dtype=np.intp)
    # A writer of fractions cannot produce more lengths than these; others are not worth a table
    # each.
    usable = sorted(length for length in distinct if _PREFIX <= length <= _PREFIX + 20)
    return [(np.flatnonzero(table == length), length) for length in usable]


def _read_block(
    texts: list[str], rows: slice | IndexArray, length: int
) -> tuple[IntArray | int, BoolArray | bool, bool, IntArray | int]:
    """Read times of one length and of the layout of the first; others stay unknown here."""
    block = texts if isinstance(rows, slice) else [texts[row] for row in rows]
    suffix = _SUFFIX.fullmatch(block[0], _PREFIX)
    if suffix is None:
        return 0, False, False, 0
    joined = "".join(block).encode("ascii", "replace")
    # Transposed, so that each position of the text is a contiguous vector.
    table = np.ascontiguousarray(
        np.frombuffer(joined, dtype=np.uint8).reshape(len(block), length).T
    )
    seconds, known = _clock(table)
    fraction, zone = suffix.group(1) or "", suffix.group(2) or ""
    micros, fraction_known = _fraction(table[_PREFIX : _PREFIX + len(fraction)])
    offset, zone_known = _offset(table[length - len(zone) :])
    moments = (seconds - offset) * 1_000_000 + micros
    kept = (moments >= _FIRST) & (moments < _END)
    return moments, known & fraction_known & zone_known & kept, bool(zone), offset


def _clock(table: _Bytes) -> tuple[IntArray, BoolArray]:
    """Seconds since 1970 of the first 19 characters, and which of them are a date and a time."""
    # Anything but a digit wraps round or comes out above 9.
    digit = (table[:_PREFIX] - np.uint8(ord("0"))).astype(np.int64)
    known = (digit[_DIGITS] <= 9).all(axis=0)
    for position, mark in _MARKS.items():
        known &= table[position] == ord(mark)
    year = digit[0] * 1000 + digit[1] * 100 + digit[2] * 10 + digit[3]
    month, day = digit[5] * 10 + digit[6], digit[8] * 10 + digit[9]
    hour, minute, second = (
        digit[11] * 10 + digit[12],
        digit[14] * 10 + digit[15],
        digit[17] * 10 + digit[18],
    )
    known &= (hour < 24) & (minute < 60) & (second < 60) & _is_date(year, month, day)
    return _days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second, known


def _is_date(year: IntArray, month: IntArray, day: IntArray) -> BoolArray:
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    longest = _DAYS_IN_MONTH[np.where((month >= 1) & (month <= 12), month, 0)] + (
        leap & (month == 2)
    )
    known: BoolArray = (day >= 1) & (day <= longest) & (year >= FIRST_YEAR) & (year <= LAST_YEAR)
    return known


def _days(year: IntArray, month: IntArray, day: IntArray) -> IntArray:
    """Days since 1970 of a date (Howard Hinnant's days_from_civil, for years after 0)."""
    shifted = year - (month <= 2)
    era, months = shifted // 400, (month + 9) % 12
    in_era = shifted - era * 400
    days: IntArray = (
        era * 146097
        + in_era * 365
        + in_era // 4
        - in_era // 100
        + (153 * months + 2) // 5
        + day
        - 719469
    )
    return days


def _fraction(table: _Bytes) -> tuple[IntArray | int, BoolArray | bool]:
    """Microseconds of ``.123...``; further digits are cut off."""
    if not len(table):
        return 0, True
    digit = (table[1:] - np.uint8(ord("0"))).astype(np.int64)
    micros = np.zeros(table.shape[1], np.int64)
    for position, row in enumerate(digit[:6]):
        micros += row * 10 ** (5 - position)
    return micros, (table[0] == ord(".")) & (digit <= 9).all(axis=0)


def _offset(table: _Bytes) -> tuple[IntArray | int, BoolArray | bool]:
    """Seconds east of UTC of ``Z`` or ``+hh:mm``."""
    if not len(table):
        return 0, True
    if len(table) == 1:
        return 0, table[0] == ord("Z")
    digit = (table - np.uint8(ord("0"))).astype(np.int64)
    seconds = (digit[1] * 10 + digit[2]) * 3600 + (digit[4] * 10 + digit[5]) * 60
    west = table[0] == ord("-")
    known = (
        (west | (table[0] == ord("+")))
        & (table[3] == ord(":"))
        & (digit[[1, 2, 4, 5]] <= 9).all(axis=0)
    )
    return np.where(west, -seconds, seconds), known & (seconds < 86400)


def _read_one(text: str) -> tuple[int, int | None] | None:
    """Read one odd time: microseconds since 1970 in UTC, and its offset in seconds (or ``None``).

    Odd are a missing leading zero, a comma or dots, digits of another script, an offset like
    ``+0200``.
    """
    match = _LENIENT.fullmatch(with_ascii_digits(text)) if text else None
    if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.group(1, 3, 4, 5, 6, 7))
    offset = _zone_seconds(match[9] or "Z")
    try:
        moment = datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None
    if second > 60 or abs(offset) >= 86400:
        return None
    micros = int((match[8] or "0")[:6].ljust(6, "0"))
    moment += timedelta(seconds=second - offset, microseconds=micros)
    found = (moment - _EPOCH) // _MICROSECOND
    return (found, None if match[9] is None else offset) if _FIRST <= found < _END else None


def _zone_seconds(zone: str) -> int:
    digits = zone[1:].strip("Zz").replace(":", "")
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    seconds = int(hours or 0) * 3600 + int(minutes) * 60
    return -seconds if zone[0] == "-" else seconds
