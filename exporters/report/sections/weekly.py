"""Draws the distance and the moving time of each of the last 52 weeks, stacked by sport."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Final

from markupsafe import Markup

from exporters.report.data import Data
from exporters.report.frame import Frame, Size, frame, tick_numbers
from exporters.report.rows import Fact
from exporters.report.scales import axis_from_zero
from exporters.report.section import Plot, Section, plot
from exporters.report.sports import legend, sport_class, sport_name
from exporters.report.svg import drawing, group, rect, said
from exporters.report.units import day, number

_WEEKS: Final = 52
_WEEK: Final = timedelta(days=7)

Sums = dict[date, dict[str, float]]
Amount = Callable[[Fact], float]


def section(data: Data) -> Section:
    """Make the section; the last week is that of the day that the data is of."""
    title, key = "By week", "weekly"
    unit = data.units.distance
    mondays = _mondays(data)
    plots = (
        _plot(data, mondays, lambda fact: data.units.from_km(fact.distance_km), "Distance", unit),
        _plot(data, mondays, lambda fact: fact.moving_time_h, "Moving time", "h"),
    )
    drawn = tuple(filter(None, plots))
    if not drawn:
        why = "No activity with a distance or a time" + (
            f" in the {_WEEKS} weeks up to {day(data.end_day)}." if data.end_day else "."
        )
        return Section(key=key, title=title, is_wide=True, empty=why)
    lead = (
        f"The {_WEEKS} weeks up to {day(data.end_day)}; each bar is a week from Monday to Sunday."
    )
    return Section(key=key, title=title, lead=lead, is_wide=True, is_tabbed=True, plots=drawn)


def _mondays(data: Data) -> list[date]:
    if not data.end_day:
        return []
    newest = data.end_day - timedelta(days=data.end_day.weekday())
    return [newest - _WEEK * back for back in range(_WEEKS - 1, -1, -1)]


def _plot(
    data: Data, mondays: Sequence[date], amount: Amount, title: str, unit: str
) -> Plot | None:
    """The bars of an amount; ``None`` if there is none."""
    sums: Sums = {monday: defaultdict(float) for monday in mondays}
    totals: defaultdict[str, float] = defaultdict(float)
    for at, fact in data.dated:
        monday = at - timedelta(days=at.weekday())
        if monday in sums and amount(fact) > 0:
            sums[monday][fact.sport_group] += amount(fact)
            totals[fact.sport_group] += amount(fact)
    groups = sorted(totals, key=lambda name: -totals[name])
    if not groups:
        return None
    return plot(
        lambda size: _draw(size, mondays, sums, groups, unit),
        is_wide=True,
        height=290,
        title=f"{title} ({unit})",
        keys=legend(groups),
    )


def _draw(
    size: Size, mondays: Sequence[date], sums: Sums, groups: Sequence[str], unit: str
) -> Markup:
    end, at = axis_from_zero(max(sum(week.values()) for week in sums.values()))
    base = frame(size, (0, len(mondays)), (0, end), left=40, bottom=26)
    bars = [
        _bars(base, groups, name, place, mondays, sums, unit) for place, name in enumerate(groups)
    ]
    places = _months(mondays, 3 if size.is_narrow else 1)
    axis = base.x_axis([i + 0.5 for i in places], lambda v: _month(mondays[int(v)]))
    marks = [base.y_axis(at, tick_numbers(at), unit), *bars, axis]
    return drawing(
        size.width, size.height, marks, f"Bars of the sum of each week in {unit}, stacked by sport"
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
