"""Units of TCX files: believed where the file's other witnesses agree, converted and said where
they do not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from ingest.transform.parsers import tcx
from ingest.transform.parsers.units import ADDED_UP, IN_KM, IN_KMH, LAPS_IN_KM, LAPS_IN_KMH
from ingest.transform.records import Recording
from tests.builders import TCX_TPX, tcx_file, tcx_lap, tcx_point, xml_time

START = datetime(2024, 5, 1, 6, 0, tzinfo=UTC)
STEP_DEG = 3 / 111_195  # 3 m north
Distance = Callable[[int], object]


def run_of(
    count: int,
    distance: Distance | None = None,
    *,
    first: int = 0,
    placed: bool = True,
    speed: object = None,
    seconds: int = 1,
) -> list[str]:
    """Points a second (or more) apart at 3 m per point, each with what ``distance`` says at its
    number.
    """
    made = []
    for at in range(first, first + count):
        inner = "" if distance is None else f"<DistanceMeters>{distance(at)}</DistanceMeters>"
        inner += "" if speed is None else TCX_TPX.format(f"<Speed>{speed}</Speed>")
        place = (47 + at * STEP_DEG, 8) if placed else None
        made.append(tcx_point(xml_time(START, at * seconds), inner, place=place))
    return made


def totals(metres: object, seconds: float = 199, extra: str = "") -> str:
    distance = f"<DistanceMeters>{metres}</DistanceMeters>"
    return f"<TotalTimeSeconds>{seconds}</TotalTimeSeconds>{distance}{extra}"


def read(*laps: str) -> Recording:
    return tcx.parse(tcx_file(*laps), "a.tcx")


def lap(points: Sequence[str], metres: object = 597, seconds: float = 199, extra: str = "") -> str:
    return tcx_lap(*points, totals=totals(metres, seconds, extra))


def last_distance(recording: Recording) -> float:
    return float(recording.points["distance_m"][-1])


@pytest.mark.parametrize(("placed", "metres"), [(True, 597), (True, 0.597), (False, 597)])
def test_kilometres_are_converted_where_positions_or_laps_say_so(
    placed: bool, metres: float
) -> None:
    recording = read(lap(run_of(200, lambda at: at * 0.003, placed=placed), metres))
    assert last_distance(recording) == pytest.approx(597)
    assert recording.laps[0].distance_m == pytest.approx(597)
    assert IN_KM in recording.corrections
    assert (LAPS_IN_KM in recording.corrections) == (metres < 1)


def test_kilometres_are_converted_where_all_else_would_be_crawling_for_minutes() -> None:
    recording = read(lap(run_of(200, lambda at: at * 0.012, placed=False, seconds=4), 2.388, 796))
    assert (last_distance(recording), recording.laps[0].distance_m) == pytest.approx((2388, 2388))


def test_a_short_way_of_metres_stays_where_others_agree_or_nobody_knows() -> None:
    assert last_distance(
        read(lap(run_of(9, lambda at: at * 0.003, placed=False), 0.024, 8))
    ) == pytest.approx(0.024)
    still = [
        tcx_point(xml_time(START, at * 60), "<DistanceMeters>3.5</DistanceMeters>")
        for at in range(9)
    ]
    assert read(tcx_lap(*still)).points["distance_m"].tolist() == [3.5] * 9


def test_metres_stay_metres() -> None:
    recording = read(lap(run_of(200, lambda at: at * 3.05)))
    assert [last_distance(recording), recording.corrections] == [pytest.approx(606.95), ()]


@pytest.mark.parametrize("placed", [True, False])
def test_distances_that_begin_anew_in_each_lap_are_added_up(placed: bool) -> None:
    def anew(begin: int) -> Distance:
        return lambda at: (at - begin) * 3

    laps = [
        lap(run_of(50, anew(begin), first=begin, placed=placed), 147, 49) for begin in (0, 50, 100)
    ]
    recording = read(*laps)
    assert last_distance(recording) == pytest.approx(441)
    assert (np.diff(recording.points["distance_m"]) >= 0).all()
    assert recording.corrections == (ADDED_UP,)


def test_kilometres_that_begin_anew_are_both_added_up_and_converted() -> None:
    laps = [
        lap(run_of(100, lambda at, begin=begin: (at - begin) * 0.003, first=begin), 297, 99)  # type: ignore[misc]
        for begin in (0, 100)
    ]
    recording = read(*laps)
    assert last_distance(recording) == pytest.approx(594)
    assert recording.corrections == (ADDED_UP, IN_KM)


def test_without_a_distance_positions_tell_it() -> None:
    recording = read(tcx_lap(*run_of(100)))
    assert recording.distance_is_haversine
    assert last_distance(recording) == pytest.approx(297.269, rel=1e-5)  # on Strava's sphere


def test_a_distance_of_nothing_but_zeros_is_none_where_positions_move() -> None:
    assert last_distance(read(lap(run_of(100, lambda _: 0), 0))) == pytest.approx(297.269, rel=1e-5)


@pytest.mark.parametrize("value", ["-12.5", "42949672.95", "5e4"])
def test_a_distance_that_cannot_be_is_unknown(value: str) -> None:
    recording = read(tcx_lap(*run_of(60, lambda at: value if at == 30 else at * 3)))
    distance = recording.points["distance_m"]
    assert np.flatnonzero(np.isnan(distance)).tolist() == [30]
    assert distance[-1] == 177


@pytest.mark.parametrize("metres", ["-5", "42949672.95", "1e308", "250000"])
def test_a_lap_of_an_absurd_distance_has_none(metres: str) -> None:
    first = lap(run_of(200, lambda at: at * 3), metres)
    assert (
        read(first, lap(run_of(1, lambda at: at * 3, first=200), 30, 10)).laps[0].distance_m is None
    )


def test_speeds_of_points_in_kmh_are_converted_where_the_distance_says_so() -> None:
    recording = read(lap(run_of(60, lambda at: at * 3, speed=10.8), 177, 59))
    assert recording.points["speed_mps"] == pytest.approx([3.0] * 60)
    assert recording.corrections == (IN_KMH,)


def test_speeds_that_differ_a_little_from_the_distance_stay() -> None:
    recording = read(lap(run_of(60, lambda at: at * 3, speed=3.6), 177, 59))
    assert recording.points["speed_mps"].tolist() == [3.6] * 60


@pytest.mark.parametrize(
    "extra",
    [
        "<MaximumSpeed>11.2</MaximumSpeed>",
        "<Extensions><LX><AvgSpeed>10.8</AvgSpeed></LX></Extensions>",
    ],
)
def test_speeds_of_laps_in_kmh_are_converted_and_said(extra: str) -> None:
    recording = read(lap(run_of(60, lambda at: at * 3), 177, 59, extra))
    speed = recording.laps[0].max_speed_mps or recording.laps[0].average_speed_mps
    assert speed == pytest.approx(3.0, rel=0.05)
    assert recording.corrections == (LAPS_IN_KMH,)


def test_a_sprint_between_slow_points_is_no_kmh() -> None:
    recording = read(
        lap(run_of(60, lambda at: at * 3), 177, 59, "<MaximumSpeed>6.9</MaximumSpeed>")
    )
    assert recording.laps[0].max_speed_mps == 6.9


def test_jumps_are_no_distance_where_positions_tell_it() -> None:
    points = run_of(60)
    points[30] = tcx_point(xml_time(START, 30), place=(48.5, 9))
    assert last_distance(read(tcx_lap(*points))) == pytest.approx(177.160, rel=1e-5)


def test_laps_and_points_that_are_both_in_kilometres_do_not_prove_each_other() -> None:
    recording = read(lap(run_of(200, lambda at: at * 0.003), 0.597))
    assert (last_distance(recording), recording.laps[0].distance_m) == pytest.approx((597, 597))
