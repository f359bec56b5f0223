"""Finds the format of all dates of an export: language, order of day and month, calendar.

The name of a month tells the order. Numbers tell it by a day above 12, else by the starts of device
files, else by the ids of activities, which mostly grow with time. If none of these tells the order,
a date that could be read both ways counts as not known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from ingest.transform.tables.cells import parse_activity_id
from ingest.transform.tables.date_words import NO_WORDS, DateWords, words_in
from ingest.transform.tables.dates import Order, Reading, read_date

_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
#: Years by which Thailand's Buddhist calendar is ahead, and its years that are 1900 to 2199.
_BUDDHIST: Final = 543
_BUDDHIST_YEARS: Final = range(2443, 2743)
#: Factor by which the dates for one order must outnumber those for the other.
_CLEARLY: Final = 10
#: Most days between a start and its file; the two readings of a date differ by a month or more.
_NEAR: Final = timedelta(days=2)
#: By how many, and by which factor, dates in the wrong order must step back more often than dates
#: in the right one.
_STEPS_BACK, _TIMES_AS_MANY = 3, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFormat:
    """How the dates of one export are read.

    ``words`` are those of a language whose dates have no known form.
    """

    order: Order | None = None
    words: DateWords | None = None
    era: int = 0
    #: Whether the cells alone leave the order open, so that starts or ids had to tell it.
    is_doubtful: bool = False
    #: Whether nothing tells the order.
    is_undecided: bool = False
    #: Cells of the column that have been read already.
    known: Mapping[str, datetime] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> str:
        """What the cells alone do not tell, as a text; empty for a column of known forms."""
        parts = (self.order or "", self.words.language if self.words else "", str(self.era or ""))
        return " ".join(parts).strip()

    def read(self, text: str) -> datetime:
        """The moment of a cell, in UTC.

        Raises:
            ValueError: it is no date, or could be read in two ways; it is named.
        """
        if (moment := self.known.get(text)) is not None:
            return moment
        try:
            return _reading(text, self.words, self.era).by(self.order)
        except ValueError as err:
            raise ValueError(f"not a date: {text!r} ({err})") from err


#: Format for dates that each tell everything.
PLAIN: Final = DateFormat()


def decide(ids: Sequence[str], texts: Sequence[str], starts: Mapping[int, datetime]) -> DateFormat:
    """The format of a column of dates.

    ``ids`` and ``texts`` are the cells of activities; ``starts`` are those that device files tell,
    by activity.
    """
    cells = set(texts)
    if (known := _certain(cells)) is not None:
        return DateFormat(known=known)
    readings = _readings(cells, None, 0)
    words, era = None, 0
    if len(readings) < len(cells):
        words, era = _language(cells, cells - readings.keys()), _era(cells)
        readings = _readings(cells, words, era)
    order, is_doubtful = _order(ids, texts, readings, starts)
    known = {text: r.by(order) for text, r in readings.items() if order or r.swapped is None}
    return DateFormat(
        order=order,
        words=words,
        era=era,
        is_doubtful=is_doubtful,
        is_undecided=len(known) < len(readings),
        known=known,
    )


def _certain(cells: Iterable[str]) -> dict[str, datetime] | None:
    """The moments of cells, if each tells everything by itself, as in most columns.

    ``None`` if one does not.
    """
    known = {}
    for text in cells:
        try:
            moment, swapped, proves = read_date(text)
        except ValueError:
            return None
        if swapped or proves:
            return None
        known[text] = moment
    return known


def _readings(texts: Iterable[str], words: DateWords | None, era: int) -> dict[str, Reading]:
    found = {}
    for text in texts:
        try:
            found[text] = _reading(text, words, era)
        except ValueError:
            continue
    return found


def _reading(text: str, words: DateWords | None, era: int) -> Reading:
    """What a cell can mean; words of the column's language come first.

    "lip" is July in Polish and June in Croatian.
    """
    if words is not None:
        with suppress(ValueError):
            return words.read(text, era)
    return read_date(text)


def _language(cells: set[str], unread: set[str]) -> DateWords:
    """The language of cells that no known form fits; without words, numbers are still read."""
    words = Counter(word for text in unread for word in words_in(text))
    if not words:
        return NO_WORDS
    from ingest.transform.tables.date_languages import best_words

    every = Counter(word for text in cells for word in words_in(text))
    return best_words(every) or NO_WORDS


def _era(texts: Iterable[str]) -> int:
    years = [int(year[0]) for text in texts if (year := _YEAR.search(text))]
    buddhist = sum(year in _BUDDHIST_YEARS for year in years)
    return _BUDDHIST if 2 * buddhist > len(years) else 0


def _order(
    ids: Sequence[str],
    texts: Sequence[str],
    readings: Mapping[str, Reading],
    starts: Mapping[int, datetime],
) -> tuple[Order | None, bool]:
    """The order, and whether the cells alone leave it open."""
    proofs = Counter(r.proves for r in readings.values() if r.proves)
    if proofs:
        return _clearly(proofs["day"], proofs["month"]), False
    either = list(_either(zip(ids, texts, strict=True), readings))
    return _by_starts(either, starts) or _by_ids(either), bool(either)


def _either(
    cells: Iterable[tuple[str, str]], readings: Mapping[str, Reading]
) -> Iterator[tuple[int, Reading]]:
    for identifier, text in cells:
        if (reading := readings.get(text)) is not None and reading.swapped is not None:
            with suppress(ValueError):
                yield parse_activity_id(identifier), reading


def _by_starts(
    either: Sequence[tuple[int, Reading]], starts: Mapping[int, datetime]
) -> Order | None:
    near: Counter[Order] = Counter()
    orders: tuple[Order, ...] = ("day", "month")
    for identifier, reading in either:
        if (start := starts.get(identifier)) is not None:
            near.update(order for order in orders if abs(reading.by(order) - start) < _NEAR)
    return _clearly(near["day"], near["month"])


def _by_ids(either: Sequence[tuple[int, Reading]]) -> Order | None:
    in_order = [reading for _, reading in sorted(either, key=lambda pair: pair[0])]
    back = {order: _steps_back([r.by(order) for r in in_order]) for order in ("day", "month")}
    return _clearly_fewer(back["day"], back["month"])


def _steps_back(moments: Sequence[datetime]) -> int:
    return sum(later < earlier for earlier, later in pairwise(moments))


def _clearly(day: int, month: int) -> Order | None:
    if day > _CLEARLY * month:
        return "day"
    return "month" if month > _CLEARLY * day else None


def _clearly_fewer(day: int, month: int) -> Order | None:
    if month - day >= _STEPS_BACK and month >= _TIMES_AS_MANY * day:
        return "day"
    return "month" if day - month >= _STEPS_BACK and day >= _TIMES_AS_MANY * month else None
