"""Kilometres and miles, computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.transform.derived import Derived
from ingest.transform.detail_records import SplitRow
from tests.ingest.transform.derived.tracks import NAN, derived


def kilometres(found: Derived) -> list[SplitRow]:
    return [split for split in found.splits if split.unit == "km"]


def test_borders_lie_between_points_at_the_exact_distance() -> None:
    # 5 m/s up to 900 m (180 s), then 2 m/s: the kilometre ends 50 s later, at 230 s.
    first, second = kilometres(derived(elapsed_s=[0, 180, 380], distance_m=[0, 900, 1300]))
    assert (first.distance_m, first.elapsed_time_s, first.is_partial) == (1000.0, 230.0, False)
    assert (second.distance_m, second.elapsed_time_s, second.is_partial) == (300.0, 150.0, True)
    assert first.average_speed_mps == pytest.approx(1000 / 230, abs=0.001)
    assert [first.split_index, second.split_index] == [0, 1]


def test_miles_stand_beside_kilometres() -> None:
    found = derived(elapsed_s=[0, 1000], distance_m=[0, 4000])
    miles = [split for split in found.splits if split.unit == "mi"]
    assert [split.distance_m for split in miles] == [1609.344, 1609.344, 781.312]
    assert [split.elapsed_time_s for split in miles] == [402.336, 402.336, 195.328]


def test_a_rest_longer_than_3_seconds_is_no_moving_time_of_a_run_and_longer_than_15_of_a_ride() -> (
    None
):
    elapsed = [0, 100, 116, 132, 232]
    (rested,) = kilometres(derived(elapsed_s=elapsed, distance_m=[0, 400, 400, 400, 800]))
    assert (rested.elapsed_time_s, rested.moving_time_s, rested.average_speed_mps) == (
        232.0,
        200.0,
        4.0,
    )
    brief: dict[str, list[float]] = {
        "elapsed_s": [0, 100, 104, 204, 207, 307],
        "distance_m": [0, 400, 400, 800, 800, 900],
    }
    (split,) = kilometres(derived("Run", None, **brief))
    assert split.moving_time_s == 303.0
    (split,) = kilometres(derived("Ride", None, **brief))
    assert split.moving_time_s == 307.0


@pytest.mark.parametrize(("sport", "moving"), [("Run", 200.0), ("Hike", 300.0)])
def test_slower_than_30_minutes_per_mile_is_rest_for_runs_only(sport: str, moving: float) -> None:
    (split,) = kilometres(
        derived(sport, elapsed_s=[0, 100, 200, 300], distance_m=[0, 300, 380, 680])
    )
    assert split.moving_time_s == moving


def test_a_rest_at_a_border_belongs_to_the_next_split_and_one_at_the_end_to_the_last() -> None:
    first, second = kilometres(
        derived(elapsed_s=[0, 300, 360, 660, 700], distance_m=[0, 1000, 1000, 2000, 2000])
    )
    assert (first.elapsed_time_s, first.moving_time_s) == (300.0, 300.0)
    assert (second.elapsed_time_s, second.moving_time_s) == (400.0, 300.0)


def test_a_remainder_below_ten_metres_belongs_to_the_split_before() -> None:
    (split,) = kilometres(derived(elapsed_s=[0, 300, 303], distance_m=[0, 1000, 1009]))
    assert (split.distance_m, split.elapsed_time_s, split.is_partial) == (1009.0, 303.0, False)
    assert len(kilometres(derived(elapsed_s=[0, 300, 304], distance_m=[0, 1000, 1012]))) == 2


def test_a_last_split_rounded_down_is_a_full_one() -> None:
    assert [
        s.is_partial for s in kilometres(derived(elapsed_s=[0, 600], distance_m=[0, 1999.9]))
    ] == [False, False]


def test_means_weigh_values_by_moving_time_and_leave_unknown_ones_out() -> None:
    (split,) = kilometres(
        derived(
            elapsed_s=[0, 100, 400, 500, 600],
            distance_m=[0, 300, 300, 600, 900],
            heartrate_bpm=[150, 90, 120, 0, 120],
            cadence_rpm=[80, 0, 90, 90, 90],
            power_w=[NAN, 0, 0, 300, 1000],
        )
    )
    assert split.average_heartrate_bpm == 135.0  # 150 and 120 for 100 s each; a lost strap says 0
    assert split.average_cadence_rpm == pytest.approx(260 / 3, abs=0.001)
    assert split.average_power_w == 150.0  # 0 is a value of power


def test_elevation_is_the_difference_of_ends_and_the_sum_of_rises() -> None:
    elapsed = np.arange(0, 401, 10.0)
    altitude = np.interp(elapsed, [0, 100, 200, 400], [500, 540, 520, 520])
    (split,) = kilometres(derived(elapsed_s=elapsed, distance_m=elapsed * 2.5, altitude_m=altitude))
    assert split.elevation_difference_m == 20.0
    assert split.total_elevation_gain_m == pytest.approx(40.0, abs=1e-9)


def test_a_flickering_barometer_climbs_nothing() -> None:
    elapsed = np.arange(0, 401.0)
    altitude = 500 + 2.0 * (np.arange(401) % 2)
    (split,) = kilometres(derived(elapsed_s=elapsed, distance_m=elapsed * 2.5, altitude_m=altitude))
    assert split.total_elevation_gain_m == 0.0


def test_a_pause_makes_no_climb_out_of_noise() -> None:
    elapsed = np.concatenate((np.arange(0, 1000.0), 40_000 + np.arange(0, 1000.0)))
    altitude = 500 + np.random.default_rng(3).normal(0, 1.2, 2000)
    (split, _) = kilometres(
        derived(elapsed_s=elapsed, distance_m=np.arange(2000) * 0.9, altitude_m=altitude)
    )
    assert split.total_elevation_gain_m == pytest.approx(
        0.0, abs=5.0
    )  # 2000 points of noise of 1.2 m


def test_a_wrong_first_altitude_is_no_climb() -> None:
    elapsed = np.arange(0, 401.0)
    altitude = np.full(401, 500.0)
    altitude[0] = 480.0
    (split,) = kilometres(derived(elapsed_s=elapsed, distance_m=elapsed * 2.5, altitude_m=altitude))
    assert split.total_elevation_gain_m == pytest.approx(0.0, abs=4.0)


def test_values_weigh_as_long_as_they_stand() -> None:
    # 180 bpm before a minute and a half without a point: it stands for a second, as in the times of
    # zones.
    (split,) = kilometres(
        derived(
            elapsed_s=[0, 10, 100, 110],
            distance_m=[0, 30, 300, 330],
            heartrate_bpm=[100, 180, 100, 100],
        )
    )
    assert split.average_heartrate_bpm == pytest.approx((20 * 100 + 180) / 21, abs=0.001)


def test_what_was_not_measured_is_unknown_not_zero() -> None:
    (split,) = kilometres(derived(elapsed_s=[0, 300], distance_m=[0, 900]))
    assert split.average_heartrate_bpm is split.average_power_w is split.average_cadence_rpm is None
    assert split.elevation_difference_m is split.total_elevation_gain_m is None


def test_holes_in_the_distance_are_filled_evenly_in_time() -> None:
    first, _ = kilometres(derived(elapsed_s=[0, 100, 250, 400], distance_m=[0, NAN, NAN, 1600]))
    assert first.elapsed_time_s == 250.0


def test_a_device_that_began_to_count_anew_goes_on_and_a_single_wrong_value_is_passed_over() -> (
    None
):
    anew = derived(elapsed_s=[0, 150, 300, 301, 451, 601], distance_m=[0, 500, 1000, 0, 450, 900])
    assert [split.distance_m for split in kilometres(anew)] == [1000.0, 900.0]
    for wrong in (0, 480, 5000):
        found = derived(elapsed_s=[0, 150, 151, 152, 300], distance_m=[0, 500, wrong, 510, 1000])
        assert [split.distance_m for split in kilometres(found)] == [1000.0]
    longest_last = derived(
        elapsed_s=[0, 150, 300, 301, 601, 901], distance_m=[0, 500, 1000, 0, 900, 1800]
    )
    assert sum(split.distance_m or 0 for split in kilometres(longest_last)) == 2800.0


def test_without_a_distance_positions_tell_it() -> None:
    # A hundredth of a degree of latitude is 1112.957 m on Strava's sphere.
    (first, second) = kilometres(
        derived(elapsed_s=[0, 400], latitude=[48.0, 48.01], longitude=[11, 11])
    )
    assert first.distance_m == 1000.0
    assert second.distance_m == pytest.approx(112.957, abs=0.001)


def test_a_position_that_jumps_is_no_way_where_positions_tell_it() -> None:
    latitude = 48 + np.arange(400) * 2.7e-5
    latitude[200:203] = 48.9
    (only,) = kilometres(
        derived(elapsed_s=np.arange(400.0), latitude=latitude, longitude=np.full(400, 11.0))
    )[:1]
    assert (only.distance_m, only.is_partial) == (1000.0, False)
    assert only.average_speed_mps == pytest.approx(3.0, rel=0.01)


def test_a_pool_swim_is_spread_over_its_lengths() -> None:
    # 25 m at the wall each 30 s: without spreading, the swimmer would rest 29 s of each 30.
    elapsed = np.arange(0, 1201.0)
    (first,) = kilometres(
        derived("Swim", elapsed_s=elapsed, distance_m=np.floor(elapsed / 30) * 25)
    )
    assert (first.distance_m, first.elapsed_time_s, first.moving_time_s) == (1000.0, 1200.0, 1200.0)


def test_a_clock_set_back_costs_no_points() -> None:
    first, second = kilometres(
        derived(elapsed_s=[0, 300, 100, 400], distance_m=[0, 1000, 1000, 2000])
    )
    assert (first.elapsed_time_s, second.elapsed_time_s) == (300.0, 300.0)


def test_a_border_lies_between_points_that_are_less_than_a_metre_apart() -> None:
    first, _ = kilometres(
        derived(elapsed_s=[0, 300, 301, 400], distance_m=[0, 999.6, 1000.4, 1300])
    )
    assert first.elapsed_time_s == 300.5


@pytest.mark.parametrize(
    ("metres", "count"), [(9.9, 0), (10, 1), (10_000_000, 10_000), (10_000_000.5, 0)]
)
def test_an_activity_of_less_than_ten_metres_or_more_than_ten_thousand_kilometres_has_no_splits(
    metres: float, count: int
) -> None:
    assert len(kilometres(derived("Ride", elapsed_s=[0, 9e6], distance_m=[0, metres]))) == count


def test_no_distance_is_no_split() -> None:
    assert derived(elapsed_s=[0, 300]).splits == ()


@pytest.mark.parametrize(("metres", "is_partial"), [(1999.5, False), (1999.4, True)])
def test_a_full_split_may_lack_half_a_metre(metres: float, is_partial: bool) -> None:
    assert (
        kilometres(derived(elapsed_s=[0, 600], distance_m=[0, metres]))[1].is_partial is is_partial
    )


def test_zeros_count_in_the_mean_of_power_and_not_in_that_of_cadence() -> None:
    elapsed = np.arange(0, 301.0)
    (split,) = kilometres(
        derived(
            elapsed_s=elapsed,
            distance_m=elapsed * 3,
            cadence_rpm=np.where(elapsed < 100, 0.0, 0.5),
            power_w=np.where(elapsed < 150, 0.0, 300.0),
        )
    )
    assert (split.average_cadence_rpm, split.average_power_w) == (0.5, 150.0)


def test_each_split_has_its_own_means_and_climb() -> None:
    elapsed = np.arange(0, 801.0)
    first, second = kilometres(
        derived(
            elapsed_s=elapsed,
            distance_m=elapsed * 2.5,
            heartrate_bpm=np.where(elapsed < 400, 120.0, 160.0),
            altitude_m=500 + np.interp(elapsed, [0, 400, 600, 800], [0, 0, 30, 10]),
        )
    )
    assert (first.average_heartrate_bpm, second.average_heartrate_bpm) == (120.0, 160.0)
    assert (first.elevation_difference_m, second.elevation_difference_m) == (0.0, 10.0)
    assert second.total_elevation_gain_m == pytest.approx(30, abs=1.5)
    assert second.elevation_loss_m == pytest.approx(20, abs=1.5)
    assert (first.average_speed_mps, second.average_speed_mps) == (2.5, 2.5)


def test_a_mile_has_its_own_partial_end() -> None:
    found = derived(elapsed_s=[0, 1000], distance_m=[0, 3218.0])
    miles = [split for split in found.splits if split.unit == "mi"]
    assert [split.is_partial for split in miles] == [False, True]
    assert [split.split_index for split in miles] == [0, 1]


def test_a_difference_that_rounds_to_nothing_is_not_minus_zero() -> None:
    (split,) = kilometres(
        derived(elapsed_s=[0, 300], distance_m=[0, 900], altitude_m=[500.0, 499.9999])
    )
    assert str(split.elevation_difference_m) == "0.0"


def hill(sport: str = "Run", **columns: list[float]) -> list[SplitRow]:
    """Two kilometres at 3 m/s: 50 m up and 50 m down, then flat."""
    along = np.arange(0.0, 2001.0, 3.0)
    height = 400 + np.maximum(0.0, 50 - np.abs(along - 500) * 0.1)
    points = {"elapsed_s": along / 3, "distance_m": along, "altitude_m": height}
    return kilometres(derived(sport, **(points | columns)))


def test_a_kilometre_up_and_down_is_no_flat_one() -> None:
    over, flat = hill()
    assert over.elevation_difference_m == pytest.approx(0.0, abs=0.1)
    assert over.steepness_pct == pytest.approx(10.0, abs=0.6)
    assert over.average_speed_mps is not None
    # By the published factors of 10 % up and down, 1.52 and 0.88.
    assert over.average_grade_adjusted_speed_mps == pytest.approx(
        over.average_speed_mps * (1.52 + 0.88) / 2, rel=0.03
    )
    assert flat.steepness_pct == pytest.approx(0.0, abs=0.3)
    assert flat.average_grade_adjusted_speed_mps == pytest.approx(flat.average_speed_mps, rel=0.01)


def test_only_runs_with_altitudes_have_a_grade_adjusted_speed() -> None:
    unknown = [NAN] * 667
    for splits in (hill("Ride"), hill("Walk"), hill(altitude_m=unknown)):
        assert {split.average_grade_adjusted_speed_mps for split in splits} == {None}
        assert {split.steepness_pct for split in splits} == {None}
