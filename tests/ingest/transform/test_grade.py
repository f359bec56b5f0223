"""Grades of pieces of a course, and what they cost a runner."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.transform.grade import PaceFactor, kay_factor, pieces_of, strava_factor

#: Grade -> factor of both curves, from the table that was published with them.
PUBLISHED = {
    -0.20: (1.12, 1.07),
    -0.10: (0.88, 0.86),
    -0.05: (0.89, 0.88),
    0.05: (1.21, 1.21),
    0.10: (1.52, 1.52),
    0.20: (2.36, 2.36),
}


@pytest.mark.parametrize(("at", "factor"), [(0, strava_factor), (1, kay_factor)])
def test_the_curves_are_those_that_were_published(at: int, factor: PaceFactor) -> None:
    found = factor(np.array(list(PUBLISHED)))
    assert found == pytest.approx([row[at] for row in PUBLISHED.values()], abs=0.006)
    assert factor(np.array([0.0])) == pytest.approx([1.0])


@pytest.mark.parametrize("factor", [strava_factor, kay_factor])
def test_a_grade_beyond_the_curve_counts_as_its_end(factor: PaceFactor) -> None:
    ends = factor(np.array([-0.35, 0.35]))
    assert (factor(np.array([-5.0, 5.0])) == ends).all()


def even(total: float, every: float, grade: float) -> tuple[np.ndarray, np.ndarray]:
    along = np.append(np.arange(0.0, total, every), total)
    return along, 500.0 + along * grade


@pytest.mark.parametrize("every", [1.0, 3.3, 60.0, 250.0])
def test_an_even_grade_stays_one_however_far_its_points_are_apart(every: float) -> None:
    pieces = pieces_of(*even(2530.0, every, 0.08))
    assert pieces is not None
    assert len(pieces.grade) == 25
    assert pieces.grade == pytest.approx(0.08)
    assert pieces.flat_m()[-1] == pytest.approx(2530 * strava_factor(np.array([0.08]))[0])
    assert pieces.unsigned_m()[-1] == pytest.approx(2530 * 0.08)


def test_up_and_down_do_not_cancel_each_other_out() -> None:
    along = np.arange(0.0, 1001.0, 2.0)
    height = 50 - np.abs(along - 500.0) * 0.1  # 50 m up and 50 m down
    pieces = pieces_of(along, height)
    assert pieces is not None
    assert pieces.height_m[-1] == pytest.approx(pieces.height_m[0])
    assert pieces.unsigned_m()[-1] == pytest.approx(100, abs=6)  # the top is smoothed a little
    assert pieces.flat_m()[-1] == pytest.approx(500 * (1.52 + 0.88), rel=0.03)


def test_noise_of_the_gps_makes_no_hills() -> None:
    dice = np.random.default_rng(3)
    along = np.arange(0.0, 10_001.0, 3.0)
    pieces = pieces_of(along, 500 + dice.normal(0, 1.0, len(along)))
    assert pieces is not None
    assert pieces.flat_m()[-1] == pytest.approx(10_000, rel=0.005)


def test_altitudes_that_are_not_known_are_those_between_their_neighbours() -> None:
    along, height = even(3000.0, 5.0, 0.05)
    height[100:160] = np.nan
    pieces = pieces_of(along, height)
    assert pieces is not None
    assert pieces.grade == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("along", "height"),
    [
        ([0.0, 500.0], [np.nan, np.nan]),
        ([0.0, 500.0], [np.nan, 3.0]),
        ([0.0, 99.0], [1.0, 2.0]),
        ([0.0, 1e9], [1.0, 2.0]),
    ],
)
def test_what_has_no_altitude_or_no_sensible_length_has_no_pieces(
    along: list[float], height: list[float]
) -> None:
    assert pieces_of(np.array(along), np.array(height)) is None


def test_a_rest_changes_nothing() -> None:
    along, height = even(1500.0, 3.0, -0.06)
    rested = np.insert(along, 200, [along[200]] * 300), np.insert(height, 200, [height[200]] * 300)
    pieces, with_rest = pieces_of(along, height), pieces_of(*rested)
    assert pieces is not None
    assert with_rest is not None
    assert with_rest.flat_m() == pytest.approx(pieces.flat_m())
