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
#: Sizes of cells of starts in degrees, north and east: more than ``_ENDS_M`` up to 82° north.
_NORTH: Final = 0.002
_EAST: Final = 0.01
#: Natural logarithm of the ratio of lengths in neighbouring cells.
_STEP: Final = math.log(1.04)
#: Numbers that make one of the three of a cell.
_ROW: Final = 10**5
_LAYER: Final = 10**11
#: From the number of a cell to those of itself and its neighbours.
_PLACES: Final = tuple(north * _ROW + east for north in (0, -1, 1) for east in (0, -1, 1))
_LAYERS: Final = (-_LAYER, 0, _LAYER)


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
    small differences do not add up along a chain. Only those that begin in a cell beside its own,
    and are about as long, are looked at. Of several that fit the nearest is taken, of equally near
    ones the earliest.
    """
    nearness = _Nearness(routes)
    firsts: list[int] = []
    by_cell = defaultdict[int, list[int]](list)
    for index, cell in enumerate(_cells(routes)):
        some = [
            first for near in _PLACES if cell + near in by_cell for first in by_cell[cell + near]
        ]
        found = list(nearness.same(index, some))
        firsts.append(min(found)[1] if found else index)
        if not found:
            for layer in _LAYERS:
                by_cell[cell + layer].append(index)
    return firsts


def _cells(routes: Routes) -> list[int]:
    """The number of the cell that each route's start and length lie in."""
    starts = np.floor(routes.places[:, 0] / (_NORTH, _EAST)).astype(np.int64)
    lengths = np.floor(np.log(routes.length_m) / _STEP).astype(np.int64)
    numbers = starts[:, 0] * _ROW + starts[:, 1] + lengths * _LAYER
    found: list[int] = numbers.tolist()
    return found


class _Nearness:
    """How far routes are apart.

    Places are complex numbers, metres east and north of the start: plain Python compares a few of
    them faster than NumPy, which takes its time for each call.
    """

    def __init__(self, routes: Routes) -> None:
        starts = routes.places[:, 0]
        self._east = (_M_PER_DEGREE * np.cos(np.radians(starts[:, 0]))).tolist()
        off = routes.places - starts[:, None]
        metres = off[..., 1] * np.array(self._east)[:, None] + 1j * _M_PER_DEGREE * off[..., 0]
        self._places: list[list[complex]] = metres.tolist()
        self._starts: list[list[float]] = starts.tolist()
        self._lengths: list[float] = routes.length_m.tolist()

    def same(self, index: int, some: Sequence[int]) -> Iterator[tuple[float, int]]:
        """Which of ``some`` routes are the same as one, and how far their places are apart."""
        own, length = self._places[index], self._lengths[index]
        (north, east), scale = self._starts[index], self._east[index]
        end, middle = own[-1], own[len(own) // 2]
        for other in some:
            its_length = self._lengths[other]
            longer = its_length if its_length > length else length
            if abs(its_length - length) > _LENGTHS * longer:
                continue
            places, (its_north, its_east) = self._places[other], self._starts[other]
            start = complex((its_east - east) * scale, (its_north - north) * _M_PER_DEGREE)
            most = _BETWEEN_M + _BETWEEN * longer
            if (
                abs(start + places[len(own) // 2] - middle) > most  # tells most apart
                or abs(start) > _ENDS_M
                or abs(start + places[-1] - end) > _ENDS_M
            ):
                continue
            farthest = max(abs(start + its - place) for its, place in zip(places, own, strict=True))
            if farthest <= most:
                yield farthest, other
