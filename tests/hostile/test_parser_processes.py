"""What a device file does to the process that reads it costs that file alone: it is named, and the
others are read.
"""

from __future__ import annotations

import os
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ingest.config import make_config
from ingest.errors import AbortRun, CorruptFile, TooSlow
from ingest.extract.archive import Archive, Member, open_archive
from ingest.reporting.progress import Progress
from ingest.run.export import file_reader as reading
from ingest.run.export import parser_process
from ingest.run.export import readers as module
from ingest.run.export.file_reader import FileTask
from ingest.run.export.readers import Readers
from ingest.run.pipeline import run
from ingest.transform.derived import Zones
from ingest.transform.records import WantedActivity
from tests.builders import export_folder, export_zip, fit_activity, gpx_file, gpx_point

#: More points than are read in a few milliseconds.
SLOW = gpx_file([gpx_point(time=None, inner=f"<x{i % 7}>1</x{i % 7}>") for i in range(40_000)])
FILES = {
    "activities/1.fit": fit_activity(20),
    "activities/2.gpx": SLOW,
    "activities/3.fit": fit_activity(30),
}
ACTIVITIES = [{"activity_id": i, "filename": name} for i, name in enumerate(FILES, 1)]


def tasks(archive: Archive) -> list[FileTask]:
    return [
        FileTask(member=archive.members[name], wanted=(WantedActivity(i),))
        for i, name in enumerate(FILES, 1)
    ]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the slow file."""
    monkeypatch.setattr(
        module, "deadline_of", lambda task: 0.01 if task.member.size == len(SLOW) else 60.0
    )


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("build", [export_zip, export_folder])
def test_a_file_past_its_deadline_is_given_up_and_the_others_are_read(
    tmp_path: Path, build: Any, jobs: int
) -> None:
    with (
        open_archive(build(tmp_path / "export_1.zip", ACTIVITIES, files=FILES)) as archive,
        Readers(jobs) as readers,
    ):
        first, slow, last = readers.read(archive, tasks(archive))
    assert (first.error, last.error) == (None, None)
    assert isinstance(slow.error, TooSlow)
    assert str(slow.error) == (
        "export_1.zip: activities/2.gpx: was not read within 0 seconds; to read it without a time "
        "limit, run with --jobs 0"
    )
    assert slow.crc32 is not None


@pytest.mark.usefixtures("impatient")
def test_a_file_that_was_given_up_is_told_and_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Strava Export").mkdir()
    export_zip(tmp_path / "Strava Export" / "export_1.zip", ACTIVITIES, files=FILES)
    reports = []
    for _ in range(2):
        # The export's directory is new to the second run, its files are not.
        with zipfile.ZipFile(tmp_path / "Strava Export" / "export_1.zip", "a") as archive:
            archive.writestr(f"media/{len(archive.namelist())}.jpg", b"")
        reports.append(run(make_config({}, playground=tmp_path, jobs=1), Progress()))
        monkeypatch.setattr(parser_process, "_read_unit", None)  # a second try would fail
    assert [report.files_read for report in reports] == [3, 0]
    assert [report.issues for report in reports] == [1, 1]
    again = run(make_config({}, playground=tmp_path, jobs=0), Progress())
    assert (again.files_read, again.issues) == (1, 1)  # read now, and found to be without a time


@pytest.mark.usefixtures("impatient")
def test_nobody_waits_for_a_file_that_is_read_when_the_run_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "deadline_of", lambda task: 60.0)
    # A million points keep a parser busy for longer than the test waits.
    slow = {"activities/1.gpx": gpx_file([gpx_point(time=None, inner="<x>1</x>")] * 1_000_000)}
    activities = [{"activity_id": 1, "filename": "activities/1.gpx"}]
    with open_archive(export_zip(tmp_path / "export_1.zip", activities, files=slow)) as archive:
        task = FileTask(member=archive.members["activities/1.gpx"], wanted=(WantedActivity(1),))
        begun = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            _interrupted(archive, task)
    assert time.monotonic() - begun < 5


def _interrupted(archive: Archive, task: FileTask) -> None:
    with Readers(1) as readers:
        sent = readers._send(archive, [task])
        while not sent.answer.running():
            time.sleep(0.01)
        raise KeyboardInterrupt


class _Killer(Zones):
    """Ends the process that it is sent to."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_ends_its_process_is_named_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setattr(module, "_UNIT_FILES", 1)
    monkeypatch.setattr(module, "_PATIENCE_S", 1e-9)
    monkeypatch.setattr(module, "_WAITING", 1)
    with (
        open_archive(export_zip(tmp_path / "export_1.zip", ACTIVITIES, files=FILES)) as archive,
        Readers(jobs) as readers,
    ):
        first, deadly, last = tasks(archive)
        deadly = FileTask(
            member=deadly.member, wanted=deadly.wanted, zones=_Killer(heartrate=(), power=())
        )
        reads = list(readers.read(archive, [first, deadly, last]))
    assert [read.error and str(read.error) for read in reads] == [
        None,
        "export_1.zip: activities/2.gpx: made the process that read it stop (perhaps it needs too "
        "much memory)",
        None,
    ]


def test_processes_that_cannot_run_at_all_end_the_run_with_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parser_process, "follow_parent", os.abort)
    path = export_zip(tmp_path / "export_1.zip", ACTIVITIES, files=FILES)
    with (
        open_archive(path) as archive,
        Readers(1) as readers,
        pytest.raises(AbortRun, match=r"device files of export_1\.zip cannot run here .* --jobs 0"),
    ):
        list(readers.read(archive, tasks(archive)))


@pytest.mark.parametrize("jobs", [0, 1])
def test_a_fault_of_ours_is_an_error_of_the_file_that_shows_it(tmp_path: Path, jobs: int) -> None:
    with (
        open_archive(export_zip(tmp_path / "export_1.zip", ACTIVITIES, files=FILES)) as archive,
        Readers(jobs) as readers,
    ):
        first, faulty, last = tasks(archive)
        faulty = FileTask(member=faulty.member, wanted=("no activity",))  # type: ignore[arg-type]
        reads = list(readers.read(archive, [first, faulty, last]))
    assert [type(read.error) for read in reads] == [type(None), CorruptFile, type(None)]
    assert "activities/2.gpx: cannot be read: unexpected AttributeError" in str(reads[1].error)
    assert "file_reader.py" in str(reads[1].traceback)


def test_a_zip_that_takes_the_place_of_another_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = export_zip(tmp_path / "export_1.zip", ACTIVITIES, files=FILES)
    with open_archive(path) as archive, Readers(1) as readers:
        export_zip(path, ACTIVITIES, files={**FILES, "activities/4.fit": b""})
        with pytest.raises(
            CorruptFile,
            match=r"export_1\.zip: was replaced by another file during the run; run again",
        ):
            list(readers.read(archive, tasks(archive)))


def test_a_member_that_the_zip_does_not_have_is_an_error_of_that_file(tmp_path: Path) -> None:
    with open_archive(export_zip(tmp_path / "export_1.zip", ACTIVITIES, files=FILES)) as archive:
        other = FileTask(member=Member(name="activities/9.fit", size=1), wanted=())
        assert "is not in the ZIP any more" in str(reading.read_file(archive, other).error)
