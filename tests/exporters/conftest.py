"""What the tests of exporters share: a demo database, made once, and a command line that is called
in this process.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from db.engine import make_engine
from db.migrate import upgrade
from db.opening import snapshot
from exporters.cli import app
from exporters.config import make_config
from exporters.job import Job
from exporters.selection import Selection
from ingest.config import make_config as make_ingest_config
from ingest.demo import EXPORT_NAME, build_export
from ingest.reporting.progress import Progress
from ingest.run.pipeline import run

ACTIVITIES = 40
#: Asks the database something; rows of any columns.
Ask = Callable[[str], list[Any]]


class Change(Protocol):
    """Says something to the database."""

    def __call__(self, statement: str, **values: object) -> None: ...


class Export(Protocol):
    """Runs an exporter into a folder; the summary it prints."""

    def __call__(self, name: str, *arguments: str, out: Path | None = None) -> dict[str, Any]: ...


def imported(playground: Path, database: str | None = None) -> None:
    """The demo account, imported; it is so small that one process does it sooner."""
    drop = playground / "Strava Export"
    if not (drop / EXPORT_NAME).exists():
        drop.mkdir(parents=True)
        build_export(drop / EXPORT_NAME, activities=ACTIVITIES)
    config = make_ingest_config({}, playground=playground, database=database, skip_api=True, jobs=0)
    run(config, Progress())


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The playground of the session; nobody changes it."""
    playground = tmp_path_factory.mktemp("demo")
    imported(playground)
    return playground


@pytest.fixture
def playground(made: Path, tmp_path: Path) -> Path:
    """A playground of its own."""
    return Path(shutil.copytree(made, tmp_path / "playground"))


@pytest.fixture
def database(playground: Path) -> str:
    return f"sqlite:///{(playground / 'strava.db').as_posix()}"


@pytest.fixture
def change(database: str) -> Change:
    """Say something to the database."""

    def execute(statement: str, **values: object) -> None:
        engine = make_engine(database)
        with engine.begin() as connection:
            connection.execute(sa.text(statement), values)
        engine.dispose()

    return execute


@pytest.fixture
def ask(database: str) -> Ask:
    """Ask the database something."""
    return lambda statement: asked(database, statement)


def made_empty(database: str) -> str:
    """The schema without rows."""
    engine = make_engine(database)
    upgrade(engine, None)
    engine.dispose()
    return database


def asked(database: str, statement: str) -> list[Any]:
    engine = make_engine(database)
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(sa.text(statement))]
    engine.dispose()
    return rows


@pytest.fixture
def export(playground: Path, tmp_path: Path) -> Export:
    """Run an exporter into ``tmp_path/out``; the summary it prints."""

    def call(name: str, *arguments: str, out: Path | None = None) -> dict[str, Any]:
        result = command(
            playground, name, "--out", str(out or tmp_path / "out"), "--json", *arguments
        )
        assert result.exit_code == 0, result.output
        summary: dict[str, Any] = json.loads(result.stdout)
        return summary

    return call


def command(playground: Path, name: str, *arguments: str) -> Result:
    """The command line, in this process."""
    return CliRunner().invoke(
        app, [name, "--playground", str(playground), *arguments], catch_exceptions=False
    )


@contextmanager
def job_of(database: str, out: Path, **options: Any) -> Iterator[Job]:
    """A job without a command line."""
    config = make_config({}, playground=out.parent, database=database)
    with snapshot(database) as connection:
        yield Job(
            connection=connection, out=out, config=config, **{"selection": Selection(), **options}
        )
