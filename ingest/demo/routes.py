"""Makes closed loops as smooth random curves through a place's start, with hills."""

from __future__ import annotations

import functools
import math
import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.demo.kinds import Place
from ingest.transform.records import FloatArray

#: Lengths of the athlete's usual loops, in each place and for each hilliness.
_LENGTHS_KM: Final = tuple(2.2 * 1.22**n for n in range(17))
_NODES: Final = 2048
_METRES_PER_DEGREE: Final = 111_195.0
_STEEPEST: Final = 0.11


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRoute:
    """A path as columns over its nodes: metres so far, position, altitude, grade."""

    along_m: FloatArray
    latitude: FloatArray
    longitude: FloatArray
    altitude_m: FloatArray
    grade: FloatArray

    @property
    def length_m(self) -> float:
        """The length of the route."""
        return float(self.along_m[-1])

    def half(self, second: bool) -> DemoRoute:
        """One half of the loop: the way there, or the way back."""
        part = slice(_NODES // 2, None) if second else slice(None, _NODES // 2 + 1)
        return DemoRoute(
            along_m=self.along_m[part] - self.along_m[part][0],
            latitude=self.latitude[part],
            longitude=self.longitude[part],
            altitude_m=self.altitude_m[part],
            grade=self.grade[part],
        )


def usual_route(place: Place, hilliness: float, distance_m: float) -> DemoRoute:
    """The athlete's usual loop of about this length; the same whenever it is asked for."""
    number = min(
        range(len(_LENGTHS_KM)), key=lambda n: abs(math.log(distance_m / 1000 / _LENGTHS_KM[n]))
    )
    return _usual(place, hilliness, number)


@functools.lru_cache(maxsize=128)
def _usual(place: Place, hilliness: float, number: int) -> DemoRoute:
    rng = np.random.default_rng(zlib.crc32(f"{place.key}:{hilliness}:{number}".encode()))
    return new_loop(place, hilliness, 1000 * _LENGTHS_KM[number], rng)


def new_loop(
    place: Place, hilliness: float, length_m: float, rng: np.random.Generator
) -> DemoRoute:
    """Make a new loop, which is not one of the usual ones."""
    x, y = _outline(rng)
    steps = np.hypot(np.diff(x), np.diff(y))
    scale = length_m / steps.sum()
    along = np.concatenate(([0.0], np.cumsum(steps))) * scale
    altitude, grade = _hills(along, place, hilliness, rng)
    narrow = math.cos(math.radians(place.latitude))
    return DemoRoute(
        along_m=along,
        latitude=place.latitude + y * scale / _METRES_PER_DEGREE,
        longitude=place.longitude + x * scale / (_METRES_PER_DEGREE * narrow),
        altitude_m=place.altitude_m + altitude,
        grade=grade,
    )


def _outline(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """A wavy circle from the origin back to it: low orders shape it, high ones bend it."""
    angle = np.linspace(0, math.tau, _NODES + 1)
    orders = np.concatenate((np.arange(2, 6), rng.integers(9, 26, size=4)))
    sizes = np.concatenate((rng.normal(0, 0.22, 4) / np.arange(1, 5), rng.normal(0, 0.012, 4)))
    radius = 1 + sizes @ np.cos(np.outer(orders, angle) + rng.uniform(0, math.tau, (8, 1)))
    turn, sense = rng.uniform(0, math.tau), rng.choice((-1, 1))
    x, y = radius * np.cos(sense * angle + turn), radius * np.sin(sense * angle + turn)
    return x - x[0], y - y[0]


def _hills(
    along: FloatArray, place: Place, hilliness: float, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Height above the start and slope: long waves are high, short ones low.

    Nothing is steeper than a road.
    """
    orders = np.arange(1, max(3, min(int(along[-1] / 900), 24)) + 1)
    turns = np.outer(orders, along * (math.tau / along[-1])) + rng.uniform(
        0, math.tau, (len(orders), 1)
    )
    sizes = rng.normal(0, place.relief_m * hilliness, len(orders)) / orders
    heights: FloatArray = sizes @ np.sin(turns)
    grade: FloatArray = (sizes * orders) @ np.cos(turns) * (math.tau / along[-1])
    heights = heights - heights[0]
    upright = 1 if heights.max() > -heights.min() else -1  # up and back, not down and back
    drop = float(-(heights * upright).min())
    steep = float(np.abs(grade).max())
    share = upright * min(
        1.0, _STEEPEST / max(steep, 1e-9), (place.altitude_m - place.floor_m) / max(drop, 1e-9)
    )
    return heights * share, grade * share
