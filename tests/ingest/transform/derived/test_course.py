"""What is made of times, distances and sensors before anything is computed from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ingest.transform.derived.course import Course, course_of
from tests.ingest.transform.derived.tracks import NAN, Values, points


def course(sport: str | None = "Ride", **columns: Values) -> Course:
    found = course_of(points(**columns), sport)
    assert found is not None
    return found


def listed(values: Any) -> list[float]:
    assert values is not None
    return [float(value) for value in values]


def distances(*distance: float, sport: str = "Ride") -> list[float]:
    """The distance of a course with a point each second."""
    return listed(course(sport, elapsed_s=range(len(distance)), distance_m=distance).distance_m)


@pytest.mark.parametrize(
    ("elapsed", "kept"),
    [
        ([0, 1, 2], None),
        ([-5, 1, 999_999_999], None),
        ([0, 1, 1e9], [0, 1]),
        ([-1e9, 0, 1], [1, 2]),
        ([0, 5e9, 1], [0, 2]),
        ([7], None),
        ([0, 0, 0.5], None),
    ],
)
def test_times_that_are_no_measurement_cost_their_points(
    elapsed: list[float], kept: list[int] | None
) -> None:
    index = course(elapsed_s=elapsed).index
    assert (None if index is None else index.tolist()) == kept


def test_no_point_of_known_time_is_no_course() -> None:
    assert course_of({}, "Run") is None
    assert course_of(points(elapsed_s=[]), "Run") is None
    assert course_of(points(elapsed_s=[2e9, NAN]), "Run") is None


def test_a_clock_that_was_set_back_stands_still_for_a_step() -> None:
    found = course(elapsed_s=[5, 10, 3, 8], distance_m=[0, 50, 60, 110])
    assert listed(found.elapsed_s) == [5, 10, 10, 15]
    assert listed(found.step_s) == [5, 0, 5]
    assert listed(found.distance_m) == [0, 50, 60, 110]


@pytest.mark.parametrize(
    ("column", "low", "high", "below", "above"),
    [
        ("heartrate_bpm", 1, 300, 0.9, 300.1),
        ("cadence_rpm", 0, 1000, -0.1, 1000.1),
        ("power_w", 0, 10_000, -0.1, 10_000.1),
        ("altitude_m", -15_000, 100_000, -15_000.1, 100_000.1),
    ],
)
def test_values_that_no_sensor_can_give_are_unknown(
    column: str, low: float, high: float, below: float, above: float
) -> None:
    both = course("Ride", elapsed_s=range(4), **{column: [low, high, below, above]}).sensors[column]
    assert listed(both[:2]) == [low, high]
    assert np.isnan(both[2:]).all()
    assert column not in course("Ride", elapsed_s=[0, 1], **{column: [below, above]}).sensors
    # The two ends of the range are seen each by itself.
    for wrong in (below, above):
        values = course("Ride", elapsed_s=[0, 1], **{column: [low, wrong]}).sensors[column]
        assert np.isnan(values).tolist() == [False, True]


def test_a_value_holds_over_short_gaps_and_over_longer_ones_on_the_move() -> None:
    elapsed = np.cumsum([0, 1, 10, 10.5, 60, 60.5])
    assert listed(course(elapsed_s=elapsed).held_s) == [1, 10, 1, 1, 1, 1]
    moving = course(elapsed_s=elapsed, distance_m=elapsed * 5)
    assert listed(moving.held_s) == [1, 10, 10.5, 60, 1, 1]
    resting = course(elapsed_s=elapsed, distance_m=elapsed * 0)
    assert listed(resting.held_s) == [1, 10, 1, 1, 1, 1]
    at_last = course(elapsed_s=[0, 10, 40, 70], distance_m=[0, 50, 200, 200])
    assert listed(at_last.held_s) == [10, 30, 1, 1]


def test_points_without_a_value_take_the_one_before_them_while_it_holds() -> None:
    found = course(elapsed_s=[0, 2, 5, 9, 30, 31], distance_m=[0] * 6)
    values, held = found.held(np.array([NAN, 100, NAN, 120, NAN, 140]))
    assert listed(held) == [0, 3, 4, 1, 0, 1]
    assert np.array_equal(values, [NAN, 100, 100, 120, NAN, 140], equal_nan=True)
    for distance, seconds in (
        ([0, 50, 100], [10, 10, 1]),
        ([0, 0, 0], [1, 0, 1]),
        (None, [1, 0, 1]),
    ):
        columns = {} if distance is None else {"distance_m": distance}
        _, held = course("Ride", elapsed_s=[0, 10, 20], **columns).held(np.array([100, NAN, 120]))
        assert listed(held) == seconds
    unknown, nothing = found.held(np.full(6, NAN))
    assert np.isnan(unknown).all()
    assert listed(nothing) == [0] * 6


def test_a_distance_needs_two_known_values_and_is_filled_evenly_in_time() -> None:
    assert course(elapsed_s=range(3), distance_m=[NAN, 5, NAN]).distance_m is None
    assert distances(0, NAN, NAN, 30) == [0, 10, 20, 30]
    assert distances(0, 1e9, 20) == [0, 10, 20]
    assert distances(0, -1e9, 20) == [0, 10, 20]


@pytest.mark.parametrize(
    ("told", "right"),
    [
        ([100, 110, 130], [0, 10, 30]),
        # One value too low, one too high, and one that is too high by less than it falls.
        ([100, 110, 40, 130, 140], [0, 10, 10, 30, 40]),
        ([100, 110, 400, 130, 140], [0, 10, 30, 30, 40]),
        # A rise next to it that just makes up for the fall.
        ([100, 110, 90, 110, 120], [0, 10, 10, 10, 20]),
        ([100, 120, 100, 105, 110], [0, 0, 0, 5, 10]),
        # A correction: the distance stands until it is reached again.
        ([100, 110, 120, 130, 100, 105, 140], [0, 10, 20, 30, 30, 30, 40]),
        # Begun anew: below 50 m, and below half of what it was.
        ([0, 40, 80, 120, 49, 59], [0, 40, 80, 120, 120, 130]),
        ([0, 40, 80, 120, 50, 60], [0, 40, 80, 120, 120, 120]),
        ([0, 30, 60, 90, 44, 54], [0, 30, 60, 90, 90, 100]),
        ([0, 30, 60, 90, 45, 55], [0, 30, 60, 90, 90, 90]),
        # A fall at either end has a neighbour on one side only.
        ([500, 0, 10], [0, 0, 10]),
        ([500, 495, 510], [0, 0, 10]),
        ([500, 10, 510], [0, 0, 10]),
        ([100, 110, 109.5, 109.75, 120], [0, 9.5, 9.5, 9.75, 20]),
        ([0, 10, 20, 5], [0, 10, 20, 20]),
        ([5], [0]),
    ],
)
def test_a_distance_never_falls(told: list[float], right: list[float]) -> None:
    assert distances(*told) == right


def test_the_metres_of_a_pool_are_spread_over_the_length_before_the_wall() -> None:
    assert distances(0, 0, 20, 20, 20, 50, sport="Swim") == [0, 10, 20, 30, 40, 50]
    assert distances(0, 0, 20, 20, 20, 50, sport="Ride") == [0, 0, 20, 20, 20, 50]
