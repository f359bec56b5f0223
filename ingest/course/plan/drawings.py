"""Draws a plan: the profile of the course, the pace of each kilometre, and a map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from markupsafe import Markup

from exporters.report.frame import Frame, Size, curve, frame, tick_numbers
from exporters.report.scales import around, paces, round_step, ticks
from exporters.report.section import Key, Section, plot
from exporters.report.sections.routes import projected
from exporters.report.svg import drawing, group, label, line, polyline, rect, said, tag
from exporters.report.units import Units, duration, number, pace
from ingest.course.plan.plan import RacePlan, Row
from ingest.course.plan.words import clock_text

_MARGIN: Final = 16.0
#: Metres that a map shows at least, so that a lap of a track is no map of noise.
_LEAST_M: Final = 100.0
#: Points of a map; more of them could not be seen.
_MOST_POINTS: Final = 3000
#: Numbers along a map at most, so that they do not cover each other, and which of them.
_MAP_NUMBERS: Final = 12
_NUMBERED: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500)


def profile_section(plan: RacePlan, units: Units) -> Section:
    """The heights along the course."""
    drawn = plot(lambda size: _profile(size, plan, units), is_wide=True, height=260)
    return Section(
        key="profile",
        title="Course",
        lead="Altitude is smoothed as that of past runs is.",
        is_wide=True,
        plots=(drawn,),
    )


def _profile(size: Size, plan: RacePlan, units: Units) -> Markup:
    pieces = plan.course.pieces
    heights = [units.from_m(height) for height in pieces.height_m.tolist()]
    # A flat course must not look like mountains.
    low, high, up = around(min(heights), max(max(heights), min(heights) + units.from_m(40.0)), 4)
    base = frame(size, (0.0, plan.course.length_m / units.metres), (low, high), left=52)
    line_points = [
        (base.x(at / units.metres), base.y(height))
        for at, height in zip(pieces.border_m.tolist(), heights, strict=True)
    ]
    ends = ((base.x.end, base.y.start), (base.x.start, base.y.start))
    along = _along(base, size)
    marks = [
        base.y_axis(up, tick_numbers(up), units.height),
        tag("path", d=f"{polyline([*line_points, *ends])}Z", class_="area c0"),
        base.x_axis(along, tick_numbers(along), units.distance),
        _stops(base, plan, units),
        _readings(base, plan, units),
    ]
    words = "The height of the ground along the course"
    return drawing(size.width, size.height, marks, words)


def _along(base: Frame, size: Size) -> Sequence[float]:
    step = round_step(base.x.high, 5 if size.is_narrow else 10)
    return ticks(0.0, base.x.high, step)


def _stops(base: Frame, plan: RacePlan, units: Units) -> Markup:
    """A line at each stop."""
    marks = []
    for stop in plan.wish.stops:
        at = base.x(stop.at_m / units.metres)
        marks.append(line(at, base.y.start, at, base.y.end, class_="axis"))
        marks.append(label(at, base.y.end - 4, duration(stop.seconds), text_anchor="middle"))
    return group(marks, class_="stops")


def _readings(base: Frame, plan: RacePlan, units: Units) -> Markup:
    """Invisible strips that show the figures of each part when pointed at."""
    marks, begin = [], base.x.start
    for row in plan.rows(units.metres):
        end = base.x(row.end_m / units.metres)
        words = said(_words(plan, row, units))
        top, height = base.y.end, base.y.start - base.y.end
        marks.append(rect(begin, top, end - begin, height, words, class_="unseen"))
        begin = end
    return group(marks)


def _words(plan: RacePlan, row: Row, units: Units) -> str:
    paced = pace(units.pace(row.part.distance_m, row.part.time_s))
    rise = number(units.from_m(row.part.climb_m))
    clock = f", {clock_text(plan, row.elapsed_s)}" if plan.wish.start is not None else ""
    return (
        f"{number(row.end_m / units.metres, 1)} {units.distance}: {paced} min/{units.distance}, "
        f"{rise} {units.height} of climb, after {duration(row.elapsed_s)}{clock}"
    )


def pace_section(plan: RacePlan, units: Units) -> Section:
    """The pace of each part."""
    word = "kilometre" if units.is_metric else "mile"
    drawn = plot(lambda size: _paces(size, plan, units), is_wide=True, height=240)
    return Section(key="paces", title=f"Pace of each {word}", is_wide=True, plots=(drawn,))


def _paces(size: Size, plan: RacePlan, units: Units) -> Markup:
    rows = plan.rows(units.metres)
    values = [units.pace(row.part.distance_m, row.part.time_s) for row in rows]
    mean = units.pace(plan.course.length_m, plan.moving_s)
    low, high, up = paces(0.0, max(values), 5)
    base = frame(size, (0.0, plan.course.length_m / units.metres), (low, high), left=52)
    bars, begin, along = [], base.x.start, _along(base, size)
    for row, value in zip(rows, values, strict=True):
        end, top = base.x(row.end_m / units.metres), base.y(value)
        words = said(_words(plan, row, units))
        width, height = end - begin - 1, base.y.start - top
        bars.append(rect(begin + 0.5, top, width, height, words, class_="bar-in"))
        begin = end
    marks = [
        base.y_axis(up, pace, f"min/{units.distance}"),
        group(bars, class_="bars"),
        line(base.x.start, base.y(mean), base.x.end, base.y(mean), class_="fit"),
        base.x_axis(along, tick_numbers(along), units.distance),
    ]
    return drawing(size.width, size.height, marks, "Bars of pace; the dashed line is the mean")


def map_section(plan: RacePlan, units: Units) -> Section | None:
    """The course from above; ``None`` where positions are not known."""
    if not plan.course.has_positions:
        return None
    drawn = plot(
        lambda size: _map(size, plan, units),
        height=380,
        keys=(Key(name="c2", words="start"), Key(name="c1", words="finish")),
    )
    lead = "North is up. It shows where the course starts, which may be a home."
    return Section(key="map", title="Map", lead=lead, plots=(drawn,))


def _map(size: Size, plan: RacePlan, units: Units) -> Markup:
    course = plan.course
    along = np.linspace(0.0, course.length_m, min(len(course.distance_m) + 1, _MOST_POINTS))
    borders_m = [row.end_m for row in plan.rows(units.metres)][:-1]
    latitude, longitude = course.places_at(np.array([*along.tolist(), *borders_m]))
    flat = np.array(projected(list(zip(latitude.tolist(), longitude.tolist(), strict=True))))
    spans = np.maximum(np.ptp(flat, axis=0), _LEAST_M)
    scale = min((size.width - 2 * _MARGIN) / spans[0], (size.height - 2 * _MARGIN) / spans[1])
    middle = (flat.max(axis=0) + flat.min(axis=0)) / 2
    xy = np.array([1.0, -1.0]) * (flat - middle) * scale + (size.width / 2, size.height / 2)
    points = [(x, y) for x, y in xy.tolist()]
    way, borders = points[: len(along)], points[len(along) :]
    every = round_step(len(borders), _MAP_NUMBERS, _NUMBERED)
    marks = [
        curve(way, "c0"),
        group(
            (
                label(x + 5, y - 5, str(number), class_="strong")
                for number, (x, y) in enumerate(borders, start=1)
                if number % every == 0
            )
        ),
        _dot(way[0], "c2", 8),
        _dot(way[-1], "c1", 5),
    ]
    return drawing(size.width, size.height, marks, "The course from above, north up")


def _dot(place: tuple[float, float], name: str, radius: float) -> Markup:
    mark = tag("circle", cx=place[0], cy=place[1], r=radius)
    return group((mark,), class_=f"points {name}")
