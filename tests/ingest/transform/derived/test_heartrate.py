"""Bands of heart rate and decoupling, computed by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ingest.transform.derived import Derived
from ingest.transform.detail_records import DecouplingRow
from ingest.transform.records import FloatArray
from tests.ingest.transform.derived.tracks import NAN, Values, derived

MINUTE = 60.0


def bands(found: Derived) -> dict[int, tuple[Any, ...]]:
    return {band.from_bpm: band[2:] for band in found.heartrate_bands}


def test_a_band_has_the_steps_that_begin_at_its_heart_rate() -> None:
    found = derived(
        "Ride",
        elapsed_s=[0, 2, 3, 6, 7],
        distance_m=[0, 20, 27, 57, 65],
        heartrate_bpm=[139.9, 140, 144.9, 145, 145],
        power_w=[100, 200, 0, 300, 300],
    )
    assert bands(found) == {
        135: (2.0, 20.0, 2.0, 200.0),
        140: (4.0, 37.0, 4.0, 200.0),
        145: (1.0, 8.0, 1.0, 300.0),
    }
    assert [band.below_bpm for band in found.heartrate_bands] == [140, 145, 150]


def test_rests_are_left_out() -> None:
    elapsed = np.arange(0, 61.0)
    distance = np.where(elapsed < 20, elapsed * 3, 60.0)
    distance[41:] += (elapsed[41:] - 40) * 3
    found = derived("Run", elapsed_s=elapsed, distance_m=distance, heartrate_bpm=np.full(61, 150))
    assert bands(found) == {150: (40.0, 120.0, None, None)}


def test_a_heart_rate_counts_until_the_next_one_or_for_a_second() -> None:
    found = derived(
        "Ride",
        elapsed_s=[0, 1, 2, 3, 103],
        distance_m=[0, 8, 16, 24, 824],
        heartrate_bpm=[120, NAN, NAN, 130, 130],
    )
    # Of the gap of 100 s one second counts, and a hundredth of its distance.
    assert bands(found) == {120: (3.0, 24.0, None, None), 130: (1.0, 8.0, None, None)}


def test_power_is_averaged_over_the_time_in_which_it_is_known() -> None:
    elapsed = np.arange(0, 31.0)
    power = np.full(31, NAN)
    power[:6] = 200.0
    found = derived(
        "Ride",
        elapsed_s=elapsed,
        distance_m=elapsed * 8,
        heartrate_bpm=np.full(31, 133),
        power_w=power,
    )
    assert bands(found)[130][2:] == (6.0, 1200.0)


def test_without_a_distance_there_are_times_alone() -> None:
    found = derived("Workout", elapsed_s=[0, 1, 2], heartrate_bpm=[101, 101, 99])
    assert bands(found) == {100: (2.0, None, None, None)}


def test_without_heart_rate_there_is_nothing() -> None:
    found = derived("Run", elapsed_s=[0, 1], distance_m=[0, 3])
    assert (found.heartrate_bands, found.decoupling) == ((), ())


def halves(first: Values, second: Values, seconds: int = 3600) -> tuple[FloatArray, FloatArray]:
    """A value of each second in both halves of an activity, and the seconds."""
    half = seconds // 2
    return np.repeat([*first, *second], [half, seconds - half + 1]).astype(float), np.arange(
        0.0, seconds + 1
    )


def run(sport: str = "Run", mps: float = 3.0, seconds: int = 3600, **more: Values) -> Derived:
    """An even run whose heart rate rises from 150 to 160 at half time."""
    beats, elapsed = halves([150], [160], seconds)
    columns: dict[str, Values] = {"distance_m": elapsed * mps, "heartrate_bpm": beats}
    every: dict[str, Any] = {"elapsed_s": elapsed, **columns, **more}
    return derived(sport, **every)


def only(found: Derived) -> DecouplingRow:
    (row,) = found.decoupling
    return row


def test_a_heart_that_beats_faster_for_the_same_pace_is_decoupled() -> None:
    row = only(run())
    assert (row.basis, row.moving_time_s, row.variation_pct) == ("pace", 3600.0, 0.0)
    assert row.first_half_efficiency == 1.2  # 180 metres and 150 beats a minute
    assert row.second_half_efficiency == 1.125
    assert row.decoupling_pct == 6.25


def test_pace_is_that_on_flat_ground_where_altitudes_are_known() -> None:
    elapsed = np.arange(0.0, 3601)
    climb = np.minimum(elapsed, 1800) * 3 * 0.02  # the first half goes up at two percent
    row = only(run(altitude_m=climb))
    assert row.basis == "grade_adjusted_pace"
    assert row.decoupling_pct > 6.25 + 5  # what cost effort in the first half is gone in the second


def test_rides_go_by_power() -> None:
    beats, elapsed = halves([140], [140])
    power, _ = halves([200], [190])
    ride: dict[str, Any] = {"elapsed_s": elapsed, "distance_m": elapsed * 8, "heartrate_bpm": beats}
    row = only(derived("Ride", **ride, power_w=power))
    assert (row.basis, row.decoupling_pct) == ("power", 5.0)
    assert row.first_half_efficiency == pytest.approx(200 / 140, abs=1e-6)
    assert derived("Ride", **ride).decoupling == ()  # speed on a bike is also wind and slope


def test_an_activity_that_is_short_has_none() -> None:
    assert len(run(seconds=2400).decoupling) == 1
    assert run(seconds=2399).decoupling == ()


def test_rests_do_not_make_it_longer_and_do_not_shift_the_half() -> None:
    beats, elapsed = halves([150], [160], 3000)
    stood = np.where(elapsed < 100, 0.0, 600.0)  # ten minutes after a hundred seconds
    row = only(
        derived("Run", elapsed_s=elapsed + stood, distance_m=elapsed * 3, heartrate_bpm=beats)
    )
    assert row.moving_time_s == pytest.approx(3000, abs=2)
    assert row.decoupling_pct == pytest.approx(6.25, abs=0.02)


@pytest.mark.parametrize(("swing", "is_steady"), [(0.09, True), (0.11, False)])
def test_an_unsteady_activity_has_none(swing: float, is_steady: bool) -> None:
    elapsed = np.arange(0.0, 3601)
    speed = np.where(elapsed // 300 % 2 == 0, 3 * (1 + swing), 3 * (1 - swing))
    distance = np.concatenate(([0.0], np.cumsum(speed[:-1])))
    assert bool(run(distance_m=distance).decoupling) is is_steady


@pytest.mark.parametrize(("share", "is_known"), [(0.91, True), (0.89, False)])
def test_a_heart_rate_that_is_often_unknown_gives_none(share: float, is_known: bool) -> None:
    beats, elapsed = halves([150], [160])
    beats[elapsed >= 3600 * share] = 0.0  # the strap lost contact
    assert bool(run(heartrate_bpm=beats).decoupling) is is_known


def test_swims_and_walks_without_power_have_none() -> None:
    assert run("Walk").decoupling == ()
    assert run("Swim").decoupling == ()
