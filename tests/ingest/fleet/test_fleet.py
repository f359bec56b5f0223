"""Fleets of two worker processes on a real PostgreSQL end where single runs do."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa

from benchmarks.club import club_exports
from benchmarks.databases import fresh_database
from db.engine import make_engine
from db.models import Activity, Base, ImportFile, ImportRun
from ingest.config import make_config
from ingest.reporting.progress import Progress
from ingest.run.pipeline import run
from tests.builders import export_zip
from tests.conftest import SERVER
from tests.ingest.fleet.conftest import Export, started, told

#: Each starts several processes, which take their time on a busy machine.
pytestmark = pytest.mark.timeout(900)

#: What a ledger has, and what depends on the order in which athletes came.
_LEDGER = ("import_files", "import_issues", "import_runs", "sync_state")


@pytest.fixture
def serial_url(_server: str) -> Iterator[str]:
    """Another fresh database, to import into one after the other."""
    with fresh_database(SERVER, "strava_test") as url:
        yield url


def digests(url: str) -> dict[str, tuple[int, str]]:
    """Rows of every table but the ledger, and a sum of their hashes; gear goes by its owner and
    name, not by its key.
    """
    engine = make_engine(url)
    found = {}
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name in _LEDGER:
                continue
            row = "CAST(t AS text)"
            if "gear_id" in table.columns:
                named = "(SELECT CAST((athlete_id, name_key) AS text) FROM gear g "
                own = f"{named} WHERE g.gear_id = t.gear_id)"
                row = f"CAST(to_jsonb(t) - 'gear_id' AS text) || coalesce({own}, '')"
            hashes = f"CAST(hashtextextended({row}, 0) AS numeric)"
            query = f"SELECT count(*), CAST(sum({hashes}) AS text) FROM {table.name} t"
            count, total = connection.execute(sa.text(query)).one()
            found[table.name] = count, total
    engine.dispose()
    return found


def rows(url: str, *columns: Any) -> list[tuple[Any, ...]]:
    engine = make_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(sa.select(*columns).order_by(*columns))]
    engine.dispose()
    return found


def imported_serially(url: str, folder: Path, exports: list[Path]) -> None:
    for export in exports:
        run(make_config({}, playground=folder, database=url, exports=[export], jobs=0), Progress())


def test_a_fleet_imports_all_and_reads_nothing_twice_and_a_bad_export_fails_alone(
    tmp_path: Path, pg_url: str, export_of: Export
) -> None:
    for athlete_id in (71, 72, 73):
        export_of(athlete_id)
    bad = tmp_path / "exports" / "export_74.zip"
    bad.write_bytes(b"no export at all")
    code, first, messages = told(started(pg_url, tmp_path, "exports", "--workers", "2"))
    assert code == 1
    assert (first["status"], first["activities_new"], first["files_read"]) == ("partial", 9, 9)
    assert [one["status"] for one in first["exports"]] == ["done", "done", "done", "failed"]
    assert "is not a Strava export" in first["exports"][3]["error"]
    assert "1 of 4 exports could not be imported" in first["error"]
    assert "dashboard: http://127.0.0.1:" in messages
    bad.unlink()
    code, again, messages = told(started(pg_url, tmp_path, "exports", "--workers", "2"))
    assert (code, again["status"], again["error"]) == (0, "done", None)
    assert {one["status"] for one in again["exports"]} == {"unchanged"}
    assert (again["activities_new"], again["activities_unchanged"], again["files_read"]) == (
        0,
        9,
        0,
    )
    assert "dashboard" not in messages, "no worker is started for nothing"
    assert len(rows(pg_url, Activity.activity_id)) == 9


@pytest.mark.parametrize("fault", ["worker killed", "connection lost"])
def test_a_fault_in_the_middle_leaves_what_single_runs_do(
    tmp_path: Path, pg_url: str, serial_url: str, fault: str
) -> None:
    exports = club_exports(tmp_path, [1, 2, 3], activities=24)
    process = started(pg_url, tmp_path, *map(str, exports), "--workers", "2")
    writer = writing_worker(pg_url, process.pid)
    if fault == "worker killed":
        os.kill(writer.pid, signal.SIGKILL)
    else:
        terminate(pg_url, writer)
    code, first, messages = told(process)
    assert (code, first["error"]) == (0, None), messages
    # Unchanged is one whose import was whole before the fault.
    assert {one["status"] for one in first["exports"]} <= {"done", "unchanged"}
    code, again, _ = told(started(pg_url, tmp_path, *map(str, exports), "--workers", "2"))
    assert (code, again["activities_new"], again["files_read"]) == (0, 0, 0)
    imported_serially(serial_url, tmp_path, exports)
    assert digests(pg_url) == digests(serial_url)
    assert ("running",) not in rows(pg_url, ImportRun.status)


def writing_worker(url: str, parent: int) -> psutil.Process:
    """The process that writes activities, as soon as there are some."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        time.sleep(0.02)
        engine = make_engine(url)
        try:
            with engine.connect() as connection:
                if not connection.scalar(sa.select(sa.func.count()).select_from(Activity)):
                    continue
        except sa.exc.DBAPIError:
            continue  # there are no tables yet
        finally:
            engine.dispose()
        for child in psutil.Process(parent).children():
            if ports(url, child):
                return child
    raise AssertionError("no worker has written anything")


def terminate(url: str, worker: psutil.Process) -> None:
    """End the worker's connections to the database, as a server does that goes down."""
    engine = make_engine(url)
    ended = 0
    with engine.connect() as connection:
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_port = :port"
        for port in ports(url, worker):
            ended += len(connection.execute(sa.text(query), {"port": port}).all())
    engine.dispose()
    assert ended


def ports(url: str, process: psutil.Process) -> list[int]:
    """From which a process is connected to the server."""
    server = sa.make_url(url).port
    return [c.laddr.port for c in connections(process) if c.raddr and c.raddr.port == server]


def connections(process: psutil.Process) -> list[Any]:
    try:
        return list(process.net_connections("tcp"))
    except psutil.Error:
        return []


def test_two_exports_of_one_athlete_at_once_give_what_one_after_the_other_gives(
    tmp_path: Path, pg_url: str, serial_url: str, export_of: Export
) -> None:
    older = export_of(71, "export_71 (1).zip", [710, 711, 712])
    newer = export_of(71, "export_71 (2).zip", [711, 712, 713])
    code, found, messages = told(
        started(pg_url, tmp_path, str(older), str(newer), "--workers", "2")
    )
    assert (code, found["error"]) == (0, None), messages
    assert [one["status"] for one in found["exports"]] == ["done", "done"]
    imported_serially(serial_url, tmp_path, [older, newer])
    assert digests(pg_url) == digests(serial_url)
    assert len(rows(pg_url, Activity.activity_id)) == 4


def test_an_export_that_does_not_say_whose_it_is_fails_alone(
    tmp_path: Path, pg_url: str, export_of: Export
) -> None:
    nobodys = export_zip(tmp_path / "holiday.zip", [{"activity_id": 5}])
    code, found, _ = told(started(pg_url, tmp_path, str(nobodys), str(export_of(71))))
    assert code == 1
    errors = {Path(one["name"]).name: one["error"] for one in found["exports"]}
    assert errors["export_71.zip"] is None
    assert "does not say whose it is" in errors["holiday.zip"]
    sources = rows(pg_url, ImportFile.name, ImportFile.file_kind, ImportFile.athlete_id)
    assert [(kind, of) for _, kind, of in sources if kind == "source"] == [("source", 71)]
