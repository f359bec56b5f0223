"""Disks that fail in the middle: a folder made read-only, a write or fsync that errs, a log that
cannot be written.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from exporters.registry import EXPORTERS
from ingest.cli import app
from tests.builders import export_zip
from tests.exporters.conftest import command, imported

#: The exporters that write by Python, whose functions can be made to fail. The library that writes
#: a lake meets a full disk in ``test_full_disks``.
_PYTHONS = [name for name in EXPORTERS if name != "delta"]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A playground with a filled database."""
    playground = tmp_path_factory.mktemp("filled")
    imported(playground)
    return playground


@pytest.fixture
def playground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A playground with one export whose file is missing, which the log tells."""
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)
    drop = tmp_path / "Playground" / "Strava Export"
    drop.mkdir(parents=True)
    tables = {"profile.csv": [["Athlete ID"], [77]]}
    export_zip(
        drop / "export_77.zip",
        [{"filename": f"activities/{n}.gpx"} for n in range(9)],
        tables=tables,
    )
    return drop.parent


def failing(
    function: Callable[..., Any], code: int, when: Callable[[Any], bool]
) -> Callable[..., Any]:
    """The function, which fails for some first arguments."""

    def call(first: Any, *more: Any, **options: Any) -> Any:
        if when(first):
            raise OSError(code, os.strerror(code), str(first))
        return function(first, *more, **options)

    return call


def is_ours(path: Any) -> bool:
    return "strava-partial" in str(path)


@pytest.mark.parametrize("name", _PYTHONS)
@pytest.mark.parametrize(
    ("function", "code", "when"),
    [("fsync", errno.EIO, lambda _: True), ("replace", errno.EROFS, is_ours)],
)
def test_an_exporter_whose_disk_fails_says_so_and_leaves_nothing(
    filled: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    function: str,
    code: int,
    when: Callable[[Any], bool],
) -> None:
    out = tmp_path / ("report.html" if name == "report" else "out")
    monkeypatch.setattr(os, function, failing(getattr(os, function), code, when))
    done = command(filled, name, "--out", str(out), "--quiet")
    assert done.exit_code == 1
    assert f"cannot be written ({os.strerror(code)})" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"] == []


@pytest.mark.parametrize("name", _PYTHONS)
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.EACCES, "may not be written (permission denied); check who owns it and its folder"),
        (errno.EPERM, "may not be written (permission denied); check who owns it and its folder"),
        (errno.ENOSPC, "cannot be written (No space left on device); free some space or choose"),
        (errno.EROFS, "cannot be written (Read-only file system); choose another --out"),
    ],
)
def test_only_a_full_disk_is_said_to_need_space(
    filled: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    code: int,
    reason: str,
) -> None:
    for function in ("touch", "mkdir"):
        with monkeypatch.context() as context:
            context.setattr(Path, function, failing(getattr(Path, function), code, lambda _: True))
            done = command(filled, name, "--out", str(tmp_path / "out"), "--quiet")
        assert done.exit_code == 1
        assert reason in done.stderr
        assert str(tmp_path / "out") in done.stderr
        assert "strava-partial" not in done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["gpx", "json-files", "originals"])
def test_an_older_title_s_file_that_cannot_go_is_an_error_that_names_it(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    out = tmp_path / "out"
    assert command(filled, name, "--out", str(out)).exit_code == 0
    first = min(out.iterdir())
    start, _, number = first.name.split("_")
    older = first.rename(out / f"{start}_Older_{number}")
    monkeypatch.setattr(
        Path, "unlink", failing(Path.unlink, errno.EROFS, lambda path: "Older" in path.name)
    )
    done = command(filled, name, "--out", str(out), "--overwrite")
    assert done.exit_code == 1
    assert str(older) in done.stderr
    assert os.strerror(errno.EROFS) in done.stderr


def run_in(playground: Path, *options: str) -> Result:
    return CliRunner().invoke(
        app,
        ["run", "--playground", str(playground), "--jobs", "0", *options],
        catch_exceptions=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_log_on_a_full_disk_is_said_once_and_ends_no_run(playground: Path) -> None:
    (playground / "strava-ingest.log").symlink_to("/dev/full")
    assert_said_once(run_in(playground, "--skip-api"), os.strerror(errno.ENOSPC))


def test_a_log_that_cannot_be_opened_is_said_once_and_ends_no_run(playground: Path) -> None:
    (playground / "strava-ingest.log").mkdir()
    assert_said_once(run_in(playground), "the log")


def test_a_log_that_cannot_be_rotated_is_said_once_and_ends_no_run(
    playground: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (playground / "strava-ingest.log").write_bytes(b"x" * 1_000_000)
    monkeypatch.setattr(os, "rename", failing(os.rename, errno.EROFS, lambda _: True))
    assert_said_once(run_in(playground), os.strerror(errno.EROFS))


def assert_said_once(done: Result, reason: str) -> None:
    said = [line for line in done.stderr.splitlines() if "cannot be written" in line]
    assert done.exit_code == 0
    assert len(said) == 1
    assert reason in said[0]
    assert "Traceback" not in done.stderr
    assert "9 new" in done.stdout


def test_a_database_made_read_only_in_the_middle_ends_the_run_with_a_sentence(
    playground: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingest.run.export import importer as importing

    def read_only(run: Any, *arguments: Any) -> Any:
        with run.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only = 1")
            connection.exec_driver_sql("DELETE FROM import_issues")

    monkeypatch.setattr(importing.ExportImport, "run", read_only)
    done = run_in(playground)
    assert done.exit_code == 1
    assert "attempt to write a readonly database" in done.stderr
    assert (
        len([line for line in done.stderr.splitlines() if line.startswith("strava-ingest:")]) == 1
    )
    assert "Traceback" not in done.stderr
