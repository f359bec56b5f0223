"""Draws small pictures of the newest routes, each filling its tile with a scale bar.

Shapes are true: both directions have the same scale.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from markupsafe import Markup

from exporters.report.data import Data
from exporters.report.rows import DrawnRoute, Fact
from exporters.report.scales import round_step
from exporters.report.section import Link, Picture, Section
from exporters.report.sports import legend, sport_class, sport_name
from exporters.report.svg import drawing, line, tag
from exporters.report.units import Units, day, number

_SIZE: Final = 120
_MARGIN: Final = 8
_BELOW: Final = 10
M_PER_DEGREE: Final = 111_195.0

Place = tuple[float, float]


def section(data: Data) -> Section:
    """Make the section, newest routes first."""
    title, key = "Routes", "routes"
    pictures = tuple(_pictures(data))
    if not pictures:
        return Section(
            key=key,
            title=title,
            is_wide=True,
            empty="No activity has a route." if data.pictures else "--routes 0 was given.",
        )
    lead = (
        f"The newest {number(len(pictures))}, north up. The bar in the corner tells the scale. "
        f"{data.hiding_words}"
    )
    groups = dict.fromkeys(data.by_id[route.activity_id].sport_group for route in _newest(data))

    return Section(
        key=key, title=title, lead=lead, is_wide=True, pictures=pictures, keys=legend(groups)
    )


def _newest(data: Data) -> Sequence[DrawnRoute]:
    return data.drawn_routes[: data.pictures]


def _pictures(data: Data) -> Iterator[Picture]:
    for route in _newest(data):
        ends = np.cumsum([len(piece) for piece in route.pieces])
        whole = projected([(lat, lon) for lat, lon in np.concatenate(route.pieces).tolist()])
        pieces = [whole[begin:end] for begin, end in pairwise([0, *ends.tolist()])]
        yield _picture(pieces, data.by_id[route.activity_id], data.units)


def _picture(pieces: Sequence[Sequence[Place]], fact: Fact, units: Units) -> Picture:
    distance = f"{number(units.from_km(fact.distance_km), 1)} {units.distance}"
    label = f"Route: {sport_name(fact.sport_group)}, {distance}, {day(fact.local_date)}"
    marks = _marks(pieces, units, sport_class(fact.sport_group))
    drawn = drawing(_SIZE, _SIZE, marks, label, class_="route")
    return Picture(
        drawing=drawn,
        title=Link(words=fact.name, href=fact.strava_url),
        notes=(day(fact.local_date), distance),
    )


def _marks(pieces: Sequence[Sequence[Place]], units: Units, name: str) -> list[Markup]:
    """The route in the middle of its tile, at the same scale in both directions."""
    xs, ys = [x for piece in pieces for x, _ in piece], [y for piece in pieces for _, y in piece]
    room = _SIZE - 2 * _MARGIN
    scale = min(room / max(max(xs) - min(xs), 50.0), (room - _BELOW) / max(max(ys) - min(ys), 50.0))
    left = (_SIZE - (max(xs) - min(xs)) * scale) / 2 - min(xs) * scale
    top = (_SIZE - _BELOW - (max(ys) - min(ys)) * scale) / 2 + max(ys) * scale
    path = "".join(_path([(left + x * scale, top - y * scale) for x, y in one]) for one in pieces)
    bar = round_step(room * 0.35 / scale / units.metres, 1)
    words = f"{bar:g} {units.distance}"
    width, y = min(bar * units.metres * scale, room), _SIZE - 3.0
    scale_bar = line(_MARGIN, y, _MARGIN + width, y, class_="scale")
    return [
        tag("path", d=path, class_=f"curve {name}"),
        scale_bar,
        tag("text", words, x=_MARGIN + width + 4, y=y + 3, class_="scale-words"),
    ]


def _path(points: Sequence[Place]) -> str:
    """The path in relative steps of half a pixel, half as long a text as absolute places."""
    steps = [(round(x * 2), round(y * 2)) for x, y in points]
    path, (x, y) = f"M{steps[0][0] / 2:g} {steps[0][1] / 2:g}l", steps[0]
    for to_x, to_y in steps[1:]:
        if (to_x, to_y) != (x, y):
            path += f"{(to_x - x) / 2:g} {(to_y - y) / 2:g} "
            x, y = to_x, to_y
    return path.rstrip()


def projected(places: Sequence[Place]) -> list[Place]:
    """Project positions to metres east and north.

    Degrees of longitude are shorter by the cosine of the latitude.

    A route that crosses the date line stays in one piece.
    """
    if not places:
        return []
    middle = math.cos(math.radians(sum(lat for lat, _ in places) / len(places)))
    first = places[0][1]
    turned = ((lat, (lon - first + 180) % 360 - 180) for lat, lon in places)
    return [(lon * middle * M_PER_DEGREE, lat * M_PER_DEGREE) for lat, lon in turned]


def decoded(polyline: str) -> list[Place]:
    """Decode Google's polyline of five decimals; ends the route where it is cut or broken."""
    numbers: list[int] = []
    value = shift = 0
    for letter in polyline:
        part = ord(letter) - 63
        if not 0 <= part < 64:
            break
        value |= (part & 31) << shift
        shift += 5
        if part < 32:
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    places, lat, lon = [], 0, 0
    for north, east in zip(numbers[::2], numbers[1::2], strict=False):
        lat, lon = lat + north, lon + east
        places.append((lat / 1e5, lon / 1e5))
    return places
