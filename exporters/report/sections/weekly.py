"""Draws the distance of each of the last 52 weeks, stacked by sport."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from markupsafe import Markup

from exporters.report.data import Data
from exporters.report.frame import Frame, Size, frame, tick_numbers
from exporters.report.scales import axis_from_zero
from exporters.report.section import Section, plot
from exporters.report.sports import by_distance, legend, sport_class, sport_name
from exporters.report.svg import drawing, group, rect, said
from exporters.report.units import day, number

_WEEKS: Final = 52
_WEEK: Final = timedelta(days=7)

Sums = dict[date, dict[str, float]]


def section(data: Data) -> Section:
    """Make the section; the last week is that of the newest activity."""
    title, key = f"Distance by week ({data.units.distance})", "weekly"
    mondays, sums = _weeks(data)
    groups = by_distance(fact for at, fact in data.dated if mondays and at >= mondays[0])
    if not groups:
        why = "No activity with a distance" + (
            f" in the {_WEEKS} weeks up to {day(data.last_day)}." if data.last_day else "."
        )
        return Section(key=key, title=title, is_wide=True, empty=why)
    drawn = plot(
        lambda size: _draw(size, data, mondays, sums, groups),
        is_wide=True,
        height=290,
        keys=legend(groups),
    )
    lead = (
        f"The {_WEEKS} weeks up to {day(data.last_day)}; each bar is a week from Monday to Sunday."
    )
    return Section(key=key, title=title, lead=lead, is_wide=True, plots=(drawn,))


def _weeks(data: Data) -> tuple[list[date], Sums]:
    if not data.last_day:
        return [], {}
    newest = data.last_day - timedelta(days=data.last_day.weekday())
    mondays = [newest - _WEEK * back for back in range(_WEEKS - 1, -1, -1)]
    sums: Sums = {monday: defaultdict(float) for monday in mondays}
    for at, fact in data.dated:
        monday = at - timedelta(days=at.weekday())
        if monday in sums and fact.distance_km > 0:
            sums[monday][fact.sport_group] += data.units.from_km(fact.distance_km)
    return mondays, sums


def _draw(
    size: Size, data: Data, mondays: Sequence[date], sums: Sums, groups: Sequence[str]
) -> Markup:
    end, at = axis_from_zero(max(sum(week.values()) for week in sums.values()))
    base = frame(size, (0, len(mondays)), (0, end), left=40, bottom=26)
    bars = [
        _bars(base, groups, name, place, mondays, sums, data.units.distance)
        for place, name in enumerate(groups)
    ]
    places = _months(mondays, 3 if size.is_narrow else 1)
    axis = base.x_axis([i + 0.5 for i in places], lambda v: _month(mondays[int(v)]))
    marks = [base.y_axis(at, tick_numbers(at), data.units.distance), *bars, axis]
    return drawing(
        size.width,
        size.height,
        marks,
        f"Bars of weekly distance in {data.units.distance}, stacked by sport",
    )


def _bars(
    base: Frame,
    groups: Sequence[str],
    name: str,
    place: int,
    mondays: Sequence[date],
    sums: Sums,
    unit: str,
) -> Markup:
    marks = []
    width = base.x(1) - base.x(0)
    for week, monday in enumerate(mondays):
        amount = sums[monday].get(name, 0.0)
        if amount <= 0:
            continue
        below = sum(sums[monday].get(other, 0.0) for other in groups[:place])
        top = base.y(below + amount)
        words = (
            f"Week of {day(monday)}: {sport_name(name)} {number(amount, 1)} of "
            f"{number(sum(sums[monday].values()), 1)} {unit}"
        )
        x = base.x(week) + width * 0.1
        marks.append(rect(x, top, width * 0.8, base.y(below) - top, said(words)))
    return group(marks, class_=f"bars {sport_class(name)}", data_group=name)


def _months(mondays: Sequence[date], every: int) -> list[int]:
    """The first week of each month; of every third month on a phone."""
    firsts = [
        i
        for i, at in enumerate(mondays)
        if i and at.month != mondays[i - 1].month and i < len(mondays) - 1
    ]
    return firsts[::every]


def _month(at: date) -> str:
    return f"{at:%b}" if at.month > 1 else f"{at:%b %Y}"
