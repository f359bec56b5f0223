"""Commands of the importer that kill -9 ends at a write, however fast the machine is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from db.engine import make_engine
from db.errors import Locked
from db.lock import run_lock

_ROOT = Path(__file__).parents[1]
_WRITES = ("INSERT", "UPDATE", "DELETE")


def killed_at(
    moments: Iterable[int], database: str, arguments: Sequence[str], refusal: str = ""
) -> int:
    """Run `ingest` for each of these moments, and kill it there; returns how many came so far.

    Each goes on where the one before was ended, so that a later one may come to its end before, or
    be refused with the words ``refusal``, since all is done.

    Args:
        moments: numbers from 1, of those that ``counted_moments`` counts.
    """
    killed = 0
    for moment in moments:
        wait_for_lock(database)
        command = [sys.executable, "-m", __name__, str(moment), *arguments]
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, check=False)
        said = done.stderr.decode()
        is_refused = bool(refusal) and done.returncode == 1 and refusal in said
        assert is_refused or done.returncode in (0, -signal.SIGKILL), f"at {moment}: {said}"
        killed += done.returncode == -signal.SIGKILL
    return killed


@contextmanager
def counted_moments() -> Iterator[list[None]]:
    """Collect the moments before and after each write of rows, and before each commit, in all
    engines of this process.

    A COPY of PostgreSQL is between two of them.
    """
    moments: list[None] = []
    with _heard(lambda: moments.append(None)):
        yield moments


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


@contextmanager
def _heard(at_moment: Callable[[], None]) -> Iterator[None]:
    def executed(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().startswith(_WRITES):
            at_moment()

    def committing(_: sa.Connection) -> None:
        at_moment()

    listeners = (
        ("before_cursor_execute", executed),
        ("after_cursor_execute", executed),
        ("commit", committing),
    )
    for event, listener in listeners:
        sa.event.listen(sa.Engine, event, listener)
    try:
        yield
    finally:
        for event, listener in listeners:
            sa.event.remove(sa.Engine, event, listener)


def main(moment: int) -> None:
    """Run `ingest` with the arguments of the process, which it ends at the moment."""
    from ingest.__main__ import main as run

    numbers = count(1)

    def end() -> None:
        if next(numbers) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    with _heard(end):
        run()


if __name__ == "__main__":
    main(int(sys.argv.pop(1)))
