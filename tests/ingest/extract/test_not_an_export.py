"""What people drop that is no Strava export: each thing gets a sentence, an issue and a warning in
the log, and the run fails if there was nothing else to read.
"""

from __future__ import annotations

import gzip
import io
import os
import socket
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from db.export_bytes import FORBIDDEN, first_bytes
from ingest.cli import app
from ingest.errors import NoPermission
from ingest.extract.device_files import HEAD
from ingest.extract.drop_folder import discover
from ingest.extract.not_an_export import about_file
from tests.builders import (
    export_folder,
    export_zip,
    protect,
)
from tests.ingest.test_cli import cli

PAGE = b"\xef\xbb\xbf\n<!DOCTYPE html><html><head><title>Log In</title></head></html>"
DENIED = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>expired</Message></Error>'
NO_DEVICE_FILE = "is named like a device file, but is no FIT, GPX or TCX file"
NOTHING_OF_GARMIN = "is an export of Garmin, or a part of one, that holds no activities"
UNPACK = "not a ZIP; unpack it, and use the folder that comes out of it"
STRAVAS = "Strava's is a ZIP with a name like export_12345.zip"


def tar(kind: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=kind) as archive:  # type: ignore[call-overload]
        info = tarfile.TarInfo("export/activities.csv")
        info.size = 9
        archive.addfile(info, io.BytesIO(b"Activity\n"))
    return out.getvalue()


def a_file(name: str, data: bytes) -> Callable[[Path], str]:
    def build(drop: Path) -> str:
        (drop / name).write_bytes(data)
        return name

    return build


def a_zip(name: str, *names: str, data: bytes = b"x", **contents: Any) -> Callable[[Path], str]:
    def build(drop: Path) -> str:
        export_zip(drop / name, None, dict.fromkeys(names, data), **contents)
        return name

    return build


def a_folder(name: str, *names: str, data: bytes = b"x") -> Callable[[Path], str]:
    def build(drop: Path) -> str:
        (drop / name).mkdir()
        export_folder(drop / name, None, dict.fromkeys(names, data))
        return name

    return build


def half_a_zip(drop: Path) -> str:
    path = export_zip(drop / "export_9.zip")
    path.write_bytes(path.read_bytes()[:-30])
    return path.name


def with_password(drop: Path) -> str:
    return protect(export_zip(drop / "export_9.zip", tables={"profile.csv": [["Athlete ID"]]})).name


def photos_with_password(drop: Path) -> str:
    return protect(export_zip(drop / "secret.zip", None, {"a.jpg": b"x"})).name


def a_pipe(drop: Path) -> str:
    os.mkfifo(drop / "export_9.zip")
    return "export_9.zip"


def a_socket(drop: Path) -> str:
    here = Path.cwd()
    os.chdir(drop)  # a socket's path must be short
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("export_9")
    finally:
        os.chdir(here)
    return "export_9"


def a_dead_link(drop: Path) -> str:
    (drop / "export_9.zip").symlink_to(drop / "nowhere")
    return "export_9.zip"


class Case(NamedTuple):
    """Something that is dropped, and what is said of it."""

    build: Callable[[Path], str]
    says: str
    needs: str = ""


APPLE, RUNKEEPER = "is an export of Apple Health", "is an export of Runkeeper"
GARMIN = "DI_CONNECT/DI-Connect-Fitness/me_summarizedActivities.json"
CASES: Mapping[str, Case] = {
    "login page": Case(a_file("export_9.zip", PAGE), "is a web page, not the export: the link in"),
    "login page, gzipped": Case(a_file("export_9.zip", gzip.compress(PAGE)), "is a web page"),
    "page in UTF-16": Case(a_file("e.zip", "<html>Log in".encode("utf-16")), "is a web page"),
    "expired link": Case(a_file("export_9.zip", DENIED), "is a web page"),
    "empty": Case(a_file("export_9.zip", b""), "is empty: its download has not begun, or has"),
    "half": Case(half_a_zip, "has no end: it is still being copied, or the download was cut off"),
    "half download": Case(a_file("export_9.zip.part", b"PK"), "is still being downloaded"),
    "7z": Case(a_file("export_9.7z", b"7z\xbc\xaf\x27\x1c\0\4"), f"is a 7z archive, {UNPACK}"),
    "7z as zip": Case(a_file("export_9.zip", b"7z\xbc\xaf\x27\x1c\0\4"), "is a 7z archive"),
    "rar": Case(a_file("export_9.zip", b"Rar!\x1a\x07\1\0"), f"is a RAR archive, {UNPACK}"),
    "tar": Case(a_file("export_9", tar("w")), f"is a tar archive, {UNPACK}"),
    "tar.gz": Case(a_file("export_9.tgz", tar("w:gz")), f"is a tar.gz archive, {UNPACK}"),
    "tar.bz2": Case(a_file("export_9.tbz", tar("w:bz2")), f"is a bzip2 archive, {UNPACK}"),
    "tar.xz": Case(a_file("export_9.txz", tar("w:xz")), f"is a xz archive, {UNPACK}"),
    "gzip": Case(a_file("export_9.gz", gzip.compress(b"x")), f"is a gzip archive, {UNPACK}"),
    "broken gzip": Case(a_file("a.gz", b"\x1f\x8b\x08broken"), "is a gzip archive"),
    "password": Case(with_password, "is protected by a password; unpack it with that, and use the"),
    "password, no export": Case(photos_with_password, "is protected by a password"),
    "Garmin ZIP without files of devices": Case(a_zip("a.zip", GARMIN), NOTHING_OF_GARMIN),
    "Garmin folder without files of devices": Case(
        a_folder("DI_CONNECT", "x/y.json"), NOTHING_OF_GARMIN
    ),
    "Apple ZIP": Case(
        a_zip("a.zip", "apple_health_export/export.xml"), "is an export of Apple Health"
    ),
    "Apple folder": Case(a_folder("apple_health_export", "a.xml"), APPLE),
    "Apple file": Case(
        a_file("a.xml", b"<?xml?><!DOCTYPE HealthData ["), "is an export of Apple Health"
    ),
    "Takeout ZIP": Case(a_zip("a.zip", "Takeout/Fit/a.tcx"), "is an export of Google Takeout"),
    "Takeout folder": Case(a_folder("Takeout", "Fit/a.tcx"), "is an export of Google Takeout"),
    "Polar ZIP": Case(a_zip("a.zip", "training-session-1.json"), "is an export of Polar Flow"),
    "Polar folder": Case(a_folder("a", "training-session-1.json"), "is an export of Polar Flow"),
    "Polar file": Case(a_file("training-session-1.json", b"{}"), "is an export of Polar Flow"),
    "Runkeeper ZIP": Case(
        a_zip("a.zip", "cardioActivities.csv", "a.gpx"), "is an export of Runkeeper"
    ),
    "Runkeeper folder": Case(a_folder("a", "cardioActivities.csv"), RUNKEEPER),
    "text named GPX": Case(a_file("a.gpx", b"hello"), f"{NO_DEVICE_FILE} but a text; copy or"),
    "page named FIT": Case(a_file("a.fit", PAGE), f"{NO_DEVICE_FILE} but a web page; copy or"),
    "text named TCX, gzipped": Case(a_file("a.tcx.gz", gzip.compress(b"x")), NO_DEVICE_FILE),
    "empty GPX": Case(a_file("a.gpx", b""), "is empty: its download has not begun, or has failed"),
    "too deep in a ZIP": Case(
        a_zip("a.zip", "home/me/activities.csv"),
        "has home/me/activities.csv too deep in its folders; unpack it, and use the folder that",
    ),
    "too deep in a folder": Case(
        a_folder("a", "b/c/activities.csv"),
        "has b/c/activities.csv too deep in its folders; use the folder that holds activities.csv",
    ),
    "ZIP in a ZIP": Case(
        a_zip("a.zip", "b/export_9.zip"),
        "holds no activities.csv, but b/export_9.zip; unpack it, and use that ZIP itself",
    ),
    "ZIP in a folder": Case(
        a_folder("a", "export_9.zip"),
        "holds no activities.csv, but export_9.zip; use that ZIP itself",
    ),
    "half an export": Case(
        a_zip("export_9.zip", "profile.csv", "activities/1.gpx"),
        "holds profile.csv, as Strava's exports do, but no activities.csv: it is not whole",
    ),
    "half an export, unpacked": Case(a_folder("a", "bikes.csv"), "holds bikes.csv, as Strava's"),
    "one table": Case(
        a_file("bikes.csv", b"a,b\n"), "is only one file of an export; use the whole"
    ),
    "ZIP without files": Case(a_zip("a.zip"), f"holds no files; {STRAVAS}"),
    "folder without files": Case(a_folder("a"), f"holds no files; {STRAVAS}"),
    "another ZIP": Case(a_zip("a.zip", "a.jpg"), "holds no Strava export: there is no activities"),
    "another folder": Case(a_folder("a", "b/a.jpg"), "holds no Strava export: there is no"),
    "text": Case(a_file("export_9.zip", b"hello"), f"is not a Strava export but a text; {STRAVAS}"),
    "PDF": Case(a_file("a.zip", b"%PDF-1.4\n"), "is not a Strava export but a PDF document"),
    "picture": Case(a_file("a.zip", b"\xff\xd8\xff\xe0"), "is not a Strava export but a picture"),
    "rubbish": Case(a_file("a.zip", b"\xf0\0" * 9), f"is not a Strava export; {STRAVAS}"),
    "pipe": Case(a_pipe, "is neither a file nor a folder, but a pipe, socket or", "mkfifo"),
    "socket": Case(a_socket, "is neither a file nor a folder, but a pipe, socket or", "mkfifo"),
    "dead link": Case(a_dead_link, "is a link that leads nowhere", "mkfifo"),
}


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Runner = Callable[..., Ran]


@pytest.fixture
def ran(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Runner:
    """The command line in a folder of its own, in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "500")
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)
    for name in list(os.environ):
        if name.startswith(("STRAVA", "DATABASE")):
            monkeypatch.delenv(name)

    def run(*arguments: str) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            app.main([*arguments, "--jobs", "0"], prog_name="python -m ingest")
        code = ended.value.code
        assert isinstance(code, int)
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    made = tmp_path / "Playground" / "Strava Export"
    made.mkdir(parents=True)
    return made


def levels(drop: Path, sentence: str) -> list[str]:
    """The levels of the lines of the log that hold a sentence, since it was read last."""
    log = drop.parent / "strava-ingest.log"
    lines = log.read_text(encoding="utf-8").splitlines()
    log.write_text("", encoding="utf-8")
    return [line.split()[2] for line in lines if sentence in line and "pipeline" not in line]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_no_export_is_said_warned_of_and_counted(
    case: Case, drop: Path, ran: Runner
) -> None:
    if case.needs and not hasattr(os, case.needs):
        pytest.skip("this system has no such things")
    sentence = f"{case.build(drop)}: {case.says}"
    dry = ran("run", "--dry-run")
    assert (dry.code, sentence in dry.out, dry.err.count(sentence)) == (1, False, 1)
    alone = ran("run", "--quiet")
    assert (alone.code, alone.out) == (1, "")
    assert alone.err.startswith(f"strava-ingest: no export could be read: {sentence}")
    assert levels(drop, sentence) == ["WARNING"]
    export_zip(drop / "export_77.zip", tables={"profile.csv": [["Athlete ID"], [77]]})
    with_another = ran("run")
    # At the second look, half a ZIP is one that was cut off.
    sentence = sentence if case.build is not half_a_zip else "export_9.zip: has no end, and has not"
    assert (with_another.code, sentence in with_another.out) == (0, True)
    assert levels(drop, sentence) == ["WARNING"]
    strict = ran("run", "--strict", "--quiet")
    assert (strict.code, strict.out) == (1, "")
    assert strict.err.startswith("strava-ingest: --strict: ")


def test_a_dry_run_is_as_strict(drop: Path, ran: Runner) -> None:
    export_zip(drop / "export_77.zip")
    assert ran("run", "--strict", "--dry-run").code == 0
    half_a_zip(drop)
    assert ran("run", "--strict", "--dry-run").code == 1
    assert ran("run").code == 0
    assert ran("run", "--strict", "--dry-run").code == 1
    (drop / "export_9.zip").unlink()
    assert ran("run", "--strict", "--dry-run").code == 0


@pytest.mark.parametrize(
    "name", ["login page", "text named GPX", "Takeout folder", "text", "empty", "pipe"]
)
def test_what_is_given_is_judged_alike(name: str, tmp_path: Path, ran: Runner) -> None:
    case = CASES[name]
    if case.needs and not hasattr(os, case.needs):
        pytest.skip("this system has no such things")
    thing = case.build(tmp_path)
    done = ran("run", thing, "--quiet")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"strava-ingest: no export could be read: {thing}: {case.says}")


def test_two_given_things_of_one_name_are_told_apart(tmp_path: Path, ran: Runner) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "export_9.zip").write_bytes(b"")
        protect(export_zip(tmp_path / name / "export_8.zip"))
    done = ran("run", *(f"{folder}/export_{n}.zip" for folder in "ab" for n in (8, 9)))
    assert done.code == 1
    for folder in "ab":
        assert f"{tmp_path / folder / 'export_9.zip'}: is empty" in done.err
        assert f"{tmp_path / folder / 'export_8.zip'}: is protected" in done.err


def test_a_zip_under_any_name_is_an_export(drop: Path, ran: Runner) -> None:
    for number, name in enumerate(("export_77", "export_77.zip.txt", "mine.7z"), 1):
        export_zip(drop / name, [{"activity_id": number}], prefix="export_77/")
    done = ran("run", "--strict")
    assert done.code == 0
    assert "3 new" in done.out


def test_a_download_that_was_cut_off_is_forgotten_when_it_is_gone(drop: Path, ran: Runner) -> None:
    half_a_zip(drop)

    def kept() -> list[tuple[str]]:
        with sqlite3.connect(drop.parent / "strava.db") as connection:
            query = "SELECT value FROM sync_state WHERE name = 'endless_zips'"
            found: list[tuple[str]] = connection.execute(query).fetchall()
        connection.close()
        return found

    assert "still being copied" in ran("run").err
    assert "the download was cut off. Download it again" in ran("run", "--dry-run").err
    assert len(kept()) == 1
    (drop / "export_9.zip").unlink()
    assert ran("run").code == 0
    assert kept() == []


def test_an_empty_drop_folder_is_no_failure(drop: Path, ran: Runner) -> None:
    assert (ran("run").code, ran("run", "--strict", "--quiet").code) == (0, 0)
    assert drop.is_dir()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_pipes_hold_up_no_run_wherever_they_lie(tmp_path: Path) -> None:
    drop = tmp_path / "Playground" / "Strava Export"
    export_folder(drop / "export_77", [{"filename": "activities/1.gpx"}], tables={})
    (drop / "export_77" / "activities").mkdir()
    for name in ("a.zip", "export_77/activities/1.gpx", "export_77/profile.csv"):
        os.mkfifo(drop / name)
    (drop / "b").mkdir()
    os.mkfifo(drop / "b" / "activities.csv")
    done = subprocess.run(
        [sys.executable, "-m", "ingest", "run", "--database", f"sqlite:///{tmp_path}/x.db"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0
    assert "a.zip: is neither a file nor a folder" in done.stdout
    assert "b: holds no files" in done.stdout


def test_hostile_names_are_printed_as_text(drop: Path, ran: Runner) -> None:
    name = "\x1b[2Jx\ny\u202e.zip"
    try:
        (drop / name).write_bytes(b"")
        (drop / os.fsdecode(b"\xff.zip")).write_bytes(b"")
    except OSError:
        pytest.skip("this system has no such names")
    a_zip("evil.zip", f"{'d' * 300}/e/activities.csv")(drop)
    done = ran("run")
    assert done.code == 1
    assert not {"\x1b", "\u202e"} & set(done.out + done.err)
    assert "\ufffd[2Jx y\ufffd.zip: is empty" in done.err
    assert "\ufffd.zip: is empty" in done.err
    assert len(max(done.err.splitlines(), key=len)) < 1500


def test_no_more_than_the_beginning_of_a_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "film.mp4").write_bytes(b"\0\0\0\x20ftypisom")
    os.truncate(tmp_path / "film.mp4", 10**10)
    asked: list[int] = []

    def spy(path: Path, size: int, count: int) -> bytes:
        asked.append(min(size + 1, count))
        return first_bytes(path, size, count)

    monkeypatch.setattr("ingest.extract.candidates.first_bytes", spy)
    (message,) = map(str, discover(tmp_path).problems)
    assert message == f"film.mp4: is not a Strava export; {STRAVAS}"
    assert asked == [HEAD]


def test_a_text_may_be_cut_in_the_middle_of_a_letter() -> None:
    assert " but a text" in about_file("a", ("x" + "\u00e4" * HEAD).encode()[:HEAD])


# --- Permissions
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["file", "ZIP", "folder", "folder below", "activities.csv"])
def test_what_may_not_be_read_is_not_called_damaged(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read everything, so the system's answer is given in its place."""
    drop, name = tmp_path / "drop", "export_77"
    drop.mkdir()
    folder = drop / name if kind != "folder below" else drop / name / "sub"
    if kind in ("file", "ZIP"):
        export_zip(drop / name)
        hidden = drop / name
    else:
        export_folder(folder)
        hidden = folder / "activities.csv"
    plain_stat, plain_open = os.stat, Path.open
    opened: list[Path] = []

    def forbid_stat(path: Any, *args: Any, **options: Any) -> os.stat_result:
        if kind.startswith("folder") and str(path) == str(hidden):
            raise PermissionError(13, "Permission denied")
        return plain_stat(path, *args, **options)

    def forbid_open(path: Path, *args: Any, **options: Any) -> Any:
        if path == hidden:
            opened.append(path)
            if kind != "ZIP" or len(opened) > 1:  # of a ZIP, the first bytes were read before
                raise PermissionError(13, "Permission denied")
        return plain_open(path, *args, **options)

    monkeypatch.setattr(os, "stat", forbid_stat)
    monkeypatch.setattr(Path, "open", forbid_open)
    (problem,) = discover(drop).problems
    assert isinstance(problem, NoPermission)
    below = {"folder below": ": sub", "activities.csv": ": activities.csv"}.get(kind, "")
    assert str(problem) == f"{name}{below}: {FORBIDDEN}"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may do anything")
def test_a_run_that_may_not_read_says_so(tmp_path: Path) -> None:
    drop = tmp_path / "Playground" / "Strava Export"
    drop.mkdir(parents=True)
    export_zip(drop / "export_1.zip").chmod(0)
    export_folder(drop / "export_2").chmod(0)
    export_folder(drop / "export_3").chmod(0o400)
    export_folder(drop / "a" / "export_4").chmod(0)
    try:
        done = cli("run", "--quiet", folder=tmp_path)
        for name in ("export_1.zip", "export_2", "export_3", "a: export_4"):
            assert f"{name}: {FORBIDDEN}" in done.stderr
    finally:
        for path in (drop / "export_2", drop / "export_3", drop / "a" / "export_4"):
            path.chmod(0o700)
    assert done.returncode == 1
