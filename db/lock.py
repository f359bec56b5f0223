"""Lets only one run at a time write to a database.

The operating system or the server frees the lock when its holder dies, however it dies.

SQLite: an OS lock on ``<database file>.lock``. Only the lock counts: the file itself stays behind,
and tells who holds the lock where the system lets others read it (not on Windows). A database in
memory has no lock, since nobody else can see it.

PostgreSQL: a session's advisory lock, held by the connection that the run writes with
(``advisory_lock``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout

from db.errors import DatabaseProblem, Locked
from db.url import shown_database, sqlite_file


@contextmanager
def run_lock(engine: sa.Engine) -> Iterator[None]:
    """Hold the database's lock; raises ``Locked`` at once when another run holds it."""
    if engine.dialect.name == "postgresql":
        from db.advisory_lock import advisory_lock  # loads what SQLite does not need

        with advisory_lock(engine):
            yield
        return
    file = sqlite_file(engine.url)
    if file is None:
        yield
        return
    with _file_lock(engine, file.with_name(f"{file.name}.lock")):
        yield


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
