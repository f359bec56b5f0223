"""What is a position."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ingest.transform.positions import cleaned, position


@pytest.mark.parametrize(
    ("longitude", "angle"),
    [(-180.002, 179.998), (180.0, -180.0), (359.5, -0.5), (190.25, -169.75), (-180.0, -180.0)],
)
def test_a_longitude_is_an_angle(longitude: float, angle: float) -> None:
    assert position(-16.5, longitude) == pytest.approx((-16.5, angle), abs=1e-9)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (0, 0),
        (-0.0, 0.0),
        (1e-7, -8e-8),
        (0, 360),
        (90.5, 8),
        (47, 400),
        (math.nan, 8),
        (47, math.inf),
        (None, 8),
    ],
)
def test_what_no_receiver_can_mean_is_no_position(
    latitude: float | None, longitude: float | None
) -> None:
    assert position(latitude, longitude) is None


@pytest.mark.parametrize("place", [(0.0, 8.5), (47.25, 0.0), (0.001, 0.001), (-90.0, 12.0)])
def test_the_equator_the_null_meridian_and_the_poles_are_positions(
    place: tuple[float, float],
) -> None:
    assert position(*place) == place


def test_positions_without_fault_stay_as_they_are() -> None:
    latitude, longitude = np.array([47.0, 47.1]), np.array([8.0, 8.1])
    assert cleaned(latitude, longitude) == (latitude, longitude)
