"""Makes the database of each case once per engine, and runs each exporter once on each of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import product
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from benchmarks.databases import fresh_database
from db.engine import make_engine
from db.migrate import upgrade
from exporters import files, sqlite_copy
from exporters.cli import app
from exporters.registry import EXPORTERS
from tests.conformance.cases import CASES, Rows
from tests.conformance.contents import Contents, read

_SHARED = ("overwrite", "quiet", "as_json")


def files_in(folder: Path) -> list[Path]:
    """Every file, but those of Delta's log, which no exporter counts."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if "_delta_log" not in path.parts)


def _runs() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Case, engine and arguments: every exporter of the registry, on SQLite also with each flag."""
    for case, engine in product(CASES, ("sqlite", "postgresql")):
        for name in EXPORTERS:
            yield case, engine, (name,)
            if engine == "sqlite":
                yield from ((case, engine, (name, flag)) for flag in _flags(name))


def _flags(name: str) -> Iterator[str]:
    """The flags that an exporter has of its own."""
    for option in app.commands[name].params:
        if isinstance(option, click.Option) and option.is_flag and option.name not in _SHARED:
            yield option.opts[0]


@dataclass(frozen=True, kw_only=True)
class Source:
    """The database of one case on one engine; ``folder`` is its playground."""

    case: str
    url: str
    folder: Path

    def ask(self, statement: str) -> list[Any]:
        """The first column of what the database answers."""
        engine = make_engine(self.url)
        with engine.connect() as connection:
            found = list(connection.scalars(sa.text(statement)))
        engine.dispose()
        return found

    def export(self, out: Path, *arguments: str) -> Result:
        """The command line, in this process."""
        name, *options = arguments
        shared = ("--database", self.url, "--playground", str(self.folder), "--out", str(out))
        call = [name, *shared, "--json", *options]
        return CliRunner().invoke(app, call, catch_exceptions=False)


@dataclass(frozen=True, kw_only=True)
class Run:
    """What an exporter did with one source; not slotted, so that what was read is kept."""

    source: Source
    arguments: tuple[str, ...]
    out: Path
    exit_code: int
    stdout: str
    stderr: str
    files: list[Path] = field(default_factory=list)

    @property
    def exporter(self) -> str:
        return self.arguments[0]

    @cached_property
    def told(self) -> dict[str, Any]:
        """The summary."""
        found: dict[str, Any] = json.loads(self.stdout)
        return found

    @cached_property
    def contents(self) -> Mapping[Path, Contents]:
        """What is in each file; the first error of one that is not well formed."""
        return {file: read(file) for file in self.files}


@pytest.fixture(scope="session")
def _empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file of today's schema, to copy."""
    file = tmp_path_factory.mktemp("empty") / "strava.db"
    _migrate(f"sqlite:///{file.as_posix()}")
    return file


@pytest.fixture(scope="session")
def _empty_server(_server: str) -> Iterator[str]:
    """A PostgreSQL database of today's schema, to copy."""
    with fresh_database(_server, "strava_template") as url:
        _migrate(url)
        yield url


def _migrate(url: str) -> None:
    engine = make_engine(url)
    upgrade(engine, None)
    engine.dispose()


@pytest.fixture(scope="session")
def sources(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, str], Source]]:
    """Gives the database of a case on an engine, which is made when it is first asked for."""
    with ExitStack() as stack:

        @cache
        def make(case: str, engine: str) -> Source:
            folder = tmp_path_factory.mktemp(case)
            url = _sqlite(folder) if engine == "sqlite" else stack.enter_context(_postgresql())
            rows = Rows(url, folder)
            CASES[case](rows)
            rows.finish()
            return Source(case=case, url=url, folder=folder)

        def _sqlite(folder: Path) -> str:
            copy = folder / "strava.db"
            shutil.copy(request.getfixturevalue("_empty_file"), copy)
            return f"sqlite:///{copy.as_posix()}"

        def _postgresql() -> AbstractContextManager[str]:
            template = request.getfixturevalue("_empty_server").rpartition("/")[2]
            return fresh_database(request.getfixturevalue("_server"), "strava_case", template)

        yield make


@pytest.fixture(
    scope="module",
    params=list(_runs()),
    ids=lambda param: " ".join([*param[:2], *param[2]]),
)
def ran(
    request: pytest.FixtureRequest,
    sources: Callable[[str, str], Source],
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    """One run of an exporter, which all tests of it look at."""
    case, engine, arguments = request.param
    source = sources(case, engine)
    out = tmp_path_factory.mktemp("exported") / "out"
    result = source.export(out, *arguments)
    return Run(
        source=source,
        arguments=arguments,
        out=out,
        exit_code=result.exit_code,
        stdout=result.stdout,
        stderr=result.stderr,
        files=files_in(out.parent),
    )


@pytest.fixture(scope="module", autouse=True)
def _quick(_empty_file: Path) -> Iterator[None]:
    """Leaves out what takes most of the time and has tests of its own: migrations and flushing.

    Not for longer than these tests: others in the same process migrate in earnest.
    """

    def copied(engine: sa.Engine, backup_dir: Path | None) -> None:
        shutil.copy(_empty_file, str(engine.url.database))

    with pytest.MonkeyPatch.context() as context:
        context.setattr(sqlite_copy, "upgrade", copied)
        context.setattr(files, "_sync", lambda path: None)
        yield
