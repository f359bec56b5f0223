"""The route that an answer of the API shows of an activity."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Any, Final

from ingest.transform.api_json.values import mapping

#: Characters of the longest route that is looked at; Strava's have some hundreds.
_LONGEST: Final = 100_000
#: Letters of the longest value: 360 degrees at precision 5.
_MOST_LETTERS: Final = 6
#: The first letter, and the first of those that say that a value goes on.
_FIRST, _GOES_ON, _LAST = ord("?"), ord("_"), ord("~")


def shown_route(raw: Mapping[str, Any]) -> str | None:
    """The encoded polyline of a summary or a detail; ``None`` if it shows none that is sound."""
    line = mapping(raw.get("map")).get("summary_polyline")
    return line if isinstance(line, str) and _is_sound(line) else None


def _is_sound(line: str) -> bool:
    """Whether a text is an encoded polyline: whole values, and an even number of them."""
    if not 0 < len(line) <= _LONGEST or not all(_FIRST <= ord(letter) <= _LAST for letter in line):
        return False
    goes_on = [ord(letter) >= _GOES_ON for letter in line]
    in_a_row = accumulate(goes_on, lambda count, more: count + 1 if more else 0, initial=0)
    ends = len(goes_on) - sum(goes_on)
    return not goes_on[-1] and ends % 2 == 0 and max(in_a_row) < _MOST_LETTERS
