"""How far along a path of positions: spikes are passed over, lasting jumps count nothing,
gaps count.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from ingest.transform.path import filled, path_length
from ingest.transform.positions import EARTH_RADIUS_M
from ingest.transform.records import FloatArray
from ingest.transform.speeds import fastest_mps

METRE = 180 / math.pi / EARTH_RADIUS_M
RUN = fastest_mps("Run")


def length(
    north_m: list[float], seconds: list[float] | None = None, fastest: float = RUN
) -> FloatArray:
    """The path of points so many metres north of one at 10° east."""
    latitude = 20 + np.array(north_m) * METRE
    elapsed = (
        np.arange(len(north_m), dtype=np.float64)
        if seconds is None
        else np.array(seconds, np.float64)
    )
    return path_length(latitude, np.full(len(latitude), 10.0), elapsed, fastest)


def test_a_path_goes_on_behind_what_is_no_position() -> None:
    found = path_length(
        np.array([1.0, 0.0, 1.0 + 9 * METRE]), np.array([0.5, 0.0, 0.5]), np.arange(3.0)
    )
    assert found == pytest.approx([0, math.nan, 9], nan_ok=True)


def test_a_path_across_the_antimeridian_is_short() -> None:
    found = path_length(np.zeros(2), np.array([179.9999, -179.9999]), np.array([0.0, 60.0]))
    assert found[1] == pytest.approx(math.radians(0.0002) * EARTH_RADIUS_M)


def test_a_position_that_is_away_for_some_points_is_passed_over() -> None:
    found = length([0, 3, 800, 900, 1700, 15, 18])
    assert found == pytest.approx([0, 3, *[math.nan] * 3, 15, 18], nan_ok=True, abs=1e-6)


def test_a_position_that_is_away_before_a_pause_is_passed_over() -> None:
    found = length([0, 3, 4000, 6, 9], [0, 1, 2, 900, 901])
    assert found == pytest.approx([0, 3, math.nan, 6, 9], nan_ok=True, abs=1e-6)


def test_a_jump_that_lasts_counts_nothing() -> None:
    assert length([0, 3, 70_000, 70_003, 70_006]) == pytest.approx([0, 3, 3, 6, 9], abs=1e-6)


def test_a_first_fix_from_elsewhere_counts_nothing() -> None:
    assert length([-9000, 0, 3, 6]) == pytest.approx([0, 0, 3, 6], abs=1e-6)


def test_a_position_that_stood_and_caught_up_has_moved() -> None:
    assert length([0, 4, 4, 4, 4, 4, 4, 4, 4, 4, 44])[-1] == pytest.approx(44)


def test_a_spike_after_a_rest_is_none_that_was_on_its_way() -> None:
    assert length([*[0] * 50, 500, 0, 3])[-1] == pytest.approx(3)


def test_points_of_one_minute_share_its_time() -> None:
    north = [at * 45.0 for at in range(12)]
    assert length(north, [60.0 * (at // 4) for at in range(12)])[-1] == pytest.approx(495)


def test_points_that_all_have_the_same_time_are_not_judged() -> None:
    assert length([0, 90, 400], [7, 7.001, 7])[-1] == pytest.approx(400)


def test_a_way_of_a_pause_counts_where_the_old_position_stands_for_some_seconds_after_it() -> None:
    assert length([0, 4, 5, 6, 1500, 1503], [0, 1, 700, 701, 702, 703])[-1] == pytest.approx(1503)


def test_a_way_that_takes_its_time_counts_over_a_gap() -> None:
    assert length([0, 3, 2003, 2006], [0, 1, 601, 602])[-1] == pytest.approx(2006)


@pytest.mark.parametrize(
    ("sport", "metres"), [("Walk", 0), ("running", 0), ("Ride", 60), ("Alpine Ski", 60), (None, 60)]
)
def test_what_a_jump_is_depends_on_the_sport(sport: str | None, metres: float) -> None:
    assert length([0, 60], fastest=fastest_mps(sport))[-1] == pytest.approx(metres, abs=1e-6)


def test_points_without_a_length_take_it_from_their_neighbours_in_time() -> None:
    found = filled(np.array([np.nan, 0.0, np.nan, 8.0, np.nan]), np.array([0.0, 1, 2, 5, 9]))
    assert found is not None
    assert found.tolist() == [0, 0, 2, 8, 8]
