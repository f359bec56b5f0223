"""Holds PostgreSQL's locks of a run, on the one connection that the run writes with.

They are advisory locks, which belong to a session: the schema's, shared or alone, and those of the
athletes whose rows are written.

The backend that commits is the backend that holds the locks. So a lost lock (an idle timeout, a
server that restarts, an administrator who ends the session) also ends the transaction, and no new
connection is opened in its place: another run may have begun by then.

A pooler that gives each transaction another backend (pgbouncer with ``pool_mode = transaction``)
cannot keep a session's lock. A pooler that can be recognised is refused when the run begins. For
any other, the check before each commit finds that the backend lacks a lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn, cast

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from db.advisory_keys import SCHEMA, AdvisoryKey, holder, key_of, key_of_turn
from db.engine import problem
from db.errors import DatabaseProblem, Locked, LockLost
from db.url import shown_database

#: How long a run waits for one that changes the schema, or the other way round: a change of an
#: empty database is done by then, and so is a short run.
_PATIENCE: Final = "10s"
_NOT_AVAILABLE: Final = "55P03"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisoryLock:
    """The locks that one session holds."""

    engine: sa.Engine
    #: Whether it has the schema alone from the beginning.
    is_alone: bool = False
    #: What each commit asks for: an athlete's lock as often as it was taken.
    held: list[AdvisoryKey] = field(default_factory=lambda: [SCHEMA])

    @contextmanager
    def athletes(self, *athlete_ids: int) -> Iterator[None]:
        """Hold these athletes' locks; raises ``Locked`` when another run holds one of them."""
        taken: list[AdvisoryKey] = []
        try:
            for athlete_id in sorted(set(athlete_ids)):
                key = key_of(athlete_id)
                if not self._ask(key.try_alone):
                    raise self._locked(key, f"another run is writing athlete {athlete_id}'s data")
                taken.append(key)
                self.held.append(key)
            yield
        finally:
            for key in reversed(taken):
                self.held.remove(key)
                _ask_if_there(self.engine, key.give_back)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Tell whether no other run works on the database; then none begins before the end."""
        is_alone = self._ask(SCHEMA.try_alone)
        try:
            yield is_alone
        finally:
            if is_alone:
                _ask_if_there(self.engine, SCHEMA.give_back)

    @contextmanager
    def schema(self) -> Iterator[None]:
        """Have the schema alone; raises ``Locked`` when other runs do not end soon."""
        if self.is_alone:
            yield
            return
        # Two runs that keep their shares would wait for each other.
        self._ask(SCHEMA.give_back_share)
        try:
            take(self.engine, SCHEMA.take_alone)
        except Locked:
            take(self.engine, SCHEMA.take_share)
            raise
        try:
            yield
        finally:
            # The share comes first, so that nobody gets in between. It is there at once; but to try
            # for it would fail where others wait for the schema.
            _ask_if_there(self.engine, SCHEMA.take_share)
            _ask_if_there(self.engine, SCHEMA.give_back)

    def _ask(self, question: str) -> bool:
        with self.engine.connect() as connection:
            return bool(connection.exec_driver_sql(question).scalar())

    def _locked(self, key: AdvisoryKey, what: str) -> Locked:
        with self.engine.connect() as connection:
            return Locked.by(shown_database(self.engine.url), holder(connection, key), what)


@contextmanager
def advisory_lock(engine: sa.Engine, *, alone: bool) -> Iterator[AdvisoryLock]:
    """Hold the schema's lock on the only connection that the engine has while the block lasts.

    Raises:
        Locked: another run holds it; the text says who.
        LockLost: a lock was lost meanwhile, and nothing can be committed any more.
        DatabaseProblem: there is no session that could hold a lock.
    """
    lock = AdvisoryLock(engine=engine, is_alone=alone)
    try:
        _refuse_shared_session(engine)
        take(engine, SCHEMA.take_alone if alone else SCHEMA.take_share)
    except DBAPIError as err:
        raise problem(engine, err) from err
    with _guarded(engine, lock):
        try:
            yield lock
        except (DBAPIError, DatabaseProblem) as err:
            if isinstance(err, LockLost) or _ask_if_there(engine, _holds(lock.held)):
                raise
            cause = problem(engine, err) if isinstance(err, DBAPIError) else err
            raise LockLost(f"{cause}; {_LOST}") from err
        finally:
            _ask_if_there(engine, SCHEMA.give_back if alone else SCHEMA.give_back_share)


def take(engine: sa.Engine, question: str) -> None:
    """Take the schema's lock, as ``question`` says; raises ``Locked`` when that takes long."""
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
        try:
            connection.exec_driver_sql(question)
        except OperationalError as err:
            if getattr(err.orig, "sqlstate", None) != _NOT_AVAILABLE:
                raise
            connection.rollback()
            raise Locked.by(shown_database(engine.url), holder(connection, SCHEMA)) from err
        connection.commit()


def wait_for_turn(connection: sa.Connection, what: str) -> None:
    """Take the lock of a turn until the transaction ends."""
    connection.exec_driver_sql(key_of_turn(what).take_in_transaction)


def held_by_others(connection: sa.Connection, athlete_ids: Iterable[int]) -> set[int]:
    """Those of these athletes whose lock another session holds."""
    held = (i for i in athlete_ids if connection.exec_driver_sql(key_of(i).is_others).scalar())
    return set(held)


@contextmanager
def _guarded(engine: sa.Engine, lock: AdvisoryLock) -> Iterator[None]:
    """Check each commit, and refuse connections beside the one that holds the locks."""
    lost = f"{shown_database(engine.url)}: {_LOST}"

    def check(connection: sa.Connection) -> None:
        if not connection.exec_driver_sql(_holds(lock.held)).scalar():
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


def _holds(keys: list[AdvisoryKey]) -> str:
    return f"SELECT {' AND '.join(key.is_held for key in dict.fromkeys(keys))}"


def _ask_if_there(engine: sa.Engine, question: str) -> bool:
    """Ask the locks' session a yes-or-no question; if the session is gone, the answer is no."""
    with suppress(DBAPIError, DatabaseProblem), engine.connect() as connection:
        return bool(connection.exec_driver_sql(question).scalar())
    return False


def _refuse_shared_session(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        if _is_pooled(connection) and _shares_backends(engine, connection):
            raise DatabaseProblem(f"{shown_database(engine.url)}: {_POOLER}")
        # PostgreSQL lets a session take its own lock twice. If this session already has it, it
        # belongs to another run.
        if connection.exec_driver_sql(_holds([SCHEMA])).scalar():
            raise Locked.by(shown_database(engine.url), holder(connection, SCHEMA))


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
