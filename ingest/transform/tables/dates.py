"""Reads a date as the export writes it, in any language, as an aware UTC datetime.

The export has no zones: every date is UTC. Strava formats dates with ICU, whose patterns change
with its version: blanks may be U+202F or U+00A0, months may have dots, and a comma or a word may
stand before the time. A date that could be read in two ways is refused, unless the whole column
tells the order (``ingest.transform.tables.date_column``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, Literal, NamedTuple

from ingest.transform.timezones import FIRST_YEAR, LAST_YEAR

#: Which of day and month comes first.
Order = Literal["day", "month"]

#: Names of the months, short and long, without accents and dots: en de fr es nl, it pt pl sv da nb
#: id, ru.
_MONTH_WORDS: Final = (
    "jan january januar janner janvier janv ene enero januari gen gennaio janeiro sty stycznia "
    "янв января",
    "feb february februar feber fevr fevrier febrero februari febbraio fev fevereiro lut lutego "
    "февр фев февраля",
    "mar march marz mars marzo mrt maart marco marca marts maret мар марта",
    "apr april avr avril abr abril aprile kwi kwietnia апр апреля",
    "may mai mayo mei mag maggio maio maj maja мая май",
    "jun june juni juin junio giu giugno junho cze czerwca июн июня июнь",
    "jul july juli juil juillet julio lug luglio julho lip lipca июл июля июль",
    "aug august aout ago agosto augustus sie sierpnia augusti agu agt agustus авг августа",
    "sep sept september septembre septiembre set settembre setembro wrz wrzesnia сент сен сентября",
    "oct october okt oktober octobre octubre ott ottobre out outubro paz pazdziernika окт октября",
    "nov november novembre noviembre novembro lis listopada нояб ноя ноября",
    "dec december dez dezember decembre dic diciembre dicembre dezembro gru grudnia des desember "
    "дек декабря",
)
_FIRST_ACCENT, _LAST_ACCENT = "\u0300", "\u036f"


def plain_date_text(text: str) -> str:
    """The text in lower case, with ASCII digits, ordinary blanks and without accents of Europe.

    Marks of direction are dropped. The result is composed again because of Korean syllables. Vowels
    of Thai, which are combining marks too, are kept, since they tell March from January.
    """
    if not text.isascii():
        letters = (
            c for c in unicodedata.normalize("NFKD", text) if not _FIRST_ACCENT <= c <= _LAST_ACCENT
        )
        kept_letters = "".join(c for c in letters if unicodedata.category(c) != "Cf")
        composed = unicodedata.normalize("NFC", kept_letters)
        text = "".join(str(unicodedata.decimal(c, c)) for c in composed)
    return text.strip().lower()


_MONTHS: Final = {
    plain_date_text(word): month
    for month, words in enumerate(_MONTH_WORDS, start=1)
    for word in words.split()
}
#: Words for the afternoon that stand before the time; those behind it begin with a or p.
_AFTERNOON: Final = frozenset({"오후", "下午", "午後"})

_TIME = (
    r"(?:[,\s]+(?:(?:a las|at|a|um|om|as|alle|alle ore|klo|kl|в|o)\.?\s+)?|[t\s]|(?<=日))"
    r"(?P<before>오전|오후|上午|下午|午前|午後)?\s*"
    r"(?P<hour>\d{1,2})(?P<colon>[:.])(?P<minute>\d\d)(?:(?P=colon)(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,6})\d*)?)?"
    r"\s*(?P<after>[ap]\.?\s?m\b\.?)?"
    r"\s*(?P<zone>z|utc|gmt|[+-]\d\d:?\d\d)?"
)
_LOOKS: Final = tuple(
    re.compile(date + rf"(?:{_TIME})?")
    for date in (
        r"(?P<month>[^\W\d]+)\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})",  # Jan 8, 2023
        # 8 de ene. de 2023
        r"(?P<day>\d{1,2})\.?\s+(?:de\s+)?(?P<month>[^\W\d]+)\.?,?\s+(?:de\s+)?(?P<year>\d{4})(?:\s*г\.?)?",
        r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})",  # 08.01.2023
        # 2023-01-08, 2023. 1. 8.
        r"(?P<year>\d{4})(?P<mark>[-/.])\s?(?P<month>\d{1,2})(?P=mark)\s?(?P<day>\d{1,2})\.?",
        r"(?P<year>\d{4})年\s?(?P<month>\d{1,2})月\s?(?P<day>\d{1,2})日",
    )
)
_EITHER = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<mark>[-/])(?P<other>\d{{1,2}})(?P=mark)(?P<year>\d{{4}})(?:{_TIME})?"
)


class Reading(NamedTuple):
    """What one cell can mean.

    ``moment`` has the day first where it could be either, ``swapped`` the month first. ``proves``
    is the order that the cell itself shows by a day above 12.
    """

    moment: datetime
    swapped: datetime | None = None
    proves: Order | None = None

    def by(self, order: Order | None) -> datetime:
        """The moment, given the order of the column.

        Raises:
            ValueError: it could be either, and nobody knows the order.
        """
        if self.swapped is None:
            return self.moment
        if order is None:
            raise ValueError("it is not known which number is the day and which the month")
        return self.moment if order == "day" else self.swapped


def parse_date(text: str) -> datetime:
    """The moment that ``text`` names, in UTC; a date without a time is its midnight.

    Raises:
        ValueError: the text is no date of 1900 to 2199, or could be read in two ways
        (``03/04/2024``); it is named.
    """
    try:
        return read_date(text).by(None)
    except ValueError as err:
        raise ValueError(f"not a date: {text!r} ({err})") from err


def read_date(text: str) -> Reading:
    """What ``text`` can mean in the languages whose months stand above.

    Raises:
        ValueError: the text is no date of 1900 to 2199.
    """
    cell = plain_date_text(text)
    try:
        for look in _LOOKS:
            if found := look.fullmatch(cell):
                return Reading(moment=_moment(found, _month(found["month"]), int(found["day"])))
        if found := _EITHER.fullmatch(cell):
            return numeric(partial(_moment, found), int(found["first"]), int(found["other"]))
    except OverflowError as err:
        raise ValueError(f"no such day or time: {err}") from err
    raise ValueError("in no known format")


def numeric(moment: Callable[[int, int], datetime], first: int, other: int) -> Reading:
    """The reading of two numbers that are day and month in either order.

    ``moment`` makes a time from a month and a day.

    Raises:
        ValueError: no month has such a day.
    """
    if first > 12:
        return Reading(moment=moment(other, first), proves="day")
    if other > 12:
        return Reading(moment=moment(first, other), proves="month")
    if first == other:
        return Reading(moment=moment(first, first))
    return Reading(moment=moment(other, first), swapped=moment(first, other))


def _month(word: str) -> int:
    if word.isdigit():
        return int(word)
    if word not in _MONTHS:
        raise ValueError(f"no month is called {word!r}")
    return _MONTHS[word]


def _moment(found: re.Match[str], month: int, day: int) -> datetime:
    fraction = int((found["fraction"] or "0").ljust(6, "0"))
    minute, second = int(found["minute"] or 0), int(found["second"] or 0)
    moment = datetime(int(found["year"]), month, day, _hour(found), minute, second, fraction, UTC)
    zone = found["zone"]
    return kept(moment - _offset(zone) if zone and zone[0] in "+-" else moment)


def kept(moment: datetime) -> datetime:
    """The moment itself, if its year can be right.

    Raises:
        ValueError: its year is one that only damage tells.
    """
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"the year {moment.year} is not from {FIRST_YEAR} to {LAST_YEAR}")
    return moment


def _hour(found: re.Match[str]) -> int:
    hour = int(found["hour"] or 0)
    before, after = found["before"], found["after"]
    if not before and not after:
        return hour
    if hour > 12:
        raise ValueError("an hour above 12 beside AM or PM")
    is_afternoon = before in _AFTERNOON if before else after[0] == "p"
    return hour % 12 + (12 if is_afternoon else 0)


def _offset(zone: str) -> timedelta:
    size = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return size if zone[0] == "+" else -size
