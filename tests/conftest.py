"""What all tests share: a fresh database on each engine.

``STRAVA_TEST_POSTGRES`` names the server (a database that may be connected to; each test gets a
fresh one beside it). Where it cannot be reached, the tests that need it are skipped, unless
``STRAVA_REQUIRE_POSTGRES=1`` says that this is a failure.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from benchmarks.databases import fresh_database
from db.engine import make_engine

SERVER = os.environ.get("STRAVA_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


@pytest.fixture(scope="session")
def _server() -> str:
    """The URL of a server that answers."""
    try:
        psycopg.connect(SERVER, connect_timeout=5).close()
    except psycopg.OperationalError as err:
        reason = f"no PostgreSQL server: {err}"
        if os.environ.get("STRAVA_REQUIRE_POSTGRES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return SERVER


@pytest.fixture
def pg_url(_server: str) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database, dropped after the test whoever is still connected."""
    with fresh_database(_server, "strava_test") as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that is not there yet."""
    return f"sqlite:///{(tmp_path / 'strava.db').as_posix()}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database, once on each engine."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "pg_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """An engine on a fresh database, once on each."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()
