"""Draws the time in heart-rate zones, of the last year and of each year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from markupsafe import Markup

from exporters.report.data import Data
from exporters.report.frame import Size
from exporters.report.rows import Zone
from exporters.report.section import Key, Section, plot
from exporters.report.svg import drawing, group, label, rect, said
from exporters.report.units import day, number

_MONTHS: Final = 365
_ROW: Final = 40
_YEAR_ROW: Final = 30
#: Number of the newest years that are drawn.
_YEARS: Final = 8

#: Hours by zone.
Hours = dict[int, float]


def section(data: Data) -> Section | None:
    """Make both plots; athletes without heart rates have none."""
    years = _years(data)
    if not years:
        return None
    recent = _recent(data)
    numbers = sorted({one.zone for one in data.zone_months})
    keys = [Key(name=f"z{zone}", words=f"zone {zone}") for zone in numbers]
    plots = [plot(lambda size: _shares(size, years), height=0, title="Share by year", keys=keys)]
    if recent:
        title = f"Twelve months up to {day(data.end_day)}"
        plots.insert(0, plot(lambda size: _bars(size, recent, data.zones), height=0, title=title))
    assumed = (
        " The zones are those that Strava assumes from the maximum heart rate, since an export "
        "does not tell your own."
    )
    lead = "Time of activities with a heart rate in each zone." + (
        assumed if any(one.is_assumed for one in data.zones) else ""
    )
    return Section(
        key="zones", title="Heart-rate zones", lead=lead, is_wide=True, plots=tuple(plots)
    )


def _recent(data: Data) -> Hours:
    """Hours of the last twelve months: of calendar months, the last one included."""
    hours: defaultdict[int, float] = defaultdict(float)
    begin = (data.end_day - timedelta(days=_MONTHS)) if data.end_day else None
    for one in data.zone_months:
        if begin and one.month and one.month > begin:
            hours[one.zone] += one.hours
    return dict(hours)


def _years(data: Data) -> dict[int, Hours]:
    """The newest years, the newest first."""
    years: defaultdict[int, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    for one in data.zone_months:
        if one.month:
            years[one.month.year][one.zone] += one.hours
    return {year: dict(years[year]) for year in sorted(years, reverse=True)[:_YEARS]}


def _bars(size: Size, hours: Hours, zones: Sequence[Zone]) -> Markup:
    """Bars of hours; the bounds of zones stand above them."""
    bounds = {one.zone: _bounds(one) for one in zones}
    most, total = max(hours.values()), sum(hours.values())
    marks = []
    for row, (zone, amount) in enumerate(sorted(hours.items(), reverse=True)):
        y, width = row * _ROW, amount / most * (size.width - 4)
        told = f"{number(amount, 1)} h · {number(amount / total * 100)} %"
        name = f"Zone {zone}{bounds.get(zone, '')}"
        marks.append(label(2, y + 13, name))
        marks.append(label(size.width - 2, y + 13, told, text_anchor="end", class_="strong"))
        marks.append(rect(2, y + 19, size.width - 4, 10, class_="trough", rx=3))
        bar = rect(2, y + 19, width, 10, said(f"{name}: {told}"), rx=3)
        marks.append(group([bar], class_=f"z{zone} bars"))
    return drawing(size.width, len(hours) * _ROW, marks, "Bars of hours in each heart-rate zone")


def _bounds(one: Zone) -> str:
    if one.upper_bpm is None:
        return f": {number(one.lower_bpm)} beats/min and more"
    if not one.lower_bpm:
        return f": below {number(one.upper_bpm)} beats/min"
    return f": {number(one.lower_bpm)} to {number(one.upper_bpm)} beats/min"


def _shares(size: Size, years: dict[int, Hours]) -> Markup:
    """One bar per year, divided by zones."""
    marks, left = [], 44.0
    for row, (year, hours) in enumerate(years.items()):
        total, x = sum(hours.values()), left
        marks.append(label(2, row * _YEAR_ROW + 16, str(year)))
        for zone in sorted(hours):
            width = hours[zone] / total * (size.width - left - 2)
            share = number(hours[zone] / total * 100)
            told = said(f"{year}, zone {zone}: {number(hours[zone], 1)} h, {share} %")
            bar = rect(x, row * _YEAR_ROW + 3, width, 18, told)
            marks.append(group([bar], class_=f"z{zone} bars"))
            x += width
    return drawing(
        size.width, len(years) * _YEAR_ROW, marks, "Bars of the share of each heart-rate zone"
    )
