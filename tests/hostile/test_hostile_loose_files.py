"""Loose device files with hostile names and contents: each costs itself, never the run."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from db.models import Activity, ImportFile, ImportIssue, Track
from ingest.config import make_config
from ingest.extract.archive import Archive
from ingest.reporting.progress import Progress
from ingest.run.export import loose_import
from ingest.run.export.file_reader import FileRead, FileTask
from ingest.run.export.readers import Readers
from ingest.run.pipeline import run
from ingest.transform.derived import Zones
from tests.builders import fit_activity, gpx_activity, tcx_activity
from tests.hostile.hostile_names import BROKEN_FILE, NASTY_FILE, raw_characters
from tests.loose_places import Place, same

FIT, GPX = fit_activity(60), gpx_activity(60)
COURSE = (
    b'<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">'
    b"<Courses><Course><Name>x</Name></Course></Courses></TrainingCenterDatabase>"
)


@pytest.fixture(autouse=True)
def _nobody_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Place:
    return Place(tmp_path / "Playground", database_url)


def test_hostile_names_are_imported_or_told_and_printed_harmlessly(place: Place) -> None:
    names = [
        NASTY_FILE + ".fit",
        BROKEN_FILE + ".fit",
        "x" * 251 + ".fit",
        "/".join(["y" * 200] * 15) + "/deep.fit",
        "Läufe 🏃/\u202e tif.fit",
        "-rf.fit",
        "' OR 1=1 --.fit",
        "%s%n{0}.fit",
        "CON.fit",
    ]
    for day, name in enumerate(names, 1):
        place.put(name, fit_activity(20, start=datetime(2024, 5, day, tzinfo=UTC)))
    for command in ("run", "status"):
        where = ["--playground", str(place.config.playground), "--database", place.database]
        done = subprocess.run(
            [sys.executable, "-m", "ingest", command, *where], capture_output=True, timeout=120
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert done.returncode in (0, 1), err
        assert "Traceback" not in err
        assert raw_characters(out, err) == []
    told = place.rows(ImportIssue.name)
    assert len(place.rows(Activity.activity_id)) + len(told) == len(names)
    assert sum(name.endswith((".fit",)) and "forged" in name for (name,) in told) == len(
        told
    )  # no database stores those
    before = place.content()
    assert place.run().files_read == 0
    same(place.content(), before)


ABSURD = {
    "empty.gpx": b"<gpx/>",
    "nothing.fit": b"",
    "text.tcx": b"hello",
    "head.fit": FIT[:20],
    "zeros.fit": bytes(100_000),
    "bomb.gpx.gz": gzip.compress(b" " * 50_000_000),
    "nested.gz.gpx": gzip.compress(gzip.compress(GPX)),
    "entities.gpx": b'<!DOCTYPE gpx [<!ENTITY a "aaa">]><gpx><trk>&a;</trk></gpx>',
    "deep.gpx": b"<gpx>" + b"<a>" * 100_000,
}


@pytest.mark.parametrize("name", ABSURD)
def test_an_absurd_file_is_an_issue_and_the_others_are_imported(place: Place, name: str) -> None:
    place.put("watch/good.fit", FIT)
    place.put(f"watch/{name}", ABSURD[name])
    report = place.run()
    assert len(report.new) == 1
    told = [each for (each,) in place.rows(ImportIssue.name)]
    assert [each.endswith(name) for each in told] == [True]
    before = place.content()
    assert place.run().files_read == 0
    same(place.content(), before)


def test_an_empty_track_says_what_it_is(place: Place) -> None:
    place.put("empty.gpx", b"<gpx/>")
    place.run()
    ((kind, reason),) = place.rows(ImportIssue.kind, ImportIssue.reason)
    assert (kind, reason) == ("empty", "holds no track points")


def test_a_course_is_ignored_and_no_issue(place: Place) -> None:
    place.put("a.tcx", COURSE)
    place.put("b.tcx", tcx_activity(60))
    report = place.run()
    assert len(report.new) == 1
    assert place.rows(ImportIssue.name) == []
    assert sorted(place.rows(ImportFile.status)) == [("ignored",), ("read",)]


class _Deadly(Zones):
    """Ends the process that it is sent to."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


def test_a_file_that_ends_its_process_is_told_and_the_others_are_imported(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_of = loose_import._Reading._task

    def deadly_task(self: Any, member: Any, zones: Zones) -> FileTask:
        task = task_of(self, member, zones)
        zones = _Deadly(heartrate=(), power=()) if member.name.endswith("2.fit") else zones
        return FileTask(member=task.member, wanted=(), loose_of=task.loose_of, zones=zones)

    monkeypatch.setattr(loose_import._Reading, "_task", deadly_task)
    for number in (1, 2, 3):
        place.put(f"{number}.fit", fit_activity(start=datetime(2024, 5, number, tzinfo=UTC)))
    config = make_config({}, playground=place.config.playground, database=place.database, jobs=1)
    report = run(config, Progress())
    assert len(report.new) == 2
    ((name, reason),) = place.rows(ImportIssue.name, ImportIssue.reason)
    assert name.endswith("2.fit")
    assert reason.startswith("made the process that read it stop")


@pytest.mark.parametrize("is_longer", [True, False])
def test_a_file_that_changes_while_it_is_read_is_right_after_the_next_run(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_longer: bool
) -> None:
    place.put("ride.fit", FIT)
    path, changed = place.config.drop / "ride.fit", fit_activity(90 if is_longer else 30)
    read = Readers.read

    def read_changed(self: Readers, archive: Archive, tasks: Any) -> Iterator[FileRead]:
        path.write_bytes(changed)
        return read(self, archive, tasks)

    with monkeypatch.context() as patch:
        patch.setattr(Readers, "read", read_changed)
        place.run()
    place.run()
    fresh = Place(tmp_path / "fresh", f"sqlite:///{(tmp_path / 'fresh.db').as_posix()}")
    fresh.put("ride.fit", changed)
    fresh.run()
    same(place.content(), fresh.content())


def test_a_file_that_grows_from_run_to_run_is_one_activity_without_issues(place: Place) -> None:
    for points in (30, 60, 90):
        place.put("ride.gpx", gpx_activity(points))
        place.run()
    assert len(place.rows(Activity.activity_id)) == 1
    assert place.rows(Track.point_count) == [(90,)]
    assert place.rows(ImportIssue.name) == []
