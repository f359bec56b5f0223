"""Draws many lines on a grid, so that lines over one another cost no more than one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Lines over one another from which the second and the third level begin.
_LEVELS: Final = (2, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLines:
    """Steps between neighbouring points of a grid: both ends, and how many lines take each."""

    width: int
    begins: Ints
    ends: Ints
    counts: Ints

    def paths(self) -> dict[int, str]:
        """The ``d`` of a path per level: 1 for one line, 2 for some, 3 for many."""
        levels = 1 + np.searchsorted(np.array(_LEVELS), self.counts, side="right")
        return {
            int(level): _strokes(
                self.begins[levels == level], self.ends[levels == level], self.width
            )
            for level in np.unique(levels)
        }


def grid_lines(lines: Sequence[Floats], width: int, height: int) -> GridLines:
    """The steps of lines, which are ``(n, 2)`` in grid units; those outside are left out."""
    if not lines:
        nothing = np.zeros(0, np.int64)
        return GridLines(width=width, begins=nothing, ends=nothing, counts=nothing)
    points = np.rint(np.concatenate(lines)).astype(np.int64)
    owner = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    is_step = owner[1:] == owner[:-1]
    froms, steps = points[:-1][is_step], np.diff(points, axis=0)[is_step]
    owners, lengths = owner[1:][is_step], np.abs(steps).max(axis=1)
    low, high = np.minimum(froms, froms + steps), np.maximum(froms, froms + steps)
    is_near = (lengths > 0) & (high >= 0).all(axis=1) & (low < (width, height)).all(axis=1)
    froms, steps = froms[is_near], steps[is_near]
    owners, lengths = owners[is_near], lengths[is_near]
    which = np.repeat(np.arange(len(lengths)), lengths)
    at = np.arange(len(which)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    sides = [
        froms[which] + np.rint(steps[which] * ((at + n) / lengths[which])[:, None]).astype(np.int64)
        for n in (0, 1)
    ]
    is_inside = np.all(
        [((one >= 0) & (one < (width, height))).all(axis=1) for one in sides], axis=0
    )
    first, second = (one[is_inside] @ np.array([1, width]) for one in sides)
    low_end, high_end = np.minimum(first, second), np.maximum(first, second)
    size = width * height
    # A line that takes a step twice, as laps do, counts once.
    taken = np.unique((owners[which][is_inside] * size + low_end) * size + high_end)
    pairs, counts = np.unique(taken % (size * size), return_counts=True)
    return GridLines(width=width, begins=pairs // size, ends=pairs % size, counts=counts)


def _strokes(begins: Ints, ends: Ints, width: int) -> str:
    """One path along all steps, in strokes as long as can be."""
    left: defaultdict[int, set[int]] = defaultdict(set)
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        left[begin].add(end)
        left[end].add(begin)
    # Strokes that begin where lines end are longer than those that begin anywhere.
    order = sorted(left, key=lambda point: (len(left[point]) % 2 == 0, point))
    return "".join(
        _stroke(start, left, width)
        for start in order
        for _ in range(len(left[start]))
        if left[start]
    )


def _stroke(start: int, left: defaultdict[int, set[int]], width: int) -> str:
    """Follow steps that are left, straight on where possible, until there is none."""
    text, here, way, run = f"M{start % width} {start // width}l", start, 0, 0
    while left[here]:
        there = here + way if here + way in left[here] else min(left[here])
        left[here].remove(there)
        left[there].remove(here)
        if there - here != way and run:
            text += _move(way, run, width)
            run = 0
        way, run, here = there - here, run + 1, there
    return (text + _move(way, run, width)).rstrip()


def _move(way: int, run: int, width: int) -> str:
    """So many steps one way, relative to the place before."""
    down = round(way / width)
    return f"{(way - down * width) * run} {down * run} "
