"""db.lock: who may write at the same time, and no dead run keeps a lock."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
import sqlalchemy as sa

from db import advisory_lock
from db.engine import make_engine
from db.errors import Locked
from db.lock import in_turn, run_lock

_SPAWN = multiprocessing.get_context("spawn")
_HOLD = """
import sys
sys.path.insert(0, sys.argv[1])
from db.engine import make_engine
from db.lock import run_lock
with run_lock(make_engine(sys.argv[2]), alone=True):
    print("held", flush=True)
    sys.stdin.read()
"""
_ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for a schema waits a moment."""
    monkeypatch.setattr(advisory_lock, "_PATIENCE", "100ms")


@pytest.fixture
def two(pg_url: str) -> Iterator[tuple[sa.Engine, sa.Engine]]:
    """The engines of two runs on one server."""
    engines = make_engine(pg_url), make_engine(pg_url)
    yield engines
    for engine in engines:
        engine.dispose()


@pytest.fixture
def holder(database_url: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its standard input ends."""
    command = [sys.executable, "-c", _HOLD, str(_ROOT), database_url]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_another_process_is_refused_and_told_who_holds_it(
    engine: sa.Engine, holder: subprocess.Popen[str]
) -> None:
    with (
        pytest.raises(Locked, match=r"another run is writing to it \(.*process \d+.* since 20.*\)"),
        run_lock(engine, alone=True),
    ):
        pass


def test_the_lock_is_free_when_the_other_run_has_ended(
    engine: sa.Engine, holder: subprocess.Popen[str]
) -> None:
    holder.communicate("")
    assert holder.returncode == 0
    with run_lock(engine, alone=True):
        pass


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX")
def test_a_killed_run_leaves_no_lock(engine: sa.Engine, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    _eventually_locks(engine)


def test_one_process_cannot_take_it_twice(engine: sa.Engine) -> None:
    with run_lock(engine, alone=True), pytest.raises(Locked), run_lock(engine, alone=True):
        pass


def test_the_lock_can_be_taken_again_after_an_error(engine: sa.Engine) -> None:
    with pytest.raises(ZeroDivisionError), run_lock(engine, alone=True):
        raise ZeroDivisionError
    with run_lock(engine, alone=True):
        pass


def test_commits_and_rollbacks_do_not_give_it_back(engine: sa.Engine, database_url: str) -> None:
    other = make_engine(database_url)
    with run_lock(engine, alone=True):
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
        with pytest.raises(Locked), run_lock(other, alone=True):
            pass
    other.dispose()


def test_a_child_process_does_not_keep_it(engine: sa.Engine, database_url: str) -> None:
    ours, theirs = _SPAWN.Pipe()
    child = _SPAWN.Process(target=_wait, args=(theirs,))
    with run_lock(engine, alone=True):
        child.start()
        ours.recv()
    with run_lock(engine, alone=True):
        pass
    ours.send("end")
    child.join()


def test_a_lock_file_that_is_merely_there_means_nothing(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "strava.db.lock").write_text("process 1 since yesterday\n")
    with run_lock(make_engine(sqlite_url)):
        pass


def test_databases_in_memory_do_not_lock_each_other() -> None:
    engines = [make_engine("sqlite://") for _ in range(2)]
    with run_lock(engines[0]), run_lock(engines[1]):
        pass
    for engine in engines:
        engine.dispose()


def test_two_files_in_one_folder_do_not_lock_each_other(tmp_path: Path) -> None:
    one, two = (
        make_engine(f"sqlite:///{(tmp_path / name).as_posix()}") for name in ("a.db", "b.db")
    )
    with run_lock(one), run_lock(two):
        pass


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege there")
def test_two_names_of_one_file_are_one_lock(tmp_path: Path) -> None:
    make_engine(f"sqlite:///{tmp_path}/a.db")
    (tmp_path / "b.db").symlink_to(tmp_path / "a.db")
    one, two = make_engine(f"sqlite:///{tmp_path}/a.db"), make_engine(f"sqlite:///{tmp_path}/b.db")
    with run_lock(one), pytest.raises(Locked), run_lock(two):
        pass


def test_runs_share_a_server_and_none_of_them_has_it_alone(
    two: tuple[sa.Engine, sa.Engine], pg_url: str
) -> None:
    third = make_engine(pg_url)
    with run_lock(two[0]) as first:
        with first.alone() as is_alone:
            assert is_alone
        with run_lock(two[1]) as second:
            with first.alone() as is_alone, second.alone() as is_other_alone:
                assert (is_alone, is_other_alone) == (False, False)
            with pytest.raises(Locked, match="server process"), run_lock(third, alone=True):
                pass
        with first.alone() as is_alone:
            assert is_alone
    third.dispose()


def test_a_run_waits_for_one_that_is_alone_for_a_moment(
    two: tuple[sa.Engine, sa.Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advisory_lock, "_PATIENCE", "60s")
    order: list[str] = []

    def second() -> None:
        with run_lock(two[1]):
            order.append("second")

    waiting = threading.Thread(target=second)
    with run_lock(two[0]) as first, first.alone():
        waiting.start()
        time.sleep(0.3)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def test_the_schema_is_had_alone_or_the_share_is_kept(two: tuple[sa.Engine, sa.Engine]) -> None:
    with run_lock(two[0]) as first:
        with first.schema(), pytest.raises(Locked), run_lock(two[1]):
            pass
        with run_lock(two[1]) as second:
            with pytest.raises(Locked, match="another run is writing"), second.schema():
                pass
            with first.alone() as is_alone:
                assert not is_alone
    with run_lock(two[0], alone=True) as only:
        with only.schema():
            pass
        with pytest.raises(Locked), run_lock(two[1]):
            pass
    with run_lock(two[1], alone=True):  # nothing was kept
        pass


def test_an_athlete_is_one_run_s_and_the_other_is_told_whose_it_is(
    two: tuple[sa.Engine, sa.Engine],
) -> None:
    told = r"another run is writing athlete 79's data \(server process \d+.* since 20.*\)"
    with run_lock(two[0]) as first, run_lock(two[1]) as second:
        with first.athletes(79), second.athletes(78):
            with pytest.raises(Locked, match=told), second.athletes(77, 79):
                pass
            with first.athletes(77):  # what a refused run has taken before is free again
                pass
        with second.athletes(79), second.athletes(79):
            pass
        with first.athletes(79):
            pass


def test_another_schema_s_athlete_is_another_one(pg_url: str) -> None:
    one, two = make_engine(pg_url), make_engine(f"{pg_url}?options=-csearch_path%3Dother")
    with one.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA other")
    with run_lock(one) as first, run_lock(two) as second, first.athletes(7), second.athletes(7):
        pass
    one.dispose()
    two.dispose()


def test_what_belongs_to_no_athlete_is_written_in_turn(two: tuple[sa.Engine, sa.Engine]) -> None:
    order: list[str] = []

    def second() -> None:
        with two[1].begin() as connection:
            in_turn(connection, "shared tables")
            order.append("second")

    waiting = threading.Thread(target=second)
    with two[0].begin() as connection:
        in_turn(connection, "shared tables")
        waiting.start()
        time.sleep(0.3)
        with two[1].begin() as other:
            in_turn(other, "api budget")  # has turns of its own
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def _wait(pipe: Connection) -> None:
    pipe.send("started")
    pipe.recv()


def _eventually_locks(engine: sa.Engine) -> None:
    # The server notices the death of a client a moment after the client is gone.
    for _ in range(100):
        try:
            with run_lock(engine, alone=True):
                return
        except Locked:
            time.sleep(0.05)
    with run_lock(engine, alone=True):
        return
