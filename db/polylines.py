"""Decodes many polylines at once, with NumPy: an account has ten thousand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

#: The lowest letter stands for 0; from 32 on, a letter of the same number follows.
_LOWEST: Final = 63
_LAST: Final = 32
#: A step over the whole world has 27 bits; further letters of a broken number count as there.
_MOST_BITS: Final = 25
_LETTERS: Final = re.compile("[?-~]+")
_GO_ON: Final = "".join(map(chr, range(_LOWEST + _LAST, 127)))


def decode_all(polylines: Sequence[str]) -> list[Floats]:
    """Latitude and longitude of the points of each, ``(n, 2)``; a broken one ends where it breaks.

    Polylines are Google's, of five decimals. All longitudes of a route go on without a jump where
    it crosses the date line.
    """
    whole = [_until_broken(one) for one in polylines]
    if not whole:
        return []
    letters = np.frombuffer("".join(whole).encode("ascii"), np.uint8).astype(np.int32) - _LOWEST
    # A number ends with its last letter, so so many numbers have ended where a polyline ends.
    ended = np.append(0, np.cumsum(letters < _LAST))
    ends = ended[np.cumsum([len(one) for one in whole])]
    return [_places(some) for some in np.split(_numbers(letters), ends[:-1])]


def decode_alike(polylines: Sequence[str]) -> Floats:
    """Latitude and longitude of the points of polylines that all have as many, ``(n, points, 2)``.

    Raises:
        ValueError: they have not as many, or one is broken.
    """
    letters = np.frombuffer("".join(polylines).encode("ascii"), np.uint8).astype(np.int32)
    steps = _numbers(letters - _LOWEST).reshape(len(polylines), -1, 2)
    return np.cumsum(steps, axis=1) / 1e5


def _until_broken(polyline: str) -> str:
    """The letters up to the first that cannot be, and to the end of the last whole number."""
    found = _LETTERS.match(polyline)
    return found[0].rstrip(_GO_ON) if found else ""


def _numbers(parts: Ints) -> Ints:
    """All numbers: five bits a letter, the lowest first; a letter below 32 is a number's last."""
    if not len(parts):
        return np.zeros(0, np.int32)
    is_last = parts < _LAST
    begins = np.flatnonzero(np.concatenate(([True], is_last[:-1])))
    places = np.arange(len(parts), dtype=np.int32) - np.repeat(
        begins.astype(np.int32), np.diff(np.append(begins, len(parts)))
    )
    values = np.add.reduceat((parts & 31) << np.minimum(5 * places, _MOST_BITS), begins)
    return np.where(values & 1, ~(values >> 1), values >> 1)


def _places(numbers: Ints) -> Floats:
    """Positions from the steps north and east between them."""
    steps = numbers[: len(numbers) // 2 * 2].reshape(-1, 2)
    places: Floats = np.cumsum(steps, axis=0) / 1e5
    if len(places) and np.ptp(places[:, 1]) > 180:
        places[:, 1] = np.unwrap(places[:, 1], period=360.0)
    return places
