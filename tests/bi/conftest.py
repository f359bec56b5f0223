"""What the tests of BI tools share: the demo account in a database of each engine, made once and only read."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from ingest.config import make_config
from ingest.demo import EXPORT_NAME, build_export
from ingest.pipeline import run
from ingest.progress import Progress
from ingest.report import Report

ACTIVITIES = 80
BI = Path(__file__).parents[2] / "docs" / "bi"


def _imported(playground: Path, database: str | None = None) -> None:
    run(make_config({}, playground=playground, database=database, skip_api=True, jobs=0), Progress(), Report())


@pytest.fixture(scope="session")
def bi() -> Path:
    """The folder that is shipped."""
    return BI


@pytest.fixture(scope="session")
def demo_playground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    drop = tmp_path_factory.mktemp("bi") / "Strava Export"
    drop.mkdir()
    build_export(drop / EXPORT_NAME, activities=ACTIVITIES)
    return drop.parent


@pytest.fixture(scope="session")
def demo_file(demo_playground: Path) -> Path:
    """The demo account as SQLite file."""
    _imported(demo_playground)
    return demo_playground / "strava.db"


@pytest.fixture(scope="session")
def demo_pg(_server: str, demo_playground: Path) -> Iterator[str]:
    """The demo account on PostgreSQL."""
    name = f"strava_bi_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
        try:
            url = make_url(_server).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
            _imported(demo_playground, url)
            yield url
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def demo_url(request: pytest.FixtureRequest) -> str:
    """The demo account, once on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('demo_file').as_posix()}"
    url: str = request.getfixturevalue("demo_pg")
    return url
