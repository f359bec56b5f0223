"""Device files that are no activities are told by their type, whatever damage they have."""

from __future__ import annotations

import gzip
import os
import random
from pathlib import Path

import pytest

from ingest.errors import IngestError
from ingest.transform.parsers import parse
from ingest.transform.parsers.file_kinds import ignored_kind
from tests.builders import (
    DEVICE_FILES,
    GPX_HEAD,
    TCX_HEAD,
    Fit,
    fit_activity,
    gpx_file,
    gpx_point,
    tcx_lap,
    tcx_point,
)

SAMPLES = os.environ.get("STRAVA_SAMPLES")


def fit_of_type(number: int | None) -> bytes:
    """A FIT file that has only a file_id; its type is invalid for ``None``."""
    return Fit().define(0, 0, (1, "uint16"), (0, "enum")).add(0, 1, number).build()


def kind(data: bytes) -> str | None:
    return ignored_kind(data, "1.dat")


@pytest.mark.parametrize("fmt", DEVICE_FILES)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_activity_is_none_of_the_ignored_kinds(fmt: str, pack: type[bytes]) -> None:
    assert kind(pack(DEVICE_FILES[fmt](3))) is None


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (2, "settings of the device"),
        (5, "a planned workout"),
        (6, "a course"),
        (7, "a schedule of workouts"),
        (10, "totals of the device"),
        (11, "goals"),
        (15, "all-day monitoring"),
        (32, "all-day monitoring"),
        (34, "a segment"),
        (49, "sleep"),
        (99, "a FIT file of type 99"),
        (4, None),
        (20, None),
        (None, None),
    ],
)
def test_the_type_of_a_fit_file_tells_its_kind(number: int | None, expected: str | None) -> None:
    data = fit_of_type(number)
    assert kind(data) == expected
    assert kind(gzip.compress(data)) == expected


def test_a_fit_file_without_file_id_may_be_an_activity() -> None:
    assert kind(Fit().define(0, 49, (0, "uint16")).add(0, 100).build()) is None


def test_of_chained_fit_files_one_activity_is_enough() -> None:
    settings, course = fit_of_type(2), fit_of_type(6)
    assert kind(settings + course) == "settings of the device"
    assert kind(settings + fit_activity(3)) is None
    assert kind(fit_activity(3) + settings) is None
    assert kind(settings * 101) is None


def test_a_tcx_file_of_plans_is_no_activity() -> None:
    lap = "<Lap><TotalTimeSeconds>9</TotalTimeSeconds></Lap>"
    course = (
        f"<Courses><Course><Name>Loop</Name>{lap}<Track>{tcx_point()}</Track></Course></Courses>"
    )
    workout = "<Workouts><Workout Sport='Running'><Name>4 x 1 km</Name></Workout></Workouts>"
    done = tcx_lap(tcx_point())
    activities = f"<Activities><Activity Sport='Running'>{done}</Activity></Activities>"

    def tcx(*parts: str) -> bytes:
        return f"{TCX_HEAD}{''.join(parts)}</TrainingCenterDatabase>".encode()

    assert kind(tcx(course)) == "a course"
    assert kind(tcx("<Activities/>", course)) == "a course"
    assert kind(tcx(course).decode().encode("utf-16")) == "a course"
    assert kind(tcx(workout)) == "a planned workout"
    assert kind(tcx(activities, course)) is None
    assert kind(tcx(f"<History><Run>{done}</Run></History>", course)) is None
    assert kind(tcx()) is None


def test_a_gpx_file_without_a_timed_track_is_no_activity() -> None:
    def gpx(*parts: str) -> bytes:
        return f"{GPX_HEAD}{''.join(parts)}</gpx>".encode()

    route, place = "<rte><rtept lat='47' lon='8'/></rte>", "<wpt lat='47' lon='8'/>"
    made = "<metadata><time>2024-05-01T06:00:00Z</time></metadata>"
    assert kind(gpx(route)) == "a planned route"
    assert kind(gpx(place)) == "waypoints"
    assert kind(gpx(place, route)) == "a planned route"
    assert kind(gpx(route).replace(b"<rte>", b"<x:rte>")) == "a planned route"
    untimed = f"{made}<trk><trkseg>{gpx_point(time=None)}</trkseg></trk>"
    assert kind(gpx(untimed)) == "a course (no point of its track has a time)"
    assert kind(gpx_file([gpx_point(time=None), gpx_point()])) is None
    assert kind(gpx(place, f"<trk><trkseg>{gpx_point()}</trkseg></trk>")) is None
    assert kind(gpx()) is None
    assert kind(gpx("<trk/>", route)) is None


@pytest.mark.parametrize("data", [b"", b"\0" * 99, b"PK\x03\x04", b"\x1f\x8b\x08", b"12345678.FIT"])
def test_what_is_no_device_file_is_of_no_kind(data: bytes) -> None:
    assert kind(data) is None


def test_damaged_bytes_raise_no_error() -> None:
    dice = random.Random(17)
    wholes = [fit_of_type(32), *(make(9) for make in DEVICE_FILES.values())]
    for whole in wholes:
        for end in range(0, len(whole), 7):
            kind(whole[:end])
            kind(gzip.compress(whole)[:end])
        for _ in range(200):
            damaged = bytearray(whole)
            for _ in range(dice.randrange(1, 9)):
                damaged[dice.randrange(len(damaged))] = dice.randrange(256)
            kind(bytes(damaged))


@pytest.mark.skipif(SAMPLES is None, reason="STRAVA_SAMPLES does not name the folder of samples")
def test_what_is_ignored_among_real_files_has_no_track() -> None:
    ignored = []
    for path in sorted(Path(SAMPLES or "").glob("*/*")):
        data = path.read_bytes()
        if (told := kind(data)) is not None:
            ignored.append(told)
            with pytest.raises(IngestError):
                parse(data, path.name)
    assert {"all-day monitoring", "settings of the device", "a planned route"} <= {*ignored}
