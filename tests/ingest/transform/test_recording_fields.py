"""What a recording says of its activity, and how recordings are anchored and cut."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ingest.transform.derived import NOTHING, Derived
from ingest.transform.detail_records import PowerPoint
from ingest.transform.parsers import parse
from ingest.transform.parsers.clocks import Expected
from ingest.transform.recording_fields import (
    anchored,
    clock_corrected,
    file_fields,
    split,
    with_distance_of,
)
from ingest.transform.records import Device, LapRow, LengthRow, Recording, SessionRow
from tests.builders import gpx_file, gpx_point

START = datetime(2024, 5, 1, 6, 0, tzinfo=UTC)
NAN = float("nan")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def recording(*elapsed: float, **columns: list[float]) -> Recording:
    points = {"elapsed_s": list(elapsed), **columns}
    return Recording(
        format="fit",
        start_time_utc=START,
        points={name: np.array(values, float) for name, values in points.items()},
    )


def triathlon(**columns: list[float]) -> Recording:
    """Three legs of 10 s, a point every 5 s from 5 s before the first leg on."""
    return replace(
        recording(0, 5, 10, 15, 20, 25, 30, **columns),
        sessions=tuple(
            SessionRow(session_index=i, start_time_utc=at(5 + 10 * i), sport=sport)
            for i, sport in enumerate(["swim", "bike", "run"])
        ),
        laps=tuple(LapRow(lap_index=i, start_time_utc=at(5 + 5 * i)) for i in range(5)),
        lengths=tuple(LengthRow(length_index=i, start_time_utc=at(5 + 2 * i)) for i in range(5)),
    )


def test_a_device_file_says_device_offset_place_and_zone() -> None:
    known = recording(0, 1, 2, 3, latitude=[NAN, 47.0, 47.1, NAN], longitude=[NAN, 8.0, 8.1, NAN])
    assert file_fields(
        replace(known, device=Device(name="Garmin fenix5"), utc_offset_s=7200), NOTHING
    ) == {
        "device_name": "Garmin fenix5",
        "file_utc_offset_s": 7200,
        "start_latitude": 47.0,
        "start_longitude": 8.0,
        "end_latitude": 47.1,
        "end_longitude": 8.1,
        "position_timezone_name": "Europe/Zurich",
    }


@pytest.mark.parametrize(
    "columns", [{}, {"latitude": [NAN, 47.0], "longitude": [8.0, NAN]}, {"latitude": [1.0, 2.0]}]
)
def test_a_file_that_knows_nothing_says_nothing(columns: dict[str, list[float]]) -> None:
    assert file_fields(recording(0, 1, **columns), NOTHING) == {}


def test_an_offset_of_zero_is_said() -> None:
    assert file_fields(replace(recording(0), utc_offset_s=0), NOTHING) == {"file_utc_offset_s": 0}


def test_naive_times_begin_when_the_activity_begins_with_laps_sessions_and_lengths() -> None:
    naive = replace(triathlon(), naive_time=True)
    moved = anchored(naive, at(-7200))
    assert moved.start_time_utc == at(-7200)
    assert [lap.start_time_utc for lap in moved.laps[:2]] == [at(5 - 7200), at(10 - 7200)]
    assert moved.sessions[0].start_time_utc == moved.lengths[0].start_time_utc == at(5 - 7200)
    assert moved.points["elapsed_s"].tolist() == naive.points["elapsed_s"].tolist()


def test_naive_times_of_a_parsed_file_are_anchored() -> None:
    naive = parse(
        gpx_file([gpx_point(time="2024-05-01T08:00:00"), gpx_point(time="2024-05-01T08:00:05")]),
        "1.gpx",
    )
    moved = anchored(naive, START)
    assert (moved.start_time_utc, moved.points["elapsed_s"].tolist()) == (START, [0.0, 5.0])


def test_naive_times_without_an_activity_start_stay() -> None:
    naive = replace(recording(0), naive_time=True)
    assert anchored(naive, None) is naive


def test_a_lap_whose_clock_stood_at_the_year_1_has_no_start_when_moved_before_it() -> None:
    lap = LapRow(lap_index=0, start_time_utc=datetime(1, 1, 1, tzinfo=UTC))
    moved = anchored(replace(recording(0), naive_time=True, laps=(lap,)), at(-1))
    assert moved.laps[0].start_time_utc is None


def test_a_start_within_a_second_moves_the_points_not_their_times() -> None:
    whole = anchored(replace(recording(0, 1.5), start_time_utc=at(0.25)), None)
    assert (whole.start_time_utc, whole.points["elapsed_s"].tolist()) == (START, [0.25, 1.75])


def test_a_start_on_the_second_and_no_start_at_all_stay() -> None:
    for same in (recording(0), Recording(format="fit", laps=(LapRow(lap_index=0),))):
        assert anchored(same, at(99)) is same


@pytest.mark.parametrize("years_off", [-30, 25])
def test_a_whole_clock_that_cannot_be_right_moves_to_the_start_of_the_row_and_says_so(
    years_off: int,
) -> None:
    off = timedelta(days=365 * years_off)
    wrong = replace(triathlon(), start_time_utc=START + off)
    wrong = replace(
        wrong, laps=(replace(wrong.laps[1], start_time_utc=at(10) + off),), sessions=(), lengths=()
    )
    moved = clock_corrected(wrong, Expected(start=START))
    assert (moved.start_time_utc, moved.laps[0].start_time_utc, moved.partial) == (
        START,
        at(10),
        None,
    )
    assert len(moved.corrections) == 1
    assert moved.corrections[0].endswith("moved to the start in activities.csv")


def test_a_clock_that_is_off_by_a_constant_stays() -> None:
    late = replace(recording(0, 1), start_time_utc=at(-40 * 86400))
    assert clock_corrected(late, Expected(start=START, elapsed_s=1.0)) is late


def test_a_lap_that_starts_days_from_all_points_has_no_start() -> None:
    laps = (
        LapRow(lap_index=0, start_time_utc=at(0)),
        LapRow(lap_index=1, start_time_utc=at(-7168 * 86400)),
    )
    found = clock_corrected(replace(recording(0, 30), laps=laps), Expected(start=START))
    assert [lap.start_time_utc for lap in found.laps] == [START, None]
    assert found.corrections == (
        "1 of 2 laps start days away from all points: their start is left out",
    )


@pytest.mark.parametrize(("sport", "metres"), [("Run", 6.7), ("Ride", 63.4), (None, 63.4)])
def test_the_sport_of_the_row_says_which_jumps_count(sport: str | None, metres: float) -> None:
    made = [
        gpx_point(47 + north, time=f"2024-05-01T06:00:0{at}Z")
        for at, north in enumerate((0, 0.00003, 0.00054, 0.00057))
    ]
    found = with_distance_of(parse(gpx_file(made), "1.gpx"), sport)
    assert found.points["distance_m"][-1] == pytest.approx(metres, abs=0.1)


def test_the_sport_of_the_row_lets_more_count_than_the_word_of_the_file() -> None:
    made = [gpx_point(47 + at * 0.0005, time=f"2024-05-01T06:00:0{at}Z") for at in range(3)]
    found = parse(gpx_file(made, about="<type>swimming</type>"), "1.gpx")
    assert found.points["distance_m"][-1] == 0
    assert with_distance_of(found, "AlpineSki").points["distance_m"][-1] == pytest.approx(
        111.2, abs=0.1
    )


def test_rows_that_share_a_multisport_file_take_the_session_nearest_to_their_start() -> None:
    bike, run, swim = split(triathlon(), [at(16), at(24), at(3)])
    assert [part.sport for part in (swim, bike, run)] == ["swim", "bike", "run"]
    assert [part.start_time_utc for part in (swim, bike, run)] == [START, at(15), at(25)]
    assert [part.points["elapsed_s"].tolist() for part in (swim, bike, run)] == [
        [0, 5, 10],
        [0, 5],
        [0, 5],
    ]
    assert [[lap.lap_index for lap in part.laps] for part in (swim, bike, run)] == [
        [0, 1],
        [0, 1],
        [0],
    ]
    assert [len(part.lengths) for part in (swim, bike, run)] == [5, 0, 0]
    assert [part.sessions[0].session_index for part in (swim, bike, run)] == [0, 0, 0]


def test_a_multisport_file_that_one_row_names_is_whole() -> None:
    whole = triathlon()
    assert split(whole, [at(16)]) == [whole]


def test_a_file_of_one_session_is_whole_for_every_row_that_names_it() -> None:
    single = replace(triathlon(), sessions=triathlon().sessions[:1])
    assert split(single, [START, at(16)]) == [single, single]


def test_a_row_without_start_takes_the_first_session() -> None:
    assert [part.sport for part in split(triathlon(), [None, at(25)])] == ["swim", "run"]


@pytest.mark.parametrize(
    ("distance", "bike"),
    [
        ([0, 1, 2, 3, 4, 5, 6], [1, 2]),
        ([0, 10, 20, 0, 5, 0, 5], [0, 5]),
        ([0, 1, NAN, NAN, 4, 5, 6], [NAN, 3]),
    ],
)
def test_a_leg_counts_its_own_distance_however_the_device_counts(
    distance: list[float], bike: list[float]
) -> None:
    legs = split(triathlon(distance_m=distance), [START, at(15)])
    assert legs[1].points["distance_m"].tolist() == pytest.approx(bike, nan_ok=True)


def test_a_leg_without_points_keeps_its_session() -> None:
    late = SessionRow(session_index=3, start_time_utc=at(99), sport="yoga")
    legs = split(replace(triathlon(), sessions=(*triathlon().sessions, late)), [START, at(99)])
    assert (legs[1].sport, legs[1].start_time_utc, legs[1].point_count) == ("yoga", at(99), 0)


def test_a_session_in_a_game_says_that_its_positions_are_the_games() -> None:
    ridden = SessionRow(session_index=0, sport="cycling", sub_sport="virtual_activity")
    found = file_fields(replace(recording(0), sessions=(ridden,)), NOTHING)
    assert found == {"is_position_virtual": True, "file_sport_type": "VirtualRide"}


def test_the_highest_power_is_that_of_the_best_second() -> None:
    curve = tuple(
        PowerPoint(duration_s=s, power_w=w, start_elapsed_s=0) for s, w in ((1, 812.0), (2, 700.0))
    )
    assert file_fields(recording(0), Derived(power_curve=curve)) == {"highest_power_w": 812.0}
