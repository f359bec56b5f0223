"""The command line as a person and as cron see it: what is printed where, and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.builders import activities_csv, export_zip, gpx_activity

ROOT = Path(__file__).parents[2]
COMMANDS = [
    "run",
    "demo",
    "connect",
    "disconnect",
    "status",
    "issues",
    "migrate",
    "predict",
    "purge",
    "grant-readonly",
    "export",
    "report",
    "serve",
]


def cli(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """``python -m ingest`` in a folder of its own, without the environment's settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("STRAVA", "DATABASE"))
    }
    return subprocess.run(
        [sys.executable, "-m", "ingest", *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with one export: one good file, one broken."""
    drop = tmp_path / "Playground" / "Strava Export"
    drop.mkdir(parents=True)
    rows = [{"filename": "activities/1.gpx"}, {"filename": "activities/2.gpx"}, {}]
    tables = {"profile.csv": [["Athlete ID"], [77]]}
    files = {"activities/1.gpx": gpx_activity(10), "activities/2.gpx": b"junk"}
    export_zip(drop / "export_77.zip", rows, files=files, tables=tables)
    return tmp_path


def test_run_prints_a_summary_and_leaves_database_and_log(folder: Path) -> None:
    done = cli("run", folder=folder)
    assert done.returncode == 0
    assert "Activities: 3 new\n" in done.stdout
    assert "2 device files, 10 points" in done.stdout
    assert "could not be read completely or were corrected: 1" in done.stdout
    assert "export_77.zip" in done.stderr
    assert (folder / "Playground" / "strava.db").exists()
    assert "activities/2.gpx" in (folder / "Playground" / "strava-ingest.log").read_text(
        encoding="utf-8"
    )


def test_json_is_all_that_is_on_standard_output(folder: Path) -> None:
    first, again = cli("run", "--json", folder=folder), cli("run", "--json", folder=folder)
    told = json.loads(first.stdout)
    assert told.pop("seconds") > 0
    assert told == {
        "status": "done",
        "error": None,
        "exports": [{"name": "export_77.zip", "status": "imported", "reason": None}],
        "notes": [],
        "activities_new": 3,
        "activities_changed": 0,
        "activities_unchanged": 0,
        "activities_vanished": 0,
        "files_read": 2,
        "points_written": 10,
        "issues": 1,
        "api_requests": 0,
        "queue_left": 0,
        "resume_at": None,
        "loose_files_read": 0,
        "only_from_files": 0,
    }
    told = json.loads(again.stdout)
    assert (told["activities_unchanged"], told["files_read"], told["issues"]) == (3, 0, 1)


def test_quiet_prints_nothing_and_strict_fails_for_unreadable_files(folder: Path) -> None:
    quiet = cli("run", "--quiet", folder=folder)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    strict = cli("run", "--quiet", "--strict", folder=folder)
    assert (strict.returncode, strict.stdout) == (1, "")
    assert strict.stderr.startswith("strava-ingest: --strict: 1 inputs were not read completely")
    assert strict.stderr.endswith(f"\n    {sys.executable} -m ingest issues\n")


def test_dry_run_writes_nothing_at_all(folder: Path) -> None:
    done = cli("run", "--dry-run", folder=folder)
    assert done.returncode == 0
    assert "3 new" in done.stdout
    assert "Nothing was written" in done.stdout
    assert [path.name for path in (folder / "Playground").iterdir()] == ["Strava Export"]


def test_an_empty_drop_folder_says_how_to_request_an_export(tmp_path: Path) -> None:
    done = cli("run", folder=tmp_path)
    assert done.returncode == 0
    assert "Request Your Archive" in done.stdout
    assert done.stdout.endswith(f"\n    {sys.executable} -m ingest demo\n")
    assert (tmp_path / "Playground" / "Strava Export").is_dir()


@pytest.mark.parametrize(
    "arguments", [("run",), ("run", "--quiet"), ("run", "--dry-run"), ("run", "--json")]
)
def test_a_drop_folder_with_nothing_but_an_unreadable_export_fails_and_says_why(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    drop = tmp_path / "Playground" / "Strava Export"
    drop.mkdir(parents=True)
    export_zip(drop / "export_77.zip", None, files={"activities.csv": b"Mood,Day\ngood,Monday\n"})
    done = cli(*arguments, folder=tmp_path)
    assert done.returncode == 1
    assert "no column holds activity ids: 'Mood, Day'" in done.stderr


def test_status_and_issues_show_what_is_there(folder: Path) -> None:
    cli("run", "--quiet", folder=folder)
    status, issues = cli("status", folder=folder), cli("issues", folder=folder)
    assert "activities: 3" in status.stdout
    assert "export_77.zip of 2026-03-01" in status.stdout
    assert "1 × unsupported: neither FIT nor GPX nor" in issues.stdout
    assert "  activities/2.gpx · " in issues.stdout
    assert json.loads(cli("status", "--json", folder=folder).stdout)["track_points"] == 10
    assert (
        json.loads(cli("issues", "--json", folder=folder).stdout)["issues"][0]["kind"]
        == "unsupported"
    )


def test_options_come_before_the_environment_before_the_file_before_defaults(folder: Path) -> None:
    (folder / ".env").write_text("DATABASE_URL=sqlite:///file.db\n", encoding="utf-8")
    cli("run", "--quiet", folder=folder)
    cli("run", "--quiet", folder=folder, DATABASE_URL="sqlite:///environment.db")
    cli(
        "run",
        "--quiet",
        "--database",
        "sqlite:///option.db",
        folder=folder,
        DATABASE_URL="sqlite:///other.db",
    )
    assert sorted(path.name for path in folder.glob("*.db")) == [
        "environment.db",
        "file.db",
        "option.db",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("run", "--timezone", "Mars/Base"), 2, "IANA"),
        (("run", "--jobs", "-1"), 2, "--jobs"),
        (("run", "--database", "mysql://x/y"), 1, "neither SQLite nor PostgreSQL"),
        (("run", "--database", "sqlite:///nowhere/x.db"), 1, "no folder"),
        (("run", "--playground", ".env"), 2, "--playground"),
        (("status",), 1, "no such file"),
        (("status", "--database", "Playground"), 1, "Playground is a folder"),
        (("run", "--database", "sqlite://"), 1, "in memory"),
        (("run", "--database", "postgresql://me:secret@host"), 1, "names a server but no database"),
        (("run", "--database", "MySQL://host/x"), 1, "neither SQLite nor PostgreSQL (mysql)"),
        (("run", "--skip-api", "--skip-export"), 2, "nothing to do"),
        (("run", "--athlete", "0"), 2, "--athlete"),
        (("run", "--athlete", str(2**63)), 2, "--athlete"),
        (("run", "--athlete", "me"), 2, "--athlete"),
        (("run", "--athlete", "77", "--skip-export"), 2, "--skip-export"),
        (("run", "--sweep"), 1, "not connected to Strava"),
        (("export", "originals", "--source", "nowhere"), 1, "no such file"),
        (("walk",), 2, "No such command"),
    ],
)
def test_what_cannot_be_says_so_without_a_traceback(
    folder: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    (folder / ".env").write_text("", encoding="utf-8")
    done = cli(*arguments, folder=folder)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr
    assert done.stdout == "" or "--sweep" in arguments  # which imports exports all the same


def test_a_password_is_in_no_message(folder: Path) -> None:
    done = cli("run", "--database", "postgresql://me:secret@127.0.0.1:1/x", folder=folder)
    assert done.returncode == 1
    assert "127.0.0.1" in done.stderr
    assert "secret" not in done.stderr + (folder / "Playground" / "strava-ingest.log").read_text(
        encoding="utf-8"
    )


def test_a_folder_with_any_name_can_be_the_playground(tmp_path: Path) -> None:
    done = cli("run", "--playground", "a?b%20c#d é", folder=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "a?b%20c#d é" / "strava.db").exists()


def test_an_empty_option_is_as_good_as_none(folder: Path) -> None:
    done = cli("run", "--database", "", folder=folder)
    assert done.returncode == 0
    assert f"    {sys.executable} -m ingest report\n" in done.stdout


def script(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A program that changes the product before it starts it."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("arguments", ["--version", "--help", "run --help", "status --oops"])
def test_what_needs_no_database_loads_none(folder: Path, arguments: str) -> None:
    code = f"""
import sys
from ingest.cli import main
sys.argv[1:] = {arguments.split()}
try:
    main()
finally:
    print([name for name in ("sqlalchemy", "numpy") if name in sys.modules], file=sys.stderr)
"""
    assert script(code, folder).stderr.splitlines()[-1] == "[]"


def test_a_run_without_a_terminal_loads_no_bars(folder: Path) -> None:
    code = """
import sys
from ingest.cli import main
sys.argv[1:] = ["run"]
try:
    main()
finally:
    print("rich.progress" in sys.modules, file=sys.stderr)
"""
    assert script(code, folder).stderr.splitlines()[-1] == "False"


def test_a_shutdown_ends_a_run_as_ctrl_c_does(folder: Path) -> None:
    code = """
import os, signal, sys, time
from ingest.cli import main
from ingest.run import pipeline
def shut_down(*_):
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(9)
pipeline._run = shut_down
sys.argv[1:] = ["run", "--json"]
main()
"""
    done = script(code, folder)
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"] == "interrupted before anything was stored"
    assert done.stderr == "strava-ingest: interrupted before anything was stored\n"


def test_an_interrupted_start_prints_json_too(folder: Path) -> None:
    code = """
import builtins, sys
real = builtins.__import__
def interrupted(name, *more):
    if name == "ingest.cli":
        raise KeyboardInterrupt
    return real(name, *more)
builtins.__import__ = interrupted
from ingest.__main__ import main
sys.argv[1:] = ["status", "--json"]
main()
"""
    done = script(code, folder)
    assert (done.returncode, json.loads(done.stdout)["status"]) == (1, "failed")


def test_an_activities_csv_alone_is_no_export(folder: Path) -> None:
    drop = folder / "Playground" / "Strava Export"
    (drop / "export_77.zip").unlink()
    (drop / "activities.csv").write_bytes(activities_csv({}))
    done = cli("run", folder=folder)
    assert done.returncode == 1
    assert "activities.csv: is only one file of an export" in done.stderr


def test_a_log_that_cannot_be_written_is_said_in_one_line(folder: Path) -> None:
    (folder / "Playground" / "strava-ingest.log").mkdir()
    done = cli("run", folder=folder)
    assert done.returncode == 0
    said = [line for line in done.stderr.splitlines() if "strava-ingest.log" in line]
    assert len(said) == 1
    assert said[0].endswith("cannot be written (Is a directory)")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(tmp_path: Path, command: str) -> None:
    done = cli(command, "--help", folder=tmp_path)
    assert done.returncode == 0
    assert f"python -m ingest {command}" in done.stdout


def test_the_version_is_that_of_the_package(tmp_path: Path) -> None:
    from ingest import __version__

    assert cli("--version", folder=tmp_path).stdout == f"strava-ingest {__version__}\n"


def test_migrate_brings_an_empty_database_up_to_date(tmp_path: Path) -> None:
    assert cli("migrate", folder=tmp_path).returncode == 0
    assert "is up to date" in cli("migrate", folder=tmp_path).stdout


def test_the_demo_keeps_apart_from_a_person_s_own_data(folder: Path) -> None:
    done = cli("demo", "--activities", "12", "--json", folder=folder)
    assert json.loads(done.stdout)["activities_new"] == 12
    names = {path.name for path in (folder / "Playground").iterdir()}
    assert {"demo.db", "demo.html", "Demo Export"} <= names
    assert "strava.db" not in names


def test_the_demo_ends_with_the_page_to_look_at(folder: Path) -> None:
    done = cli("demo", "--activities", "12", folder=folder)
    page = Path(done.stdout.splitlines()[-1].strip())
    assert page == folder.absolute() / "Playground" / "demo.html"
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    again = cli("demo", "--activities", "12", "--quiet", folder=folder)
    assert (again.returncode, again.stdout) == (0, "")


def test_everything_leaves_by_the_same_program(folder: Path) -> None:
    cli("run", "--quiet", folder=folder)
    done = cli("export", "json", folder=folder)
    assert done.stdout.startswith("json: 1 file, 3 rows in ")
    assert cli("report", folder=folder).returncode == 0
    assert (folder / "Playground" / "Exports" / "report.html").is_file()
    assert cli("report", folder=folder).returncode == 0  # a report replaces itself
    again = cli("export", "json", folder=folder)
    assert (again.returncode, again.stderr.split(":")[0]) == (1, "strava-ingest")


def test_verify_compares_with_the_reference_libraries(folder: Path) -> None:
    done = cli("run", "--verify", folder=folder)
    assert done.returncode == 0
    assert (
        "compared 1 device files with fitparse, gpxpy and tcxreader: 0 differences" in done.stdout
    )


def test_reading_is_granted_on_postgresql_only(folder: Path, pg_url: str) -> None:
    refused = cli("grant-readonly", "bi", folder=folder)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "permissions of its file" in refused.stderr
    assert not (folder / "Playground" / "strava.db").exists()
    cli("migrate", "--database", pg_url, folder=folder)
    role = f'{make_url(pg_url).database} "bi"'
    granted = cli("grant-readonly", role, "--database", pg_url, folder=folder)
    with psycopg.connect(pg_url, autocommit=True) as connection:
        try:
            assert (granted.returncode, granted.stderr) == (0, "")
            assert "may read all tables" in granted.stdout
            assert "created without a password" in granted.stdout
            connection.execute(granted.stdout.partition("to give it one: ")[2])
        finally:
            quoted = role.replace('"', '""')
            connection.execute(f'DROP OWNED BY "{quoted}"')
            connection.execute(f'DROP ROLE "{quoted}"')
