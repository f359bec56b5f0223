"""Makes what the charts of an activity draw, and its route, from the track points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from db.points import FloatArray, Points
from exporters.report.sections.routes import M_PER_DEGREE
from exporters.report.svg import coordinate, drawing, polyline, tag
from exporters.report.units import number, pace
from ingest.transform.derived.course import Course, course_of
from ingest.web.activity.sport_units import SportUnits

#: Seconds over which speeds are averaged: a device's own jump by the step.
_WINDOW_S: Final = 15.0
#: Share of a pace's values that its axis shows; while resting, paces have no end.
_SHOWN: Final = (1, 97)
_WIDTH, _HEIGHT, _MARGIN = 1000.0, 520.0, 12.0
#: Metres that a route is taken to have at least, so that a rest is no map of the GPS's noise.
_LEAST_M: Final = 50.0

_NOTHING: Final[FloatArray] = np.empty(0)

Numbers = Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One quantity along the activity."""

    name: str
    unit: str
    #: Lowest and highest value for people; nothing where that says little.
    span: str
    is_pace: bool
    #: What the axis shows; ``None`` for all values.
    shown: tuple[float, float] | None
    values: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    """All charts of an activity; all lists have one entry for each point."""

    charts: Sequence[Chart]
    #: Seconds since the first point; empty if the points have no times.
    times: Numbers
    #: Distances in the unit of distance; empty if the points have none.
    distances: Numbers
    #: Places on the drawing of the route; empty if there is none.
    xs: Numbers
    ys: Numbers
    route: Markup | None

    def data(self) -> dict[str, Any]:
        """What the script draws from."""
        return {
            "times": self.times,
            "distances": self.distances,
            "xs": self.xs,
            "ys": self.ys,
            "charts": [
                {"name": c.name, "unit": c.unit, "pace": c.is_pace, "shown": c.shown}
                | {"values": c.values}
                for c in self.charts
            ],
        }


def make_charts(points: Points, sport_type: str | None, sport: SportUnits) -> Charts:
    """The charts of an activity's points.

    They are drawn over the same times and distances from which its splits are cut.
    """
    columns = points.known_columns()
    course = course_of(columns, sport_type)
    latitude, longitude = points.positions()
    if course is not None and course.index is not None:
        latitude, longitude = latitude[course.index], longitude[course.index]
    xs, ys = _projected(latitude, longitude)
    has_route = bool(np.isfinite(xs).sum() > 1)
    metres = None if course is None else course.distance_m
    return Charts(
        charts=[] if course is None else [*_charts(columns, course, sport)],
        times=[] if course is None else _list(course.elapsed_s - course.elapsed_s[0], 1),
        distances=[] if metres is None else _list(metres / sport.distance_metres, 4),
        xs=_list(xs, 1) if has_route else [],
        ys=_list(ys, 1) if has_route else [],
        route=_drawn(xs, ys) if has_route else None,
    )


def _charts(
    columns: Mapping[str, FloatArray], course: Course, sport: SportUnits
) -> Iterator[Chart]:
    def sensor(name: str) -> FloatArray:
        return course.sensors.get(name, _NOTHING)

    def of_points(name: str) -> FloatArray:
        values = columns.get(name, _NOTHING)
        return values if course.index is None or not len(values) else values[course.index]

    yield from _chart("Altitude", sport.units.height, sensor("altitude_m") * sport.units.from_m(1))
    yield from _speed(course, of_points("speed_mps"), sport)
    yield from _chart("Heart rate", "bpm", sensor("heartrate_bpm"))
    yield from _chart("Cadence", sport.cadence_unit, sensor("cadence_rpm") * sport.cadence_factor)
    yield from _chart("Power", "W", sensor("power_w"))
    temperatures = sport.temperatures(of_points("temperature_c"))
    yield from _chart("Temperature", sport.temperature_unit, temperatures)


def _chart(name: str, unit: str, values: FloatArray) -> Iterator[Chart]:
    known = values[np.isfinite(values)]
    if not known.size:
        return
    span = f"{number(float(known.min()))} to {number(float(known.max()))} {unit}"
    yield Chart(name=name, unit=unit, span=span, is_pace=False, shown=None, values=_list(values, 1))


def _speed(course: Course, told: FloatArray, sport: SportUnits) -> Iterator[Chart]:
    metres = course.distance_m
    mps = told if metres is None else _mean_speed(course.elapsed_s, metres)
    values = sport.speeds(mps)
    known = values[np.isfinite(values)]
    if not sport.is_pace or not known.size:
        yield from _chart(sport.speed_name, sport.speed_unit, values)
        return
    fast, slow = (float(value) for value in np.percentile(known, _SHOWN))
    yield Chart(
        name=sport.speed_name,
        unit=sport.speed_unit,
        span=f"mostly {pace(slow)} to {pace(fast)} {sport.speed_unit}",
        is_pace=True,
        shown=(round(fast * 0.95, 3), round(slow * 1.05, 3)),
        values=_list(values, 3),
    )


def _mean_speed(times: FloatArray, metres: FloatArray) -> FloatArray:
    """Speed in m/s at each point, as the mean of the seconds around it."""
    begin = np.maximum(times - _WINDOW_S / 2, times[0])
    end = np.minimum(times + _WINDOW_S / 2, times[-1])
    covered = np.interp(end, times, metres) - np.interp(begin, times, metres)
    with np.errstate(divide="ignore", invalid="ignore"):
        speed: FloatArray = covered / (end - begin)
    return speed


def _projected(latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Places on the drawing, north up, at one scale in both directions; NaN without a position.

    A route that crosses the date line stays in one piece.
    """
    known = np.isfinite(latitude)
    if not known.any():
        return latitude, longitude
    shrunk = np.cos(np.radians(latitude[known].mean())) * M_PER_DEGREE
    east = ((longitude - longitude[known][0] + 180) % 360 - 180) * shrunk
    south = -latitude * M_PER_DEGREE
    spans = [max(float(np.ptp(one[known])), _LEAST_M) for one in (east, south)]
    scale = min((_WIDTH - 2 * _MARGIN) / spans[0], (_HEIGHT - 2 * _MARGIN) / spans[1])
    xs = _WIDTH / 2 + (east - _middle(east[known])) * scale
    ys = _HEIGHT / 2 + (south - _middle(south[known])) * scale
    return xs, ys


def _middle(values: FloatArray) -> float:
    return float(values.min() + values.max()) / 2


def _drawn(xs: FloatArray, ys: FloatArray) -> Markup:
    """The route: its line, where it begins and ends, and a mark that the script moves along."""
    known = np.flatnonzero(np.isfinite(xs))
    pieces = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)
    path = "".join(polyline(_apart(xs[piece], ys[piece])) for piece in pieces)
    first, last = known[0], known[-1]
    marks = [
        tag("path", d=path, class_="line"),
        _mark(xs[first], ys[first], "start"),
        _mark(xs[last], ys[last], "end"),
        _mark(xs[first], ys[first], "here", id="here"),
    ]
    return drawing(_WIDTH, _HEIGHT, marks, "Route, north up", class_="map")


def _mark(x: float, y: float, name: str, **attributes: str) -> Markup:
    """A dot: the round cap of a line without length, whose width no scale changes."""
    return tag("path", d=f"M{coordinate(x)} {coordinate(y)}h0", class_=name, **attributes)


def _apart(xs: FloatArray, ys: FloatArray) -> list[tuple[float, float]]:
    """Places half a pixel or more apart; between them the eye sees nothing."""
    x, y = np.round(xs * 2) / 2, np.round(ys * 2) / 2
    moved = np.ones(len(x), bool)
    moved[1:] = (np.diff(x) != 0) | (np.diff(y) != 0)
    return list(zip(x[moved].tolist(), y[moved].tolist(), strict=True))


def _list(values: FloatArray, digits: int) -> Numbers:
    """Rounded numbers, ``None`` for those that are not known."""
    return [None if value != value else value for value in np.round(values, digits).tolist()]
