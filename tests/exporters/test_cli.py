"""The command line: choices, refusals, exit codes, and that nothing half is ever left behind."""

from __future__ import annotations

import gc
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.models import Activity, Base
from db.opening import snapshot
from exporters import files
from exporters.config import make_config
from exporters.errors import TargetExists
from exporters.job import Job
from exporters.json_values import flat_rows
from exporters.registry import EXPORTERS
from exporters.streaming import stream
from tests.exporters.conftest import ACTIVITIES, Ask, Change, Export, command

ROOT = Path(__file__).parents[2]


def ids_in(out: Path) -> set[int]:
    return {
        one["activity_id"]
        for one in json.loads((out / "activities.json").read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize(
    ("options", "condition"),
    [
        (["--since", "2025-01-01"], "start_time_local >= '2025-01-01'"),
        (["--until", "2024-12-31"], "start_time_local < '2025-01-01'"),
        (
            ["--since", "2024-03-01", "--until", "2024-08-15"],
            "substr(start_time_local, 1, 10) BETWEEN '2024-03-01' AND '2024-08-15'",
        ),
        (["--since", "2025-01-01", "--until", "9999-12-31"], "start_time_local >= '2025-01-01'"),
        (["--sport", "run"], "sport_type = 'Run'"),
        (["--sport", "Run", "--sport", "Ride"], "sport_type IN ('Run', 'Ride')"),
        (
            ["--sport", "Run", "--since", "2025-01-01"],
            "sport_type = 'Run' AND start_time_local >= '2025-01-01'",
        ),
    ],
)
def test_options_choose_activities(
    export: Export, ask: Ask, tmp_path: Path, options: list[str], condition: str
) -> None:
    export("json", *options)
    expected = {one for (one,) in ask(f"SELECT activity_id FROM activities WHERE {condition}")}
    assert ids_in(tmp_path / "out") == expected
    assert 0 < len(expected) < ACTIVITIES


def test_ids_choose_activities_and_the_rows_of_other_tables(
    export: Export, ask: Ask, tmp_path: Path
) -> None:
    (one,), (two,) = ask("SELECT activity_id FROM tracks WHERE point_count > 0 LIMIT 2")
    export("csv", "--ids", f"{one}, {two}")
    out = tmp_path / "out"
    assert len((out / "activities.csv").read_text(encoding="utf-8").splitlines()) == 3
    points = (out / "track_points.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert {int(line.partition(",")[0]) for line in points} == {one, two}
    gear = (out / "gear.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(gear) == ask("SELECT count(*) FROM gear")[0][0]


def test_a_choice_that_nothing_matches_says_so_and_writes_nothing(
    playground: Path, tmp_path: Path
) -> None:
    result = command(playground, "gpx", "--sport", "Snowboard", "--out", str(tmp_path / "out"))
    assert result.exit_code == 0
    assert "no activity matches (sport Snowboard)" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("choice", "note"),
    [
        (["--ids", "5,7"], "there is no activity 5, 7"),
        (["--ids", ",".join(map(str, range(12)))], "8, 9 and 2 more"),
        (
            ["--sport", "Rum", "--sport", "run"],
            "no activity has the sport Rum; the sports in this database are: Hike, ",
        ),
    ],
)
def test_what_is_named_and_not_there_is_said(
    playground: Path, choice: list[str], note: str
) -> None:
    assert note in command(playground, "json", *choice).stderr


@pytest.mark.parametrize("name", ["json", "geojson", "report"])
def test_a_place_that_cannot_be_looked_at_is_an_error_that_says_so(
    playground: Path, tmp_path: Path, name: str
) -> None:
    result = command(playground, name, "--out", str(tmp_path / ("x" * 300) / "y"))
    assert result.exit_code == 1
    assert "File name too long" in result.stderr


@pytest.mark.parametrize("name", [name for name in EXPORTERS if name not in ("report", "delta")])
def test_what_is_there_is_replaced_only_when_asked(
    export: Export, playground: Path, tmp_path: Path, name: str
) -> None:
    export(name)
    before = {
        path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*") if path.is_file()
    }
    result = command(playground, name, "--out", str(tmp_path / "out"))
    assert result.exit_code == 1
    assert "exists already; use --overwrite" in result.stderr
    assert before == {path: path.stat().st_mtime_ns for path in before}
    export(name, "--overwrite")
    found = {
        path for path in (tmp_path / "out").rglob("*") if path.is_file() and path.suffix != ".lock"
    }
    assert found == set(before)


def test_files_go_to_the_playground_by_default(playground: Path) -> None:
    assert command(playground, "json").exit_code == 0
    assert (playground / "Exports" / "json" / "activities.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["csv", "--tables", "nope"], "there is no table 'nope'; choose from activities"),
        (
            ["json", "--since", "2026-02-01", "--until", "2026-01-01"],
            "--until 2026-01-01 is before --since",
        ),
        (["json", "--since", "yesterday"], "does not match the format"),
        (["json", "--ids", "1,x"], "is not a list of ids"),
        (["json", "--ids", ""], "is not a list of ids"),
        (["csv", "--tables", ","], "is not a list of tables"),
        (["nothing"], "No such command"),
        (["csv", "--tables", "laps", "--activities-only"], "leave out --tables"),
        (["sqlite", "--sport", "Run"], "No such option"),
        (["sqlite", "--to", "sqlite:///x.db?mode=ro"], "without options"),
        (["sqlite", "--to", "me:secret@host"], "not a database URL"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_wrong(
    playground: Path, arguments: list[str], message: str
) -> None:
    result = command(playground, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_database_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    result = command(tmp_path / "empty", "csv")
    assert result.exit_code == 1
    assert "there is no" in result.stderr


@pytest.mark.parametrize(
    ("statement", "advice"),
    [
        ("SELECT 1", "no splits; bring it up to date:\n    python -m ingest migrate --playground"),
        ("UPDATE alembic_version SET version_num = '99990101_0000'", "update strava-ingest"),
        ("DROP TABLE alembic_version", "another program has made it"),
    ],
)
def test_a_schema_that_lacks_something_is_an_error_that_says_what_to_do(
    playground: Path, change: Change, statement: str, advice: str
) -> None:
    change("DROP TABLE splits")
    change(statement)
    result = command(playground, "csv")
    assert result.exit_code == 1
    assert advice in result.stderr


def test_a_database_of_another_program_is_an_error_that_says_so(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "strava.db")) as connection:
        connection.execute("CREATE TABLE theirs (n)")
    result = command(tmp_path, "csv")
    assert result.exit_code == 1
    assert "no tables of strava-ingest" in result.stderr


def test_an_empty_database_says_what_to_do(playground: Path, change: Change) -> None:
    held = (
        table
        for table in reversed(Base.metadata.sorted_tables)
        if table.foreign_keys or table.name == "activities"
    )
    for table in sorted(held, key=lambda table: table.name == "activities"):
        if "activity_id" in table.columns:
            change(f"DELETE FROM {table.name}")
    result = command(playground, "csv")
    assert result.exit_code == 0
    assert "holds no activity" in result.stderr


@pytest.mark.parametrize("name", EXPORTERS)
def test_a_copy_that_is_made_first_gives_the_same_files_and_does_not_stay(
    playground: Path, tmp_path: Path, name: str
) -> None:
    for place, options in (("straight", []), ("copied", ["--copy-first"])):
        done = command(playground, name, "--out", str(tmp_path / place), "--json", *options)
        assert done.exit_code == 0, done.output
    straight, copied = (names(tmp_path / place) for place in ("straight", "copied"))
    assert straight == copied != []
    assert list((playground / "Exports").iterdir()) == []


def names(folder: Path) -> list[str]:
    """The files in a folder; Delta's names have a random part."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    return sorted(re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "random", name) for name in found)


def test_who_writes_does_not_wait_for_an_export_that_has_copied_first(
    playground: Path, tmp_path: Path, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writing(job: Job) -> Iterator[dict[str, Any]]:
        with closing(sqlite3.connect(playground / "strava.db", timeout=0)) as writer:
            writer.execute("UPDATE activities SET name = 'written meanwhile'")
            writer.commit()
        return flat_rows(job)

    monkeypatch.setattr("exporters.json_list.flat_rows", writing)
    done = command(playground, "json", "--out", str(tmp_path), "--copy-first")
    assert done.exit_code == 0
    assert "written meanwhile" not in (tmp_path / "activities.json").read_text(encoding="utf-8")


def test_a_database_is_not_replaced_by_its_own_copy(playground: Path) -> None:
    target = str(playground / "strava.db")
    done = command(playground, "sqlite", "--out", target, "--copy-first", "--overwrite")
    assert done.exit_code == 2
    assert "is the database to copy from" in done.stderr


def test_quiet_prints_nothing(playground: Path) -> None:
    result = command(playground, "json", "--quiet")
    assert (result.stdout, result.stderr) == ("", "")


def test_the_summary_goes_to_standard_output_and_progress_does_not(playground: Path) -> None:
    result = command(playground, "json")
    assert result.stdout.startswith(f"json: 1 file, {ACTIVITIES} rows in ")


def test_nothing_is_not_counted_and_one_is_not_many(playground: Path, ask: Ask) -> None:
    ((one,),) = ask("SELECT min(activity_id) FROM activities WHERE sport_type = 'Run'")
    assert " 1 file, 1 row in " in command(playground, "json", "--ids", str(one)).stdout
    for arguments in (
        ["report", "--sport", "Snowboard"],
        ["csv", "--tables", "segment_efforts"],
        ["originals", "--ids", str(one)],
    ):
        assert " 1 file in " in command(playground, *arguments).stdout
    untracked = command(playground, "geojson", "--per-activity", "--sport", "Yoga")
    assert (untracked.exit_code, untracked.stdout) == (0, "")
    assert "have no route, so no file" in untracked.stderr


def test_every_exporter_has_help() -> None:
    for name in EXPORTERS:
        result = command(Path("nowhere"), name, "--help")
        assert result.exit_code == 0
        assert "--overwrite" in result.stdout


def test_the_database_is_found_as_the_importer_finds_it(tmp_path: Path) -> None:
    default = make_config({}, playground=tmp_path).database
    assert str(default).endswith("strava.db")
    assert make_config({"DATABASE_URL": "sqlite:///x.db"}).database == "sqlite:///x.db"
    assert (
        make_config({"DATABASE_URL": "sqlite:///x.db"}, database="sqlite:///y.db").database
        == "sqlite:///y.db"
    )
    assert make_config({"STRAVA_PLAYGROUND": "here"}).playground == Path("here")


def test_an_error_in_the_middle_leaves_no_file_and_keeps_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")

    def write() -> None:
        with files.whole_file(target) as partial:
            partial.write_text("half")
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        write()
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert target.read_text() == "old"


def test_an_error_in_the_middle_keeps_the_old_folder(tmp_path: Path) -> None:
    target = tmp_path / "points"
    target.mkdir()
    (target / "part").write_text("old")

    def write() -> None:
        with files.whole_folder(target) as partial:
            (partial / "part").write_text("half")
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        write()
    assert [path.name for path in tmp_path.rglob("*")] == ["points", "part"]
    assert (target / "part").read_text() == "old"


def test_a_folder_takes_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "points").touch()
    with files.whole_folder(tmp_path / "points") as partial:
        (partial / "part").touch()
    assert [path.name for path in tmp_path.rglob("*")] == ["points", "part"]


GONE = 5_000_000  # more than Linux gives to any process


@pytest.mark.parametrize("suffix", ["", "-journal"])
def test_what_a_killed_run_left_is_swept_away_later(tmp_path: Path, suffix: str) -> None:
    old = left_behind(tmp_path / f".a.csv.{GONE}.strava-partial{suffix}")
    files.prepare(tmp_path)
    assert not old.exists()


@pytest.mark.parametrize(
    "name",
    [
        ".a.csv.1.partial",
        ".a.{running}.strava-partial",
        f"a.{GONE}.strava-partial",
        ".strava-partial",
    ],
)
def test_what_is_of_others_or_of_a_run_that_goes_on_is_left_alone(
    tmp_path: Path, name: str
) -> None:
    theirs = left_behind(tmp_path / name.format(running=os.getpid()))
    files.prepare(tmp_path)
    assert theirs.exists()


def test_what_was_left_a_moment_ago_is_left_alone(tmp_path: Path) -> None:
    new = tmp_path / f".a.csv.{GONE}.strava-partial"
    new.touch()
    files.prepare(tmp_path)
    assert new.exists()


def left_behind(path: Path) -> Path:
    path.touch()
    os.utime(path, (0, 0))
    return path


def test_refusing_names_the_file_and_how_many_more(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).touch()
    with pytest.raises(TargetExists, match=r"a \(and 2 more\) exists already"):
        files.refuse_existing([tmp_path / name for name in "abcd"], overwrite=False)


def test_a_folder_that_cannot_be_made_is_an_error_that_says_so(
    playground: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    result = command(playground, "csv", "--out", str(tmp_path / "file"))
    assert result.exit_code == 1
    assert f"{tmp_path / 'file'} is a file, not a folder; choose another --out" in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
@pytest.mark.parametrize("name", ["csv", "parquet", "gpx", "json-files", "sqlite"])
def test_kill_9_leaves_whole_files_only(
    playground: Path, tmp_path: Path, export: Export, name: str
) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    export(name, out=whole)
    arguments = [
        sys.executable,
        "-m",
        "exporters",
        name,
        "--quiet",
        "--playground",
        str(playground),
        "--out",
        str(cut),
    ]
    process = subprocess.Popen(arguments, cwd=ROOT)
    deadline = time.monotonic() + 30
    while not cut.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for path in cut.rglob("*"):
        inside = [part for part in path.relative_to(cut).parts if "strava-partial" in part]
        if path.is_file() and not inside and name != "sqlite":
            assert path.read_bytes() == (whole / path.relative_to(cut)).read_bytes()
    assert name != "sqlite" or process.returncode == 0 or not (cut / "strava.db").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM")
@pytest.mark.parametrize("name", ["csv", "gpx", "sqlite"])
def test_what_is_asked_to_end_leaves_nothing_half(
    playground: Path, tmp_path: Path, name: str
) -> None:
    out = tmp_path / "out"
    arguments = [
        sys.executable,
        "-m",
        "exporters",
        name,
        "--playground",
        str(playground),
        "--out",
        str(out),
    ]
    process = subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while (
        not list(out.glob(".*strava-partial"))
        and process.poll() is None
        and time.monotonic() < deadline
    ):
        time.sleep(0.001)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate()
    assert not list(out.glob(".*"))
    assert process.returncode == 0 or said.startswith("strava-export: interrupted")


def test_an_error_in_the_middle_of_a_query_is_said_once(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    def read(connection: sa.Connection) -> None:
        rows = stream(connection, sa.select(Activity.activity_id), 1)
        for _ in rows:
            raise OSError("disk full")

    def write() -> None:
        with snapshot(database) as connection:
            read(connection)

    with pytest.raises(OSError, match="disk full"):
        write()
    gc.collect()
    assert caplog.records == []


def test_a_damaged_database_is_an_error_that_says_so(playground: Path, tmp_path: Path) -> None:
    file = playground / "strava.db"
    data = bytearray(file.read_bytes())
    data[len(data) // 2 :] = b"\x55" * (len(data) - len(data) // 2)
    file.write_bytes(data)
    result = command(playground, "csv", "--out", str(tmp_path / "out"))
    assert result.exit_code == 1
    assert "malformed" in result.stderr
    assert not list((tmp_path / "out").glob(".*"))
