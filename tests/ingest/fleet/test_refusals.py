"""What a fleet refuses before it begins: databases, schedulers, workers of other versions."""

from __future__ import annotations

import pickle
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from db.engine import make_engine
from ingest.cli import app
from ingest.commands.maintenance import migrate_only
from ingest.config import make_config
from ingest.errors import UsageError
from ingest.fleet.cluster import Workers
from ingest.fleet.outcome import TaskOrder
from ingest.fleet.sources import find_sources
from ingest.fleet.task import import_export
from ingest.fleet.worker import DATABASE_FILE, Version, database_of_worker, own_version
from tests.ingest.fleet.conftest import Export


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["fleet", *arguments])
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return " ".join(result.output.split())


def test_sqlite_is_refused(tmp_path: Path, export_of: Export) -> None:
    database = str(tmp_path / "own.db")
    assert "fleet needs PostgreSQL" in refused(str(export_of(71)), "--database", database)
    assert not Path(database).exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--scheduler", "tcp://head:8786"], "is not encrypted"),
        (["--scheduler", "head:8786"], "is an address like tls://host:8786"),
        (["--scheduler", "tls://head:8786"], "needs --tls-ca, --tls-cert, --tls-key"),
        (["--scheduler", "tcp://head:8786", "--insecure", "--workers", "2"], "--workers makes"),
        (["--insecure"], "is about a scheduler elsewhere"),
    ],
)
def test_a_scheduler_that_others_could_reach_is_refused(
    arguments: list[str], told: str, export_of: Export
) -> None:
    url = "postgresql://me@nowhere.invalid/club"
    assert told in refused(str(export_of(71)), "--database", url, *arguments)


def test_an_unencrypted_scheduler_can_be_asked_for() -> None:
    Workers(scheduler="tcp://127.0.0.1:8786", insecure=True).check()


def test_without_its_libraries_it_says_how_to_install_them(
    export_of: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    told = refused(str(export_of(71)), "--database", "postgresql://me@nowhere.invalid/club")
    assert "fleet needs fsspec, which is not installed" in told
    assert 'pip install "strava-ingest[fleet]"' in told


def test_the_database_of_a_worker_comes_from_a_file_that_nobody_else_reads(tmp_path: Path) -> None:
    file = tmp_path / "club.url"
    file.write_text("postgresql://me:secret@db/club\n")
    file.chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600") as caught:
        database_of_worker({DATABASE_FILE: str(file)})
    assert "secret" not in str(caught.value)
    file.chmod(0o600)
    assert database_of_worker({DATABASE_FILE: str(file)}) == "postgresql://me:secret@db/club"
    with pytest.raises(UsageError, match="no database is named"):
        database_of_worker({})


@pytest.fixture
def worker_url(pg_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A migrated database, which this process would import into as a worker."""
    migrate_only(make_config({}, playground=tmp_path / "playground", database=pg_url))
    monkeypatch.setenv("DATABASE_URL", pg_url)
    return pg_url


def ordered(path: Path, version: Version) -> TaskOrder:
    (source,) = find_sources([str(path)])
    return TaskOrder(source=source, version=version, timezone=None, max_export_bytes=10**9, jobs=0)


@pytest.mark.parametrize("part", ["program", "schema", "database"])
def test_a_worker_of_another_version_imports_nothing(
    part: str, worker_url: str, tmp_path: Path, export_of: Export
) -> None:
    own = own_version()
    other = replace(own, **{part: "other"})
    outcome = import_export(ordered(export_of(71), other), str(tmp_path))
    assert (outcome.status, outcome.is_passing) == ("failed", True)
    assert "a worker refused it" in (outcome.error or "")
    done = import_export(ordered(export_of(71), own), str(tmp_path))
    assert (done.status, done.counts["activities_new"]) == ("done", 3)


def test_a_forgotten_export_does_not_come_back(
    worker_url: str, tmp_path: Path, export_of: Export
) -> None:
    path, version = export_of(71), own_version()
    import_export(ordered(path, version), str(tmp_path))
    folder = ["--playground", str(tmp_path / "playground"), "--database", worker_url]
    forget = ["forget", "--export", "export_71.zip", *folder]
    assert (result := CliRunner().invoke(app, forget)).exit_code == 0, result.output
    again = import_export(ordered(path, version), str(tmp_path))
    assert (again.status, again.counts) == ("unchanged", {})
    assert "since it was forgotten" in again.notes[0]


def test_a_worker_never_migrates(worker_url: str, tmp_path: Path, export_of: Export) -> None:
    own = own_version()
    engine = make_engine(worker_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '20261120_2244'")
    outcome = import_export(ordered(export_of(71), own), str(tmp_path))
    assert "has the schema 20261120_2244" in (outcome.error or "")
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    engine.dispose()
    assert found == "20261120_2244"


def test_an_order_holds_no_secret(
    worker_url: str, export_of: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = worker_url.replace("postgres@", "postgres:hush@")
    monkeypatch.setenv("DATABASE_URL", secret)
    sent = pickle.dumps(ordered(export_of(71), own_version()))
    assert b"hush" not in sent
    assert b"postgresql://" not in sent
