"""Cleans positions, measures the distances between them, and projects them on a plane."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ingest.transform.records import BoolArray, FloatArray

Bounds = tuple[float, float, float, float]

#: Radius of the sphere on which Strava measures: with it, distances of GPX files agree with
#: Strava's to 0.005 %.
EARTH_RADIUS_M: Final = 6_376_772.71
#: Degrees around 0/0 that count as no position. A receiver without a fix writes 0/0, or the nearest
#: number that its format has; nobody starts within a metre of that place.
_NOWHERE_DEG: Final = 1e-5
#: Largest longitude in degrees, in either direction. Longitudes count from -180 or from 0, and some
#: devices count on past either end; a larger angle is damage.
_TURN: Final = 360.0


def placed(latitude: FloatArray, longitude: FloatArray) -> BoolArray:
    """Where there is a position: latitude up to 90 degrees, longitude up to 360, not both zero."""
    nowhere = (np.abs(latitude) < _NOWHERE_DEG) & (np.abs(longitude) < _NOWHERE_DEG)
    return np.asarray((np.abs(latitude) <= 90.0) & (np.abs(longitude) <= _TURN) & ~nowhere)


def cleaned(latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Latitude, and longitude in [-180, 180); both NaN where there is no position."""
    if not len(latitude) or are_clean(bounds_of(latitude, longitude)):
        return latitude, longitude
    longitude = wrapped(longitude)
    known = placed(latitude, longitude)
    if known.all():
        return latitude, longitude
    return np.where(known, latitude, np.nan), np.where(known, longitude, np.nan)


def bounds_of(latitude: FloatArray, longitude: FloatArray) -> Bounds:
    """South, west, north and east of one position or more; NaN where any is unknown."""
    return (
        float(latitude.min()),
        float(longitude.min()),
        float(latitude.max()),
        float(longitude.max()),
    )


def are_clean(bounds: Bounds) -> bool:
    """Whether positions within these bounds need no cleaning, as in nearly all files.

    NaN compares false, so unknown bounds are not clean.
    """
    south, west, north, east = bounds
    on_earth = south >= -90.0 and north <= 90.0 and west >= -180.0 and east < 180.0
    return on_earth and (south >= _NOWHERE_DEG or north <= -_NOWHERE_DEG)


def wrapped(longitude: FloatArray) -> FloatArray:
    """Longitudes as angles in [-180, 180); angles of more than 360 degrees stay as they are."""
    beyond = (longitude < -180.0) | (longitude >= 180.0)
    beyond &= np.abs(longitude) <= _TURN
    if not beyond.any():
        return longitude
    turned = longitude.copy()
    turned[beyond] = (turned[beyond] + 180.0) % _TURN - 180.0
    return turned


def position(latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
    """One clean position, or ``None`` where it is none."""
    if latitude is None or longitude is None:
        return None
    north, east = cleaned(np.array([latitude], np.float64), np.array([longitude], np.float64))
    return None if np.isnan(north[0]) else (float(north[0]), float(east[0]))


def steps_m(latitude: FloatArray, longitude: FloatArray) -> FloatArray:
    """Metres from each position to the next, ``n - 1`` values, by the haversine formula."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    cosine = np.cos(phi)
    square = (
        np.sin(np.diff(phi) / 2) ** 2 + cosine[:-1] * cosine[1:] * np.sin(np.diff(lam) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(square, 1.0))), np.float64)


def on_plane(latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Metres east of the prime meridian and north of the equator.

    The scale is true near the first position.
    """
    degree = EARTH_RADIUS_M * math.pi / 180
    return longitude * (degree * math.cos(math.radians(latitude[0]))), latitude * degree
