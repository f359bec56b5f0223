"""Converts the text of one cell to a typed value, or raises ``ValueError``.

Converters never get an empty cell. They return ``None`` if the cell holds one of Strava's
placeholders for "not known".
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from ingest.transform.tables.dates import kept
from ingest.transform.tables.names import name_key

#: Largest length of a key. PostgreSQL's indexes take 8 kB a row, and a quote that is never closed
#: makes one cell of half a file.
MAX_KEY = 1_000
#: First id that a float cannot tell from the next one; Strava's ids have reached 2**34.
_IDS_END = 2**53

_WHOLE = re.compile(r"[+-]?\d+")
_ZEROS = re.compile(r"([+-]?\d+)\.0*")
_QUANTITY = re.compile(r"([+-]?[\d.,]*)\s*([^\W\d]*)\.?")
_KG_PER_LB = 0.45359237
_NO_ELEVATION = -500.0


def untrimmed(cell: str) -> str:
    """The cell as it is."""
    return cell


def trimmed(cell: str) -> str | None:
    """The cell without blanks around it."""
    return cell.strip() or None


def parse_key(cell: str) -> str | None:
    """The cell without blanks around it.

    Raises:
        ValueError: it is too long for a key, as it is or in the form of ``name_key``.
    """
    stripped = cell.strip()
    if len(stripped) > MAX_KEY or (not stripped.isascii() and len(name_key(stripped)) > MAX_KEY):
        raise ValueError(f"too long: {len(stripped):,} characters")
    return stripped or None


def paths(cell: str) -> tuple[str, ...]:
    """Paths of media, which are separated by bars."""
    return tuple(path for part in cell.split("|") if (path := parse_key(part)))


def parse_number(cell: str) -> float:
    """A finite number with a decimal point."""
    value = float(cell)
    if "_" in cell or not math.isfinite(value):
        raise ValueError(f"not a number: {cell!r}")
    return value + 0.0  # turns -0.0 into 0.0: SQLite stores it as 0, PostgreSQL as it is


def parse_whole(cell: str) -> int:
    """A count of 32 bits, as in the database; also when written as ``12.0``, as the export does."""
    return _bounded(cell, 31)


def parse_long_whole(cell: str) -> int:
    """A whole number of 64 bits, exact."""
    return _bounded(cell, 63)


def _bounded(cell: str, bits: int) -> int:
    exact = _WHOLE.fullmatch(cell.strip()) or _ZEROS.fullmatch(cell.strip())
    value = int(exact[0].partition(".")[0]) if exact else _as_whole(cell)
    if not -(2**bits) <= value < 2**bits:
        raise ValueError(f"too large: {cell!r}")
    return value


def _as_whole(cell: str) -> int:
    value = parse_number(cell)
    if not value.is_integer():
        raise ValueError(f"not a whole number: {cell!r}")
    return int(value)


def parse_id(cell: str) -> int:
    """An id: digits and perhaps ``.0``.

    ``1.2E+10``, as spreadsheets write it, is refused, since its last digits are lost.
    """
    stripped = cell.strip()
    exact = _WHOLE.fullmatch(stripped) or _ZEROS.fullmatch(stripped)
    value = int(stripped.partition(".")[0]) if exact else 0
    if not 0 < value < 2**63:
        raise ValueError(f"not an id: {cell!r}")
    return value


def parse_activity_id(cell: str) -> int:
    """An id that Strava can have given to an activity."""
    value = parse_id(cell)
    if value >= _IDS_END:
        raise ValueError(f"not an activity's id: {cell!r}")
    return value


def parse_flag(cell: str) -> bool:
    """``true`` or ``false`` in any case (never localised), or a number: true unless zero."""
    word = cell.strip().casefold()
    return word == "true" if word in ("true", "false") else parse_number(word) != 0


def positive(cell: str) -> bool:
    """Whether the number is above zero."""
    return parse_number(cell) > 0


def negated(cell: str) -> bool:
    """The opposite of ``parse_flag``."""
    return not parse_flag(cell)


def elevation(cell: str) -> float | None:
    """Metres; ``None`` for -500, which Strava writes for "not known"."""
    value = parse_number(cell)
    return None if value == _NO_ELEVATION else value


def epoch(cell: str) -> datetime | None:
    """Seconds since 1970 as a time; ``None`` for zero."""
    seconds = parse_number(cell)
    try:
        return kept(datetime.fromtimestamp(seconds, UTC)) if seconds > 0 else None
    except (OverflowError, OSError) as err:
        raise ValueError(f"not a time: {cell!r}") from err


def milliseconds(cell: str) -> float:
    """Milliseconds as seconds."""
    return parse_number(cell) / 1000


def kilograms(cell: str) -> float | None:
    """A weight such as ``70.0 kg`` or ``154,5 lb``; ``None`` for zero or a unit without number."""
    return _quantity(cell, {"": 1.0, "kg": 1.0, "lb": _KG_PER_LB, "lbs": _KG_PER_LB})


def watts(cell: str) -> float | None:
    """A power such as ``233 W``; ``None`` for zero."""
    return _quantity(cell, {"": 1.0, "w": 1.0})


def beats(cell: str) -> float | None:
    """A heart rate in beats per minute; ``None`` for zero."""
    return _quantity(cell, {"": 1.0, "bpm": 1.0})


def _quantity(cell: str, factors: Mapping[str, float]) -> float | None:
    parts = _QUANTITY.fullmatch(cell.strip())
    factor = factors.get(parts[2].casefold()) if parts else None
    if parts is None or factor is None:
        raise ValueError(f"not a quantity: {cell!r}")
    return parse_number(parts[1].replace(",", ".")) * factor or None if parts[1] else None
