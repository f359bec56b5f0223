"""Draws a calendar of each year: one cell per day, darker with the time moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from markupsafe import Markup

from exporters.report.data import Data
from exporters.report.rows import Fact
from exporters.report.section import Key, Plot, Section
from exporters.report.svg import drawing, group, label, said, tag
from exporters.report.units import Units, day, number

#: Hours at which the second, third and fourth shade begin.
_LEVELS: Final = (0.5, 1.0, 2.0)
_WORDS: Final = ("under 30 min", "30 to 60 min", "1 to 2 h", "2 h or more")
_CELL: Final = 11
_STEP: Final = 13
_LEFT: Final = 40
_TOP: Final = 24
#: Weeks of half a year, whole or not.
_WEEKS: Final = 28
#: Number of the newest years that are drawn; nobody scrolls further.
_YEARS: Final = 12


#: Activities by day; only days that have some.
Days = dict[date, list[Fact]]


def section(data: Data) -> Section:
    """One calendar per year."""
    title, key = "Calendar", "calendar"
    if not data.dated:
        return Section(key=key, title=title, is_wide=True, empty="No activity has a day.")
    days = _days(data.dated)
    years = sorted({at.year for at in days}, reverse=True)
    every = list(range(years[0], years[-1] - 1, -1))[:_YEARS]
    lead = "Moving time of each day." + (
        f" The newest {_YEARS} years." if years[0] - years[-1] >= _YEARS else ""
    )
    plots = tuple(_plot(year, days, data.units) for year in every)
    keys = tuple(Key(name=f"l{level}", words=words) for level, words in enumerate(_WORDS, 1))
    return Section(key=key, title=title, lead=lead, is_wide=True, plots=plots, keys=keys)


def _days(dated: Iterable[tuple[date, Fact]]) -> Days:
    days: defaultdict[date, list[Fact]] = defaultdict(list)
    for at, fact in dated:
        days[at].append(fact)
    return dict(days)


def _plot(year: int, days: Days, units: Units) -> Plot:
    active = sum(at.year == year for at in days)
    note = f"{active} active day{'' if active == 1 else 's'}"
    firsts = (date(year, 1, 1), date(year, 7, 1), date(year + 1, 1, 1))
    halves = [_draw(*ends, days, units) for ends in pairwise(firsts)]
    large = tag("div", *halves, class_="halves")
    return Plot(large=large, small=Markup(), title=str(year), note=note)


def _draw(first: date, end: date, days: Days, units: Units) -> Markup:
    """Draw half a year, a column per week; a phone shows the halves below each other."""
    every = [first + timedelta(days=n) for n in range((end - first).days)]
    rest = "".join(_cell(at, first) for at in every if at not in days)
    levels: defaultdict[int, list[Markup]] = defaultdict(list)
    for at in every:
        if at in days:
            levels[_level(days[at])].append(
                tag("path", said(_words(at, days[at], units)), d=_cell(at, first))
            )
    marks = [
        tag("path", d=rest, class_="l0"),
        *(group(levels[n], class_=f"l{n}") for n in sorted(levels)),
    ]
    words = f"Calendar of {first:%B} to {every[-1]:%B %Y}: moving time by day"
    size = (_LEFT + _WEEKS * _STEP, _TOP + 7 * _STEP)
    return drawing(*size, [*_names(first), *marks], words, data_year=first.year)


def _cell(at: date, first: date) -> str:
    x, y = _place(at, first)
    return f"M{x} {y}h{_CELL}v{_CELL}h-{_CELL}z"


def _place(at: date, first: date) -> tuple[int, int]:
    week = ((at - first).days + first.weekday()) // 7
    return _LEFT + week * _STEP, _TOP + at.weekday() * _STEP


def _names(first: date) -> list[Markup]:
    months = [first.replace(month=first.month + n) for n in range(6)]
    names = [
        label(_place(at, first)[0] + (_STEP if at.weekday() else 0), _TOP - 7, f"{at:%b}")
        for at in months
    ]
    days = [
        label(0, _TOP + row * _STEP + 10, word)
        for row, word in ((0, "Mon"), (2, "Wed"), (4, "Fri"))
    ]
    return names + days


def _level(facts: Sequence[Fact]) -> int:
    hours = sum(fact.moving_time_h for fact in facts)
    return 1 + sum(hours >= level for level in _LEVELS)


def _words(at: date, facts: Sequence[Fact], units: Units) -> str:
    minutes = sum(fact.moving_time_h for fact in facts) * 60
    km = sum(fact.distance_km for fact in facts)
    distance = f", {number(units.from_km(km), 1)} {units.distance}" if km else ""
    name = facts[0].name[:60] + (f" and {len(facts) - 1} more" if len(facts) > 1 else "")
    return f"{at:%a} {day(at)}: {number(minutes)} min{distance} · {name}"
