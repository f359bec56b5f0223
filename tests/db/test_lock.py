"""db.lock: one run at a time, and no dead run keeps the lock."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.engine import make_engine
from db.errors import Locked
from db.lock import run_lock

_SPAWN = multiprocessing.get_context("spawn")
_HOLD = """
import sys
sys.path.insert(0, sys.argv[1])
from db.engine import make_engine
from db.lock import run_lock
with run_lock(make_engine(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.read()
"""
_ROOT = Path(__file__).parents[2]


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
        run_lock(engine),
    ):
        pass


def test_the_lock_is_free_when_the_other_run_has_ended(
    engine: sa.Engine, holder: subprocess.Popen[str]
) -> None:
    holder.communicate("")
    assert holder.returncode == 0
    with run_lock(engine):
        pass


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX")
def test_a_killed_run_leaves_no_lock(engine: sa.Engine, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    _eventually_locks(engine)


def test_one_process_cannot_take_it_twice(engine: sa.Engine) -> None:
    with run_lock(engine), pytest.raises(Locked), run_lock(engine):
        pass


def test_the_lock_can_be_taken_again_after_an_error(engine: sa.Engine) -> None:
    with pytest.raises(ZeroDivisionError), run_lock(engine):
        raise ZeroDivisionError
    with run_lock(engine):
        pass


def test_commits_and_rollbacks_do_not_give_it_back(engine: sa.Engine, database_url: str) -> None:
    other = make_engine(database_url)
    with run_lock(engine):
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
        with pytest.raises(Locked), run_lock(other):
            pass
    other.dispose()


def test_a_child_process_does_not_keep_it(engine: sa.Engine, database_url: str) -> None:
    ours, theirs = _SPAWN.Pipe()
    child = _SPAWN.Process(target=_wait, args=(theirs,))
    with run_lock(engine):
        child.start()
        ours.recv()
    with run_lock(engine):
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


def _wait(pipe: Connection) -> None:
    pipe.send("started")
    pipe.recv()


def _eventually_locks(engine: sa.Engine) -> None:
    # The server notices the death of a client a moment after the client is gone.
    for _ in range(100):
        try:
            with run_lock(engine):
                return
        except Locked:
            time.sleep(0.05)
    with run_lock(engine):
        return
