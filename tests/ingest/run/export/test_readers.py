"""How many parser processes there are, and what each of them is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.extract.archive import Archive, open_archive
from ingest.run.export import readers as module
from ingest.run.export.file_reader import FileTask
from ingest.run.export.readers import Readers
from ingest.transform.records import WantedActivity
from tests.builders import export_zip, fit_activity

_COUNT = 12


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    files = {f"activities/{i}.fit": fit_activity(10 + i) for i in range(_COUNT)}
    rows = [{"activity_id": i, "filename": name} for i, name in enumerate(files)]
    return open_archive(export_zip(tmp_path / "export_1.zip", rows, files=files))


def tasks_of(archive: Archive) -> list[FileTask]:
    return [
        FileTask(member=archive.members[f"activities/{i}.fit"], wanted=(WantedActivity(i),))
        for i in range(_COUNT)
    ]


@pytest.mark.parametrize(("patience_s", "count"), [(1e9, 1), (1e-9, 3)])
def test_there_are_more_processes_only_where_the_writer_waits(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, patience_s: float, count: int
) -> None:
    monkeypatch.setattr(module, "_UNIT_FILES", 1)
    monkeypatch.setattr(module, "_PATIENCE_S", patience_s)
    with archive, Readers(3) as readers:
        reads = list(readers.read(archive, tasks_of(archive)))
        assert len(readers._processes) == count
    assert [read.point_count for read in reads] == [10 + i for i in range(_COUNT)]


def test_files_that_wait_are_bounded_for_each_process(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_UNIT_FILES", 1)
    monkeypatch.setattr(module, "_WAITING", 2)
    monkeypatch.setattr(module, "_PATIENCE_S", 1e9)
    sent: list[FileTask] = []
    send = Readers._send

    def noted(self: Readers, archive: Archive, unit: list[FileTask]) -> Any:
        sent.extend(unit)
        return send(self, archive, unit)

    monkeypatch.setattr(Readers, "_send", noted)
    with archive, Readers(2) as readers:
        for done, _ in enumerate(readers.read(archive, tasks_of(archive)), 1):
            assert len(sent) <= done + 2


def test_a_unit_goes_to_the_process_that_has_least_to_do(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Readers, "_wanted", 2)
    with archive, Readers(2) as readers:
        sent = [readers._send(archive, [task]) for task in tasks_of(archive)[:2]]
        assert sent[0].process is not sent[1].process
