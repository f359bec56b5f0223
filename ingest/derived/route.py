"""Positions in, a route simple enough to draw out: an encoded polyline and its bounding box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.derived.polyline import encoded
from ingest.positions import cleaned, on_plane
from ingest.rows import FloatArray

Bounds = tuple[float, float, float, float]
IntArray = NDArray[np.intp]
#: Indexes of points, and where they are: east and north in metres.
_Line = tuple[IntArray, FloatArray, FloatArray]
#: How far each pass may move the line, in metres; together less than 10. Finer passes first: points close together deviate little.
_PASSES_M: Final = (0.5, 0.5, 1.2, 1.2, 3.0, 3.0)
#: A route that has more points after these passes is made coarser until it fits.
MOST_POINTS: Final = 500


def route_of(points: Mapping[str, FloatArray]) -> tuple[str | None, Bounds | None]:
    """The polyline (precision 5), and south, west, north and east of all positions in degrees; ``None`` where there are none.

    The line deviates by less than 10 m from the recorded one, unless more than ``MOST_POINTS`` points were left. A single position
    gives a box but no line.
    """
    latitude, longitude = points.get("latitude"), points.get("longitude")
    if latitude is None or longitude is None or not len(latitude):
        return None, None
    latitude, longitude = cleaned(latitude, longitude)
    known = ~np.isnan(latitude)
    if not known.all():
        latitude, longitude = latitude[known], longitude[known]
        if not len(latitude):
            return None, None
    bounds = _box(latitude, longitude)
    if len(latitude) < 2:
        return None, bounds
    kept = simplified(*on_plane(latitude, longitude))
    return encoded(latitude[kept], longitude[kept]), bounds


def _box(latitude: FloatArray, longitude: FloatArray) -> Bounds:
    return float(latitude.min()), float(longitude.min()), float(latitude.max()), float(longitude.max())


def simplified(east: FloatArray, north: FloatArray) -> IntArray:
    """Which points of a line (in metres) are needed to draw it, the first and last always among them.

    Each pass drops every second point that is close to the line between its neighbours. So the line moves by at most the pass's
    tolerance, and in all by at most their sum: what Douglas and Peucker's algorithm grants, in a few operations on whole arrays.
    """
    line = (np.arange(len(east)), east, north)
    for count, tolerance in enumerate(_PASSES_M):
        line = _thinner(line, tolerance, 1 + count % 2)
    tolerance, count = _PASSES_M[-1], 0
    while len(line[0]) > MOST_POINTS:
        tolerance, count = tolerance * 1.4, count + 1
        line = _thinner(line, tolerance, 1 + count % 2)
    return line[0]


def _thinner(line: _Line, tolerance: float, first: int) -> _Line:
    """Without those of the points ``first``, ``first + 2``, ... that lie within the tolerance of their neighbours' line."""
    index, x, y = line
    before_x, before_y = x[first - 1 : -2 : 2], y[first - 1 : -2 : 2]
    if not len(before_x):
        return line
    chord_x, chord_y = x[first + 1 :: 2] - before_x, y[first + 1 :: 2] - before_y
    off_x, off_y = x[first:-1:2] - before_x, y[first:-1:2] - before_y
    square = chord_x * chord_x + chord_y * chord_y
    along = chord_x * off_x + chord_y * off_y
    across = chord_x * off_y - chord_y * off_x
    near = across * across <= square * (tolerance * tolerance)
    # Beside the chord; not beyond its ends, where a spur turns, nor where it has no length.
    near &= (along >= 0) & (along <= square) & (square > 0)
    near |= off_x * off_x + off_y * off_y <= tolerance * tolerance
    stay = np.ones(len(x), np.bool_)
    np.logical_not(near, out=stay[first:-1:2])
    kept = stay.nonzero()[0]
    return index[kept], x[kept], y[kept]
