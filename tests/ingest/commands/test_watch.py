"""``run --watch`` imports what arrives, in a process of its own, until it is told to end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.commands import watch as watching_command
from ingest.config import make_config
from ingest.errors import AbortRun
from ingest.extract.folder_watch import LOOK_S, FolderState, folder_state
from ingest.reporting.report import Report
from tests.builders import export_zip

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
#: Seconds after which a test gives up.
_PATIENCE_S = 120


class Watching:
    """A ``run --watch``, and what it prints."""

    def __init__(self, playground: Path, database: str, *options: str) -> None:
        self.drop = playground / "Strava Export"
        self._out, self._err = playground / "out.txt", playground / "err.txt"
        command = [sys.executable, "-m", "ingest", "run", "--watch", "--playground"]
        command += [str(playground), "--database", database, *options]
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(command, stdout=out, stderr=err)

    @property
    def out(self) -> list[str]:
        return self._out.read_text().splitlines()

    @property
    def err(self) -> list[str]:
        return self._err.read_text().splitlines()

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds."""
        begun = time.monotonic()
        while not holds():
            assert self.process.poll() is None, (self.out, self.err)
            assert time.monotonic() < begun + _PATIENCE_S, (self.out, self.err)
            time.sleep(0.1)

    def add(self, name: str, *ids: int) -> None:
        """Copy an export into the folder, as a file manager does: first under another name."""
        rows = [{"Activity ID": activity_id} for activity_id in ids]
        made = export_zip(self.drop.parent / "half", rows)
        made.rename(self.drop / name)

    def end(self) -> int:
        """Send SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_PATIENCE_S)


@pytest.fixture
def watch(tmp_path: Path, database_url: str) -> Iterator[Callable[..., Watching]]:
    begun: list[Watching] = []

    def begin(*options: str) -> Watching:
        playground = tmp_path / "Playground"
        (playground / "Strava Export").mkdir(parents=True, exist_ok=True)
        begun.append(Watching(playground, database_url, *options))
        return begun[-1]

    yield begin
    for one in begun:
        one.process.kill()
        one.process.wait()


def test_what_arrives_is_imported_and_told_in_a_line_each(
    watch: Callable[..., Watching],
) -> None:
    watching = watch()
    watching.until(lambda: "Watching" in "".join(watching.out))
    watching.add("export_1.zip", 1, 2)
    watching.until(lambda: len(watching.out) > 0 and "export_1.zip: 2 new" in watching.out[-1])
    watching.add("export_2.zip", 1, 2, 3)
    watching.until(lambda: "export_2.zip: 1 new" in watching.out[-1])
    (watching.drop / "notes.txt").write_text("no export")
    watching.until(lambda: "nothing new" in watching.out[-1])
    assert watching.end() == 0
    assert [line for line in watching.err if "notes.txt" in line]


def test_with_json_each_run_is_an_object(watch: Callable[..., Watching]) -> None:
    watching = watch("--json")
    watching.until(lambda: len(watching.out) == 1)
    watching.add("export_1.zip", 1, 2)
    watching.until(lambda: len(watching.out) == 2)
    assert watching.end() == 0
    assert [json.loads(line)["activities_new"] for line in watching.out] == [0, 2]


def test_a_run_that_fails_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = make_config({}, playground=tmp_path)
    results: list[Report | AbortRun] = [
        Report(),  # of the first run
        AbortRun("the server is away"),
        AbortRun("the server is away"),
        Report(exports=["export_1.zip"], new={1}, notes=["something is held back"]),
    ]
    changes = iter([folder_state(tmp_path)])
    pauses: list[float] = []

    def imported(*_: Any, **__: Any) -> Report:
        result = results.pop(0)
        if isinstance(result, AbortRun):
            raise result
        return result

    def changed(*_: Any) -> FolderState:
        try:
            return next(changes)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(watching_command, "import_new", imported)
    monkeypatch.setattr(watching_command, "wait_for_change", changed)
    monkeypatch.setattr("time.sleep", pauses.append)
    watching_command.watch(config, quiet=False, verbose=False, as_json=False)
    told = capsys.readouterr()
    assert told.err.splitlines() == ["strava-ingest: the server is away"] * 2
    line, note = told.out.splitlines()[-2:]
    assert "export_1.zip: 1 new" in line
    assert note == "Note: something is held back"
    assert (pauses, results) == ([LOOK_S, LOOK_S], [])


@pytest.mark.parametrize("option", ["--dry-run", "--strict", "--skip-export"])
def test_what_does_not_go_with_watching_is_refused(tmp_path: Path, option: str) -> None:
    command = [sys.executable, "-m", "ingest", "run", "--watch", option]
    done = subprocess.run(
        [*command, "--playground", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--watch imports what arrives" in done.stderr
