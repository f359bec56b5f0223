"""Lines on a grid: every step is drawn once, and none is lost."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exporters.report.heat_lines import GridLines, grid_lines

POINT = st.tuples(st.integers(-5, 34), st.integers(-5, 24))
LINES = st.lists(st.lists(POINT, min_size=2, max_size=8), max_size=6)
Step = frozenset[tuple[int, int]]


def found(lines: list[list[tuple[int, int]]], width: int = 30, height: int = 20) -> GridLines:
    return grid_lines([np.array(line, float) for line in lines], width, height)


def steps(path: str) -> list[Step]:
    """The unit steps of a path, read as a browser does."""
    drawn: list[Step] = []
    for stroke in re.findall(r"M[^M]*", path):
        numbers = [int(one) for one in re.findall(r"-?\d+", stroke)]
        here = (numbers[0], numbers[1])
        for across, down in zip(numbers[2::2], numbers[3::2], strict=True):
            for _ in range(max(abs(across), abs(down))):
                there = here[0] + int(np.sign(across)), here[1] + int(np.sign(down))
                drawn.append(frozenset((here, there)))
                here = there
    return drawn


@given(LINES)
def test_every_step_is_drawn_once(lines: list[list[tuple[int, int]]]) -> None:
    grid = found(lines)
    drawn = [step for path in grid.paths().values() for step in steps(path)]
    expected = {
        frozenset(((b % 30, b // 30), (e % 30, e // 30)))
        for b, e in zip(grid.begins.tolist(), grid.ends.tolist(), strict=True)
    }
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == expected


@given(LINES)
def test_steps_lead_to_neighbours_inside(lines: list[list[tuple[int, int]]]) -> None:
    grid = found(lines)
    ends = np.array([grid.begins, grid.ends])
    assert (np.abs(np.diff(ends % 30, axis=0)) <= 1).all()
    assert (np.abs(np.diff(ends // 30, axis=0)) <= 1).all()
    assert ((ends >= 0) & (ends < 600)).all()


def test_a_straight_line_is_one_stroke() -> None:
    assert found([[(2, 3), (9, 3)], [(9, 3), (2, 3)]]).paths() == {2: "M2 3l7 0"}
    assert found([[(2, 3), (6, 7), (6, 9)]]).paths() == {1: "M2 3l4 4 0 2"}


def test_lines_over_one_another_are_counted() -> None:
    assert found([[(2, 3), (3, 3)]] * 12).paths() == {3: "M2 3l1 0"}
    assert found([[(2, 3), (3, 3), (2, 3)]]).paths() == {2: "M2 3l1 0"}
    ways = [(5, 5), (6, 5), (6, 6), (5, 7), (4, 6), (4, 5), (5, 4), (4, 3)]
    assert found([ways, ways[::-1]]).counts.tolist() == [2] * 7


def test_what_lies_outside_is_left_out() -> None:
    assert found([[(-9, -9), (-2, -3)]]).paths() == {}
    assert steps(found([[(28, 5), (35, 5)]]).paths()[1]) == [frozenset(((28, 5), (29, 5)))]
    assert found([]).paths() == {}


def test_what_is_taken_seldom_can_be_left_out() -> None:
    grid = found([[(2, 3), (4, 3)], [(3, 3), (4, 3)]])
    assert grid.taken(2).paths() == {2: "M3 3l1 0"}
    assert grid.taken(1).paths() == grid.paths()
    assert grid.taken(3).paths() == {}
