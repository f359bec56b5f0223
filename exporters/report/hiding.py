"""Cuts out of routes what lies near the places where most activities begin or end."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Place = tuple[float, float]

_M_PER_DEGREE: Final = 111_195.0
#: Activities that must begin or end at a place, and their share, up to so many.
_FEWEST: Final = 3
_SHARE: Final = 0.01
_MANY: Final = 10
#: Distance in metres between points where a line is cut.
_STEP_M: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenBox:
    """A rectangle of degrees that nothing is drawn in; longitudes are in -180 to 180."""

    south: float
    north: float
    west: float
    east: float

    def holds(self, latitude: Floats, longitude: Floats) -> npt.NDArray[np.bool_]:
        """Which positions lie in it; it may reach over the date line."""
        apart = (longitude - (self.west + self.east) / 2 + 180) % 360 - 180
        inside: npt.NDArray[np.bool_] = (
            (latitude >= self.south)
            & (latitude <= self.north)
            & (np.abs(apart) <= (self.east - self.west) / 2)
        )
        return inside

    def touches(self, low: Floats, high: Floats) -> npt.NDArray[np.bool_]:
        """Whether it may share a place with rectangles between two corners.

        Corners are ``(2,)`` or ``(n, 2)``: latitude and longitude.
        """
        apart = (low[..., 1] + high[..., 1]) / 2 - (self.west + self.east) / 2
        across = (high[..., 1] - low[..., 1] + self.east - self.west) / 2
        found: npt.NDArray[np.bool_] = np.asarray(
            (high[..., 0] >= self.south)
            & (low[..., 0] <= self.north)
            & (np.abs((apart + 180) % 360 - 180) <= across)
        )
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Hiding:
    """What is not drawn of routes, and within how many metres of a place."""

    metres: int
    boxes: tuple[HiddenBox, ...]

    def cut(self, places: Floats) -> list[Floats]:
        """The pieces of a route that may be drawn; ``places`` has latitudes and longitudes."""
        ends = places.min(axis=0), places.max(axis=0)
        near = [box for box in self.boxes if box.touches(*ends).any()]
        if not near:
            return [places]
        dense = _dense(places, near)
        is_seen = ~np.any([box.holds(dense[:, 0], dense[:, 1]) for box in near], axis=0)
        borders = np.flatnonzero(np.diff(is_seen)) + 1
        pieces = np.split(dense, borders)
        seen = np.split(is_seen, borders)
        return [one for one, shown in zip(pieces, seen, strict=True) if shown[0] and len(one) > 1]


def hiding_around(ends: Iterable[Place], metres: int, activities: int) -> Hiding:
    """What to hide so that nothing is drawn within ``metres`` of the usual starts and ends.

    The world is divided into squares of ``metres``. Around each square that usual ends lie in, so
    much is hidden that nothing is left within ``metres`` of any place in it. So what is hidden
    tells the square, but not where in it a home is, as a circle around the home would.
    """
    counts = Counter(_square(place, metres) for place in ends)
    least = max(_FEWEST, min(_MANY, math.ceil(_SHARE * activities)))
    usual = [one for one in counts if _near(counts, one) >= least]
    return Hiding(metres=metres, boxes=tuple(_box(one, metres) for one in sorted(usual)))


#: Row and column of a square, and the whole degree of latitude that its width is of.
Square = tuple[int, int, int]


def _square(place: Place, metres: int) -> Square:
    latitude, longitude = place
    degree = round(latitude)
    side = metres / _M_PER_DEGREE
    return math.floor(latitude / side), math.floor(longitude * _width(degree) / side), degree


def _width(degree: int) -> float:
    """How long a degree of longitude is, by one of latitude."""
    return max(math.cos(math.radians(degree)), 0.01)


def _near(counts: Counter[Square], one: Square) -> int:
    """Ends in a square and those around it: a place on a border has its ends in two."""
    row, column, degree = one
    return sum(
        counts[row + up, column + right, degree] for up in (-1, 0, 1) for right in (-1, 0, 1)
    )


def _box(one: Square, metres: int) -> HiddenBox:
    """The square, and ``metres`` on each side."""
    row, column, degree = one
    side = metres / _M_PER_DEGREE
    # Degrees of longitude are shorter where the square is nearer to a pole than its whole degree.
    wide = side / _width(degree)
    margin = side / max(math.cos(math.radians(min(abs(degree) + 0.6, 89.9))), 0.005)
    return HiddenBox(
        south=(row - 1) * side,
        north=(row + 2) * side,
        west=column * wide - margin,
        east=(column + 1) * wide + margin,
    )


def _dense(places: Floats, boxes: Sequence[HiddenBox]) -> Floats:
    """The same line, with a point every few metres where it may run through a box."""
    steps = np.diff(places, axis=0)
    corners = np.minimum(places[1:], places[:-1]), np.maximum(places[1:], places[:-1])
    is_near = np.any([box.touches(*corners) for box in boxes], axis=0)
    widths = np.cos(np.radians(places[:-1, 0]))
    metres = np.hypot(steps[:, 0], steps[:, 1] * widths) * _M_PER_DEGREE
    counts = np.where(is_near, np.maximum(np.ceil(metres / _STEP_M), 1), 1).astype(np.int64)
    which = np.repeat(np.arange(len(steps)), counts)
    begins = np.repeat(np.cumsum(counts) - counts, counts)
    share = (np.arange(len(which)) - begins) / counts[which]
    return np.concatenate((places[:-1][which] + steps[which] * share[:, None], places[-1:]))
