"""Reads a date in the words of one language, or in numbers only, if no known form fits it.

The order of words does not matter, so that one reader serves every pattern of CLDR: it finds the
time of day by its marks, the year by its four digits, the month by its name or its mark. A word
that the language does not know makes the cell unreadable.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Final

from ingest.transform.tables.dates import Reading, kept, numeric, plain_date_text

#: Hours of the day that a word covers, as (first, one after the last).
Hours = tuple[tuple[int, int], ...]

_CLOCK = re.compile(
    r"(?<![\d.:])(\d\d?)(?:([:.])(\d\d)(?:\2(\d\d))?"
    r"|\s*[h時时点點시]\s*(\d\d?)\s*(?:min|分|분)?(?:\s*(\d\d?)\s*(?:s\b|秒|초))?)(?![.:]?\d)"
)
_TOKEN = re.compile(r"(\d+)\s?([年月日년월일])?|[^\s\d,،，、/:;()\-]+")
_UNITS: Final = {"年": "year", "년": "year", "月": "month", "월": "month", "日": "day", "일": "day"}
_VIETNAMESE_MONTH = re.compile(r"\b(?:thg|thang)\s?(\d\d?)\b")
_HALF_IN_TWO = re.compile(r"\b([ap])\.?\s?m\b\.?")
_DOTTED = re.compile(r"\d\s?\.\s?\d\d?\s?\.\s?\d{4}")
#: Words without meaning in a date: UTC, eras, and words that other versions of CLDR put before the
#: time.
_SAY_NOTHING: Final = """
    utc gmt z พศ คศ a alle as ngay nam at kl klo klockan klokka klokken la las luc o om ore pukul
    saat um u в г о об р στις
"""
_FILLERS: Final = frozenset(_SAY_NOTHING.split())
#: The words for the halves of the day that many languages share.
HALVES: Final[Mapping[str, Hours]] = {"am": ((0, 12),), "pm": ((12, 24),)}


@dataclass(frozen=True, slots=True, kw_only=True)
class DateWords:
    """The words of dates in one language, in the form of ``word``.

    ``fillers`` mean nothing in a date (de, kl, г).
    """

    language: str
    months: Mapping[str, int] = field(default_factory=dict)
    hours: Mapping[str, Hours] = field(default_factory=dict)
    fillers: frozenset[str] = frozenset()

    def knows(self, word: str) -> bool:
        """Whether the word can be part of a date."""
        return any(
            word in known for known in (self.months, self.hours, self.fillers, HALVES, _FILLERS)
        )

    def read(self, text: str, era: int = 0) -> Reading:
        """What a cell can mean; ``era`` is by how many years its calendar is ahead.

        Raises:
            ValueError: it is no date in this language.
        """
        clock, rest = _without_clock(_prepared(text))
        parts = _Parts(self)
        for found in _TOKEN.finditer(rest):
            parts.take(found)
        hour, minute, second = clock
        time = (_hour(hour, parts.hours), minute, second)
        return parts.reading(time, era, is_dotted=_DOTTED.search(rest) is not None)


#: For columns that hold only numbers.
NO_WORDS: Final = DateWords(language="")


def letters_of(text: str) -> str:
    """A word in the form that is compared: letters and the vowels above them, without dots."""
    return "".join(c for c in text if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc"))


def words_in(text: str) -> list[str]:
    """The words of a text, without numbers."""
    _, rest = _without_clock(_prepared(text))
    return [
        found for token in _TOKEN.finditer(rest) if not token[1] and (found := letters_of(token[0]))
    ]


def _prepared(text: str) -> str:
    return _VIETNAMESE_MONTH.sub(r" \1月 ", _HALF_IN_TWO.sub(r" \1m ", plain_date_text(text)))


def _without_clock(text: str) -> tuple[tuple[int, int, int], str]:
    found = _CLOCK.search(text)
    if found is None:
        return (0, 0, 0), text
    hour, minute, second = found[1], found[3] or found[5], found[4] or found[6] or "0"
    return (int(hour), int(minute), int(second)), f"{text[: found.start()]} {text[found.end() :]}"


def _hour(hour: int, hours: Hours) -> int:
    if not hours:
        return hour
    if not 0 <= hour <= 12:
        raise ValueError("an hour above 12 beside a word for a part of the day")
    fitting = [
        h for h in (hour % 12, hour % 12 + 12) if any(begin <= h < end for begin, end in hours)
    ]
    if not fitting:
        raise ValueError("the hour does not lie in the part of the day that a word names")
    return fitting[0]


class _Parts:
    """The parts of a date that the tokens of one cell have given so far."""

    def __init__(self, words: DateWords) -> None:
        self._words = words
        self._known: dict[str, int] = {}
        self._numbers: list[int] = []
        self._starts_with_year = False
        self.hours: Hours = ()

    def take(self, token: re.Match[str]) -> None:
        if token[1]:
            self._number(token[1], _UNITS.get(token[2] or ""))
        elif name := letters_of(token[0]):
            self._word(name)

    def _number(self, digits: str, unit: str | None) -> None:
        if unit is None and len(digits) == 4:
            unit = "year"
            self._starts_with_year = not self._numbers
        if unit is None:
            self._numbers.append(int(digits))
        else:
            self._set(unit, int(digits))

    def _word(self, name: str) -> None:
        if name in self._words.months:
            self._set("month", self._words.months[name])
        elif name in self._words.hours or name in HALVES:
            self.hours = self._words.hours.get(name) or HALVES[name]
        elif not self._words.knows(name):
            raise ValueError(f"the word {name!r} is not known")

    def _set(self, part: str, value: int) -> None:
        if part in self._known:
            raise ValueError(f"it has two numbers for the {part}")
        self._known[part] = value

    def reading(self, time: tuple[int, int, int], era: int, *, is_dotted: bool) -> Reading:
        """The date that the parts make.

        Raises:
            ValueError: one is missing, or there are too many.
        """
        if "year" not in self._known:
            raise ValueError("it has no year of four digits")
        moment = partial(_moment, self._known["year"] - era, time)
        missing = [part for part in ("month", "day") if part not in self._known]
        if len(missing) != len(self._numbers):
            raise ValueError("it does not have exactly one day and one month")
        if len(missing) < 2:
            parts = {**self._known, **dict(zip(missing, self._numbers, strict=True))}
            return Reading(moment=moment(parts["month"], parts["day"]))
        first, other = self._numbers
        if self._starts_with_year:
            return Reading(moment=moment(first, other))
        return Reading(moment=moment(other, first)) if is_dotted else numeric(moment, first, other)


def _moment(year: int, time: tuple[int, int, int], month: int, day: int) -> datetime:
    return kept(datetime(year, month, day, *time, tzinfo=UTC))
