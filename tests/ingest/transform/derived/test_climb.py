"""Climb and descent, by the source of the altitudes."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.transform.derived import Told, Zones, derive
from ingest.transform.derived.climb import heights_at
from ingest.transform.derived.course import course_of
from ingest.transform.detail_records import SplitRow
from ingest.transform.records import DeviceFigures, FloatArray
from tests.ingest.transform.derived.tracks import START, points

ELAPSED = np.arange(0, 401.0)


def split(altitude: FloatArray, file_format: str, **figures: float | bool) -> SplitRow:
    told = Told(file_format=file_format, figures=DeviceFigures(**figures))  # type: ignore[arg-type]  # tests name what they need
    track = points(elapsed_s=ELAPSED, distance_m=ELAPSED * 2.5, altitude_m=altitude)
    found = derive(track, sport_type="Run", zones=Zones(), start_time_utc=START, told=told)
    return next(split for split in found.splits if split.unit == "km")


def waves(height: float, seconds: float) -> FloatArray:
    """Up and down by ``height``, once in so many seconds, as triangles."""
    phase = ELAPSED / seconds % 1
    return 500 + height * np.minimum(phase, 1 - phase) * 2


def test_hills_that_a_higher_threshold_swallows_are_climbed() -> None:
    # Ten rises of 2.4 m, which a threshold of 3 m would not see.
    found = split(waves(2.4, 40), "gpx")
    assert found.total_elevation_gain_m == pytest.approx(24, abs=2.5)
    assert found.elevation_loss_m == pytest.approx(24, abs=2.5)


def test_a_fit_file_climbs_what_its_device_says() -> None:
    found = split(waves(10, 100), "fit", ascent_m=44.0, descent_m=31.0)
    assert found.total_elevation_gain_m == pytest.approx(44)
    assert found.elevation_loss_m == pytest.approx(31)


def test_the_device_s_climb_lies_where_the_altitude_rises() -> None:
    altitude = np.interp(ELAPSED, [0, 200, 400], [500, 500, 540])
    told = Told(file_format="fit", figures=DeviceFigures(ascent_m=50.0))
    track = points(elapsed_s=ELAPSED, distance_m=ELAPSED * 5, altitude_m=altitude)
    found = derive(track, sport_type="Ride", zones=Zones(), start_time_utc=START, told=told)
    first, second = [split for split in found.splits if split.unit == "km"]
    assert first.total_elevation_gain_m == pytest.approx(0, abs=1)
    assert second.total_elevation_gain_m == pytest.approx(50, abs=1)


def test_a_device_that_says_nothing_of_climb_is_not_scaled_to_nothing() -> None:
    flat = np.full(401, 500.0)
    assert split(flat, "fit", ascent_m=12.0).total_elevation_gain_m == 0.0


def test_coarse_altitudes_of_gps_are_smoothed_more_than_a_barometer_s() -> None:
    noisy = waves(3, 20)
    barometer = split(noisy, "fit", is_barometric=True).total_elevation_gain_m or 0.0
    satellites = split(noisy, "fit", is_barometric=False).total_elevation_gain_m or 0.0
    assert barometer > satellites
    assert satellites == split(noisy, "streams").total_elevation_gain_m


def heights(
    elapsed: list[float], altitude: list[float], moments: list[float], told: Told
) -> list[tuple[float, ...]]:
    """Altitude, climb and descent at each of the moments."""
    course = course_of(points(elapsed_s=elapsed, altitude_m=altitude), "Run", told)
    assert course is not None
    found = heights_at(course, np.array(moments), told)
    columns = (found.altitude_m, found.climb_m, found.descent_m)
    return [tuple(row) for row in np.round(np.column_stack(columns), 6).tolist()]


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (Told(file_format="fit", figures=DeviceFigures(is_barometric=True)), 5),
        (Told(file_format="fit"), 10),
        (Told(file_format="streams"), 10),
    ],
)
def test_altitudes_are_averaged_over_blocks_and_extrapolated_to_both_ends(
    told: Told, seconds: int
) -> None:
    # Means of 100, 110 and 130 m in the middles of the blocks, and as steep before and after them.
    elapsed = [50.0 + second for second in range(3 * seconds)]
    altitude = [100.0] * seconds + [110.0] * seconds + [130.0] * seconds
    half = (seconds - 1) / 2
    first, last = 10 / seconds * half, 20 / seconds * half
    moments = [50 + n for n in (0, half, seconds + half, 2 * seconds + half, 3 * seconds - 1)]
    right = [
        (100, 0, 0),
        (100, first, 0),
        (110, first + 10, 0),
        (130, first + 30, 0),
        (130, first + 30 + last, 0),
    ]
    found = heights(elapsed, altitude, moments, told)
    assert found == [pytest.approx(row) for row in right]
    fallen = heights(elapsed, [-metres for metres in altitude], moments, told)
    assert fallen == [pytest.approx((-height, down, up)) for height, up, down in right]


def test_altitudes_of_xml_files_are_averaged_over_three_seconds_round_each_point() -> None:
    gpx = Told(file_format="gpx")
    found = heights([0, 1, 2, 3, 4], [100, 100, 103, 100, 100], [0, 1, 3, 4], gpx)
    assert found == [(100, 0, 0), (100, 1, 0), (100, 1, 0), (100, 1, 1)]
    assert heights([0, 1.5, 3], [0, 3, 6], [3], gpx) == [(6, 3, 0)]


@pytest.mark.parametrize(("rise", "climb"), [(0.5, 0.0), (0.51, 0.51)])
def test_a_rise_counts_once_it_exceeds_the_threshold(rise: float, climb: float) -> None:
    gpx = Told(file_format="gpx")
    assert heights([0, 10], [100, 100 + rise], [10], gpx) == [(100 + rise, climb, 0)]
    assert heights([0, 10], [100, 100 - rise], [10], gpx) == [(100 - rise, 0, climb)]
    ((_, after_all, _),) = heights([0, 10, 20], [100, 100 + rise, 100.4], [20], gpx)
    assert after_all == climb


def test_a_few_seconds_climb_nothing() -> None:
    assert heights([0, 1], [100, 200], [1], Told(file_format="streams")) == [(200, 0, 0)]


def test_points_without_altitude_are_passed_over() -> None:
    elapsed, gpx = [0.0, 10, 20, 30], Told(file_format="gpx")
    assert heights(elapsed, [100, np.nan, 120, 110], [10, 30], gpx) == [(110, 10, 0), (110, 20, 10)]


def test_blocks_count_from_the_first_point_and_the_last_may_be_short() -> None:
    barometer = Told(file_format="fit", figures=DeviceFigures(is_barometric=True))
    altitude = [100.0] * 5 + [110.0] * 5 + [112.0] * 3
    elapsed = [53.0 + second for second in range(13)]
    assert heights(elapsed, altitude, [60, 64], barometer) == [(110, 14, 0), (112, 16, 0)]


def test_the_device_s_total_is_reached_at_the_end_though_the_last_step_still_climbs() -> None:
    told = Told(file_format="fit", figures=DeviceFigures(ascent_m=40.0, descent_m=0.0))
    elapsed = [float(second) for second in range(15)]
    ((_, climb, descent),) = heights(elapsed, [10 * second for second in elapsed], [14], told)
    assert (climb, descent) == (40, 0)
    # Only what is extrapolated to the end rises by more than the threshold.
    late = [100.0] * 10 + [100.9] * 5
    assert heights(elapsed, late, [14], told) == [(100.9, 40, 0)]
