"""`originals` reads an export within the bounds of the import: what that one refuses, this one does
not unpack.
"""

from __future__ import annotations

import json
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from db import export_bytes
from db.engine import make_engine
from ingest.transform.parsers.gunzip import MAX_INFLATED
from tests.builders import activities_csv, export_folder, gpx_activity
from tests.exporters.conftest import command
from tests.ingest.playground import PROFILE, Playground

NAME = "activities/1.gpx"
LIMIT = 100_000
Packer = Callable[[Path], None]


@pytest.fixture
def playground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A playground whose one export was good when it was imported."""
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)
    folder = tmp_path / "Playground"
    made = Playground(folder, f"sqlite:///{(folder / 'strava.db').as_posix()}")
    made.add("export_77.zip", [{"filename": NAME}], files={NAME: gpx_activity(3)}, tables=PROFILE)
    made.run()
    made.engine.dispose()
    monkeypatch.setattr(export_bytes.bounded, "__defaults__", (LIMIT,))
    return folder


def originals(playground: Path, out: Path) -> dict[str, Any]:
    done = command(playground, "originals", "--out", str(out), "--json")
    told: dict[str, Any] = json.loads(done.stdout)
    assert done.stderr == (f"strava-export: {told['error']}\n" if told["error"] else "")
    assert done.exit_code == (0 if told["files"] else 1)
    return told


def pack(
    path: Path, *members: tuple[zipfile.ZipInfo | str, bytes], method: int = zipfile.ZIP_DEFLATED
) -> None:
    path.unlink()
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("activities.csv", activities_csv({"filename": NAME}))
        for name, data in members:
            archive.writestr(name, data)


def large(path: Path) -> None:
    pack(path, (NAME, b"\0" * (LIMIT + 1)))


def lying(path: Path) -> None:
    """The directory says that the member has 10 bytes."""
    large(path)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    path.write_bytes(data)


def other_method(path: Path) -> None:
    pack(path, (NAME, b"x" * 1000), method=zipfile.ZIP_LZMA)


def link(path: Path) -> None:
    info = zipfile.ZipInfo(NAME)
    info.external_attr = 0o120777 << 16
    pack(path, (info, b"/etc/passwd"))


def overlapping(path: Path) -> None:
    """The member begins where activities.csv does."""
    pack(path, (NAME, b"x" * 1000))
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 42 : at + 46] = bytes(4)
    path.write_bytes(data)


def no_zip(path: Path) -> None:
    path.write_bytes(b"junk")


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (large, "more than the limit of 100,000"),
        (lying, "cannot be read out of the ZIP, which may be damaged"),
        (other_method, "is compressed with method 14 (LZMA)"),
        (link, "the file is not in the export"),
        (overlapping, "the file is not in the export"),
        (no_zip, "the export cannot be opened as a ZIP"),
    ],
)
def test_what_the_import_refuses_is_not_unpacked(
    playground: Path, tmp_path: Path, harm: Packer, reason: str
) -> None:
    harm(playground / "Strava Export" / "export_77.zip")
    told = originals(playground, tmp_path / "out")
    assert told["files"] == 0
    assert reason in told["missing"][0]
    assert list((tmp_path / "out").iterdir()) == []


def test_an_absurd_directory_is_refused_before_it_is_read(
    playground: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_bytes, "MAX_DIRECTORY", 50)
    told = originals(playground, tmp_path / "out")
    assert "more than the limit of 50" in told["missing"][0]


def test_an_unpacked_file_is_bounded_too_and_no_link_is_followed(
    playground: Path, tmp_path: Path
) -> None:
    drop = playground / "Strava Export"
    (drop / "export_77.zip").unlink()
    file = (
        export_folder(drop / "export_77", [{"filename": NAME}], files={NAME: gpx_activity(3)})
        / NAME
    )
    engine = make_engine(f"sqlite:///{playground / 'strava.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE import_files SET origin = 'export_77'")
    engine.dispose()
    assert originals(playground, tmp_path / "good")["files"] == 1
    file.write_bytes(b"x" * (LIMIT + 1))
    assert (
        "more than the limit of 100,000" in originals(playground, tmp_path / "large")["missing"][0]
    )
    file.unlink()
    if os.name != "nt":
        file.symlink_to(drop / "export_77" / "activities.csv")
        assert "is not in the export" in originals(playground, tmp_path / "link")["missing"][0]


def test_both_readers_have_one_bound() -> None:
    assert export_bytes.MAX_MEMBER == MAX_INFLATED
