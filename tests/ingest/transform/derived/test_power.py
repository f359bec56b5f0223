"""The power curve and the time in zones, computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.transform.derived import Derived, Zones, default_zones
from ingest.transform.derived.power import DURATIONS_S
from ingest.transform.detail_records import PowerPoint
from tests.ingest.transform.derived.tracks import NAN, derived


def curve(found: Derived) -> dict[int, tuple[float, float]]:
    return {point.duration_s: (point.power_w, point.start_elapsed_s) for point in found.power_curve}


def test_there_are_34_durations_from_a_second_to_five_hours() -> None:
    assert (len(DURATIONS_S), DURATIONS_S[0], DURATIONS_S[-1]) == (34, 1, 18_000)
    assert list(DURATIONS_S) == sorted(set(DURATIONS_S))


def test_each_duration_takes_its_best_mean() -> None:
    found = curve(derived("Ride", elapsed_s=range(6), power_w=[100, 200, 400, 300, 0, 250]))
    assert found == {1: (400.0, 2.0), 2: (350.0, 2.0), 3: (300.0, 1.0), 5: (230.0, 1.0)}


def test_power_stands_until_the_next_point_that_knows_it() -> None:
    found = curve(derived("Ride", elapsed_s=[0, 5, 6, 7], power_w=[200, NAN, NAN, 100]))
    assert found[8] == ((7 * 200 + 100) / 8, 0.0)


def test_a_gap_longer_than_ten_seconds_is_without_power() -> None:
    short, long = [0, 1, 11, 12], [0, 1, 12, 13]
    power = [300, 300, 300, 300]
    assert curve(derived("Ride", elapsed_s=short, power_w=power))[12] == (300.0, 0.0)
    assert curve(derived("Ride", elapsed_s=long, power_w=power))[12] == (
        50.0,
        0.0,
    )  # two seconds of twelve


def test_on_the_move_a_value_stands_for_a_minute() -> None:
    elapsed = np.arange(0, 661, 30.0)
    moving = derived("Ride", elapsed_s=elapsed, distance_m=elapsed * 8, power_w=np.full(23, 200.0))
    resting = derived(
        "Ride", elapsed_s=elapsed, distance_m=elapsed * 0.1, power_w=np.full(23, 200.0)
    )
    assert curve(moving)[600] == (200.0, 0.0)
    assert curve(resting)[600][0] == pytest.approx(200 / 30, rel=0.05)


def test_zones_and_curve_agree_on_how_long_a_value_stands() -> None:
    power = np.full(3600, NAN)
    power[::5] = 200.0
    found = derived(
        "Ride", zones=default_zones(None, 250), elapsed_s=np.arange(3600.0), power_w=power
    )
    assert curve(found)[1800][0] == 200.0
    assert sum(zone.time_s for zone in found.zone_times) == pytest.approx(3600, abs=5)


def test_points_between_whole_seconds_are_weighted_by_time() -> None:
    assert curve(derived("Ride", elapsed_s=[0, 0.5, 1, 2], power_w=[100, 300, 200, 200]))[2] == (
        200.0,
        0.0,
    )


def test_no_power_or_none_above_zero_gives_no_curve() -> None:
    assert derived("Ride", elapsed_s=[0, 1], power_w=[0, 0]).power_curve == ()
    assert derived("Ride", elapsed_s=[0, 1], power_w=[NAN, NAN]).power_curve == ()
    assert derived("Ride", elapsed_s=[0, 1]).power_curve == ()


def test_a_single_point_has_one_second() -> None:
    assert derived("Ride", elapsed_s=[7], power_w=[210]).power_curve == (
        PowerPoint(duration_s=1, power_w=210.0, start_elapsed_s=7.0),
    )


def test_default_zones_are_the_ones_that_strava_answers() -> None:
    # stravalib's recorded answer of an athlete without zones of their own: 120, 149, 164, 179.
    zones = default_zones(185, 328)
    assert zones.heartrate == (120.0, 149.0, 164.0, 179.0)
    assert zones.power == (180.0, 246.0, 295.0, 344.0, 393.0, 492.0)
    assert zones.heartrate_source == zones.power_source == "default"


def test_what_is_not_known_has_no_zones() -> None:
    assert (
        default_zones(None, 0)
        == default_zones(NAN, -1)
        == Zones(heartrate=(123.0, 153.0, 169.0, 184.0))
    )
    assert derived(elapsed_s=[0, 1], heartrate_bpm=[100, 100]).zone_times == ()


def test_values_count_until_the_next_point_and_one_second_before_a_gap() -> None:
    zones = Zones(heartrate=(120.0, 150.0), heartrate_source="api")
    times = derived(
        zones=zones, elapsed_s=[0, 4, 10, 100, 101], heartrate_bpm=[120, 121, 160, NAN, 150]
    ).zone_times
    assert [(z.zone_index, z.lower_bound, z.upper_bound, z.time_s) for z in times] == [
        (1, 0.0, 120.0, 4.0),
        (2, 120.0, 150.0, 7.0),
        (3, 150.0, None, 1.0),
    ]
    assert {(z.zone_type, z.source) for z in times} == {("heartrate", "api")}


def test_power_zones_hold_zero_watts_too() -> None:
    zones = default_zones(None, 200)
    times = derived(
        "Ride", zones=zones, elapsed_s=np.arange(4), power_w=[0, 110, 111, 301]
    ).zone_times
    assert [z.time_s for z in times] == [2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]


def test_the_curve_has_the_durations_at_which_power_curves_bend() -> None:
    seconds = "1 2 3 5 8 10 12 15 20 25 30 40 45"
    minutes = "1 1.25 1.5 2 2.5 3 4 5 6 7 8 10 12 15 20 30 45 60 120 180 300"
    assert list(DURATIONS_S) == [
        *map(int, seconds.split()),
        *(int(60 * float(length)) for length in minutes.split()),
    ]


def test_a_curve_ends_with_the_last_second_of_power() -> None:
    found = curve(derived("Ride", elapsed_s=range(4), power_w=[NAN, 100, 200, NAN]))
    assert found == {1: (200.0, 2.0), 2: (150.0, 1.0)}
    longest = [0.0, 4_000_000.0]
    assert curve(derived("Ride", elapsed_s=longest, power_w=[100, 100]))[1] == (100.0, 0.0)
    assert curve(derived("Ride", elapsed_s=[0.0, 4_000_000.5], power_w=[100, 100])) == {}


def test_power_and_times_are_rounded_to_thousandths() -> None:
    zones = Zones(power=(150.0,))
    found = derived("Ride", zones=zones, elapsed_s=[0, 1 / 3, 3], power_w=[100, 200, 100])
    assert [zone.time_s for zone in found.zone_times] == [1.333, 2.667]
    assert curve(found)[3] == (188.889, 0.0)


def test_zones_are_numbered_from_one_and_begin_where_the_one_before_ends() -> None:
    zones = Zones(power=(100.0, 200.0), power_source="api")
    rows = derived("Ride", zones=zones, elapsed_s=[0, 1], power_w=[100, 201]).zone_times
    assert [(z.zone_type, z.zone_index, z.lower_bound, z.upper_bound, z.time_s) for z in rows] == [
        ("power", 1, 0.0, 100.0, 1.0),
        ("power", 2, 100.0, 200.0, 0.0),
        ("power", 3, 200.0, None, 1.0),
    ]
    assert {z.source for z in rows} == {"api"}


def test_a_heart_rate_or_ftp_of_one_still_has_zones() -> None:
    assert default_zones(1, 1).heartrate == (0.0, 0.0, 0.0, 0.0)
    assert default_zones(1, 1).power == (0.0, 0.0, 0.0, 1.0, 1.0, 1.0)


def test_zones_above_all_values_are_there_with_no_time() -> None:
    zones = Zones(heartrate=(100.0, 150.0))
    rows = derived(zones=zones, elapsed_s=[0, 1], heartrate_bpm=[90, 90]).zone_times
    assert [zone.time_s for zone in rows] == [2.0, 0.0, 0.0]


def test_less_than_a_watt_is_power() -> None:
    assert curve(derived("Ride", elapsed_s=[0], power_w=[0.5])) == {1: (0.5, 0.0)}
