"""Simplifies positions to a route, for drawing and for comparing it with other routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.transform.derived.moving import sums_from_zero
from ingest.transform.derived.polyline import encoded
from ingest.transform.positions import Bounds, are_clean, bounds_of, cleaned, on_plane
from ingest.transform.records import FloatArray, IndexArray

#: Indexes of points, and their places in metres: the real part is east, the imaginary part north.
_Line = tuple[IndexArray, NDArray[np.complex128]]
#: Metres by which each pass may move the line; together less than 10. Finer passes come first,
#: since points that are close together deviate little.
_PASSES_M: Final = (0.5, 0.5, 1.2, 1.2, 3.0, 3.0)
#: Largest number of points of a route; one with more after these passes is made coarser.
MOST_POINTS: Final = 500
#: Stretches of equal length that the shape of a route is made of.
SHAPE_STRETCHES: Final = 20
#: Metres that a route must have to be compared: shorter ones are a court or a place to stand.
LEAST_SHAPED_M: Final = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnRoute:
    """Polylines of precision 5; ``None`` without positions, or with one, or for ``shape`` if short.

    The line deviates by less than 10 m from the recorded one, unless that would leave more than
    ``MOST_POINTS`` points.
    """

    polyline: str | None = None
    #: South, west, north and east of all positions, in degrees.
    bounds: Bounds | None = None
    #: The places after each twentieth of the line, its ends included.
    shape: str | None = None
    #: Length of the line in metres.
    length_m: float | None = None


NO_ROUTE: Final = DrawnRoute()


def route_of(points: Mapping[str, FloatArray]) -> DrawnRoute:
    """The route of positions."""
    latitude, longitude = points.get("latitude"), points.get("longitude")
    if latitude is None or longitude is None or not len(latitude):
        return NO_ROUTE
    bounds = bounds_of(latitude, longitude)
    if not are_clean(bounds):
        latitude, longitude = cleaned(latitude, longitude)
        known = ~np.isnan(latitude)
        latitude, longitude = latitude[known], longitude[known]
        if not len(latitude):
            return NO_ROUTE
        bounds = bounds_of(latitude, longitude)
    if len(latitude) < 2:
        return DrawnRoute(bounds=bounds)
    east, north = on_plane(latitude, longitude)
    kept = simplified(east, north)
    latitude, longitude = latitude[kept], longitude[kept]
    along = sums_from_zero(np.hypot(np.diff(east[kept]), np.diff(north[kept])))
    return DrawnRoute(
        polyline=encoded(latitude, longitude),
        bounds=bounds,
        shape=_shape(along, latitude, longitude),
        length_m=round(float(along[-1]), 3),
    )


def _shape(along: FloatArray, latitude: FloatArray, longitude: FloatArray) -> str | None:
    if not along[-1] >= LEAST_SHAPED_M:
        return None
    places = np.linspace(0.0, along[-1], SHAPE_STRETCHES + 1)
    return encoded(np.interp(places, along, latitude), np.interp(places, along, longitude))


def simplified(east: FloatArray, north: FloatArray) -> IndexArray:
    """Indexes of the points that are needed to draw a line (in metres), both ends included.

    Each pass drops every second point that is close to the line between its neighbours. So a pass
    moves the line by at most its tolerance, and all passes together by at most the sum of theirs.
    The Douglas-Peucker algorithm has the same bound; this takes a few operations on whole arrays.
    """
    line: _Line = (np.arange(len(east)), east + 1j * north)
    for count, tolerance in enumerate(_PASSES_M):
        line = _thinner(line, tolerance, 1 + count % 2)
    tolerance, count = _PASSES_M[-1], 0
    while len(line[0]) > MOST_POINTS:
        tolerance, count = tolerance * 1.4, count + 1
        line = _thinner(line, tolerance, 1 + count % 2)
    return line[0]


def _thinner(line: _Line, tolerance: float, first: int) -> _Line:
    """Drop each of the points ``first``, ``first + 2``, ... that is close enough to the line.

    The line is the one between the point's neighbours, and close means within the tolerance.
    """
    index, places = line
    before = places[first - 1 : -2 : 2]
    if not len(before):
        return line
    chord, off = places[first + 1 :: 2] - before, places[first:-1:2] - before
    square = _squared(chord)
    product = off * chord.conjugate()
    along, across = product.real, product.imag
    near = across * across <= square * (tolerance * tolerance)
    # Drop only points beside the line's stretch: beyond its ends a spur turns, and it may have no
    # length.
    near &= (along >= 0) & (along <= square) & (square > 0)
    near |= _squared(off) <= tolerance * tolerance
    stay = np.ones(len(places), np.bool_)
    np.logical_not(near, out=stay[first:-1:2])
    kept = stay.nonzero()[0]
    return index[kept], places[kept]


def _squared(places: NDArray[np.complex128]) -> FloatArray:
    return np.asarray(places.real * places.real + places.imag * places.imag)
