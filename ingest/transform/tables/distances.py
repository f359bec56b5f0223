"""Reads the ``Distance`` that the web site shows as metres, when nothing else tells them.

It is localised. Its unit belongs to the sport, not to the athlete: metres for pools and boats,
nautical miles under sail, else kilometres with two decimals. Athletes who chose miles get
kilometres, too.
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
    """Metres of a distance as shown; ``sport`` is the API's word, ``decimal`` the language's sign
    where it is certain.

    Raises:
        ValueError: it is no number.
    """
    metres = _METRES_EACH.get(sport or "", _KILOMETRE)
    # Two decimals of a kilometre: more digits would only be noise of the multiplication.
    shown = round(
        parse_number(_plain(_BLANKS.sub("", cell), "" if metres == 1.0 else decimal)) * metres, 2
    )
    if not math.isfinite(shown):
        raise ValueError(f"too far: {cell!r}")
    return shown


def _plain(text: str, decimal: str | None) -> str:
    """The number with a decimal point and no thousands separators; ``decimal`` ``None`` or empty:
    told from the digits.
    """
    marks = [c for c in text if c in ".,"]
    if not marks:
        return text
    last = marks[-1]
    whole, _, digits = text.rpartition(last)
    if last in marks[:-1] or (len(digits) == 3 and last != decimal and len(set(marks)) == 1):
        whole, digits = whole + digits, ""  # 1,250 or 1.234.567
    return f"{re.sub('[.,]', '', whole)}.{digits}"
