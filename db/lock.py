"""One run at a time: a lock that the operating system or the server gives back when its holder dies, however it dies.

SQLite: an OS lock on ``<database file>.lock``. The file itself means nothing and stays; it tells who holds the lock, where the
system lets others read it (not on Windows). A database in memory has no lock: nobody else can see it.
PostgreSQL: a session's advisory lock on a connection of its own, so neither commits nor the pool give it back early. It needs a
direct connection: a pooler that hands out connections by the transaction cannot keep a session's lock.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy.exc import DBAPIError

from db.engine import describe, problem, sqlite_file
from db.errors import DatabaseProblem, Locked

#: The first half of the advisory lock's key ("strv"), so that other programs' locks are not ours; the second is the schema's hash.
_FAMILY: Final = 0x73747276
_TAKE: Final = sa.text("SELECT pg_try_advisory_lock(:family, hashtext(coalesce(current_schema(), '')))")
_HOLDER: Final = sa.text(
    "SELECT a.pid, a.client_addr, a.backend_start FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = CAST(:family AS oid)"
    " AND l.objid::bigint = hashtext(coalesce(current_schema(), ''))::bigint & 4294967295"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@contextmanager
def run_lock(engine: sa.Engine) -> Iterator[None]:
    """Hold the database's lock; raises ``Locked`` at once when another run holds it."""
    if engine.dialect.name == "postgresql":
        with _advisory_lock(engine):
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
        raise Locked(_message(engine, _written_holder(path))) from err
    except OSError as err:
        raise DatabaseProblem(f"{describe(engine.url)}: cannot take the lock {path}: {err.strerror or err}") from err
    try:
        # Advice for people only, so whatever the system forbids here is no reason to stop.
        with suppress(OSError):
            path.write_text(f"process {os.getpid()} since {_now()}\n", encoding="ascii")
        yield
    finally:
        with suppress(OSError):
            path.write_text("", encoding="ascii")
        lock.release()


@contextmanager
def _advisory_lock(engine: sa.Engine) -> Iterator[None]:
    try:
        # Autocommit: an open transaction that idles for the whole run would keep the server from cleaning up.
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    except DBAPIError as err:
        raise problem(engine, err) from err
    with connection:
        if not connection.scalar(_TAKE, {"family": _FAMILY}):
            raise Locked(_message(engine, _holder(connection)))
        try:
            yield
        finally:
            # The session ends here, and the lock with it; it must not go back into the pool.
            connection.invalidate()


def _holder(connection: sa.Connection) -> str | None:
    row = connection.execute(_HOLDER, {"family": _FAMILY}).first()
    if row is None:
        return None
    since = row.backend_start.astimezone(UTC)
    return f"server process {row.pid}, client {row.client_addr or 'local'}, since {since:%Y-%m-%d %H:%M:%S} UTC"


def _written_holder(path: Path) -> str | None:
    with suppress(OSError, UnicodeDecodeError):
        return path.read_text(encoding="ascii").strip()
    return None


def _message(engine: sa.Engine, holder: str | None) -> str:
    return f"{describe(engine.url)}: another run is writing to it{f' ({holder})' if holder else ''}; wait until it has ended"


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
