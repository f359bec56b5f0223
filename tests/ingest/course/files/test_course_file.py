"""Courses are read from every kind of file, and what is none is refused with what to do."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from ingest.course.files.altitudes import doubts
from ingest.course.files.course import even_course
from ingest.course.files.course_file import course_of_activity, course_of_file
from ingest.errors import UsageError
from ingest.transform.grade import pieces_of
from ingest.transform.records import FloatArray
from tests.builders import GPX_HEAD, fit_activity, gpx_activity, gpx_file, gpx_point, tcx_activity
from tests.ingest.course.courses import (
    LENGTH_M,
    TOP_M,
    fit_course,
    gpx_route,
    gpx_track,
    hill,
    tcx_course,
)
from tests.ingest.playground import Playground

COURSES: dict[str, Callable[[], bytes]] = {
    "route.gpx": gpx_route,
    "track.gpx": gpx_track,
    "course.tcx": tcx_course,
    "course.fit": fit_course,
    "packed.gpx.gz": lambda: gzip.compress(gpx_route()),
    "wrong ending.txt": tcx_course,
}


@pytest.mark.parametrize("name", list(COURSES))
def test_a_planned_course_is_read_whatever_its_format(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(COURSES[name]())
    course = course_of_file(file)
    assert course.name == "Hill"
    assert course.length_m == pytest.approx(LENGTH_M, rel=1e-3)
    # The top is a little rounded off.
    assert course.climb_m == pytest.approx(TOP_M, abs=5)
    assert course.descent_m == pytest.approx(TOP_M, abs=5)
    assert course.place_at(LENGTH_M / 2) == pytest.approx((47.01348, 8.0), abs=1e-4)
    assert course.notes == ()


@pytest.mark.parametrize(
    "data", [gpx_activity(200), tcx_activity(200), fit_activity(200)], ids=["gpx", "tcx", "fit"]
)
def test_a_recorded_activity_is_a_course_too(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "activity"
    file.write_bytes(data)
    assert course_of_file(file).length_m == pytest.approx(199 * 3, rel=5e-3)


def test_a_file_without_a_name_is_named_after_itself(tmp_path: Path) -> None:
    file = tmp_path / "way.gpx"
    points = [gpx_point(lat, lon, None, f"<ele>{height}</ele>") for lat, lon, height in hill()]
    file.write_bytes(gpx_file(points))
    assert course_of_file(file).name == "way.gpx"


def test_several_tracks_are_taken_one_after_the_other_and_gaps_are_said(tmp_path: Path) -> None:
    def track(north: float) -> str:
        points = "".join(
            gpx_point(lat + north, 8.0, None, f"<ele>{height}</ele>") for lat, _, height in hill()
        )
        return f"<trk><trkseg>{points}</trkseg></trk>"

    file = tmp_path / "two.gpx"
    file.write_bytes(f"{GPX_HEAD}{track(0.0)}{track(0.1)}</gpx>".encode())
    notes = course_of_file(file).notes
    assert "the file holds 2 tracks; they are taken one after the other" in notes
    assert any("apart; a straight line is taken there" in note for note in notes)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty.gpx", b"", "the file is empty"),
        ("page.gpx", b"<!DOCTYPE html><html>Log in</html>", "is a web page, not a course"),
        ("zip.gpx", b"PK\x03\x04 and so on", "is a ZIP; unpack it"),
        ("notes.txt", b"walk in the park", "is neither GPX, TCX nor FIT; save the course as GPX"),
        ("cut.gpx", b"<gpx><trk>", "damaged or cut off"),
        ("nothing.gpx", b"<gpx></gpx>", "holds neither a track nor a route; save the course"),
        ("flat.gpx", gpx_route(with_heights=False), "has no altitudes, so what its climbs cost"),
        ("packed.gpx", b"\x1f\x8b\x08 junk", "the gzip file has no content"),
    ],
)
def test_what_is_no_course_is_refused_with_what_to_do(
    name: str, data: bytes, said: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        course_of_file(file)
    assert name in str(caught.value)
    assert said in str(caught.value)


def test_a_real_zip_a_folder_and_a_missing_file_are_told_apart(tmp_path: Path) -> None:
    packed = tmp_path / "course.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("course.gpx", gpx_route())
    for path, said in (
        (packed, "is a ZIP"),
        (tmp_path, "is a folder"),
        (tmp_path / "x", "no such"),
    ):
        with pytest.raises(UsageError, match=said):
            course_of_file(path)


def test_heights_of_zero_everywhere_are_none(tmp_path: Path) -> None:
    file = tmp_path / "zero.gpx"
    file.write_bytes(gpx_file([gpx_point(47 + i / 100, 8, None, "<ele>0</ele>") for i in range(9)]))
    with pytest.raises(UsageError, match="has an altitude of 0 everywhere"):
        course_of_file(file)


@pytest.mark.parametrize(
    ("step", "said"), [(1e-5, "the shortest that can be predicted"), (4.0, "the longest")]
)
def test_courses_of_no_sensible_length_are_refused(step: float, said: str, tmp_path: Path) -> None:
    file = tmp_path / "odd.gpx"
    points = [gpx_point(i * step, 8, None, f"<ele>{400 + i}</ele>") for i in range(9)]
    file.write_bytes(gpx_file(points))
    with pytest.raises(UsageError, match=said):
        course_of_file(file)


def test_an_activity_of_the_database_is_a_course(playground: Playground) -> None:
    rows: list[dict[str, Any]] = [
        {"activity_id": 5, "filename": "activities/5.gpx"},
        {"activity_id": 6},
    ]
    playground.add("export_77.zip", rows, files={"activities/5.gpx": gpx_activity(200)})
    playground.run()
    with playground.engine.connect() as connection:
        course = course_of_activity(connection, 5)
        assert course.name == "Morning Run"
        assert course.length_m == pytest.approx(199 * 3, rel=5e-3)
        _refused(connection, 6, "--activity 6 has no track points")
        _refused(connection, 7, "--activity 7: the database has no such activity")


def _refused(connection: sa.Connection, activity_id: int, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        course_of_activity(connection, activity_id)


@pytest.mark.parametrize(("metres", "climb"), [(25_000, 1200), (400, 0), (42_195, 10), (100, 5)])
def test_a_course_by_length_and_climb_has_just_these(metres: float, climb: float) -> None:
    course = even_course(metres, climb)
    assert course.length_m == pytest.approx(metres)
    assert course.climb_m == course.descent_m == pytest.approx(climb)
    assert bool(course.notes) == bool(climb)
    assert course.place_at(0.0) is None


def _doubts(height: FloatArray, step: float = 10.0) -> str:
    along = np.linspace(0.0, (len(height) - 1) * step, len(height))
    pieces = pieces_of(along, height)
    assert pieces is not None
    return "; ".join(doubts(along, height, pieces))


def test_spikes_steps_noise_and_gaps_of_altitudes_are_said() -> None:
    level = np.full(600, 400.0)
    spiky, gap = level.copy(), level.copy()
    spiky[[100, 300]], gap[100:300] = 0.0, np.nan
    stairs = np.repeat(np.tile(np.linspace(400.0, 690.0, 30), 2), 10)
    noise = level + np.where(np.arange(600) % 2, 2.0, -2.0)
    assert "jump up or down and back at 2 places" in _doubts(spiky)
    assert "steps of about 10 m" in _doubts(stairs, step=30.0)
    assert "add up to 1,200 m of climb" in _doubts(noise)
    assert "no altitudes for up to 2.0 km" in _doubts(gap)
    cliff = level.copy()
    cliff[300:] = 800.0
    assert "steeper than 60%" in _doubts(cliff)


def test_a_mountain_is_not_doubted() -> None:
    along = np.linspace(0.0, 29_990.0, 3000)
    height = np.asarray(1000.0 + 600.0 * np.sin(along / 2000.0) + np.sin(along) * 0.3, np.float64)
    assert _doubts(height) == ""
