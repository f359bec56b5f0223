"""Moving time of runs by the device's timer, by pauses of streams, by Strava's own word, and by its
threshold.
"""

from __future__ import annotations

import numpy as np
import pytest

from ingest.transform.derived import Told, Zones, derive
from ingest.transform.derived.moving import Rests
from ingest.transform.records import DeviceFigures, FloatArray
from tests.ingest.transform.derived.tracks import START, points


def moving(
    elapsed: FloatArray | list[float],
    distance: FloatArray | list[float],
    sport: str = "Run",
    file_format: str = "fit",
    **figures: object,
) -> float:
    """The sum over kilometres."""
    told = Told(file_format=file_format, figures=DeviceFigures(**figures))  # type: ignore[arg-type]  # tests name what they need
    track = points(elapsed_s=elapsed, distance_m=distance)
    found = derive(track, sport_type=sport, zones=Zones(), start_time_utc=START, told=told)
    return sum(split.moving_time_s or 0.0 for split in found.splits if split.unit == "km")


def walked_through(pause: float) -> tuple[FloatArray, FloatArray]:
    """500 s at 3 m/s, a pause in which a point is recorded each second, 500 s at 3 m/s."""
    elapsed = np.arange(0, 1001.0 + pause)
    return elapsed, 3.0 * np.where(elapsed < 500, elapsed, np.maximum(elapsed - pause, 500))


def test_a_timer_that_stood_is_the_moving_time_of_a_run() -> None:
    # The athlete walked about while the timer stood: the points tell no rest.
    elapsed = np.arange(0, 1001.0)
    assert moving(
        elapsed, elapsed * 3, timer_time_s=900.0, pauses=((400.0, 500.0),)
    ) == pytest.approx(900, abs=0.01)


def test_the_timer_counts_where_the_file_tells_no_pauses() -> None:
    elapsed, distance = walked_through(60)
    assert moving(elapsed, distance, timer_time_s=1003.5) == pytest.approx(1003.5, abs=0.01)


def test_pauses_stand_where_they_were() -> None:
    elapsed = np.arange(0, 1001.0)
    told = Told(
        file_format="fit", figures=DeviceFigures(timer_time_s=900.0, pauses=((100.0, 200.0),))
    )
    found = derive(
        points(elapsed_s=elapsed, distance_m=elapsed * 2.0),
        sport_type="Run",
        zones=Zones(),
        start_time_utc=START,
        told=told,
    )
    first, second = [split for split in found.splits if split.unit == "km"]
    assert [first.moving_time_s, second.moving_time_s] == [pytest.approx(400), pytest.approx(500)]


def test_a_timer_that_never_stood_leaves_strava_s_threshold() -> None:
    elapsed, distance = walked_through(4)
    assert moving(elapsed, distance, timer_time_s=1004.0) == pytest.approx(1000, abs=0.01)
    assert moving(elapsed, distance, timer_time_s=2000.0) == pytest.approx(1000, abs=0.01)


def test_rides_keep_their_own_rule_whatever_the_timer_says() -> None:
    elapsed, distance = walked_through(10)
    assert moving(elapsed, distance, "Ride", timer_time_s=700.0) == pytest.approx(1010, abs=0.01)


def test_a_long_pause_of_streams_makes_pauses_the_only_rests() -> None:
    # 4 s of standing at a light, point by point, and a step of 20 s without a point.
    elapsed = np.concatenate((np.arange(0, 305.0), np.arange(324, 625.0)))
    distance = 3.0 * np.concatenate((np.arange(0, 301.0), np.full(4, 300.0), np.arange(300, 601.0)))
    assert moving(elapsed, distance, file_format="streams") == pytest.approx(604, abs=0.01)
    assert moving(elapsed, distance, file_format="gpx") == pytest.approx(600, abs=0.01)


def test_the_api_s_own_word_counts_in_every_sport() -> None:
    elapsed = np.arange(0, 1001.0)
    told = {"pauses": ((0.0, 100.0), (900.0, 1000.0)), "has_moving_stream": True}
    for sport in ("Run", "Ride"):
        assert moving(elapsed, elapsed * 3, sport, "streams", **told) == pytest.approx(
            800, abs=0.01
        )


def test_overlapping_pauses_count_once() -> None:
    elapsed = np.arange(0, 1001.0)
    pauses = ((100.0, 300.0), (200.0, 250.0), (290.0, 310.0))
    assert moving(
        elapsed, elapsed * 3, "Run", "streams", pauses=pauses, has_moving_stream=True
    ) == pytest.approx(790, abs=0.01)


def kilometres(elapsed: FloatArray, distance: FloatArray, **figures: object) -> list[float | None]:
    """The moving time of each kilometre of a run whose device tells these figures."""
    told = Told(file_format="fit", figures=DeviceFigures(**figures))  # type: ignore[arg-type]  # tests name what they need
    track = points(elapsed_s=elapsed, distance_m=distance)
    found = derive(track, sport_type="Run", zones=Zones(), start_time_utc=START, told=told)
    return [split.moving_time_s for split in found.splits if split.unit == "km"]


@pytest.mark.parametrize(
    ("sport", "speed", "is_rest"),
    [
        ("Ride", 0.3, True),
        ("Ride", 0.301, False),
        ("Run", 0.894, True),
        ("Run", 0.895, False),
        ("TrailRun", 0.894, True),
        ("VirtualRun", 0.894, True),
        ("Walk", 0.5, False),
    ],
)
def test_each_sport_has_a_speed_at_which_it_rests(sport: str, speed: float, is_rest: bool) -> None:
    slow = 100 * speed
    found = moving([0, 100, 200, 300], [0, 300, 300 + slow, 600 + slow], sport)
    assert found == pytest.approx(200 if is_rest else 300, abs=0.001)


@pytest.mark.parametrize(
    ("sport", "seconds", "is_rest"),
    [("Run", 3, False), ("Run", 3.5, True), ("Ride", 15, False), ("Ride", 15.5, True)],
)
def test_a_rest_lasts_longer_than_3_seconds_in_runs_and_15_in_other_sports(
    sport: str, seconds: float, is_rest: bool
) -> None:
    found = moving([0, 100, 100 + seconds, 200 + seconds], [0, 300, 300, 600], sport)
    assert found == (200 if is_rest else 200 + seconds)


@pytest.mark.parametrize(("stood", "seconds"), [(1.5, 1000), (1.6, 998.4)])
def test_a_timer_stood_if_it_is_more_than_a_second_and_a_half_short(
    stood: float, seconds: float
) -> None:
    elapsed = np.arange(0, 1001.0)
    assert moving(elapsed, elapsed * 3, timer_time_s=1000 - stood) == pytest.approx(seconds)


def test_pauses_of_less_than_half_the_time_that_the_timer_stood_are_not_all_of_it() -> None:
    elapsed = np.arange(0, 1001.0)
    told = {"timer_time_s": 900.0}
    half, less = ((100.0, 150.0),), ((100.0, 149.0),)
    # No second can be paused for longer than it lasts.
    assert kilometres(elapsed, elapsed * 2, pauses=half, **told) == [450, 500]
    assert kilometres(elapsed, elapsed * 2, pauses=less, **told) == [450, 450]


@pytest.mark.parametrize(("gap", "first", "second"), [(50, 500, 450), (49, 0.9 * 549, 0.9 * 451)])
def test_a_gap_of_half_the_time_that_the_timer_stood_is_where_it_stood(
    gap: int, first: float, second: float
) -> None:
    elapsed = np.concatenate((np.arange(0, 251.0), np.arange(250.0 + gap, 1001.0)))
    distance = 2 * np.where(elapsed <= 250, elapsed, elapsed - gap)
    found = kilometres(elapsed, distance, timer_time_s=900.0)
    assert found == [pytest.approx(first), pytest.approx(second)]


@pytest.mark.parametrize(("pause", "is_only_rest"), [(10, False), (11, True)])
def test_pauses_of_streams_decide_once_one_is_longer_than_ten_seconds(
    pause: int, is_only_rest: bool
) -> None:
    # Four seconds of standing, point by point, and later a step without points.
    elapsed = np.concatenate((np.arange(0, 305.0), np.arange(304.0 + pause, 605.0 + pause)))
    distance = 3.0 * np.concatenate((np.arange(0, 301.0), np.full(4, 300.0), np.arange(300, 601.0)))
    found = moving(elapsed, distance, file_format="streams")
    assert found == pytest.approx(604 if is_only_rest else 600)


@pytest.mark.parametrize(("step", "is_pause"), [(1.5, False), (2, True)])
def test_a_slow_step_of_streams_is_a_pause_from_above_a_second_and_a_half(
    step: float, is_pause: bool
) -> None:
    elapsed = np.cumsum([0, 100, step, 100, 20, 100])
    found = moving(elapsed, [0, 300, 300, 600, 600, 900], file_format="streams")
    assert found == pytest.approx(300 if is_pause else 300 + step)


def test_active_time_counts_from_the_first_point() -> None:
    elapsed, distance = np.array([50.0, 60, 70]), np.array([0.0, 30, 60])
    assert Rests(elapsed, distance, "Ride").active_s.tolist() == [0, 10, 20]
    assert Rests(elapsed, distance * 0.1, "Ride").active_s.tolist() == [0, 0, 0]
