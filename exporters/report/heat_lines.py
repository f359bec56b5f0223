"""Draws many lines on a grid, so that lines over one another cost no more than one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Place = tuple[int, int]

#: Lines over one another from which the second and the third level begin.
_LEVELS: Final = (2, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLines:
    """Steps between neighbouring points of a grid: both ends, and how many lines take each."""

    width: int
    begins: Ints
    ends: Ints
    counts: Ints

    def taken(self, least: int) -> GridLines:
        """The steps that at least so many lines take."""
        some = self.counts >= least
        return GridLines(
            width=self.width,
            begins=self.begins[some],
            ends=self.ends[some],
            counts=self.counts[some],
        )

    def paths(self) -> dict[int, str]:
        """The ``d`` of a path per level, in halves of a step."""
        return {level: "".join(map(_path, strokes)) for level, strokes in self.strokes().items()}

    def strokes(self) -> dict[int, list[list[Place]]]:
        """The steps in one go after the other by level: 1 for one line, 2 for some, 3 for many."""
        levels = 1 + np.searchsorted(np.array(_LEVELS), self.counts, side="right")
        return {
            int(level): list(
                _strokes(self.begins[levels == level], self.ends[levels == level], self.width)
            )
            for level in np.unique(levels)
        }


def grid_lines(lines: Sequence[Floats], width: int, height: int) -> GridLines:
    """The steps of lines, which are ``(n, 2)`` in grid units; those outside are left out."""
    points, owners = _dense(lines, width, height)
    steps = np.diff(points, axis=0)
    is_step = (owners[1:] == owners[:-1]) & (np.abs(steps).max(axis=1) == 1)
    inside = np.all((points >= 0) & (points < (width, height)), axis=1)
    is_step &= np.logical_and(inside[1:], inside[:-1])
    places = points @ np.array([1, width])
    begins = np.minimum(places[1:], places[:-1])[is_step]
    ways = np.abs(np.diff(places))[is_step] - width + 1  # 0 to 2, or far below for a step across
    counts = np.bincount(begins * 4 + np.where(ways < 0, 3, ways))
    taken = np.flatnonzero(counts)
    begins, ways = taken // 4, taken % 4
    ends = begins + np.where(ways == 3, 1, ways + width - 1)
    return GridLines(width=width, begins=begins, ends=ends, counts=counts[taken])


def _dense(lines: Sequence[Floats], width: int, height: int) -> tuple[Ints, Ints]:
    """The points of the grid along lines, and the line of each; outside not all of them."""
    if not lines:
        return np.zeros((0, 2), np.int64), np.zeros(0, np.int64)
    points = np.rint(np.concatenate(lines)).astype(np.int64)
    owners = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    steps = np.diff(points, axis=0, append=points[-1:])
    low, high = np.minimum(points, points + steps), np.maximum(points, points + steps)
    is_near = np.all((high >= 0) & (low < (width, height)), axis=1)
    is_near &= np.append(owners[1:] == owners[:-1], False)
    lengths = np.where(is_near, np.abs(steps).max(axis=1), 1)
    which = np.repeat(np.arange(len(lengths)), lengths)
    at = np.arange(len(which)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    # The last point of all has no step; as it is near, it would be left out.
    share = (at / np.maximum(lengths, 1)[which])[:, None]
    along = points[which] + np.rint(steps[which] * share).astype(np.int64)
    return np.concatenate((along, points[-1:])), np.append(owners[which], owners[-1])


def _strokes(begins: Ints, ends: Ints, width: int) -> Iterator[list[Place]]:
    """The steps as strokes that are as long as can be; each is the points along it."""
    left: defaultdict[int, set[int]] = defaultdict(set)
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        left[begin].add(end)
        left[end].add(begin)
    # Strokes that begin where lines end are longer than those that begin anywhere.
    for start in sorted(left, key=lambda point: (len(left[point]) % 2 == 0, point)):
        while left[start]:
            yield [(point % width, point // width) for point in _stroke(start, left)]


def _stroke(start: int, left: defaultdict[int, set[int]]) -> Iterator[int]:
    """Follow steps that are left, straight on where possible, until there is none."""
    here, way = start, 0
    yield here
    while left[here]:
        there = here + way if here + way in left[here] else min(left[here])
        left[here].remove(there)
        left[there].remove(here)
        way, here = there - here, there
        yield here


def _path(stroke: Sequence[Place]) -> str:
    """A stroke in halves of a step, through the middles of its steps: that smooths stairs."""
    middles = [(x + to_x, y + to_y) for (x, y), (to_x, to_y) in pairwise(stroke)]
    first, last = ((2 * x, 2 * y) for x, y in (stroke[0], stroke[-1]))
    text, move = f"M{first[0]} {first[1]}l", (0, 0)
    for (x, y), (to_x, to_y) in pairwise([first, *middles, last]):
        across, down = to_x - x, to_y - y
        if move[0] * down == move[1] * across and move[0] * across + move[1] * down > 0:
            move = (move[0] + across, move[1] + down)  # straight on
            continue
        text += _said(move)
        move = (across, down)
    return (text + _said(move)).rstrip()


def _said(move: Place) -> str:
    return "" if move == (0, 0) else f"{move[0]} {move[1]} "
