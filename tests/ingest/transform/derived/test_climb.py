"""Climb and descent, by the source of the altitudes."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.transform.derived import Told, Zones, derive
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
