"""Turns numbers and times in other scripts or habits into ASCII, as they are read from."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: Decimal and thousands separators of Arabic script, signs of other widths; marks of direction say
#: nothing.
_SIGNS: Final = str.maketrans(
    {"٫": ".", "٬": "", "−": "-", "\u200e": None, "\u200f": None, "\u061c": None}
)
#: A comma that might stand before thousands.
_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)


def with_ascii_digits(text: str) -> str:
    """A text with digits and signs in ASCII."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text.translate(_SIGNS)).strip()
    return "".join(
        str(digit) if (digit := unicodedata.decimal(letter, -1)) >= 0 else letter for letter in text
    )


def odd_number(text: str, has_dots: bool) -> float:
    """A number that is not written as programs write it, NaN for what is none or could be two.

    A comma is the decimal one, unless others of the column have dots (``has_dots``) and it could
    stand before thousands.
    """
    text = with_ascii_digits(text).strip()
    try:
        return float(_without_commas(text, has_dots) if "," in text else text)
    except ValueError:
        return float("nan")


def _without_commas(text: str, has_dots: bool) -> str:
    """With a decimal dot at most; as it is where nobody can tell."""
    if "." in text:  # the last of the two is the decimal one
        decimal, other = (",", ".") if text.rindex(",") > text.rindex(".") else (".", ",")
        return text.replace(other, "").replace(decimal, ".") if text.count(decimal) == 1 else text
    if text.count(",") > 1 or (has_dots and _THOUSANDS.fullmatch(text)):
        return text
    return text.replace(",", ".")
