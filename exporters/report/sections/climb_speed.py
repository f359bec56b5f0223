"""Draws the speed of rides against their climb per kilometre or mile, for riders."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from markupsafe import Markup

from exporters.report.data import Data
from exporters.report.frame import Frame, Size, frame, tick_numbers
from exporters.report.rows import Fact
from exporters.report.scales import around, quantile
from exporters.report.section import Key, Section, plot
from exporters.report.svg import drawing, grid_dots, group, label, said, tag
from exporters.report.units import Units, day, number

#: Games and motors have speeds of their own.
_OTHER_SPEEDS: Final = {"VirtualRide", "EBikeRide", "EMountainBikeRide", "Handcycle"}
_LEAST_KM: Final = 5.0
#: What a rider's average can be in km/h.
_SPEEDS: Final = (5.0, 60.0)
_FEWEST: Final = 5
_BANDS: Final = 8
#: Rides of a band before it has a median.
_FEWEST_OF_BAND: Final = 5
#: More rides than these would only cover each other, so their dots stand on a grid of pixels.
_MOST: Final = 400
_DOT_GRID: Final = 3.0


def section(data: Data) -> Section | None:
    """Make the scatter plot, for those to whom riding matters."""
    if not data.matters("ride"):
        return None
    units = data.units
    title, key = f"Speed of rides against climb per {units.distance}", "climb-speed"
    rides = [fact for fact in data.of_sport("ride") if _is_comparable(fact)]
    if len(rides) < _FEWEST:
        why = f"Fewer than {_FEWEST} rides outdoors have a distance, a time and a climb."
        return Section(key=key, title=title, is_wide=True, empty=why)
    keys = (Key(name="dot", words="ride"), Key(name="mean", words="median of a band"))
    drawn = plot(lambda size: _draw(size, rides, units), is_wide=True, height=330, keys=keys)
    lead = (
        f"{number(len(rides))} rides of {number(units.from_km(_LEAST_KM))} {units.distance} or "
        "more by moving time, without virtual ones and e-bikes; higher is faster."
    )
    return Section(key=key, title=title, lead=lead, is_wide=True, plots=(drawn,))


def _is_comparable(fact: Fact) -> bool:
    if fact.sport_type in _OTHER_SPEEDS or fact.distance_km < _LEAST_KM:
        return False
    has_all = fact.moving_time_h > 0 and fact.total_elevation_gain_m > 0
    return has_all and _SPEEDS[0] <= fact.distance_km / fact.moving_time_h <= _SPEEDS[1]


def _place(fact: Fact, units: Units) -> tuple[float, float]:
    """Climb by distance, and speed."""
    distance = units.from_km(fact.distance_km)
    return units.from_m(fact.total_elevation_gain_m) / distance, distance / fact.moving_time_h


def _draw(size: Size, rides: Sequence[Fact], units: Units) -> Markup:
    places = [_place(fact, units) for fact in rides]
    climbs, speeds = sorted(x for x, _ in places), sorted(y for _, y in places)
    low, high, across = around(0.0, quantile(climbs, 0.99), 4 if size.is_narrow else 8)
    slow, fast, up = around(quantile(speeds, 0.005), quantile(speeds, 0.998), 5)
    base = frame(size, (low, high), (slow, fast))
    inside = [
        (fact, x, y)
        for fact, (x, y) in zip(rides, places, strict=True)
        if base.x.holds(x) and base.y.holds(y)
    ]
    marks = [base.x_grid(across), base.y_axis(up, tick_numbers(up), units.speed)]
    marks.append(_dots(base, inside, units))
    title = f"climb per {units.distance} ({units.height})"
    marks += [base.x_axis(across, tick_numbers(across), title), _medians(base, places, units)]
    outside = len(rides) - len(inside)
    if outside:
        words = f"{number(outside)} outside the frame"
        marks.append(label(base.x.end, 12, words, text_anchor="end", class_="aside"))
    return drawing(size.width, size.height, marks, "Dots of speed against climb, one per ride")


def _dots(base: Frame, inside: Sequence[tuple[Fact, float, float]], units: Units) -> Markup:
    """Dots that tell their ride, if they are not too many."""
    if len(inside) > _MOST:
        return grid_dots([(base.x(x), base.y(y)) for _, x, y in inside], _DOT_GRID)
    marks = (
        tag("circle", said(_words(fact, x, y, units)), cx=base.x(x), cy=base.y(y), r=3)
        for fact, x, y in inside
    )
    return group(marks, class_="scatter")


def _words(fact: Fact, climb: float, speed: float, units: Units) -> str:
    return (
        f"{number(speed, 1)} {units.speed}, {number(climb, 1)} {units.height}/{units.distance} · "
        f"{fact.name[:60]}, {day(fact.local_date)}"
    )


def _medians(base: Frame, places: Sequence[tuple[float, float]], units: Units) -> Markup:
    width = (base.x.high - base.x.low) / _BANDS
    marks = []
    for band in range(_BANDS):
        low = base.x.low + band * width
        some = [speed for climb, speed in places if low <= climb < low + width]
        if len(some) < _FEWEST_OF_BAND or not base.y.holds(median(some)):
            continue
        words = (
            f"{number(low, 1)} to {number(low + width, 1)} {units.height}/{units.distance}: "
            f"{number(median(some), 1)} {units.speed}, median of {number(len(some))} rides"
        )
        x, y = base.x(low + width / 2), base.y(median(some))
        marks.append(tag("circle", said(words), cx=x, cy=y, r=5))
    return group(marks, class_="means")
