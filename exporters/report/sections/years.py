"""Draws the distance since 1 January, one line per year, for all sports and the main ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Final

from markupsafe import Markup

from exporters.report.data import Data
from exporters.report.frame import Frame, Size, frame, tick_numbers
from exporters.report.scales import axis_from_zero
from exporters.report.section import Key, Plot, Section, plot
from exporters.report.sports import by_distance, sport_name
from exporters.report.svg import drawing, label, stairs, tag
from exporters.report.units import Units, day, number

#: Number of the newest years that are drawn; more lines could not be told apart.
_YEARS: Final = 6
_SPORTS: Final = 3
_MONTHS: Final = ((1, "Jan"), (60, "Mar"), (121, "May"), (182, "Jul"), (244, "Sep"), (305, "Nov"))

#: Day of the year and the sum up to it, by year.
Sums = dict[int, list[tuple[int, float]]]


def section(data: Data) -> Section:
    """One drawing per sport."""
    title, key = f"Distance since 1 January ({data.units.distance})", "years"
    groups = by_distance(fact for _, fact in data.dated)
    if not groups:
        return Section(
            key=key, title=title, is_wide=True, empty="No activity has both a day and a distance."
        )
    choices = ["all", *groups[:_SPORTS]] if len(groups) > 1 else groups
    years = _years(data)
    until = _until(data, years[0])
    found = ((name, _sums(data, name, years)) for name in choices)
    plots = tuple(_plot(name, sums, data.units, years[0], until) for name, sums in found if sums)
    ends = f"; it ends with {day(data.end_day)}" if until < 366 else ""
    lead = f"The newest year is the thick line{ends}."
    return Section(key=key, title=title, lead=lead, is_wide=True, is_tabbed=True, plots=plots)


def _years(data: Data) -> list[int]:
    """The newest years of all sports, so that a year looks the same in every drawing."""
    return sorted({at.year for at, fact in data.dated if fact.distance_km > 0}, reverse=True)[
        :_YEARS
    ]


def _until(data: Data, newest: int) -> int:
    """The day of the year with which the newest line ends: that of the data, or the year's last."""
    is_over = data.has_ended or not data.end_day or data.end_day.year > newest
    return 366 if is_over or not data.end_day else data.end_day.timetuple().tm_yday


def _plot(name: str, sums: Sums, units: Units, newest: int, until: int) -> Plot:
    keys = [Key(name=f"y{newest - year}", words=str(year)) for year in sorted(sums, reverse=True)]
    return plot(
        lambda size: _draw(size, sums, units, newest, until),
        is_wide=True,
        height=320,
        title=sport_name(name),
        keys=keys,
    )


def _sums(data: Data, name: str, years: Sequence[int]) -> Sums:
    days: defaultdict[date, float] = defaultdict(float)
    for at, fact in data.dated:
        if name in ("all", fact.sport_group) and fact.distance_km > 0 and at.year in years:
            days[at] += data.units.from_km(fact.distance_km)
    sums: Sums = {}
    for at in sorted(days):
        line = sums.setdefault(at.year, [])
        line.append((at.timetuple().tm_yday, (line[-1][1] if line else 0.0) + days[at]))
    return sums


def _draw(size: Size, sums: Sums, units: Units, newest: int, until: int) -> Markup:
    end, at = axis_from_zero(max(line[-1][1] for line in sums.values()))
    base = frame(size, (1, 366), (0, end), left=52, right=46, bottom=26)
    ends = {year: until if year == newest else 366 for year in sums}
    lines = [_line(base, year, newest, sums[year], ends[year], units) for year in sorted(sums)]
    months = _MONTHS[::2] if size.is_narrow else _MONTHS
    names = dict(months)
    axis = base.x_axis([first for first, _ in months], lambda v: names[int(v)])
    marks = [
        base.y_axis(at, tick_numbers(at), units.distance),
        axis,
        *lines,
        *_names(base, sums, newest, until),
    ]
    return drawing(
        size.width,
        size.height,
        marks,
        f"Lines of the distance in {units.distance} since 1 January, by year",
    )


def _line(
    base: Frame,
    year: int,
    newest: int,
    days: Sequence[tuple[int, float]],
    end: int,
    units: Units,
) -> Markup:
    """Draw steps: the sum stays until the next activity, and after the last until ``end``."""
    places = [(base.x(1), base.y(0)), *((base.x(at), base.y(total)) for at, total in days)]
    places.append((base.x(end), places[-1][1]))
    words = f"{year}: {number(days[-1][1], 1)} {units.distance}"
    return tag(
        "path",
        tag("title", words),
        d=stairs(places),
        class_=f"curve y{newest - year}",
        data_year=year,
    )


def _names(base: Frame, sums: Sums, newest: int, until: int) -> list[Markup]:
    """Write the years at the ends of their lines.

    They are moved apart where they would overlap; the newest stands above its line, which may end
    anywhere.
    """
    marks = []
    if newest in sums:
        x, y = base.x(until), base.y(sums[newest][-1][1])
        marks = [
            label(max(x, base.x.start + 34), y - 8, str(newest), text_anchor="end", class_="end y0")
        ]
    last = -100.0
    for y, year in sorted(
        (base.y(days[-1][1]), year) for year, days in sums.items() if year != newest
    ):
        last = max(y + 4, last + 13)
        marks.append(label(base.x(366) + 5, last, str(year), class_=f"end y{newest - year}"))
    return marks
