"""Positions in degrees in, metres out: how far along the path, and where on a plane."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.rows import FloatArray

#: Mean radius of the earth (IUGG).
EARTH_RADIUS_M: Final = 6_371_008.8


def on_earth(latitude: FloatArray, longitude: FloatArray) -> NDArray[np.bool_]:
    """Where both are known and possible."""
    return np.asarray((np.abs(latitude) <= 90.0) & (np.abs(longitude) <= 180.0))


def path_length(latitude: FloatArray, longitude: FloatArray) -> FloatArray:
    """The haversine sum up to each position in metres, NaN where there is none."""
    length = np.full(len(latitude), np.nan)
    known = np.flatnonzero(on_earth(latitude, longitude))
    if len(known):
        phi, lam = np.radians(latitude[known]), np.radians(longitude[known])
        square = np.sin(np.diff(phi) / 2) ** 2 + np.cos(phi[:-1]) * np.cos(phi[1:]) * np.sin(np.diff(lam) / 2) ** 2
        steps = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(square, 1.0)))
        length[known] = np.concatenate(([0.0], np.cumsum(steps)))
    return length


def on_plane(latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Metres east of the null meridian and north of the equator, true to scale near the first position."""
    degree = EARTH_RADIUS_M * math.pi / 180
    return longitude * (degree * math.cos(math.radians(latitude[0]))), latitude * degree
