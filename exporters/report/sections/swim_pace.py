"""Draws the pace of swims and how many strokes a length took, by day, for swimmers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from statistics import median
from typing import Final

from markupsafe import Markup

from exporters.report.data import Data
from exporters.report.frame import Frame, Size, Words, curve, frame, tick_numbers
from exporters.report.rows import Fact
from exporters.report.scales import around, paces, quantile
from exporters.report.section import Key, Plot, Section, plot
from exporters.report.svg import Point, drawing, grid_dots, group, said, tag
from exporters.report.units import day, number, pace

#: Minutes per 100 m that a swimmer can have.
_PACES: Final = (0.75, 6.0)
#: More swims than these would only cover each other, so their dots stand on a grid of pixels.
_MOST: Final = 400
_DOT_GRID: Final = 3.0
_KEYS: Final = (Key(name="dot", words="swim"), Key(name="c1", words="median of a month"))
#: Day, value and swim.
Reading = tuple[date, float, Fact]
Ends = tuple[float, float, list[float]]


def section(data: Data) -> Section | None:
    """Make both plots, for those to whom swimming matters."""
    if not data.matters("swim"):
        return None
    title, key = "Swims", "swim-pace"
    speeds, strokes = _paces(data), _strokes(data)
    if not speeds:
        why = "No swim has a day, a distance and a time."
        return Section(key=key, title=title, is_wide=True, empty=why)
    unit = f"min/{data.units.pool}"
    plots = [_plot(speeds, f"Pace per {data.units.pool}", unit, paces, lambda _: pace)]
    if strokes:
        plots.append(_plot(strokes, "Strokes per length", "strokes", around, tick_numbers))
    lead = "By moving time; lower is faster."
    return Section(key=key, title=title, lead=lead, is_wide=True, plots=tuple(plots))


def _paces(data: Data) -> list[Reading]:
    found = []
    for at, fact in data.dated:
        if fact.sport_group == "swim" and fact.distance_km > 0 and fact.moving_time_h > 0:
            metres, seconds = fact.distance_km * 1000, fact.moving_time_h * 3600
            if _PACES[0] <= seconds / 60 / metres * 100 <= _PACES[1]:
                found.append((at, data.units.swim_pace(metres, seconds), fact))
    return found


def _strokes(data: Data) -> list[Reading]:
    found = []
    for swim in data.pool_swims:
        fact, lengths = data.by_id[swim.activity_id], sum(swim.is_swum)
        if fact.local_date and swim.strokes and lengths:
            found.append((fact.local_date, swim.strokes / lengths, fact))
    return found


def _plot(
    some: Sequence[Reading],
    title: str,
    unit: str,
    ends: Callable[[float, float], Ends],
    words: Callable[[Sequence[float]], Words],
) -> Plot:
    values = sorted(value for _, value, _ in some)
    low, high, up = ends(quantile(values, 0.01), quantile(values, 0.99))
    tell = pace if words(up) is pace else lambda value: number(value, 1)

    def draw(size: Size) -> Markup:
        days = [at.toordinal() for at, _, _ in some]
        base = frame(size, (min(days) - 5, max(days) + 5), (low, high), bottom=26)
        inside = [one for one in some if base.y.holds(one[1])]
        places = [(base.x(at.toordinal()), base.y(value)) for at, value, _ in inside]
        told = (f"{tell(value)} {unit} · {fact.name[:60]}, {day(at)}" for at, value, fact in inside)
        dots = (
            grid_dots(places, _DOT_GRID)
            if len(inside) > _MOST
            else group(map(_dot, places, told), class_="scatter")
        )
        marks = [base.y_axis(up, words(up), unit), dots]
        marks += [_medians(base, some), _days(base, some[0][0], some[-1][0], size)]
        return drawing(size.width, size.height, marks, f"Dots of {unit}, one per swim")

    return plot(draw, height=300, title=title, keys=_KEYS)


def _dot(place: Point, words: str) -> Markup:
    return tag("circle", said(words), cx=place[0], cy=place[1], r=2.5)


def _medians(base: Frame, some: Sequence[Reading]) -> Markup:
    """A line through the medians of months."""
    months: defaultdict[date, list[float]] = defaultdict(list)
    for at, value, _ in some:
        months[at.replace(day=15)].append(value)
    places = [
        (min(max(base.x(at.toordinal()), base.x.start), base.x.end), base.y(median(values)))
        for at, values in sorted(months.items())
        if base.y.holds(median(values))
    ]
    return group([curve(places, "c1")] if len(places) > 1 else [])


def _days(base: Frame, begin: date, end: date, size: Size) -> Markup:
    firsts = _firsts(begin, end, 4 if size.is_narrow else 6)
    names = {at.toordinal(): f"{at:%Y}" if at.month == 1 else f"{at:%b %Y}" for at in firsts}
    return base.x_axis(list(names), lambda value: names[int(value)])


def _firsts(begin: date, end: date, most: int) -> list[date]:
    """First days of years, or of months where there are few, between two days."""
    months = [
        date(year, month, 1)
        for year in range(begin.year, end.year + 1)
        for month in range(1, 13)
        if begin <= date(year, month, 1) <= end
    ]
    for step in (1, 3, 6):
        some = [at for at in months if (at.month - 1) % step == 0]
        if len(some) <= most:
            return some
    years = [at for at in months if at.month == 1]
    return years[:: -(-len(years) // most)] if years else []
