"""Writes CSV text as Strava does: US dates, LF line ends, empty values unquoted.

No value is written as nothing, an empty text as ``""``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_QUOTED: Final = re.compile(r'[",\r\n]|^\s|\s$')

Cell = str | float | None


def table(header: str, rows: Iterable[Sequence[Cell]] = ()) -> bytes:
    """A header line as it is, and rows."""
    return (header + "\n" + "".join(csv_line(row) for row in rows)).encode()


def csv_line(cells: Sequence[Cell]) -> str:
    """One row with its line end."""
    return ",".join(map(_cell, cells)) + "\n"


def us_date(moment: datetime) -> str:
    """``Jan 8, 2023, 9:27:04 PM``, in UTC."""
    t = moment.astimezone(UTC)
    half = "PM" if t.hour >= 12 else "AM"
    return f"{_MONTHS[t.month - 1]} {t.day}, {t.year}, {t.hour % 12 or 12}:{t:%M:%S} {half}"


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if not text or _QUOTED.search(text) else text
