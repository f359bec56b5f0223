"""Device files read in this process and in another: the same, in order; and what happens when a
process dies.
"""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ingest.errors import TooLarge
from ingest.extract.archive import Archive, open_archive
from ingest.run.export import file_reader as module
from ingest.run.export import readers as processes
from ingest.run.export.file_reader import FileRead, FileTask, read_file
from ingest.run.export.readers import Readers
from ingest.transform.activity_track import ActivityTrack
from ingest.transform.records import WantedActivity
from tests.builders import export_zip, fit_activity, gpx_activity, tcx_activity

START = datetime(2024, 5, 1, 6, 0, tzinfo=UTC)
FILES = {
    "activities/1.fit.gz": gzip.compress(fit_activity(50)),
    "activities/2.gpx": gpx_activity(20),
    "activities/3.tcx.gz": gzip.compress(tcx_activity(30)),
    "activities/4.fit.gz": b"",
    "activities/5.fit.gz": gzip.compress(b"no FIT at all"),
    "activities/6.fit": fit_activity(4)[:-40],
    "activities/7.gpx": b"<gpx></gpx>",
    "activities/8.bin.gz": gzip.compress(fit_activity(5)),
}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return export_zip(tmp_path / "export_1.zip", files=FILES)


def tasks_of(archive: Archive) -> list[FileTask]:
    names = sorted(name for name in archive.members if name.startswith("activities/"))
    return [
        FileTask(member=archive.members[n], wanted=(WantedActivity(i, START),))
        for i, n in enumerate(names, 1)
    ]


def shown(reads: Sequence[FileRead]) -> list[object]:
    """What can be compared of reads: arrays as lists."""
    return [
        (read.task, read.crc32, read.version, str(read.error), [held(r) for r in read.tracks])
        for read in reads
    ]


def held(found: ActivityTrack) -> tuple[object, ...]:
    whole = found.recording
    return (
        found.activity_id,
        found.fields,
        whole.laps,
        whole.sessions,
        whole.partial,
        points(whole.points),
    )


def points(columns: object) -> dict[str, str]:
    assert isinstance(columns, dict)
    return {name: np.array2string(values, threshold=10_000) for name, values in columns.items()}


def test_a_parser_process_reads_what_this_one_reads_in_the_same_order(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_archive(export) as archive:
        here = list(Readers(0).read(archive, tasks_of(archive)))
        monkeypatch.setattr(processes, "_UNIT_FILES", 2)
        with Readers(2) as readers:
            there = list(readers.read(archive, tasks_of(archive)))
    assert shown(here) == shown(there)
    assert [read.error.kind if read.error else read.file_format for read in here] == [
        *("fit", "gpx", "tcx", "corrupt", "unsupported", "fit", "empty", "fit")
    ]


def test_a_single_file_is_read_in_a_process_unless_there_is_to_be_none(export: Path) -> None:
    with open_archive(export) as archive:
        for jobs in (0, 1):
            with Readers(jobs) as readers:
                assert len(list(readers.read(archive, tasks_of(archive)[:1]))) == 1
                assert len(readers._processes) == jobs


def test_an_unreadable_file_is_named_and_keeps_its_checksum(export: Path) -> None:
    with open_archive(export) as archive:
        read = read_file(archive, tasks_of(archive)[4])
    assert read.error is not None
    assert read.error.origin == "export_1.zip: activities/5.fit.gz"
    assert read.crc32 == archive.members["activities/5.fit.gz"].crc32


def test_a_damaged_member_is_named(export: Path) -> None:
    data = export.read_bytes()
    at = data.index(b"activities/2.gpx") + 100
    export.write_bytes(data[:at] + b"????" + data[at + 4 :])
    with open_archive(export) as archive:
        read = read_file(archive, tasks_of(archive)[1])
    assert str(read.error).startswith(
        "export_1.zip: activities/2.gpx: cannot be read out of the ZIP, which may be damaged"
    )


def test_rows_that_share_a_file_all_get_it(export: Path) -> None:
    with open_archive(export) as archive:
        task = FileTask(
            member=archive.members["activities/2.gpx"],
            wanted=(WantedActivity(1, START), WantedActivity(2, START)),
        )
        read = read_file(archive, task)
    assert [(found.activity_id, found.recording.point_count) for found in read.tracks] == [
        (1, 20),
        (2, 20),
    ]


def test_more_points_than_anyone_records_are_refused(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_POINTS", 19)
    with open_archive(export) as archive:
        read = read_file(archive, tasks_of(archive)[1])
    assert (
        str(read.error)
        == "export_1.zip: activities/2.gpx: has 20 points, more than the limit of 19"
    )


def test_a_file_that_needs_more_memory_than_there_is_costs_only_itself(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hungry(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(module, "parse", hungry)
    with open_archive(export) as archive:
        assert isinstance(read_file(archive, tasks_of(archive)[0]).error, TooLarge)


def test_processes_that_are_killed_are_started_anew(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_UNIT_FILES", 1)
    monkeypatch.setattr(processes, "_WAITING", 1)
    with open_archive(export) as archive:
        here = list(Readers(0).read(archive, tasks_of(archive)))
        with Readers(1) as readers:
            reads = readers.read(archive, tasks_of(archive))
            there = [next(reads)]
            (parser,) = readers._processes
            for process in parser._pool._processes.values():
                process.kill()
            there += reads
    assert shown(here) == shown(there)


def test_an_export_that_goes_away_while_it_is_read_is_named(export: Path) -> None:
    with open_archive(export) as archive, Readers(1) as readers:
        export.rename(export.with_suffix(".gone"))
        with pytest.raises(Exception, match=r"export_1\.zip: cannot be opened"):
            list(readers.read(archive, tasks_of(archive)))


_SCRIPT = """
import sys, time
from pathlib import Path
from ingest.run.export import readers
from ingest.run.export import file_reader as reading
from ingest.transform.activity_track import ActivityTrack
from ingest.transform.records import WantedActivity
from ingest.extract.archive import open_archive
if __name__ == "__main__":
    archive = open_archive(Path(sys.argv[1]))
    task = reading.FileTask(member=archive.members["activities/2.gpx"], wanted=(WantedActivity(1),))
    with readers.Readers(1) as pool:
        print(len(list(pool.read(archive, [task]))), flush=True)
        time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_parser_processes_end_when_their_parent_is_killed(export: Path) -> None:
    script = export.with_name("script.py")
    script.write_text(_SCRIPT, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    parent = subprocess.Popen(
        [sys.executable, script, export], stdout=subprocess.PIPE, env=environment
    )
    assert parent.stdout is not None
    with parent.stdout as out:
        assert out.readline() == b"1\n"
        parent.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        assert (
            out.read() == b""
        )  # the end comes when the last process that holds the other side is gone
    parent.wait()
    assert time.monotonic() - killed < 5
