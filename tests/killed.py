"""Commands of the importer that kill -9 ends at a statement, however fast the machine is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from random import Random
from threading import Timer
from typing import Any

import sqlalchemy as sa

from db.engine import make_engine
from db.errors import Locked
from db.lock import run_lock

_ROOT = Path(__file__).parents[1]


def kill_ever_later(times: int, before: int, arguments: Sequence[str]) -> None:
    """Run `ingest` with these arguments so often, and kill it at ever later statements.

    Each goes on where the one before was ended, so that a later one may come to its end, or be
    refused since all is done.

    Args:
        times: how often it runs.
        before: the number of SQL statements of an undisturbed run: the first is killed at one.
    """
    moments = Random(" ".join(arguments))
    numbers = sorted(moments.sample(range(1, before), times))
    # A statement takes less than 50 ms, and what follows it may be no statement: a COPY, a commit.
    killed = [_is_killed(number, moments.uniform(0, 0.05), arguments) for number in numbers]
    assert killed[0]


def _is_killed(statement: int, seconds: float, arguments: Sequence[str]) -> bool:
    """Run `ingest`; whether it was killed, so many seconds after the start of a statement."""
    command = [sys.executable, "-m", __name__, str(statement), str(seconds), *arguments]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, check=False)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode == -signal.SIGKILL


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Collect the SQL statements of every engine of this process."""
    statements: list[str] = []

    def begun(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", begun)
    yield statements
    sa.event.remove(sa.Engine, "before_cursor_execute", begun)


def wait_for_lock(database: str) -> None:
    """Wait until the server has noticed that a killed run is gone: at the end of its statement."""
    engine, until = make_engine(database), time.monotonic() + 60
    while True:
        try:
            with run_lock(engine, alone=True):
                break
        except Locked:
            assert time.monotonic() < until
            time.sleep(0.1)
    engine.dispose()


def main(statement: int, seconds: float) -> None:
    """Run `ingest` with the arguments of the process, which it ends at the statement."""
    from ingest.__main__ import main as run

    numbers = count(1)

    def begun(*_: Any) -> None:
        if next(numbers) == statement:
            Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()

    sa.event.listen(sa.Engine, "before_cursor_execute", begun)
    run()


if __name__ == "__main__":
    main(int(sys.argv.pop(1)), float(sys.argv.pop(1)))
