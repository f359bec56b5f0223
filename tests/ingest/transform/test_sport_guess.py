"""The sport of a recording without one is guessed from speed and cadence."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from ingest.transform.derived import ASSUMED_ZONES, derive
from ingest.transform.records import FloatArray, LengthRow, Recording
from ingest.transform.sport_guess import guessed_sport

START = datetime(2024, 5, 1, 6, 0, tzinfo=UTC)


def guess(speed: float | FloatArray, cadence: float | FloatArray | None = None) -> str:
    """The guess at half an hour of this speed."""
    elapsed = np.arange(1800, dtype=float)
    points = {"elapsed_s": elapsed, "distance_m": np.cumsum(np.full(1800, 1.0) * speed)}
    if cadence is not None:
        points["cadence_rpm"] = np.full(1800, 1.0) * cadence
    return guess_of(Recording(format="gpx", start_time_utc=START, points=points))


def guess_of(recording: Recording) -> str:
    derived = derive(recording.points, sport_type=None, zones=ASSUMED_ZONES, start_time_utc=START)
    return guessed_sport(recording, derived)


@pytest.mark.parametrize(
    ("speed", "expected"),
    [(1.3, "Walk"), (2.8, "Run"), (4.0, "Run"), (4.5, "Ride"), (9.0, "Ride"), (25.0, "Workout")],
)
def test_speed_alone_tells_walking_running_and_riding(speed: float, expected: str) -> None:
    assert guess(speed) == expected


@pytest.mark.parametrize(
    ("speed", "cadence", "expected"),
    [
        (1.8, 82.0, "Run"),  # slow, but with a runner's steps
        (2.2, 58.0, "Walk"),
        (3.0, 60.0, "Ride"),
        (3.4, 168.0, "Run"),  # the steps of both legs
        (4.6, 90.0, "Run"),
        (4.6, 76.0, "Ride"),
        (6.5, 90.0, "Ride"),
    ],
)
def test_cadence_decides_where_speed_does_not(speed: float, cadence: float, expected: str) -> None:
    assert guess(speed, cadence) == expected


def test_who_coasts_is_a_rider() -> None:
    coasting = np.where(np.arange(1800) % 10 < 2, 0.0, 80.0)
    assert (guess(3.5, 80.0), guess(3.5, coasting)) == ("Run", "Ride")


def test_a_kilometre_that_nobody_runs_is_ridden() -> None:
    assert guess(np.where(np.arange(1800) < 1400, 2.0, 9.0)) == "Ride"


def test_a_cadence_of_zeros_says_nothing() -> None:
    assert guess(2.8, 0.0) == guess(2.8, np.nan) == "Run"


def test_pool_lengths_are_swum_and_what_goes_nowhere_is_a_workout() -> None:
    still = Recording(format="fit", points={"elapsed_s": np.arange(9.0)})
    assert guess_of(still) == "Workout"
    rest = LengthRow(length_index=0, is_active=False)
    swum = LengthRow(length_index=1, is_active=True)
    assert guess_of(Recording(format="fit", lengths=(rest,))) == "Workout"
    assert guess_of(Recording(format="fit", lengths=(rest, swum))) == "Swim"
