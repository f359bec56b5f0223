"""Decodes many polylines at once, with NumPy: an account has ten thousand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def decode_all(polylines: Sequence[str]) -> list[Floats]:
    """Latitude and longitude of the points of each, ``(n, 2)``; a broken one ends where it breaks.

    Polylines are Google's, of five decimals. All longitudes of a route go on without a jump where
    it crosses the date line.
    """
    whole = [_until_broken(one) for one in polylines]
    numbers = _numbers("".join(whole))
    ends = np.cumsum([sum(letter < "_" for letter in one) for one in whole])
    return [_places(some) for some in np.split(numbers, ends[:-1])] if whole else []


def _until_broken(polyline: str) -> str:
    """The letters up to the first that cannot be, and to the end of the last whole number."""
    if (
        not polyline.isascii()
        or min(polyline, default="?") < "?"
        or max(polyline, default="?") > "~"
    ):
        broken = next(at for at, letter in enumerate(polyline) if not "?" <= letter <= "~")
        polyline = polyline[:broken]
    while polyline and polyline[-1] >= "_":
        polyline = polyline[:-1]
    return polyline


def _numbers(letters: str) -> Ints:
    """All numbers: five bits a letter, the lowest first; a letter below 32 is a number's last."""
    parts = np.frombuffer(letters.encode("ascii"), np.uint8).astype(np.int64) - 63
    if not len(parts):
        return np.zeros(0, np.int64)
    is_last = parts < 32
    begins = np.flatnonzero(np.concatenate(([True], is_last[:-1])))
    places = np.arange(len(parts)) - np.repeat(begins, np.diff(np.append(begins, len(parts))))
    values = np.add.reduceat((parts & 31) << np.minimum(5 * places, 60), begins)
    return np.where(values & 1, ~(values >> 1), values >> 1)


def _places(numbers: Ints) -> Floats:
    """Positions from the steps north and east between them."""
    steps = numbers[: len(numbers) // 2 * 2].reshape(-1, 2)
    places: Floats = np.cumsum(steps, axis=0) / 1e5
    places[:, 1] = np.unwrap(places[:, 1], period=360.0)
    return places
