"""Killed, full, cut off or doubled: whatever stops a run, the next one ends where an undisturbed
one would.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

import db.engine
from db.engine import make_engine
from db.lock import run_lock
from db.marts import refresh
from db.models import Base
from ingest.config import make_config
from ingest.demo import EXPORT_NAME, build_export
from ingest.errors import DatabaseError
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.pipeline import run
from tests.killed import counted_moments, killed_at, wait_for_lock

#: Times, keys and counts of runs; which run it was, and when, is no content.
_OF_RUNS = {"run_id", "found_at", "file_id", "issue_id", "modified_at"}


@pytest.fixture(scope="module")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("playground")
    drop = folder / "Strava Export"
    drop.mkdir()
    build_export(drop / EXPORT_NAME, activities=150)
    return folder


@pytest.fixture(scope="module")
def undisturbed(playground: Path) -> dict[str, list[Any]]:
    database = f"sqlite:///{(playground / 'undisturbed.db').as_posix()}"
    imported(playground, database)
    return content(database)


def imported(playground: Path, database: str) -> Report:
    return run(make_config({}, playground=playground, database=database, jobs=1), Progress())


def content(database: str) -> dict[str, list[Any]]:
    engine = make_engine(database)
    found: dict[str, list[dict[str, Any]]] = {}
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name not in ("import_runs", "sync_state"):
                columns = [column for column in table.columns if column.name not in _OF_RUNS]
                found[table.name] = [
                    dict(row) for row in connection.execute(sa.select(*columns)).mappings()
                ]
    engine.dispose()
    # PostgreSQL gives no key twice, so a killed transaction leaves a gap: the order of gear is
    # content, its keys are not.
    places = {
        key: place for place, key in enumerate(sorted(row["gear_id"] for row in found["gear"]))
    }
    for row in (row for rows in found.values() for row in rows if row.get("gear_id") is not None):
        row["gear_id"] = places[row["gear_id"]]
    # The one view that SQLite has no twin of; all else is equal across engines.
    found["data_dictionary"] = [
        r for r in found["data_dictionary"] if r["table_name"] != "track_points_timed"
    ]
    return {
        name: sorted((tuple(row.values()) for row in rows), key=repr)
        for name, rows in found.items()
    }


def start(
    playground: Path, database: str, program: Sequence[str] = ("-m", "ingest")
) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        *program,
        "run",
        "--playground",
        str(playground),
        "--database",
        database,
        "--jobs",
        "1",
    ]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=Path(__file__).parents[1],
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_killed_ten_times_the_next_run_ends_where_an_undisturbed_one_does(
    playground: Path, tmp_path: Path, database_url: str, undisturbed: dict[str, list[Any]]
) -> None:
    with counted_moments() as moments:
        imported(playground, f"sqlite:///{(tmp_path / 'counted.db').as_posix()}")
    where = ("--playground", str(playground), "--database", database_url)
    # Each run goes on from where the one before was killed, so ten come to the end in small steps.
    steps = Random(1).choices(range(1, len(moments) // 3), k=10)
    assert killed_at(steps, database_url, ("run", "--jobs", "1", *where)) >= 5
    wait_for_lock(database_url)
    imported(playground, database_url)
    assert content(database_url) == undisturbed
    again = imported(playground, database_url)
    assert (again.files_read, len(again.new), len(again.changed)) == (0, 0, 0)


_KILLED_IN_THE_REFILL = """
import os, signal
from db.marts import dates
from ingest.cli import app
dates.shrink = lambda connection: os.kill(os.getpid(), signal.SIGKILL)
if __name__ == "__main__":
    app()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_killed_in_the_refill_of_the_marts_the_next_run_finishes_it(
    tmp_path: Path, database_url: str
) -> None:
    drop, killed = tmp_path / "Strava Export", tmp_path / "killed.py"
    drop.mkdir()
    killed.write_text(_KILLED_IN_THE_REFILL)
    for newer in (0, 4):  # a first fill, and a refill of some days
        build_export(drop / EXPORT_NAME, activities=12, newer=newer)
        process = start(tmp_path, database_url, [str(killed)])
        output, _ = process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, output
        before = content(database_url)
        assert len(before["activities"]) > len(before["activity_facts"]), "the refill is undone"
        wait_for_lock(database_url)
        imported(tmp_path, database_url)
        finished = content(database_url)
        assert len(finished["activity_facts"]) > len(before["activity_facts"])
        refresh_marts(database_url)
        assert finished == content(database_url)


def refresh_marts(database: str) -> None:
    """Make the marts from nothing."""
    engine = make_engine(database)
    with engine.begin() as connection:
        refresh(connection)
    engine.dispose()


def test_a_second_run_says_so_and_exits_with_1(playground: Path, database_url: str) -> None:
    engine = make_engine(database_url)
    with run_lock(engine, alone=True):
        process = start(playground, database_url)
        output, _ = process.communicate(timeout=30)
    engine.dispose()
    assert process.returncode == 1
    assert "another run is writing to it" in output
    assert "Traceback" not in output


def test_a_full_disk_fails_the_run_and_the_next_one_goes_on(
    playground: Path,
    sqlite_url: str,
    undisturbed: dict[str, list[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as full:
        full.setattr(db.engine, "_PRAGMAS", (*db.engine._PRAGMAS, "max_page_count = 1500"))
        with pytest.raises(DatabaseError, match=r"full.*free some space"):
            imported(playground, sqlite_url)
    imported(playground, sqlite_url)
    assert content(sqlite_url) == undisturbed


def test_a_lost_connection_fails_the_run_and_the_next_one_goes_on(
    playground: Path, pg_url: str, undisturbed: dict[str, list[Any]]
) -> None:
    class Cut(Progress):
        def file_done(self, points: int) -> None:
            if points:
                terminate(pg_url)

    with pytest.raises(DatabaseError, match=r"terminat|closed"):
        run(make_config({}, playground=playground, database=pg_url, jobs=1), Cut())
    imported(playground, pg_url)
    assert content(pg_url) == undisturbed


def terminate(url: str) -> None:
    """End every other connection to the database, as a server that goes down does."""
    with administrator(url) as connection:
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        connection.execute(sa.text(query), {"name": make_url(url).database})


@contextmanager
def administrator(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(
        make_url(url).set(drivername="postgresql+psycopg", database="postgres")
    )
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
