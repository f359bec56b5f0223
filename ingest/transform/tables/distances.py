"""Reads the distance that the web site shows as metres, if no other column holds it.

The number is localised. Its unit depends on the sport, not on the athlete: metres for pools and
boats, nautical miles for sailing, else kilometres with two decimals, also for athletes who chose
miles.
"""

from __future__ import annotations

import math
import re
from typing import Final

from ingest.transform.tables.cells import parse_number

_METRES_EACH: Final = {"Swim": 1.0, "Rowing": 1.0, "Sail": 1852.0, "Windsurf": 1852.0}
_KILOMETRE: Final = 1000.0
_BLANKS = re.compile(r"[\s'’]")


def shown_metres(cell: str, sport: str | None, decimal: str | None) -> float:
    """Metres of a distance as the site shows it.

    ``sport`` is the API's word; ``decimal`` is the decimal sign of the language, ``None`` where it
    is not certain.

    Raises:
        ValueError: it is no number.
    """
    metres = _METRES_EACH.get(sport or "", _KILOMETRE)
    # The site shows two decimals; more digits would be noise of the multiplication.
    shown = round(
        parse_number(_plain(_BLANKS.sub("", cell), "" if metres == 1.0 else decimal)) * metres, 2
    )
    if not math.isfinite(shown):
        raise ValueError(f"too long a distance: {cell!r}")
    return shown


def _plain(text: str, decimal: str | None) -> str:
    """The number with a decimal point and without thousands separators.

    Without ``decimal``, the digits tell which sign is the decimal one.
    """
    marks = [c for c in text if c in ".,"]
    if not marks:
        return text
    last = marks[-1]
    whole, _, digits = text.rpartition(last)
    if last in marks[:-1] or (len(digits) == 3 and last != decimal and len(set(marks)) == 1):
        whole, digits = whole + digits, ""  # 1,250 or 1.234.567
    return f"{re.sub('[.,]', '', whole)}.{digits}"
