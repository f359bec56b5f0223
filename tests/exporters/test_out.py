"""``--out``: a file where an exporter writes one, a folder where it is one or where there are many,
and a refusal where the name promises another format.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from exporters.registry import EXPORTERS
from tests.exporters.conftest import ACTIVITIES, Export, command

#: Endings of what exporters write.
FORMATS = [
    ".csv",
    ".db",
    ".fit",
    ".geojson",
    ".gpx",
    ".gz",
    ".htm",
    ".html",
    ".jpeg",
    ".jpg",
    ".json",
    ".mp4",
    ".parquet",
    ".png",
    ".sqlite",
    ".sqlite3",
    ".tcx",
    ".xlsx",
]
#: Arguments that write one file, its default name, and other endings that are fine.
ONE_FILE = {
    ("csv", "--activities-only"): ("activities.csv", ()),
    ("json",): ("activities.json", ()),
    ("geojson",): ("activities.geojson", ()),
    ("xlsx",): ("strava.xlsx", ()),
    ("sqlite",): ("strava.db", (".sqlite", ".sqlite3")),
    ("report",): ("report.html", (".htm",)),
}
MANY_FILES = [
    *((name,) for name in EXPORTERS if (name,) not in ONE_FILE),
    ("geojson", "--per-activity"),
]


def in_sqlite(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM activities").fetchone()[0])


def in_csv(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return len(list(csv.DictReader(file)))


def in_html(path: Path) -> int:
    return f"{ACTIVITIES} activities" in path.read_text(encoding="utf-8") and ACTIVITIES


def in_xlsx(path: Path) -> int:
    book = openpyxl.load_workbook(path, read_only=True)
    rows = sum(1 for _ in book["activities"].rows) - 1
    book.close()
    return rows


#: Default ending -> how many activities such a file has.
ACTIVITIES_IN: dict[str, Callable[[Path], int]] = {
    ".csv": in_csv,
    ".json": lambda path: len(json.loads(path.read_text(encoding="utf-8"))),
    ".geojson": lambda path: len(json.loads(path.read_text(encoding="utf-8"))["features"]),
    ".xlsx": in_xlsx,
    ".db": in_sqlite,
    ".html": in_html,
}


def endings(arguments: tuple[str, ...]) -> tuple[str, ...]:
    name, more = ONE_FILE[arguments]
    return (Path(name).suffix, *more)


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize(
    ("arguments", "ending"),
    [(arguments, ending) for arguments in ONE_FILE for ending in endings(arguments)],
    ids=lambda param: " ".join(param) if isinstance(param, tuple) else param,
)
def test_a_name_of_its_format_is_the_file(
    export: Export, tmp_path: Path, arguments: tuple[str, ...], ending: str
) -> None:
    file = tmp_path / "there" / f"my.runs{ending.upper()}"
    told = export(*arguments, out=file)
    assert told["out"] == str(file)
    assert files_in(file.parent) == [file.name]
    assert ACTIVITIES_IN[endings(arguments)[0]](file) == ACTIVITIES


@pytest.mark.parametrize("folder", ["plain", "my.exports", "2026.11", "a.csv", "a.xlsx", "a.db"])
@pytest.mark.parametrize("arguments", ONE_FILE, ids=" ".join)
def test_any_other_name_and_a_folder_that_exists_is_a_folder(
    export: Export, tmp_path: Path, arguments: tuple[str, ...], folder: str
) -> None:
    out = tmp_path / folder
    if out.suffix in FORMATS:
        out.mkdir()
    told = export(*arguments, out=out)
    name, _ = ONE_FILE[arguments]
    assert told["out"] == str(out / name)
    assert files_in(out) == [name]


@pytest.mark.parametrize("arguments", MANY_FILES, ids=" ".join)
def test_many_files_go_into_a_folder_with_dots(
    export: Export, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "a.json").mkdir()
    for out in (tmp_path / "2026.11", tmp_path / "a.json"):
        told = export(*arguments, out=out)
        assert told["out"] == str(out)
        files = [path for path in out.rglob("*") if path.is_file()]
        # A lake also has a log of what was written.
        data = [path for path in files if "_delta_log" not in path.parts]
        assert len(data) == told["files"] > 0


@pytest.mark.parametrize(
    ("arguments", "ending"),
    [
        (arguments, ending)
        for arguments in [*ONE_FILE, *MANY_FILES]
        for ending in FORMATS
        if arguments not in ONE_FILE or ending not in endings(arguments)
    ],
    ids=lambda param: " ".join(param) if isinstance(param, tuple) else param,
)
def test_a_name_of_another_format_is_refused(
    made: Path, tmp_path: Path, arguments: tuple[str, ...], ending: str
) -> None:
    out = tmp_path / f"my.runs{ending.upper()}"
    result = command(made, *arguments, "--out", str(out))
    assert result.exit_code == 2
    assert f"--out {out}: this writes " in result.stderr
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "out", "advice"),
    [
        (["xlsx"], "a.csv", "one file that ends in .xlsx, not .csv; give a.xlsx, or a folder"),
        (["sqlite"], "a.json", "in .db or .sqlite or .sqlite3, not .json; give a.db, or a folder"),
        (["gpx"], "a.gpx", "many files into a folder, not one .gpx file; give a folder such as a"),
        (["originals"], "a.fit.gz", "not one .gz file; give a folder such as a"),
        (["csv"], "a.csv", "such as a, or one file of activities with --activities-only"),
        (["geojson", "--per-activity"], "a.geojson", "such as a, or leave out --per-activity for "),
    ],
)
def test_the_refusal_says_what_to_give_instead(
    made: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: Any,
    out: str,
    advice: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert advice in command(made, *arguments, "--out", out).stderr


def test_every_ending_that_an_exporter_writes_is_known(export: Export, tmp_path: Path) -> None:
    for name in EXPORTERS:
        export(name, out=tmp_path / "out" / name)
    found = {path.suffix for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert found <= set(FORMATS)
    assert len(found) > 8


@pytest.mark.parametrize("arguments", ONE_FILE, ids=" ".join)
def test_a_file_that_is_there_stays(made: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    file = tmp_path / f"a{endings(arguments)[0]}"
    file.write_bytes(b"mine")
    result = command(made, *arguments, "--out", str(file))
    assert result.exit_code == 1
    assert f"{file} exists already; use --overwrite" in result.stderr
    assert file.read_bytes() == b"mine"


@pytest.mark.parametrize("name", EXPORTERS)
def test_the_last_line_names_the_place_from_the_root(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    out = "my % ä" if name == "delta" else "my %20 ä"
    said = command(made, name, "--out", out).stdout
    file, _ = ONE_FILE.get((name,), ("", ()))
    place = os.path.join(tmp_path, out, file).rstrip(os.sep)
    assert f" in {place} (" in said


def test_a_lake_refuses_a_folder_that_its_library_would_not_find_again(
    made: Path, tmp_path: Path
) -> None:
    out = tmp_path / "my%20lake"
    result = command(made, "delta", "--out", str(out))
    assert result.exit_code == 2
    assert f"--out {out}" in result.stderr
    assert "choose another --out" in result.stderr
    assert not out.exists()
