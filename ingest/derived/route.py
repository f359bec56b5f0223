"""Positions in, a route simple enough to draw out: an encoded polyline and its bounding box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.derived.polyline import encoded
from ingest.derived.positions import on_earth, on_plane
from ingest.rows import FloatArray

Bounds = tuple[float, float, float, float]
#: How far each pass may move the line, in metres; together less than 10. Finer passes first: points close together deviate little.
_PASSES_M: Final = (0.3, 0.3, 0.6, 0.6, 1.2, 1.2, 2.5, 2.5)
#: A route that has more points after these passes is made coarser until it fits.
MOST_POINTS: Final = 500


def route(points: Mapping[str, FloatArray]) -> tuple[str | None, Bounds | None]:
    """The polyline (precision 5), and south, west, north and east of all positions in degrees; ``None`` where there are none.

    The line deviates by less than 10 m from the recorded one as long as it needs at most ``MOST_POINTS`` points for that. A single
    position gives a box but no line.
    """
    latitude, longitude = points.get("latitude"), points.get("longitude")
    if latitude is None or longitude is None or not len(latitude):
        return None, None
    known = on_earth(latitude, longitude)
    if not known.all():
        latitude, longitude = latitude[known], longitude[known]
    if not len(latitude):
        return None, None
    bounds = tuple(float(x) for x in (latitude.min(), longitude.min(), latitude.max(), longitude.max()))
    if len(latitude) < 2:
        return None, bounds  # type: ignore[return-value]
    kept = simplified(on_plane(latitude, longitude))
    return encoded(latitude[kept], longitude[kept]), bounds  # type: ignore[return-value]


def simplified(plane: NDArray[np.complex128]) -> NDArray[np.intp]:
    """Which points of a line (in metres) are needed to draw it, the first and last always among them.

    Each pass drops every second point that is close to the line between its neighbours. So the line moves by at most the pass's
    tolerance, and in all by at most their sum, as with Douglas and Peucker's algorithm but in a few operations on whole arrays.
    """
    kept = np.arange(len(plane))
    for count, tolerance in enumerate(_PASSES_M):
        kept, plane = _thinner(kept, plane, tolerance, 1 + count % 2)
    tolerance, count = _PASSES_M[-1], 0
    while len(kept) > MOST_POINTS:
        tolerance, count = tolerance * 1.4, count + 1
        kept, plane = _thinner(kept, plane, tolerance, 1 + count % 2)
    return kept


def _thinner(
    kept: NDArray[np.intp], plane: NDArray[np.complex128], tolerance: float, first: int
) -> tuple[NDArray[np.intp], NDArray[np.complex128]]:
    """Without those of the points ``first``, ``first + 2``, ... that lie within the tolerance of their neighbours' line."""
    before = plane[first - 1 : -2 : 2]
    if not len(before):
        return kept, plane
    chord = plane[first + 1 :: 2] - before
    offset = plane[first:-1:2] - before
    # The nearest place on the chord, as a share of it; a chord of no length is a place of its own.
    square = chord.real**2 + chord.imag**2
    along = offset.real * chord.real + offset.imag * chord.imag
    offset -= np.clip(along / np.where(square > 0, square, 1.0), 0.0, 1.0) * chord
    stay = np.ones(len(plane), np.bool_)
    stay[first:-1:2] = offset.real**2 + offset.imag**2 > tolerance * tolerance
    return kept[stay], plane[stay]
