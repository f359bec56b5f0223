"""Names that attack a terminal, in every field that holds one:
no command prints or logs them raw.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import pytest
import sqlalchemy as sa

from db.engine import make_engine
from db.models import Base
from db.progress import ProgressView, progress_view
from db.terminal import PlainConsole, json_line, printable
from exporters.registry import EXPORTERS
from ingest.cli import app
from ingest.commands import connect
from ingest.errors import StravaUnavailable
from ingest.extract.api.tokens import Tokens
from ingest.reporting.progress import Progress, make_progress
from tests.builders import export_folder, export_zip, gpx_activity, gpx_file, gpx_point
from tests.exporters.conftest import command
from tests.hostile.hostile_names import BROKEN_FILE, NASTY, NASTY_FILE, raw_characters
from tests.strava import Account, Consent, running

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows allows no such file names")
#: Commands with the arguments that they need; every other one is run without.
ARGUMENTS = {
    "grant-readonly": ["bi"],
    "purge": ["--source", "api"],
    "connect": ["--paste", "--no-browser"],
    "demo": ["--activities", "3"],
}
WITH_JSON = ("run", "status", "issues")


def python_m(
    module: str, folder: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, as bytes that are no UTF-8 would show up, too."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("STRAVA", "DATABASE"))
    }
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **environment},
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    out, err = (text.decode("utf-8", "surrogateescape") for text in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def assert_clean(done: subprocess.CompletedProcess[str]) -> None:
    assert raw_characters(done.stdout, done.stderr) == []
    assert "Traceback" not in done.stderr, done.stderr


def fill(drop: Path) -> None:
    """Exports with hostile text in names of files, members, columns, sports, gear and people."""
    row = {"activity_name": NASTY, "activity_description": NASTY, "activity_gear": NASTY}
    rows = [
        {**row, "activity_type": NASTY, "filename": "activities/1.gpx"},
        {**row, "activity_date": NASTY, "filename": NASTY},
        {**row, "filename": f"activities/{NASTY}.gpx"},
        {**row, "filename": "activities/4.gpx"},
    ]
    tables: dict[str, Sequence[Sequence[object]]] = {
        "profile.csv": [["Athlete ID", "First Name", "Last Name"], [77, NASTY, NASTY]],
        "bikes.csv": [["Bike Name", "Bike Brand", "Bike Model"], [NASTY, NASTY, NASTY]],
        "shoes.csv": [["Shoe Name", "Shoe Brand", "Shoe Model"], [NASTY, NASTY, NASTY]],
        "goals.csv": [["Goal Type", NASTY], [NASTY, NASTY]],
        "unknown.csv": [[NASTY], [NASTY]],
    }
    files = {
        "activities/1.gpx": gpx_activity(3).replace(b"Morning Run", b"&#x9b;31m&#x202e;"),
        "activities/4.gpx": gpx_file([gpx_point(time=NASTY.replace("\x1b", ""))]),
        f"activities/{NASTY}.gpx": b"junk",
        f"{NASTY}.csv": b"a,b\n",
    }
    drop.mkdir(parents=True)
    export_zip(drop / f"export_77{NASTY_FILE}.zip", rows, files=files, tables=tables)
    export_zip(
        drop / f"export_78{BROKEN_FILE}.zip",
        [{"activity_id": 9, **row, "filename": "activities/9.gpx"}],
    )
    export_folder(
        drop / f"folder{BROKEN_FILE}", None, files={"activities.csv": b"Mood,\x1b[31mDay\ngood,x\n"}
    )
    export_zip(drop / f"none{NASTY_FILE}.zip", None, files={f"{NASTY}.zip": b"x"})
    (drop / f"half{BROKEN_FILE}.crdownload").touch()
    (drop / f"cut{BROKEN_FILE}.zip").write_bytes(b"PK\x03\x04")
    (drop / f"packed{BROKEN_FILE}.rar").touch()
    (drop / f"link{BROKEN_FILE}").symlink_to(drop.parent)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with a drop folder full of attacks."""
    fill(tmp_path / "Playground" / "Strava Export")
    return tmp_path


@pytest.fixture(scope="module")
def _imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("imported")
    fill(folder / "Playground" / "Strava Export")
    assert python_m("ingest", folder, "run", "--quiet").returncode == 0
    return folder


@pytest.fixture
def imported(_imported: Path, tmp_path: Path) -> Path:
    """The same, imported."""
    return Path(shutil.copytree(_imported, tmp_path / "work", symlinks=True))


@pytest.fixture
def hurt(imported: Path) -> Path:
    """The same, with an attack in every column of the database that is free to hold one."""
    hurt_database(imported / "Playground" / "strava.db")
    return imported


def hurt_database(database: Path) -> None:
    """Hostile text in every column of the database that holds text and is neither key nor code."""
    engine = make_engine(f"sqlite:///{database}")
    codes = ("kind", "status", "timezone", "source", "field", "payload", "state", "unit", "period")
    with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                is_text = isinstance(column.type, sa.String) and not column.foreign_keys
                if (
                    is_text
                    and not column.primary_key
                    and not any(word in column.name for word in codes)
                ):
                    taken = any(
                        column.name in {c.name for c in i.columns}
                        for i in table.indexes
                        if i.unique
                    )
                    if not taken and not column.unique:
                        connection.execute(
                            sa.text(f'UPDATE OR IGNORE {table.name} SET "{column.name}" = :n'),
                            {"n": NASTY},
                        )
    engine.dispose()


@pytest.mark.parametrize("options", [[], ["--verbose"], ["--json"], ["--dry-run"], ["--verify"]])
def test_a_run_prints_and_logs_no_control_character(folder: Path, options: list[str]) -> None:
    done = python_m("ingest", folder, "run", *options)
    assert done.returncode == 0, done.stderr
    assert_clean(done)
    log = folder / "Playground" / "strava-ingest.log"
    assert log.exists() != ("--dry-run" in options)
    if log.exists():
        assert raw_characters(log.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", sorted(set(app.commands) - {"serve"}))  # it runs until Ctrl-C
def test_no_command_prints_a_control_character_of_a_database(hurt: Path, name: str) -> None:
    for options in [[], ["--json"]] if name in WITH_JSON else [[]]:
        done = python_m("ingest", hurt, name, *ARGUMENTS.get(name, []), *options)
        assert_clean(done)
        if options and name != "run":
            assert "owned" in str(json.loads(done.stdout))


@pytest.mark.parametrize("name", EXPORTERS)
def test_no_exporter_prints_a_control_character(hurt: Path, name: str) -> None:
    out = hurt / f"out{BROKEN_FILE}"
    nothing = [] if name == "sqlite" else ["--sport", "Snowboard", "--ids", "5"]
    for options in (nothing, [], [], ["--overwrite", "--json"]):
        said = command(hurt / "Playground", name, "--out", str(out), *options)
        assert raw_characters(said.stdout, said.stderr) == []


def test_data_files_keep_the_text_as_it_is(imported: Path) -> None:
    done = python_m("exporters", imported, "json", "--out", "out")
    assert done.returncode == 0, done.stderr
    activities = json.loads((imported / "out" / "activities.json").read_text(encoding="utf-8"))
    assert NASTY in {one["name"] for one in activities}


def test_what_the_api_says_is_told_harmlessly(
    imported: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(run: Any) -> None:
        run.report.api_problem = StravaUnavailable(NASTY)
        run.report.notes.append(NASTY)

    monkeypatch.setattr("ingest.run.pipeline._Run._sync", refused)
    monkeypatch.chdir(imported)
    for options in ([], ["--json"], ["--verbose"]):
        with pytest.raises(SystemExit) as ended:
            app(["run", *options], standalone_mode=False)
        assert ended.value.code == 1
    said = capsys.readouterr()
    log = (imported / "Playground" / "strava-ingest.log").read_text(encoding="utf-8")
    assert "owned" in said.err
    assert "owned" in log
    assert raw_characters(said.out, said.err, log) == []


def test_connect_greets_a_hostile_name_harmlessly(capsys: pytest.CaptureFixture[str]) -> None:
    tokens = Tokens(
        client_id=1,
        client_secret="s",
        access_token="a",
        refresh_token="r",
        expires_at=datetime(2026, 1, 1, tzinfo=UTC),
        scopes=frozenset({NASTY}),
        athlete_id=77,
        first_name=NASTY,
        last_name=NASTY,
    )
    connect._show(tokens)
    said = capsys.readouterr()
    assert "owned" in said.out
    assert raw_characters(said.out, said.err) == []


def test_connect_and_status_tell_a_hostile_name_harmlessly(tmp_path: Path) -> None:
    with running(Account(77, NASTY, NASTY)) as simulator:
        simulator.consent = Consent()
        environment = {
            **simulator.environment,
            "STRAVA_CLIENT_ID": "1",
            "STRAVA_CLIENT_SECRET": "x",
        }
        answers = python_m("ingest", tmp_path, "connect", "--paste", **environment)
        assert_clean(answers)
    tokens = {
        "client_id": 1,
        "client_secret": "s",
        "access_token": "a",
        "refresh_token": "r",
        "expires_at": "2026-01-01T00:00:00+00:00",
        "scopes": ["read"],
        "athlete_id": 77,
        "first_name": NASTY,
        "last_name": NASTY,
    }
    playground = tmp_path / "Playground"
    playground.mkdir(exist_ok=True)
    (playground / ".strava-token.json").write_text(json.dumps(tokens), encoding="utf-8")
    assert python_m("ingest", tmp_path, "migrate").returncode == 0
    for options in ([], ["--json"]):
        done = python_m("ingest", tmp_path, "status", *options)
        assert_clean(done)
        assert "owned" in done.stdout


@pytest.mark.parametrize("make", [make_progress, progress_view])
@pytest.mark.parametrize("is_terminal", [True, False])
def test_no_progress_shows_a_hostile_name_raw(
    make: Callable[[PlainConsole, bool], Progress | ProgressView], is_terminal: bool
) -> None:
    file = io.StringIO()
    console = PlainConsole(file=file, force_terminal=is_terminal, width=200)
    with make(console, False) as progress:
        for name in ("stage", "files", "say", "begin", "wait"):
            if method := getattr(progress, name, None):
                method(*(NASTY, 3, 10)[: {"files": 3, "begin": 2}.get(name, 1)])
        for name in ("file_done", "advance"):
            if method := getattr(progress, name, None):
                method(1)
    shown = file.getvalue()
    assert not any(
        sign in shown for sign in ("\x1b]0;", "\x9b", "\u202e", "\u2066", "\x07", "\nforged")
    )
    assert is_terminal or raw_characters(shown) == []


def test_markup_and_emoji_of_other_people_stay_text() -> None:
    file = io.StringIO()
    PlainConsole(file=file).print("[bold]a[/x] :smile:", soft_wrap=True)
    assert file.getvalue() == "[bold]a[/x] :smile:\n"


def test_letters_that_a_terminal_lacks_end_no_command(folder: Path) -> None:
    done = python_m("ingest", folder, "run", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert_clean(done)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
@pytest.mark.parametrize(
    ("stream", "arguments", "code"),
    [
        (1, ("ingest", "run"), 1),
        (1, ("ingest", "status"), 1),
        (1, ("ingest", "issues"), 1),
        (1, ("exporters", "json", "--overwrite"), 1),
        (2, ("ingest", "run", "--verbose"), 0),
        (2, ("exporters", "json", "--overwrite"), 0),
    ],
)
def test_output_that_cannot_be_written_gives_no_traceback(
    imported: Path, stream: int, arguments: tuple[str, ...], code: int
) -> None:
    with Path("/dev/full").open("w") as full:
        streams: list[int | IO[str]] = [subprocess.PIPE, subprocess.PIPE]
        streams[stream - 1] = full
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=imported,
            env=environment,
            check=False,
            text=True,
            stdout=streams[0],
            stderr=streams[1],
        )
    assert done.returncode == code
    assert stream == 2 or "the output cannot be used (No space left on device)" in done.stderr
    assert stream == 2 or (
        len(done.stderr.splitlines()[-1:]) == 1 and "Traceback" not in done.stderr
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Bäckerei 🥨 走る", "Bäckerei 🥨 走る"),
        ("👨‍👩‍👧 שלום", "👨‍👩‍👧 שלום"),
        ("a\r\nb\tc\u2028d", "a b c d"),
        ("\x1b[31m", "\ufffd[31m"),
        ("x\u202ey\u2069\u200e\u061c", "x\ufffdy\ufffd\ufffd\ufffd"),
        ("\udcff\x00\x7f\x9b", "\ufffd\ufffd\ufffd\ufffd"),
    ],
)
def test_what_is_printable_stays_and_the_rest_is_marked(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_json_escapes_what_it_may_not_show() -> None:
    assert raw_characters(json_line({"name": BROKEN_FILE})) == []
    assert json.loads(json_line({"name": BROKEN_FILE})) == {"name": BROKEN_FILE}


def test_a_playground_that_is_no_utf_8_is_refused_in_a_sentence(tmp_path: Path) -> None:
    done = python_m("ingest", tmp_path, "run", "--playground", "a\udcff")
    assert done.returncode == 2
    assert "is not UTF-8" in done.stderr
    assert_clean(done)


@pytest.mark.parametrize("package", ["ingest", "exporters"])
def test_nothing_is_printed_but_by_the_module_that_cleans_it(package: str) -> None:
    other_ways = re.compile(
        r"\bclick\.echo\(|(?<![\w.])(?:Console|print)\(|sys\.std(?:out|err)\.write\("
    )
    modules = (ROOT / package).rglob("*.py")
    assert [
        str(path) for path in modules if other_ways.search(path.read_text(encoding="utf-8"))
    ] == []
