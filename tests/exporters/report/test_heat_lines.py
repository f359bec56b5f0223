"""Lines on a grid: every step is drawn once, and none is lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exporters.report.heat_lines import GridLines, Place, grid_lines

POINT = st.tuples(st.integers(-5, 34), st.integers(-5, 24))
LINES = st.lists(st.lists(POINT, min_size=2, max_size=8), max_size=6)
Step = frozenset[tuple[int, int]]


def found(lines: list[list[tuple[int, int]]], width: int = 30, height: int = 20) -> GridLines:
    return grid_lines([np.array(line, float) for line in lines], width, height)


def steps(strokes: Sequence[Sequence[Place]]) -> list[Step]:
    """The steps along strokes."""
    return [frozenset(pair) for stroke in strokes for pair in pairwise(stroke)]


def ends(path: str) -> list[tuple[Place, Place]]:
    """Where each stroke of a path begins and ends, read as a browser does."""
    found = []
    for stroke in re.findall(r"M[^M]*", path):
        numbers = [int(one) for one in re.findall(r"-?\d+", stroke)]
        found.append(((numbers[0], numbers[1]), (sum(numbers[::2]), sum(numbers[1::2]))))
    return found


@given(LINES)
def test_every_step_is_drawn_once(lines: list[list[tuple[int, int]]]) -> None:
    grid = found(lines)
    drawn = [step for strokes in grid.strokes().values() for step in steps(strokes)]
    expected = {
        frozenset(((b % 30, b // 30), (e % 30, e // 30)))
        for b, e in zip(grid.begins.tolist(), grid.ends.tolist(), strict=True)
    }
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == expected


@given(LINES)
def test_paths_begin_and_end_where_strokes_do(lines: list[list[tuple[int, int]]]) -> None:
    grid = found(lines)
    for level, strokes in grid.strokes().items():
        doubled = [[(2 * x, 2 * y) for x, y in (one[0], one[-1])] for one in strokes]
        assert [list(pair) for pair in ends(grid.paths()[level])] == doubled


@given(LINES)
def test_steps_lead_to_neighbours_inside(lines: list[list[tuple[int, int]]]) -> None:
    grid = found(lines)
    ends = np.array([grid.begins, grid.ends])
    assert (np.abs(np.diff(ends % 30, axis=0)) <= 1).all()
    assert (np.abs(np.diff(ends // 30, axis=0)) <= 1).all()
    assert ((ends >= 0) & (ends < 600)).all()


def test_a_straight_line_is_one_stroke() -> None:
    assert found([[(2, 3), (9, 3)], [(9, 3), (2, 3)]]).paths() == {2: "M4 6l14 0"}


def test_stairs_and_corners_are_smoothed() -> None:
    assert found([[(2, 3), (6, 7), (6, 9)]]).paths() == {1: "M4 6l7 7 1 2 0 3"}
    stairs = [(x, x // 2) for x in range(9)]
    assert found([stairs]).paths() == {1: "M0 0l1 0 14 7 1 1"}


def test_lines_over_one_another_are_counted() -> None:
    assert found([[(2, 3), (3, 3)]] * 12).paths() == {3: "M4 6l2 0"}
    assert found([[(2, 3), (3, 3), (2, 3)]]).paths() == {2: "M4 6l2 0"}
    ways = [(5, 5), (6, 5), (6, 6), (5, 7), (4, 6), (4, 5), (5, 4), (4, 3)]
    assert found([ways, ways[::-1]]).counts.tolist() == [2] * 7


def test_what_lies_outside_is_left_out() -> None:
    assert found([[(-9, -9), (-2, -3)]]).paths() == {}
    assert steps(found([[(28, 5), (35, 5)]]).strokes()[1]) == [frozenset(((28, 5), (29, 5)))]
    assert found([]).paths() == {}


def test_what_is_taken_seldom_can_be_left_out() -> None:
    grid = found([[(2, 3), (4, 3)], [(3, 3), (4, 3)]])
    assert grid.taken(2).paths() == {2: "M6 6l2 0"}
    assert grid.taken(1).paths() == grid.paths()
    assert grid.taken(3).paths() == {}
