"""Tells which routes are the same, by the places after each twentieth of their lengths."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.polylines import decode_all

#: Part of the longer one by which lengths may differ.
_LENGTHS: Final = 0.03
#: Metres by which starts, and ends, may be apart: a watch finds its position late.
_ENDS_M: Final = 150.0
#: Metres by which places after equal parts of the lengths may be apart, and part of the length: all
#: of them shift along the route where its beginning or its length differ.
_BETWEEN_M: Final = 100.0
_BETWEEN: Final = 0.02
_M_PER_DEGREE: Final = 111_319.5
#: Sizes of cells of starts in degrees, north and east: more than ``_ENDS_M`` up to 82° north.
_NORTH: Final = 0.002
_EAST: Final = 0.01
#: Natural logarithm of the ratio of lengths in neighbouring cells.
_STEP: Final = math.log(1.04)
#: Numbers that make one of the three of a cell.
_ROW: Final = 10**5
_LAYER: Final = 10**11
#: From the number of a cell to those of itself and its neighbours.
_AROUND: Final = tuple(
    north * _ROW + east + length * _LAYER
    for length in (0, -1, 1)
    for north in (0, -1, 1)
    for east in (0, -1, 1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """The shapes of ``n`` routes of one sport."""

    #: Latitude and longitude of ``p`` places each, ``(n, p, 2)``.
    places: NDArray[np.float64]
    #: ``(n,)``
    length_m: NDArray[np.float64]

    @classmethod
    def of(cls, shapes: Sequence[str], lengths_m: Sequence[float]) -> Routes:
        """Routes by their polylines of equally many places."""
        return cls(places=np.array(decode_all(shapes)), length_m=np.array(lengths_m))


def first_of_each(routes: Routes) -> list[int]:
    """For each route the index of the first one that is the same; its own if there is none before.

    A route is compared with the first ones alone, never with those that are like them, so that
    small differences do not add up along a chain. Only those that begin in a cell beside its own,
    and are about as long, are looked at. Of several that fit the nearest is taken, of equally near
    ones the earliest.
    """
    firsts: list[int] = []
    by_cell = defaultdict[int, list[int]](list)
    for index, cell in enumerate(_cells(routes)):
        some = [first for near in _AROUND for first in by_cell.get(cell + near, ())]
        first = _nearest(routes, index, sorted(some)) if some else None
        if first is None:
            by_cell[cell].append(index)
        firsts.append(index if first is None else first)
    return firsts


def _cells(routes: Routes) -> list[int]:
    """The number of the cell that each route's start and length lie in."""
    starts = np.floor(routes.places[:, 0] / (_NORTH, _EAST)).astype(np.int64)
    lengths = np.floor(np.log(routes.length_m) / _STEP).astype(np.int64)
    numbers = starts[:, 0] * _ROW + starts[:, 1] + lengths * _LAYER
    found: list[int] = numbers.tolist()
    return found


def _nearest(routes: Routes, index: int, some: Sequence[int]) -> int | None:
    """Which of ``some`` routes is the same as one of them; ``None`` if none is."""
    length = routes.length_m[index]
    lengths = np.maximum(routes.length_m[some], length)
    places = routes.places[index]
    scale = _M_PER_DEGREE * np.array([1.0, math.cos(math.radians(places[0, 0]))])
    apart = np.hypot(*np.moveaxis((routes.places[some] - places) * scale, -1, 0))
    farthest = apart.max(axis=1)
    is_same = (
        (np.abs(routes.length_m[some] - length) <= _LENGTHS * lengths)
        & (np.maximum(apart[:, 0], apart[:, -1]) <= _ENDS_M)
        & (farthest <= _BETWEEN_M + _BETWEEN * lengths)
    )
    if not is_same.any():
        return None
    return some[int(np.where(is_same, farthest, np.inf).argmin())]
