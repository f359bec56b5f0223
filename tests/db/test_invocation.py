"""Hints hold commands that work when pasted: the program as it was started, and its options."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from db.errors import Advised
from db.invocation import Invocation

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent


def hints(*command: str, folder: Path, path: str | None = None) -> list[str]:
    """The commands that a program prints in hints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path or os.environ["PATH"]}
    for name in ("DATABASE_URL", "STRAVA_PLAYGROUND"):
        environment.pop(name, None)
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    lines = (done.stdout + done.stderr).splitlines()
    return [line.strip() for line in lines if line.startswith("    ")]


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A folder with ``.venv``, as ``make`` leaves it."""
    (tmp_path / ".venv").symlink_to(SCRIPTS.parent)
    return tmp_path


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        (".venv/bin/python -m ingest run", ".venv/bin/python -m ingest demo"),
        (".venv/bin/python -X utf8 -m ingest run", ".venv/bin/python -m ingest demo"),
        (".venv/bin/strava-ingest run", ".venv/bin/strava-ingest demo"),
        (".venv/bin/strava-ingest status", ".venv/bin/strava-ingest run"),
        (".venv/bin/python -m exporters csv", ".venv/bin/python -m ingest run"),
        (".venv/bin/strava-export csv", ".venv/bin/strava-ingest run"),
        (
            ".venv/bin/python -m ingest export csv --database 'my data.db'",
            ".venv/bin/python -m ingest run --database 'my data.db'",
        ),
        (
            ".venv/bin/python -m ingest run --playground a --database b.db",
            ".venv/bin/python -m ingest demo --playground a",
        ),
    ],
)
def test_a_hint_is_what_was_typed_with_another_command(
    linked: Path, command: str, hint: str
) -> None:
    assert hints(*shlex.split(command), folder=linked) == [hint]


def test_a_script_on_the_path_is_named_alone(tmp_path: Path) -> None:
    path = f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"
    assert hints("strava-ingest", "run", folder=tmp_path, path=path) == ["strava-ingest demo"]


def test_a_hint_shows_no_password() -> None:
    given = Invocation(database="postgres://me:secret@host/db?sslpassword=secret&sslmode=require")
    assert given.command("issues") == (
        "python -m ingest issues --database 'postgresql://me@host/db?sslmode=require'"
    )
    assert "secret" not in repr(given)


def test_an_error_says_its_commands_in_messages_and_logs() -> None:
    err = Advised("forget it, then connect", "disconnect", "connect")
    assert (
        str(err)
        == "forget it, then connect: python -m ingest disconnect, then python -m ingest connect"
    )
    assert Invocation().lines(err) == [
        "strava-ingest: forget it, then connect:",
        "    python -m ingest disconnect",
        "    python -m ingest connect",
    ]
