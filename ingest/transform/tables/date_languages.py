"""Takes words of dates from CLDR, through Babel, if a column of dates needs them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from ingest.transform.tables.date_words import HALVES, DateWords, Hours, letters_of, words_in
from ingest.transform.tables.dates import plain_date_text

if TYPE_CHECKING:
    from babel import Locale

#: Languages to try, those that Strava offers first; if two know all words, the earlier one counts.
_LANGUAGES: Final = """
    en de fr es nl da nb sv pl pt pt_PT it cs sk hu ru uk tr el ro fi id vi th he ja ko zh_Hans
    zh_Hant fr_CA es_419 zh_Hant_HK bg hr sl sr sr_Latn lt lv et ca eu gl is ga ms fil ar fa hi bn
    ta
"""
_QUOTED = re.compile(r"'([^']+)'")
#: Pattern of what in CLDR's patterns is quoted or stands for a value.
_PATTERN = re.compile(r"'[^']*'|[A-Za-z0-9{}]")
_HOUR_S: Final = 3600


def best_words(cells: Counter[str]) -> DateWords | None:
    """The language that knows words of the most cells; ``None`` if none knows any.

    ``cells`` counts the words of a column.
    """
    best, most = None, 0
    for name in _LANGUAGES.split():
        words = _words(name)
        known = sum(count for found, count in cells.items() if words.knows(found))
        if known > most:
            best, most = words, known
        if known == cells.total():
            break
    return best


@cache
def _words(name: str) -> DateWords:
    from babel import Locale  # imported late: only columns of dates in no known form need it

    locale = Locale.parse(name)
    months, fillers = _in_dates(locale)
    fillers |= {found for text in _literals(locale) for found in words_in(text)}
    named = {
        found: month
        for found, month in _named(locale.months)
        if not any(c.isdigit() for c in found)
    }
    return DateWords(
        language=name, months={**named, **months}, hours=_hours(locale), fillers=frozenset(fillers)
    )


def _in_dates(locale: Locale) -> tuple[dict[str, int], set[str]]:
    """Months as dates write them, and the words beside them.

    A month may be in the genitive, or have a letter before it.
    """
    from babel.dates import format_date

    written = {
        month: {
            name
            for form in ("medium", "long")
            for name in words_in(format_date(date(2001, month, 1), form, locale))
        }
        for month in range(1, 13)
    }
    seen = Counter(name for names in written.values() for name in names)
    months = {name: month for month, names in written.items() for name in names if seen[name] == 1}
    return months, seen.keys() - months.keys()


def _literals(locale: Locale) -> Iterator[str]:
    """The words between date and time (kl, klo, at) and after the time."""
    patterns = [*locale.datetime_formats.values(), *locale.time_formats.values()]
    for pattern in map(str, patterns):
        yield from _QUOTED.findall(pattern)
        yield _PATTERN.sub(" ", pattern)


def _named(names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The names of every context and width, in the form that is compared; only single words."""
    for context in ("stand-alone", "format"):
        for width in ("wide", "abbreviated"):
            for key, name in names.get(context, {}).get(width, {}).items():
                if " " not in (text := plain_date_text(name)):
                    yield letters_of(text), key


def _hours(locale: Locale) -> dict[str, Hours]:
    """Hours by word. A word can name several parts of the day: in Korean, PM and the afternoon."""
    rules = locale.day_period_rules.get(None, {})
    found: dict[str, Hours] = {}
    for name, period in _named(locale.day_periods):
        found[name] = found.get(name, ()) + (HALVES.get(period) or _ranges(rules.get(period, ())))
    return {name: hours for name, hours in found.items() if hours}


def _ranges(rules: Any) -> Hours:
    """The hours of a part of the day; midnight and noon are the hour that they begin."""
    found: list[tuple[int, int]] = []
    for rule in rules:
        begin = int(rule.get("from", rule.get("at", 0))) // _HOUR_S
        end = int(rule.get("before", (begin + 1) * _HOUR_S)) // _HOUR_S
        found += [(begin, end)] if begin < end else [(begin, 24), (0, end)]
    return tuple(found)
