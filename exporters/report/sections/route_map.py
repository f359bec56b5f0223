"""Draws a map of the routes of all years, without tiles: one per region that has many."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from markupsafe import Markup

from exporters.report.data import Data
from exporters.report.heat_lines import Floats, GridLines, grid_lines
from exporters.report.rows import DrawnRoute
from exporters.report.scales import round_step
from exporters.report.section import Plot, Section
from exporters.report.sections.routes import M_PER_DEGREE
from exporters.report.sports import legend, sport_class
from exporters.report.svg import drawing, group, label, line, tag
from exporters.report.units import Units, number

_WIDTH: Final = 1040.0
_HEIGHT: Final = 680.0
_MARGIN: Final = 16.0
#: Regions are what lies in neighbouring squares of so many degrees of latitude.
_SQUARE: Final = 0.5
_REGIONS: Final = 4
#: Share of the routes that may lead out of a map at each side: one long journey must not make the
#: rest small.
_OUTSIDE: Final = 0.02
_LEAST_M: Final = 1000.0
#: Pixels between points of the grid, and the most steps on it before it is made coarser.
_GRID: Final = 2.0
_COARSE: Final = 8.0
#: Where the grid would be coarser, what was taken seldom is left out instead.
_COARSEST: Final = 4.0
_SELDOM: Final = " Where there are very many, what was taken seldom is left out."
_MOST_STEPS: Final = 30_000
_CUT: Final = "Some routes go on outside the frame."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Map:
    """Routes of a region on a grid, by sport group; pixels in a step, and metres in a pixel."""

    height: float
    layers: dict[str, GridLines]
    grid: float
    pixel_m: float
    #: Times that a step was taken at least, to be drawn.
    least: int
    #: Whether routes lead out of it.
    is_cut: bool


def section(data: Data) -> Section | None:
    """Make the section; without routes there is none, and the small pictures say why."""
    routes = [one for one in data.drawn_routes if not _is_virtual(data, one)]
    regions = sorted(_regions(routes), key=len, reverse=True)
    if not regions:
        return None
    shown = regions[:_REGIONS]
    plots = tuple(_plot(some, data) for some in shown)
    left = len(routes) - sum(map(len, shown))
    lead = (
        f"{number(len(routes) - left)} routes of all years, north up; stronger where there were "
        f"several.{f' {number(left)} in other regions are not drawn.' if left else ''}"
        f"{_SELDOM if any('taken' in one.note for one in plots) else ''} {data.hiding_words}"
    )
    return Section(
        key="route-map",
        title="Map of all routes",
        lead=lead.rstrip(),
        is_wide=True,
        is_tabbed=True,
        plots=plots,
    )


def _is_virtual(data: Data, one: DrawnRoute) -> bool:
    return data.by_id[one.activity_id].sport_type.startswith("Virtual")


def _regions(routes: Sequence[DrawnRoute]) -> list[list[DrawnRoute]]:
    """Routes that begin in the same or in neighbouring squares."""
    squares: defaultdict[tuple[int, int], list[DrawnRoute]] = defaultdict(list)
    for one in routes:
        squares[_square(one)].append(one)
    found = []
    while squares:
        region: list[DrawnRoute] = []
        waiting = [next(iter(squares))]
        while waiting:
            row, column = waiting.pop()
            if (row, column) in squares:
                region += squares.pop((row, column))
                waiting += [(row + up, column + right) for up in (-1, 0, 1) for right in (-1, 0, 1)]
        found.append(region)
    return found


def _square(one: DrawnRoute) -> tuple[int, int]:
    latitude, longitude = one.pieces[0][0].tolist()
    return math.floor(latitude / _SQUARE), math.floor((longitude + 180) % 360 / _SQUARE)


def _plot(routes: Sequence[DrawnRoute], data: Data) -> Plot:
    groups: defaultdict[str, list[DrawnRoute]] = defaultdict(list)
    for one in routes:
        groups[data.by_id[one.activity_id].sport_group].append(one)
    names = sorted(groups, key=lambda name: -len(groups[name]))
    found = _mapped({name: [p for one in groups[name] for p in one.pieces] for name in names})
    north, east = np.median([one.pieces[0][0] for one in routes], axis=0)
    east = (east + 180) % 360 - 180
    title = (
        f"{number(abs(north))}° {'N' if north >= 0 else 'S'}, "
        f"{number(abs(east))}° {'E' if east >= 0 else 'W'} ({number(len(routes))})"
    )
    seldom = f"What was taken {number(found.least)} times or more." if found.least > 1 else ""
    note = f"{seldom} {_CUT if found.is_cut else ''}".strip()
    drawn = _draw(found, data.units)
    return Plot(large=drawn, small=Markup(), title=title, keys=legend(names), note=note)


def _mapped(groups: dict[str, list[Floats]]) -> _Map:
    """Put routes on a grid that is as fine as the number of its steps allows."""
    places = np.concatenate([piece for pieces in groups.values() for piece in pieces])
    middle = math.cos(math.radians(float(np.median(places[:, 0]))))
    centre = float(np.median(places[:, 1]))

    def flat(piece: Floats) -> Floats:
        # A route on the other side of the date line is turned to this one.
        turn = round((float(piece[0, 1]) - centre) / 360) * 360
        east = (piece[:, 1] - turn - centre) * middle * M_PER_DEGREE
        return np.column_stack((east, -piece[:, 0] * M_PER_DEGREE))

    lines = {name: [flat(piece) for piece in pieces] for name, pieces in groups.items()}
    every = [piece for pieces in lines.values() for piece in pieces]
    low = np.quantile([piece.min(axis=0) for piece in every], _OUTSIDE, axis=0)
    high = np.quantile([piece.max(axis=0) for piece in every], 1 - _OUTSIDE, axis=0)
    spans = np.maximum(high - low, _LEAST_M)
    scale = min((_WIDTH - 2 * _MARGIN) / spans[0], (_HEIGHT - 2 * _MARGIN) / spans[1])
    height = max(spans[1] * scale + 2 * _MARGIN, 240.0)
    size = np.array([_WIDTH, height])
    corner = (low + high) / 2 - size / 2 / scale
    whole = np.concatenate(every)
    is_cut = bool(((whole < corner) | (whole > corner + size / scale)).any())

    def on_grid(grid: float) -> dict[str, GridLines]:
        columns, rows = math.ceil(_WIDTH / grid), math.ceil(height / grid)
        return {
            name: grid_lines([(piece - corner) * (scale / grid) for piece in pieces], columns, rows)
            for name, pieces in lines.items()
        }

    def made(layers: dict[str, GridLines], grid: float, least: int) -> _Map:
        return _Map(
            height=height,
            layers=layers,
            grid=grid,
            pixel_m=1 / scale,
            least=least,
            is_cut=is_cut,
        )

    # Half the width of steps makes two to four times as many, so a coarse grid tells what is fine.
    grid = max(_GRID, _COARSE * (_steps(on_grid(_COARSE)) / _MOST_STEPS) ** 0.7)
    fine = on_grid(min(grid, _COARSEST))
    least = _least(fine)
    usual = {name: layer.taken(least) for name, layer in fine.items()}
    if _steps(usual) > _MOST_STEPS / 4 or least == 1:
        grid = min(grid, _COARSEST)
        return made(usual, grid, least)
    # Nearly all is taken once: a coarser map shows more of it than a map of what is usual.
    layers = on_grid(grid)
    while _steps(layers) > _MOST_STEPS:
        grid *= 1.25
        layers = on_grid(grid)
    return made(layers, grid, 1)


def _least(layers: dict[str, GridLines]) -> int:
    """How often a step must be taken, so that not too many are drawn."""
    counts = np.sort(np.concatenate([layer.counts for layer in layers.values()]))[::-1]
    return int(counts[_MOST_STEPS]) + 1 if len(counts) > _MOST_STEPS else 1


def _steps(layers: dict[str, GridLines]) -> int:
    return sum(len(layer.counts) for layer in layers.values())


def _draw(found: _Map, units: Units) -> Markup:
    marks = [
        group(
            (
                tag("path", d=d, class_=f"h{level}", vector_effect="non-scaling-stroke")
                for level, d in layer.paths().items()
            ),
            class_=f"heat {sport_class(name)}",
            transform=f"scale({found.grid / 2:.4g})",
        )
        for name, layer in found.layers.items()
    ]
    bar = round_step(_WIDTH * 0.12 * found.pixel_m / units.metres, 1)
    length, y = bar * units.metres / found.pixel_m, found.height - 8.0
    marks += [
        line(8, y, 8 + length, y, class_="scale", vector_effect="non-scaling-stroke"),
        label(8, y - 6, f"{bar:g} {units.distance}"),
    ]
    return drawing(
        _WIDTH, found.height, marks, "Map of routes without background", class_="route-map"
    )
