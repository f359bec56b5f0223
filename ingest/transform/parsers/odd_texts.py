"""Turns numbers and times written in other scripts or by other habits into plain ASCII."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: Decimal and thousands separators of Arabic script, minus signs of other widths; marks of
#: direction, which mean nothing here.
_SIGNS: Final = str.maketrans(
    {"٫": ".", "٬": "", "−": "-", "\u200e": None, "\u200f": None, "\u061c": None}
)
#: A number whose comma may separate thousands.
_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)


def with_ascii_digits(text: str) -> str:
    """A text with digits and signs in ASCII."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text.translate(_SIGNS)).strip()
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in text)


def odd_number(text: str, has_dots: bool) -> float:
    """A number in an odd notation; NaN for a text that is none, or could be two numbers.

    A comma is the decimal sign, unless other numbers of the column have dots (``has_dots``) and the
    comma could separate thousands.
    """
    text = with_ascii_digits(text).strip()
    try:
        return float(_without_commas(text, has_dots) if "," in text else text)
    except ValueError:
        return float("nan")


def _without_commas(text: str, has_dots: bool) -> str:
    """The number with a decimal point and no other separator; unchanged where it could be two."""
    if "." in text:  # of comma and dot, the later one is the decimal sign
        decimal, other = (",", ".") if text.rindex(",") > text.rindex(".") else (".", ",")
        return text.replace(other, "").replace(decimal, ".") if text.count(decimal) == 1 else text
    if text.count(",") > 1 or (has_dots and _THOUSANDS.fullmatch(text)):
        return text
    return text.replace(",", ".")
