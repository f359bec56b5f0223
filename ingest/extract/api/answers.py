"""Parses an HTTP answer as JSON, refusing size, depth and numbers that Strava never sends.

Python's objects take up to thirty times the bytes of their JSON. So the objects are counted in
the bytes, before any of them is made.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import requests

from ingest.transform.parsers.limits import MAX_POINTS

#: Deepest nesting that is read. Real answers nest seven deep; Python gives up at about a
#: thousand, and later stages before that.
MAX_DEPTH: Final = 32
#: Most digits of a whole number: with more it may exceed the largest double, about 1e308.
_MAX_DIGITS: Final = 308
#: Text that may be a number too large for a double. Only bodies with such a text are read with a
#: check of each number, which takes ten times as long.
_LARGE: Final = re.compile(rb"[0-9]{200}|[0-9][eE]\+?[0-9]{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The largest answer to one kind of request: its bytes, and what they may hold."""

    size: int
    #: Most items of lists and objects, counted by commas.
    items: int
    lists: int
    objects: int
    #: Most texts, including keys.
    texts: int


#: Bound of all answers but streams. A page of 200 activities has 2 MB, a detail of 2,000 segment
#: efforts 3 MB and 8,000 objects.
ORDINARY: Final = Bound(
    size=16_000_000, items=1_000_000, lists=100_000, objects=100_000, texts=1_000_000
)
#: Bound of the streams of ``MAX_POINTS`` points. A point takes at most 80 bytes in ten streams:
#: time 8, latlng 25, distance 10, altitude, moving and velocity 7 each, the other four 4 each.
#: These are twelve items, since latlng is a list of two. As Python's objects they take a gigabyte;
#: real streams take a hundredth of it.
STREAMS: Final = Bound(
    size=80 * MAX_POINTS,
    items=12 * MAX_POINTS,
    lists=MAX_POINTS + 1_000,
    objects=1_000,
    texts=10_000,
)


class UnfitAnswer(requests.RequestException):
    """An answer that Strava cannot have meant, as the text explains; asking again does not help."""


def read_json(body: bytes, bound: Bound) -> Any:
    """The value that an answer holds.

    Raises:
        UnfitAnswer: it is larger than ``bound``, nested too deep, or has a number that no double
            holds.
        requests.JSONDecodeError: it is no JSON.
    """
    _refuse_large(body, bound)
    try:
        # Decoded here, since json would also take UTF-16, in which the checks above see nothing.
        text = body.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_refuse_constant, **_strictness(body))
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        # ``from None``, since the cause quotes the whole body.
        raise requests.JSONDecodeError("no JSON", "", 0) from None
    _refuse_deep(value)
    return value


def _refuse_large(body: bytes, bound: Bound) -> None:
    if len(body) > bound.size:
        raise too_large(bound)
    counts = {
        "items": (body.count(b","), bound.items),
        "lists": (body.count(b"["), bound.lists),
        "objects": (body.count(b"{"), bound.objects),
        "texts": (body.count(b'"') // 2, bound.texts),
    }
    for name, (count, most) in counts.items():
        if count > most:
            raise UnfitAnswer(f"the answer has {count:,} {name}; Strava's have at most {most:,}")


def too_large(bound: Bound) -> UnfitAnswer:
    """The error for an answer with more bytes than ``bound`` allows."""
    return UnfitAnswer(
        f"the answer has more than {bound.size / 1e6:,.0f} MB, more than any of Strava's"
    )


def _strictness(body: bytes) -> dict[str, Any]:
    return {"parse_int": _whole, "parse_float": _real} if _LARGE.search(body) else {}


def _whole(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise UnfitAnswer(f"the answer has a number of {len(digits):,} digits")
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise UnfitAnswer(f"the answer has the number {digits[:20]}, which is too large")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise UnfitAnswer(f"the answer has {name} in place of a number")


def _refuse_deep(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            each for holder in level for each in _held(holder) if isinstance(each, dict | list)
        ]
        if not level:
            return
    raise _too_deep()


def _held(holder: Any) -> Any:
    return (
        holder.values() if isinstance(holder, dict) else holder if isinstance(holder, list) else ()
    )


def _too_deep() -> UnfitAnswer:
    return UnfitAnswer(f"the answer is nested more than {MAX_DEPTH} deep")
