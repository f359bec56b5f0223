"""Every command that README, the pages of docs, a help text or a hint shows works when pasted.

They run in a folder with an imported export and a connection to a simulated Strava.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import psycopg
import pytest
from click.testing import CliRunner, Result

from docs.cli_docs import commands
from exporters.cli import app as exporters_app
from ingest import clock
from ingest.cli import app as ingest_app
from ingest.extract.api import client as strava_client
from tests.api.connected import Connected
from tests.builders import export_zip, fit_activity, gpx_activity
from tests.strava import Account, running

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PROGRAMS: dict[str, click.Group] = {
    "python -m ingest": ingest_app,
    "python -m exporters": exporters_app,
    "strava-ingest": ingest_app,
    "strava-export": exporters_app,
}
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
#: The server that pages and help texts show, and a role of the server that is used in its place.
_SERVER = re.compile(r"postgres(?:ql)?://[\w@./]+")
ROLE = f"strava_test_{os.getpid()}"
#: They wait for a browser or for files; tests/ingest/commands and tests/ingest/web try them.
WAITS = {"connect", "serve", "--watch"}
#: Object storage, which tests/ingest/fleet tries with a server of its own.
_ELSEWHERE = "s3://"
#: Classes and functions whose further arguments are commands.
ADVISED = ("DatabaseProblem", "NoDatabase", "NotAuthorized", "AbortRun", "_problem")


def blocks(page: Path) -> Iterator[str]:
    """The lines of a page's shell blocks, without comments."""
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.splitlines():
            yield re.sub(r"\s#.*", "", line).strip()


def ours(line: str) -> tuple[str, str] | None:
    """The program of a line and its arguments, if it is one of ours."""
    for name in PROGRAMS:
        found = re.fullmatch(rf"(?:\S*/)?{re.escape(name)}(?: (.*))?", line)
        if found is not None:
            return name, found[1] or ""
    return None


def of_pages() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        yield from filter(None, map(ours, blocks(page)))


def of_help() -> Iterator[tuple[str, str]]:
    for context in commands():
        epilog = context.command.epilog or ""
        yield from filter(None, (ours(line.strip()) for line in epilog.splitlines()))


def of_hints() -> Iterator[tuple[str, str]]:
    for folder in ("db", "ingest", "exporters"):
        for file in (ROOT / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call):
                    yield from (("python -m ingest", hint) for hint in hints_of(call))


def hints_of(call: ast.Call) -> Iterator[str]:
    """Commands that a call passes on to be shown."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    shown: list[ast.expr] = []
    if name in ADVISED:
        shown = call.args[1:]
    elif name == "command" and ast.unparse(call.func) != "app.command":
        shown = call.args[:1]
    for argument in shown:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def shown() -> list[tuple[str, str]]:
    """All of them, each once."""
    return sorted({*of_pages(), *of_help(), *of_hints()})


def test_they_are_found_in_each_place() -> None:
    assert ("python -m ingest", "run --dry-run") in of_pages()
    assert ("python -m ingest", "run --dry-run") in of_help()
    assert {"run", "migrate", "connect", "issues", "run --skip-api"} <= {
        arguments for _, arguments in of_hints()
    }


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose playground holds an imported export."""
    folder = tmp_path_factory.mktemp("imported")
    drop = folder / "Playground" / "Strava Export"
    drop.mkdir(parents=True)
    rows = [{"activity_id": 12345678901, "filename": "activities/1.gpx"}, {}]
    files = {"activities/1.gpx": gpx_activity(400)}
    tables = {"profile.csv": [["Athlete ID"], [77]]}
    export_zip(drop / "export_77.zip", rows, files=files, tables=tables)
    (folder / "Downloads").mkdir()
    shutil.copy(drop / "export_77.zip", folder / "Downloads" / "export_12345.zip")
    (folder / "exports").mkdir()
    shutil.copy(drop / "export_77.zip", folder / "exports")
    # Longer than the stops of the examples are away.
    (folder / "course.gpx").write_bytes(gpx_activity(8000))
    (drop / "watch").mkdir()
    start = datetime(2026, 5, 1, 6, tzinfo=UTC)
    (drop / "watch" / "2026-05-01.fit").write_bytes(fit_activity(400, start=start))
    start += timedelta(hours=9)
    (drop / "watch" / "2026-05-01.gpx").write_bytes(gpx_activity(400, start=start))
    (folder / "morning.gpx").write_bytes(gpx_activity(600))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run("python -m ingest", "run --quiet").exit_code == 0
    return folder


@pytest.fixture
def folder(imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of it, connected to a simulated Strava."""
    monkeypatch.setattr(strava_client, "_PAUSES_S", (0.0, 0.0))
    copy = shutil.copytree(imported, tmp_path / "copy")
    with running(Account(77, "Ann", "Example")) as strava:
        monkeypatch.setattr(clock, "now", strava.clock.now)
        connected = Connected(copy / "Playground", "", strava)
        for name, value in connected.environment.items():
            monkeypatch.setenv(name, value)
        for home in ("HOME", "USERPROFILE"):
            monkeypatch.setenv(home, str(copy))
        monkeypatch.chdir(copy)
        yield copy


def run(program: str, arguments: str) -> Result:
    return CliRunner().invoke(PROGRAMS[program], shlex.split(arguments))


@pytest.fixture
def server(pg_url: str) -> Iterator[str]:
    """A fresh database of a server, in place of the one that pages and help texts show."""
    yield pg_url
    with psycopg.connect(pg_url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(f"DROP OWNED BY {ROLE} CASCADE")
            connection.execute(f"DROP ROLE {ROLE}")


@pytest.mark.parametrize(("program", "arguments"), shown(), ids=lambda part: part or "alone")
def test_it_works(
    program: str, arguments: str, folder: Path, request: pytest.FixtureRequest
) -> None:
    if arguments.startswith("pip "):
        pytest.skip("the script of CI runs it, in an environment that lacks the library")
    if WAITS & {*arguments.split()} or _ELSEWHERE in arguments:
        # Commands keep the help option that the first context has given them.
        parent = click.Context(ingest_app, **ingest_app.context_settings)
        made = ingest_app.get_command(parent, arguments.split()[0])
        assert made is not None
        made.make_context(arguments, shlex.split(arguments)[1:], parent=parent)
        return
    if _SERVER.search(arguments):
        url = request.getfixturevalue("server")
        arguments = re.sub(r"-readonly \w+", f"-readonly {ROLE}", _SERVER.sub(url, arguments))
        if f"--to {url}" not in arguments:  # it is read, so it must have our tables
            assert run("python -m ingest", f"migrate --database {url}").exit_code == 0
            with psycopg.connect(url) as connection:
                for athlete in re.findall(r"--athlete (\d+)", arguments):
                    connection.execute("INSERT INTO athletes (athlete_id) VALUES (%s)", [athlete])
    result = run(program, arguments.replace("--activities 2000", "--activities 20"))
    assert result.exit_code == 0, result.output + repr(result.exception)
