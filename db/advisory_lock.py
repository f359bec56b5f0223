"""Holds PostgreSQL's lock of a run, on the one connection that the run writes with.

It is an advisory lock, which belongs to a session.

The backend that commits is the backend that holds the lock. So a lost lock (an idle timeout, a
server that restarts, an administrator who ends the session) also ends the transaction, and no new
connection is opened in its place: another run may have begun by then.

A pooler that gives each transaction another backend (pgbouncer with ``pool_mode = transaction``)
cannot keep a session's lock. A pooler that can be recognised is refused when the run begins. For
any other, the check before each commit finds that the backend lacks the lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC
from typing import Any, Final, NoReturn, cast

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from db.engine import problem
from db.errors import DatabaseProblem, Locked, LockLost
from db.url import shown_database

#: The first half of the lock's key ("strv") keeps other programs' locks apart from ours. The second
#: half is the hash of the schema's name.
_FAMILY: Final = 0x73747276
_KEY: Final = f"{_FAMILY}, hashtext(coalesce(current_schema(), ''))"
#: The rows of ``pg_locks`` that are this lock, whoever holds it.
_IS_OURS: Final = (
    "l.locktype = 'advisory' AND l.granted AND l.objsubid = 2"
    f" AND l.classid = CAST({_FAMILY} AS oid)"
    " AND l.objid::bigint = hashtext(coalesce(current_schema(), ''))::bigint & 4294967295"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_HOLDS: Final = (
    f"SELECT EXISTS (SELECT FROM pg_locks l WHERE {_IS_OURS} AND l.pid = pg_backend_pid())"
)
_TAKE: Final = f"SELECT pg_try_advisory_lock({_KEY})"
_GIVE_BACK: Final = f"SELECT pg_advisory_unlock({_KEY})"
_HOLDER: Final = (
    "SELECT a.pid, a.client_addr, a.backend_start FROM pg_locks l JOIN "
    f"pg_stat_activity a USING (pid) WHERE {_IS_OURS}"
)
_POOLER: Final = (
    "a connection pooler (such as pgbouncer) shares database sessions between its clients, so a "
    "run cannot keep its lock; connect to the server itself, or to a port of the pooler with "
    "session pooling"
)
_LOST: Final = (
    "the database connection of this run was closed, so another run may have begun and this one "
    "has stopped; what it had written is complete. Run again to go on. If this happens again, "
    "check the idle timeouts of the server and of firewalls and poolers before it"
)


@contextmanager
def advisory_lock(engine: sa.Engine) -> Iterator[None]:
    """Hold the lock on the only connection that the engine has while the block lasts.

    Raises:
        Locked: another run holds it; the text says who.
        LockLost: the lock was lost meanwhile, and nothing can be committed any more.
        DatabaseProblem: there is no session that could hold a lock.
    """
    try:
        _take(engine)
    except DBAPIError as err:
        raise problem(engine, err) from err
    with _guarded(engine):
        try:
            yield
        except (DBAPIError, DatabaseProblem) as err:
            if isinstance(err, LockLost) or _ask(engine, _HOLDS):
                raise
            cause = problem(engine, err) if isinstance(err, DBAPIError) else err
            raise LockLost(f"{cause}; {_LOST}") from err
        finally:
            _ask(engine, _GIVE_BACK)


@contextmanager
def _guarded(engine: sa.Engine) -> Iterator[None]:
    """Check each commit, and refuse connections beside the one that holds the lock."""
    lost = f"{shown_database(engine.url)}: {_LOST}"

    def check(connection: sa.Connection) -> None:
        if not connection.exec_driver_sql(_HOLDS).scalar():
            raise LockLost(lost)

    def refuse(*_: Any) -> NoReturn:
        raise LockLost(lost)

    # ``do_connect`` comes before a connection is made, so that refusing it leaves none open.
    listeners = (("do_connect", refuse), ("commit", check))
    for name, listener in listeners:
        sa.event.listen(engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            sa.event.remove(engine, name, listener)


def _ask(engine: sa.Engine, question: str) -> bool:
    """Ask the lock's session a yes-or-no question; if the session is gone, the answer is no."""
    with suppress(DBAPIError, DatabaseProblem), engine.connect() as connection:
        return bool(connection.exec_driver_sql(question).scalar())
    return False


def _take(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        if _is_pooled(connection) and _shares_backends(engine, connection):
            raise DatabaseProblem(f"{shown_database(engine.url)}: {_POOLER}")
        # PostgreSQL lets a session take its own lock twice. If this session already has it, it
        # belongs to another run.
        is_held = connection.exec_driver_sql(_HOLDS).scalar()
        if is_held or not connection.exec_driver_sql(_TAKE).scalar():
            raise Locked.by(shown_database(engine.url), _holder(connection))
        connection.commit()


def _is_pooled(connection: sa.Connection) -> bool:
    """Whether a pooler stands in between: it reports a process id that is not the backend's."""
    greeted = cast(Any, connection.connection.driver_connection).info.backend_pid
    return bool(greeted != _backend(connection))


def _shares_backends(engine: sa.Engine, connection: sa.Connection) -> bool:
    """Whether a second connection gets the backend of the first one between its transactions."""
    first = _backend(connection)
    connection.rollback()
    with engine.connect() as other:
        return _backend(other) == first or _backend(connection) != first


def _backend(connection: sa.Connection) -> int:
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


def _holder(connection: sa.Connection) -> str | None:
    row = connection.exec_driver_sql(_HOLDER).first()
    if row is None:
        return None
    since = row.backend_start.astimezone(UTC)
    return (
        f"server process {row.pid}, client {row.client_addr or 'local'}, since "
        f"{since:%Y-%m-%d %H:%M:%S} UTC"
    )
