"""Tells which routes are the same, by the places after each twentieth of their lengths."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.polylines import decode_alike

#: Part of the longer one by which lengths may differ.
_LENGTHS: Final = 0.03
#: Metres by which starts, and ends, may be apart: a watch finds its position late.
_ENDS_M: Final = 150.0
#: Metres by which places after equal parts of the lengths may be apart, and part of the length: all
#: of them shift along the route where its beginning or its length differ.
_BETWEEN_M: Final = 100.0
_BETWEEN: Final = 0.02
_M_PER_DEGREE: Final = 111_319.5
#: Natural logarithm of the ratio of lengths in neighbouring layers of cells. Routes that are the
#: same lie in the same layer, or in neighbours.
_STEP: Final = math.log(1.04)
#: How much larger cells are than middles may be apart, since distances are measured on a plane.
_SPARE: Final = 1.05
#: Degrees east of a cell for each degree north, enough up to 83° north or south. Nearer to a pole,
#: routes that are the same may be missed.
_EAST: Final = 8.0
#: Numbers that make one of the three of a cell.
_ROW: Final = 10**6
_LAYER: Final = 10**12
#: From the number of a cell to those of itself and its neighbours.
_PLACES: Final = tuple(north * _ROW + east for north in (0, -1, 1) for east in (0, -1, 1))


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
        return cls(places=decode_alike(shapes), length_m=np.array(lengths_m))


def first_of_each(routes: Routes) -> list[int]:
    """For each route the index of the first one that is the same; its own if there is none before.

    A route is compared with the first ones alone, never with those that are like them, so that
    small differences do not add up along a chain. Only those that are about as long, and whose
    middle lies in a cell beside its own, are looked at. Of several that fit the nearest is taken,
    of equally near ones the earliest.
    """
    nearness = _Nearness(routes)
    firsts: list[int] = []
    by_cell = defaultdict[int, list[int]](list)
    for index, (shorter, cell, longer) in enumerate(_cells(routes)):
        some = [
            first for near in _PLACES if cell + near in by_cell for first in by_cell[cell + near]
        ]
        found = list(nearness.same(index, some))
        firsts.append(min(found)[1] if found else index)
        if not found:
            for each in (shorter, cell, longer):
                by_cell[each].append(index)
    return firsts


def _cells(routes: Routes) -> list[list[int]]:
    """Three cells of each route's middle: for shorter routes, for those as long, for longer ones.

    Cells of longer routes are larger, since their middles may be farther apart.
    """
    own = np.floor(np.log(routes.length_m) / _STEP).astype(np.int64)
    layers = own[:, None] + (-1, 0, 1)
    longest = np.exp((layers + 1) * _STEP) / (1 - _LENGTHS)
    north = _SPARE * (_BETWEEN_M + _BETWEEN * longest) / _M_PER_DEGREE
    middle = routes.places[:, routes.places.shape[1] // 2]
    rows = np.floor(middle[:, :1] / north).astype(np.int64)
    columns = np.floor(middle[:, 1:] / (_EAST * north)).astype(np.int64)
    found: list[list[int]] = (layers * _LAYER + rows * _ROW + columns).tolist()
    return found


class _Nearness:
    """How far routes are apart.

    Places are complex numbers, metres east and north of the start. Plain Python compares the few
    that tell most routes apart: NumPy takes its time for each call.
    """

    def __init__(self, routes: Routes) -> None:
        starts = routes.places[:, 0]
        east = _M_PER_DEGREE * np.cos(np.radians(starts[:, 0]))
        off = routes.places - starts[:, None]
        self._places = off[..., 1] * east[:, None] + 1j * _M_PER_DEGREE * off[..., 0]
        self._east: list[float] = east.tolist()
        self._starts: list[list[float]] = starts.tolist()
        self._lengths: list[float] = routes.length_m.tolist()
        self._middles: list[complex] = self._places[:, off.shape[1] // 2].tolist()
        self._ends: list[complex] = self._places[:, -1].tolist()

    def same(self, index: int, some: Sequence[int]) -> Iterator[tuple[float, int]]:
        """Which of ``some`` routes are the same as one, and how far their places are apart."""
        length, middle, end = self._lengths[index], self._middles[index], self._ends[index]
        (north, east), scale = self._starts[index], self._east[index]
        lengths, starts = self._lengths, self._starts
        middles, ends = self._middles, self._ends
        shortest, longest = length * (1 - _LENGTHS), length / (1 - _LENGTHS)
        for other in some:
            its_length = lengths[other]
            if not shortest <= its_length <= longest:
                continue
            its_north, its_east = starts[other]
            start = complex((its_east - east) * scale, (its_north - north) * _M_PER_DEGREE)
            most = _BETWEEN_M + _BETWEEN * (its_length if its_length > length else length)
            if (
                abs(start + middles[other] - middle) <= most
                and abs(start) <= _ENDS_M
                and abs(start + ends[other] - end) <= _ENDS_M
            ):
                farthest = float(np.abs(start + self._places[other] - self._places[index]).max())
                if farthest <= most:
                    yield farthest, other
