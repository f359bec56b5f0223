"""Converts the text of one cell to a typed value, or raises ``ValueError``.

Converters see no empty cells. ``None`` means that the cell says nothing, as Strava's placeholders
for "not known" do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from ingest.transform.tables.dates import kept
from ingest.transform.tables.names import name_key

#: PostgreSQL's indexes take 8 kB a row, and a quote that is never closed makes a cell of half a
#: file.
MAX_KEY = 1_000
#: The first id that a float cannot tell from the next; Strava is at 2**34.
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
    """The cell without blanks around it, where it is short enough for a key, also as ``name_key``
    makes it.
    """
    stripped = cell.strip()
    if len(stripped) > MAX_KEY or (not stripped.isascii() and len(name_key(stripped)) > MAX_KEY):
        raise ValueError(f"too long: {len(stripped):,} characters")
    return stripped or None


def paths(cell: str) -> tuple[str, ...]:
    """Paths of media, with bars between them."""
    return tuple(path for part in cell.split("|") if (path := parse_key(part)))


def parse_number(cell: str) -> float:
    """A finite number with a decimal point."""
    value = float(cell)
    if "_" in cell or not math.isfinite(value):
        raise ValueError(f"not a number: {cell!r}")
    return value + 0.0  # -0.0, which SQLite stores as 0 and PostgreSQL as it is, is 0


def parse_whole(cell: str) -> int:
    """A count that fits 32 bits, as its column in the database does; ``12.0`` is one, as the export
    writes it.
    """
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
    """An id: digits and perhaps ``.0``. ``1.2E+10``, as spreadsheets show it, has lost its last
    digits.
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
    """``true``/``false`` in any case (never localised), or a number that is not zero."""
    word = cell.strip().casefold()
    return word == "true" if word in ("true", "false") else parse_number(word) != 0


def positive(cell: str) -> bool:
    """Whether the number is above zero."""
    return parse_number(cell) > 0


def negated(cell: str) -> bool:
    """The opposite of ``parse_flag``."""
    return not parse_flag(cell)


def elevation(cell: str) -> float | None:
    """Metres; -500 is what Strava writes for "not known"."""
    value = parse_number(cell)
    return None if value == _NO_ELEVATION else value


def epoch(cell: str) -> datetime | None:
    """Seconds since 1970; zero stands for "none"."""
    seconds = parse_number(cell)
    try:
        return kept(datetime.fromtimestamp(seconds, UTC)) if seconds > 0 else None
    except (OverflowError, OSError) as err:
        raise ValueError(f"not a time: {cell!r}") from err


def milliseconds(cell: str) -> float:
    """Milliseconds as seconds."""
    return parse_number(cell) / 1000


def kilograms(cell: str) -> float | None:
    """A weight such as ``70.0 kg``, ``154,5 lb`` or `` kg`` (not given);
    zero is not given either.
    """
    return _quantity(cell, {"": 1.0, "kg": 1.0, "lb": _KG_PER_LB, "lbs": _KG_PER_LB})


def watts(cell: str) -> float | None:
    """A power such as ``233 W``; zero is not given."""
    return _quantity(cell, {"": 1.0, "w": 1.0})


def beats(cell: str) -> float | None:
    """Beats per minute; zero is not given."""
    return _quantity(cell, {"": 1.0, "bpm": 1.0})


def _quantity(cell: str, factors: Mapping[str, float]) -> float | None:
    parts = _QUANTITY.fullmatch(cell.strip())
    factor = factors.get(parts[2].casefold()) if parts else None
    if parts is None or factor is None:
        raise ValueError(f"not a quantity: {cell!r}")
    return parse_number(parts[1].replace(",", ".")) * factor or None if parts[1] else None
