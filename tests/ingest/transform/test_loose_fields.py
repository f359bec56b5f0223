"""A loose file gives the figures that Strava would show of its activity."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.models import Activity
from ingest.demo.build import build_export
from ingest.errors import IngestError
from ingest.transform.derived import ASSUMED_ZONES, NOTHING, Derived, Told, derive
from ingest.transform.file_sports import file_sport_type
from ingest.transform.loose_fields import guessed_sport, loose_fields, recordings_of
from ingest.transform.parsers import parse
from ingest.transform.recording_fields import anchored
from ingest.transform.records import (
    POINT_COLUMNS,
    DeviceFigures,
    LapRow,
    Recording,
    SessionRow,
)
from tests.builders import DEVICE_FILES, fit_activity

SAMPLES = os.environ.get("STRAVA_SAMPLES")
START = datetime(2024, 5, 1, 6, 0, tzinfo=UTC)
#: Fields that only ``merge`` knows.
OF_MERGE = {
    "file_utc_offset_s",
    "position_timezone_name",
    "highest_power_w",
    "is_position_virtual",
    "file_sport_type",
    "guessed_sport_type",
}


def derived_of(recording: Recording, sport_type: str | None) -> Derived:
    return derive(
        recording.points,
        sport_type=sport_type,
        zones=ASSUMED_ZONES,
        start_time_utc=recording.start_time_utc,
        told=Told(file_format=recording.format, figures=recording.figures),
        lengths=recording.lengths,
    )


def fields_of(recording: Recording) -> dict[str, Any]:
    sport = file_sport_type(recording) or guessed_sport(recording, derived_of(recording, None))
    return loose_fields(recording, derived_of(recording, sport), sport)


def read(data: bytes) -> Iterator[Recording]:
    for recording in recordings_of(parse(data, "1.dat")):
        yield anchored(recording, None)


@pytest.mark.parametrize("fmt", DEVICE_FILES)
def test_a_file_tells_start_distance_time_and_speed(fmt: str) -> None:
    (recording,) = read(DEVICE_FILES[fmt](601))
    told = fields_of(recording)
    assert told["start_time_utc"] == START
    assert told["file_sport_type"] == "Run"
    assert "guessed_sport_type" not in told
    assert told["is_manual"] is False
    assert told["distance_m"] == pytest.approx(1800, rel=2e-3)
    assert (told["elapsed_time_s"], told["moving_time_s"]) == (600.0, 600.0)
    assert told["average_speed_mps"] == pytest.approx(3.0, rel=2e-3)
    assert told["average_elapsed_speed_mps"] == told["average_speed_mps"]
    assert told["max_heartrate_bpm"] == 159.0
    assert told["average_heartrate_bpm"] == pytest.approx(139.5, abs=0.5)


def test_sums_of_splits_are_what_is_told() -> None:
    (recording,) = read(DEVICE_FILES["tcx"](901))
    splits = [s for s in derived_of(recording, "Run").splits if s.unit == "km"]
    assert len(splits) == 3
    told = fields_of(recording)
    for name in ("distance_m", "total_elevation_gain_m", "elevation_loss_m", "moving_time_s"):
        summed = sum(getattr(s, name) for s in splits)
        assert told[name] == pytest.approx(summed, abs=0.01)
    assert told["average_cadence_rpm"] == 85.0
    assert (told["elev_low_m"], told["elev_high_m"]) == (400.0, 401.2)


def test_what_a_fit_file_counted_itself_comes_first() -> None:
    (recording,) = read(fit_activity(601))
    session = replace(recording.sessions[0], distance_m=1807.0, calories_kcal=120.0)
    figures = replace(recording.figures, ascent_m=12.0, descent_m=9.0)
    told = fields_of(replace(recording, sessions=(session,), figures=figures))
    assert told["distance_m"] == 1807.0
    assert (told["total_elevation_gain_m"], told["elevation_loss_m"]) == (12.0, 9.0)
    assert told["calories_kcal"] == 120.0
    assert told["average_speed_mps"] == round(1807 / 600, 3)


def test_without_points_the_totals_of_the_device_are_told() -> None:
    sessions = (
        SessionRow(
            session_index=0,
            elapsed_time_s=100.4,
            timer_time_s=90.0,
            distance_m=300.0,
            average_heartrate_bpm=120.0,
            max_heartrate_bpm=130.0,
            max_speed_mps=4.0,
            average_power_w=0.0,
            calories_kcal=10.0,
            pool_length_m=25.0,
        ),
    )
    recording = Recording(
        format="fit",
        start_time_utc=START.replace(microsecond=250_000),
        sessions=sessions,
        figures=DeviceFigures(timer_time_s=90.0),
    )
    assert loose_fields(recording, NOTHING, "Swim") == {
        "guessed_sport_type": "Swim",
        "is_manual": False,
        "start_time_utc": START,
        "distance_m": 300.0,
        "elapsed_time_s": 100.0,
        "moving_time_s": 90.0,
        "timer_time_s": 90.0,
        "average_speed_mps": 3.333,
        "average_elapsed_speed_mps": 3.0,
        "max_speed_mps": 4.0,
        "average_heartrate_bpm": 120.0,
        "max_heartrate_bpm": 130.0,
        "calories_kcal": 10.0,
        "pool_length_m": 25.0,
    }


def test_laps_stand_in_for_sessions_and_averages_count_by_time() -> None:
    laps = (
        LapRow(lap_index=0, elapsed_time_s=100.0, distance_m=300.0, average_heartrate_bpm=100.0),
        LapRow(lap_index=1, elapsed_time_s=300.0, distance_m=900.0, average_heartrate_bpm=140.0),
        LapRow(lap_index=2, elapsed_time_s=100.0),
    )
    told = loose_fields(Recording(format="tcx", laps=laps), NOTHING, "Run")
    assert (told["distance_m"], told["elapsed_time_s"]) == (1200.0, 500.0)
    assert told["average_heartrate_bpm"] == 130.0


def test_a_recording_that_knows_nothing_says_nothing() -> None:
    assert loose_fields(Recording(format="gpx"), NOTHING, "Walk") == {
        "guessed_sport_type": "Walk",
        "is_manual": False,
    }


def test_impossible_values_are_not_told() -> None:
    points = {
        "elapsed_s": np.array([0.0, 1.0, 2.0]),
        "heartrate_bpm": np.array([0.0, 120.0, 999.0]),
        "speed_mps": np.array([3.0, 99.0, np.nan]),
        "altitude_m": np.array([np.nan, 10.0, 1e9]),
        "cadence_rpm": np.zeros(3),
    }
    told = loose_fields(Recording(format="gpx", points=points), NOTHING, "Run")
    assert told["max_heartrate_bpm"] == told["average_heartrate_bpm"] == 120.0
    assert told["max_speed_mps"] == 3.0
    assert told["elev_high_m"] == told["elev_low_m"] == 10.0
    assert not {"average_cadence_rpm", "max_cadence_rpm"} & told.keys()


def test_the_start_of_a_device_without_a_clock_is_not_known() -> None:
    (recording,) = read(fit_activity(9))
    assert "start_time_utc" not in fields_of(replace(recording, naive_time=True))
    (recording,) = read(DEVICE_FILES["gpx"](9))
    assert fields_of(replace(recording, naive_time=True))["start_time_utc"] == START


def test_moving_time_is_never_longer_than_elapsed_time() -> None:
    lap = LapRow(lap_index=0, elapsed_time_s=9.4, moving_time_s=10.0)
    told = loose_fields(Recording(format="tcx", laps=(lap,)), NOTHING, "Yoga")
    assert told["moving_time_s"] == told["elapsed_time_s"] == 9.0


_NUMBERS = st.one_of(
    st.floats(-500, 5000),
    st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308, -1e308, 5e-324, 65535.0]),
)


@st.composite
def any_recording(draw: st.DrawFn) -> Recording:
    """A recording of any numbers, with sessions of any numbers."""
    count = draw(st.integers(1, 20))
    points = {
        name: np.array(draw(st.lists(_NUMBERS, min_size=count, max_size=count)), np.float64)
        for name in sorted(draw(st.sets(st.sampled_from(POINT_COLUMNS))))
    }
    step = draw(st.sampled_from([0.0, 1.0, 60.0, -1.0, 1e300]))
    points["elapsed_s"] = np.arange(count, dtype=np.float64) * step
    for name, bound in (("latitude", 90.0), ("longitude", 180.0)):
        if name in points:  # parsers leave no other positions
            points[name][~(np.abs(points[name]) <= bound)] = np.nan
    numbers = st.one_of(st.none(), _NUMBERS.filter(np.isfinite))
    sessions = [
        SessionRow(
            session_index=index,
            start_time_utc=draw(st.sampled_from([None, START, START + timedelta(seconds=3)])),
            elapsed_time_s=draw(numbers),
            distance_m=draw(numbers),
            calories_kcal=draw(numbers),
            average_heartrate_bpm=draw(numbers),
            sport=draw(st.sampled_from([None, "running", "transition", "cycling"])),
        )
        for index in range(draw(st.integers(0, 3)))
    ]
    return Recording(
        format=draw(st.sampled_from(["fit", "gpx"])),
        start_time_utc=START,
        points=points,
        sessions=tuple(sessions),
    )


@settings(max_examples=300, deadline=None)
@given(any_recording())
def test_any_numbers_give_fields_that_can_be_stored(recording: Recording) -> None:
    for part in recordings_of(recording):
        plain(fields_of(part))


def plain(told: dict[str, Any]) -> None:
    """Every field is a column or known to the merge, and its value goes into JSON."""
    columns = {column.name for column in Activity.__table__.columns}
    assert told.keys() <= columns | OF_MERGE
    assert {type(value) for value in told.values()} <= {str, int, float, bool, datetime}
    json.dumps(told, default=datetime.isoformat, allow_nan=False)


@pytest.mark.skipif(SAMPLES is None, reason="STRAVA_SAMPLES does not name the folder of samples")
def test_figures_of_real_files_are_plausible() -> None:
    count = 0
    for path in sorted(Path(SAMPLES or "").glob("*/*")):
        try:
            parts = list(read(path.read_bytes()))
        except IngestError:
            continue
        for recording in parts:
            told = fields_of(recording)
            plain(told)
            assert told.get("moving_time_s", 0.0) <= told.get("elapsed_time_s", 0.0)
            assert 0 <= told.get("average_speed_mps", 0.0) < 30
            assert told.get("average_heartrate_bpm", 0.0) <= told.get("max_heartrate_bpm", 0.0)
            for session in recording.sessions if len(recording.sessions) == 1 else ():
                if session.distance_m:
                    assert told["distance_m"] == pytest.approx(session.distance_m, abs=0.001)
                if session.average_heartrate_bpm and session.elapsed_time_s and recording.points:
                    assert told["average_heartrate_bpm"] == pytest.approx(
                        session.average_heartrate_bpm, abs=5
                    )
            count += 1
    assert count > 50


#: Column of activities.csv -> field, and by how much the two may differ: in per cent, or absolute.
SHOWN = {
    "Elapsed Time": ("elapsed_time_s", 0.0, 1.0),
    "Distance": ("distance_m", 0.5, 1.0),
    "Moving Time": ("moving_time_s", 2.0, 1.0),
    "Elevation Gain": ("total_elevation_gain_m", 12.0, 5.0),
    "Elevation High": ("elev_high_m", 0.0, 0.1),
    "Average Heart Rate": ("average_heartrate_bpm", 1.0, 0.0),
    "Max Heart Rate": ("max_heartrate_bpm", 0.0, 0.1),
    "Average Watts": ("average_power_w", 0.5, 0.5),
    "Max Cadence": ("max_cadence_rpm", 0.0, 0.1),
}


def test_the_rows_of_an_export_agree_with_its_files(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    build_export(path, activities=40, seed=5)
    compared = 0
    with zipfile.ZipFile(path) as archive:
        header, *rows = csv.reader(io.StringIO(archive.read("activities.csv").decode()))
        place = {name: at for at, name in enumerate(header)}  # the later of two has the number
        for row in rows:
            if row[place["Filename"]] not in archive.namelist():
                continue
            try:
                (recording,) = read(archive.read(row[place["Filename"]]))
            except IngestError:
                continue
            if recording.partial:
                continue
            told = fields_of(recording)
            plain(told)
            for column, (name, per_cent, absolute) in SHOWN.items():
                # The demo's swims count the rests at the wall as moving.
                if name in told and row[place[column]] and recording.lengths == ():
                    shown = float(row[place[column]])
                    near = pytest.approx(shown, rel=per_cent / 100, abs=absolute)
                    assert told[name] == near, name
                    compared += 1
    assert compared > 150
