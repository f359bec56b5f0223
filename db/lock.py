"""Says which runs may write to a database at the same time.

SQLite has one writer: an OS lock on ``<database file>.lock``. Only the lock counts: the file itself
stays behind, and tells who holds the lock where the system lets others read it (not on Windows). A
database in memory has no lock, since nobody else can see it.

On PostgreSQL (``advisory_lock``) runs of different athletes write side by side. The order of locks
is fixed, so that no two runs wait for each other:

1. the schema: runs share it; what changes tables or all athletes has it alone;
2. the athlete whose rows are written: another run of this athlete is refused, it does not wait;
3. what belongs to no athlete (``in_turn``): a transaction of its own, which waits for its turn
   before it touches a row.

The operating system or the server frees a lock when its holder dies, however it dies.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, Protocol

import sqlalchemy as sa
from filelock import FileLock, Timeout

from db.errors import DatabaseProblem, Locked
from db.url import shown_database, sqlite_file

#: What takes turns: the tables that belong to no athlete, and the requests that an API app has.
Turn = Literal["shared tables", "api budget"]


class RunLock(Protocol):
    """The lock of one run; what it can have beside its share of the schema."""

    def athletes(self, *athlete_ids: int) -> AbstractContextManager[None]:
        """Hold these athletes' locks; raises ``Locked`` when another run holds one of them."""

    def alone(self) -> AbstractContextManager[bool]:
        """Tell whether no other run works on the database; then none begins before the end."""

    def schema(self) -> AbstractContextManager[None]:
        """Have the schema alone; raises ``Locked`` when other runs do not end soon."""


class _OnlyRun:
    """The lock of a database that has one writer: whoever has it has all of it."""

    def athletes(self, *_: int) -> AbstractContextManager[None]:
        return nullcontext()

    def alone(self) -> AbstractContextManager[bool]:
        return nullcontext(True)

    def schema(self) -> AbstractContextManager[None]:
        return nullcontext()


ONLY_RUN: Final[RunLock] = _OnlyRun()


@contextmanager
def run_lock(engine: sa.Engine, *, alone: bool = False) -> Iterator[RunLock]:
    """Hold a run's share of the database, or all of it; raises ``Locked`` where others do."""
    if engine.dialect.name == "postgresql":
        from db.advisory_lock import advisory_lock  # loads what SQLite does not need

        with advisory_lock(engine, alone=alone) as lock:
            yield lock
        return
    file = sqlite_file(engine.url)
    if file is None:
        yield ONLY_RUN
        return
    with _file_lock(engine, file.with_name(f"{file.name}.lock")):
        yield ONLY_RUN


def in_turn(connection: sa.Connection, what: Turn) -> None:
    """Wait until no other run's transaction has its turn; call it first in a transaction.

    A transaction that waited with rows of its own would keep whoever has the turn waiting for them.
    SQLite's transactions that write take turns anyway.
    """
    if connection.dialect.name == "postgresql":
        from db.advisory_lock import wait_for_turn

        wait_for_turn(connection, what)


def written_by_others(connection: sa.Connection, athlete_ids: Iterable[int]) -> set[int]:
    """Those of these athletes whose rows another run writes now."""
    if connection.dialect.name != "postgresql":
        return set()
    from db.advisory_lock import held_by_others

    return held_by_others(connection, athlete_ids)


@contextmanager
def _file_lock(engine: sa.Engine, path: Path) -> Iterator[None]:
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout as err:
        raise Locked.by(shown_database(engine.url), _written_holder(path)) from err
    except OSError as err:
        raise DatabaseProblem(
            f"{shown_database(engine.url)}: the lock file {path} cannot be used "
            f"({err.strerror or err}); make its folder writable"
        ) from err
    try:
        # The text only informs people, so failing to write it does not stop the run.
        with suppress(OSError):
            now = datetime.now(UTC)
            path.write_text(
                f"process {os.getpid()} since {now:%Y-%m-%d %H:%M:%S} UTC\n", encoding="ascii"
            )
        yield
    finally:
        with suppress(OSError):
            path.write_text("", encoding="ascii")
        lock.release()


def _written_holder(path: Path) -> str | None:
    with suppress(OSError, UnicodeDecodeError):
        return path.read_text(encoding="ascii").strip()
    return None
