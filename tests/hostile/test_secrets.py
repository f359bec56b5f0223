"""No part of a password or token reaches a message,
whatever is wrong with the text that holds it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from db.engine import make_engine, open_readonly
from db.errors import DatabaseProblem
from db.url import shown_database
from ingest.config import make_config
from ingest.errors import UsageError

ROOT = Path(__file__).parents[2]
#: Each has s3cr and t0p in the password.
BROKEN = [
    "postgresql://me:s3cr@t0p@host/db",
    "postgresql://me:s3cr@t0p/x@host/db",
    "postgresql://me:s3cr/t0p@x/y@host/db",
    "postgresql://me:s3cr@t0p:1/x@host/db",
    "postgresql://me:s3cr@host:t0p@3/db",
    "host=localhost user=me password=s3crt0p dbname=strava",
    "host=localhost user=me password=s3cr:t0p dbname=strava",
    "postgresql:///host=localhost password=s3crt0p",
    "postgresql:me:s3crt0p@host/db",
    " postgresql://me:s3crt0p@host/db",
    "postgresql//me:s3crt0p@host/db",
    "s3crt0p://me@host/db",
    "mysql://me:s3cr@t0p@host/db",
    "sqlite://me:s3cr@t0p@host/db",
    "sqlite:///postgresql://me:s3crt0p@host/db",
    "sqlite:///host=a password=s3crt0p",
]
COMMANDS = [
    ("ingest", "run"),
    ("ingest", "status", "--json"),
    ("ingest", "issues"),
    ("ingest", "migrate"),
    ("ingest", "grant-readonly", "bi"),
    ("exporters", "json"),
]


def told(*command: str, folder: Path, **environment: str) -> str:
    """What a command prints that fails."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("url", BROKEN)
def test_a_url_that_is_not_read_as_it_was_meant_is_not_shown(url: str) -> None:
    for make in (make_engine, open_readonly):
        with pytest.raises(DatabaseProblem) as caught:
            make(url)
        assert not [
            part for part in ("s3cr", "t0p") if part in f"{caught.value}{caught.value.__cause__}"
        ]
    assert not [part for part in ("s3cr", "t0p") if part in shown_database(url)]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_shows_a_broken_url(tmp_path: Path, command: tuple[str, ...]) -> None:
    said = told(*command, folder=tmp_path, DATABASE_URL=BROKEN[0])
    assert "s3cr" not in said
    assert "t0p" not in said
    assert "%40 for @" in said


def test_a_copy_does_not_show_where_it_was_to_go(tmp_path: Path) -> None:
    told("ingest", "migrate", folder=tmp_path, DATABASE_URL="sqlite://x")
    said = told("exporters", "sqlite", "--to", BROKEN[0], folder=tmp_path)
    assert "s3cr" not in said


@pytest.mark.parametrize("written", ["s3 cr", "s3%20cr", "s3+cr"])
def test_what_the_driver_says_is_cleared_of_the_password(written: str, pg_url: str) -> None:
    url = make_url(pg_url).set(password="s3 cr", database=f"no {written} here")
    with pytest.raises(DatabaseProblem, match=r"\*\*\*") as caught:
        make_engine(url)
    assert written not in str(caught.value).partition(" here: ")[2]


def test_a_password_with_its_signs_written_as_they_must_be_is_taken() -> None:
    shown = shown_database("postgresql://me:s3cr%40t%2Fp%3A%25@host:5432/db?sslpassword=t0p")
    assert shown == "postgresql://me@host:5432/db"


def test_a_config_does_not_show_its_database() -> None:
    assert "s3cr" not in repr(make_config({"DATABASE_URL": "postgresql://me:s3cr@host/db"}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STRAVA_CLIENT_ID", "s3cret"),
        ("STRAVA_API_URL", "http://me:s3cret@host/api"),
        ("STRAVA_API_URL", "s3cret"),
        ("STRAVA_OAUTH_URL", "https://me:s3cret@[x"),
    ],
)
def test_a_setting_that_may_hold_a_secret_is_not_quoted(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=name) as caught:
        make_config({name: value})
    assert "s3cret" not in str(caught.value)
