"""A run whose PostgreSQL lock is lost stops before it commits anything more, and the next run is
not kept waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from db import advisory_lock
from db.advisory_keys import key_of
from db.engine import make_engine
from db.errors import DatabaseProblem, Locked, LockLost
from db.lock import run_lock
from db.models import Activity
from ingest import errors
from ingest.config import make_config
from ingest.reporting.progress import Progress
from ingest.run.export import importer as importing
from ingest.run.pipeline import run
from tests.builders import gpx_activity
from tests.hostile.pooler import pooling
from tests.ingest.playground import Playground

HOLDERS = (
    "SELECT DISTINCT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def end_the_lock(url: str) -> int:
    """End the session that holds the lock, as an idle timeout does; how many there were."""
    with psycopg.connect(url, autocommit=True) as server:
        return len(
            server.execute(f"SELECT pg_terminate_backend(pid) FROM ({HOLDERS}) AS h").fetchall()
        )


class AtFile(Progress):
    """Does something while a run reads its device files."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self.act = act

    def file_done(self, points: int) -> None:
        self.act()


def interrupted(playground: Playground, act: Callable[[], object]) -> None:
    config = make_config({}, playground=playground.folder, database=playground.database, jobs=0)
    run(config, AtFile(act))


def five_tracks(playground: Playground) -> None:
    rows = [{"activity_id": i, "filename": f"activities/{i}.gpx"} for i in range(1, 6)]
    playground.add(
        "export_77.zip", rows, files={f"activities/{i}.gpx": gpx_activity() for i in range(1, 6)}
    )


def test_a_run_that_lost_its_lock_stops_and_the_next_one_is_not_blocked(
    on_server: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_BATCH_ACTIVITIES", 1)
    five_tracks(on_server)
    ended: list[int] = []

    def third_time() -> None:
        ended.append(0)
        if len(ended) == 3:
            ended.append(end_the_lock(on_server.database))

    with pytest.raises(errors.LockLost, match=r"another run may have begun.*Run again") as caught:
        interrupted(on_server, third_time)
    assert ended[-1] == 1
    assert "\n" not in str(caught.value)
    assert on_server.rows(Activity.activity_id) == [(1,), (2,)]
    on_server.run()
    assert len(on_server.rows(Activity.activity_id)) == 5
    on_server.engine.dispose()


def test_no_commit_comes_after_another_run_has_the_lock(pg_url: str) -> None:
    ours, theirs = make_engine(pg_url), make_engine(pg_url)
    with theirs.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")

    def write_before_and_after() -> None:
        with run_lock(ours):
            with ours.begin() as connection:
                connection.exec_driver_sql("INSERT INTO t VALUES (1)")
            end_the_lock(pg_url)
            with run_lock(theirs, alone=True), ours.begin() as connection:
                connection.exec_driver_sql("INSERT INTO t VALUES (2)")

    with pytest.raises(LockLost):
        write_before_and_after()
    with theirs.connect() as connection:
        assert connection.exec_driver_sql("SELECT x FROM t").scalars().all() == [1]
    ours.dispose()
    theirs.dispose()


def test_a_lock_that_was_given_back_alone_is_noticed_at_the_commit(pg_url: str) -> None:
    engine = make_engine(pg_url)

    def write_without_lock() -> None:
        with run_lock(engine), engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
            connection.exec_driver_sql("SELECT pg_advisory_unlock_all()")

    with pytest.raises(LockLost, match="another run may have begun"):
        write_without_lock()
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_lost_lock_of_an_athlete_is_noticed_at_the_commit(pg_url: str) -> None:
    engine = make_engine(pg_url)

    def write_without_lock() -> None:
        with run_lock(engine) as lock, lock.athletes(77), engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
            connection.exec_driver_sql(key_of(77).give_back)

    with pytest.raises(LockLost, match="another run may have begun"):
        write_without_lock()
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_run_has_one_connection_so_that_no_other_can_write(pg_url: str) -> None:
    engine = make_engine(pg_url)
    with run_lock(engine):
        for _ in range(3):
            with engine.begin() as connection:
                connection.exec_driver_sql("SELECT 1")
        with psycopg.connect(pg_url) as server:
            query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            assert server.execute(query).fetchone() == (2,)
    engine.dispose()


def test_a_pooler_of_transactions_is_refused_in_one_sentence(pg_url: str) -> None:
    with pooling(pg_url) as pooler:
        engine = make_engine(pooler.url)
        with pytest.raises(DatabaseProblem, match="session pooling"), run_lock(engine):
            pass
        engine.dispose()


def test_a_pooler_that_hides_lets_no_second_run_in(
    pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advisory_lock, "_is_pooled", lambda connection: False)
    with pooling(pg_url) as pooler:
        first, second = make_engine(pooler.url), make_engine(pooler.url)
        with run_lock(first), pytest.raises(Locked), run_lock(second):
            pass
        first.dispose()
        second.dispose()


def test_a_lost_lock_is_one_line_and_exit_status_1(
    on_server: Playground,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    from ingest import cli
    from ingest.load.marts import refill_stale
    from ingest.run import pipeline

    five_tracks(on_server)

    def cut(engine: sa.Engine) -> None:
        end_the_lock(on_server.database)
        refill_stale(engine)

    monkeypatch.setattr(pipeline, "refill_stale", cut)
    monkeypatch.chdir(tmp_path)
    where = ["--playground", str(on_server.folder), "--database", on_server.database]
    with pytest.raises(SystemExit) as ended:
        cli.app(["run", "--quiet", "--jobs", "0", *where], standalone_mode=False)
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert said.count("\n") == 1
    assert "another run may have begun" in said
