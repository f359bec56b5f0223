"""Opens a database URL as an engine that was tested, or says what to do.

Accepted are ``sqlite:///path`` (the project's default) and ``postgresql://user@host/database``
(psycopg 3).

WAL is not used, not even for a database that this run creates. With batches of 20 activities the
rollback journal took 1.54 s of wall time for 1.3 million points, WAL 1.7 to 1.8 s (checkpointing
writes every page twice), and switching WAL off at the end is one more step that can fail. A new
database has hardly any old pages to journal.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, StaticPool

from db.errors import DatabaseProblem, NoDatabase
from db.url import is_sqlite, parsed, shown_database, sqlite_file, without_secrets

_BUSY_S: Final = 30
_PRAGMAS: Final = (
    "foreign_keys = ON",
    "cache_size = -65536",
    "temp_store = MEMORY",
    "synchronous = FULL",
)
_POSTGRES: Final[Mapping[str, Any]] = {
    "connect_timeout": 10,
    "application_name": "strava-ingest",
    "client_encoding": "utf8",
    # A run holds its lock on a connection that is silent while files are parsed. Keepalives stop
    # routers and firewalls from dropping it, and reveal a server that is gone after two minutes
    # instead of a quarter of an hour.
    "keepalives": 1,
    "keepalives_idle": 60,
    "keepalives_interval": 10,
    "keepalives_count": 6,
    "tcp_user_timeout": 120_000,
}


def make_engine(url: str | URL) -> sa.Engine:
    """An engine that reads and writes.

    A SQLite file that does not exist is created, its folder is not.
    """
    read = parsed(url)
    engine = _sqlite(read, "rwc") if is_sqlite(read) else _postgres(read)
    return _proven(engine)


def open_readonly(url: str | URL) -> sa.Engine:
    """An engine that cannot write.

    A SQLite file that does not exist is a ``DatabaseProblem``; it is not created.
    """
    read = parsed(url)
    if not is_sqlite(read):
        return _proven(_postgres(read).execution_options(postgresql_readonly=True))
    file = sqlite_file(read)
    if file is not None and not file.exists():
        raise NoDatabase(f"{shown_database(url)}: there is no such file; to create it", "run")
    return _proven(_sqlite(read, "ro"))


def for_writing(engine: sa.Engine) -> sa.Engine:
    """The same engine (and pool), but its transactions take SQLite's write lock when they begin.

    For sessions that import. A transaction that reads first and writes later fails at once, without
    the busy timeout, when another program has written in between; two imports would wait for each
    other for ever.
    """
    return engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")


def problem(engine: sa.Engine, err: Exception) -> DatabaseProblem:
    """What a driver's error means, with the URL and what to do. Raise it ``from err``."""
    reason = without_secrets(engine.url, _reason(err.orig if isinstance(err, DBAPIError) else err))
    advice = _denied(engine.url, reason)
    advice = advice or next((a for sign, a in _ADVICE.items() if re.search(sign, reason)), None)
    return DatabaseProblem(
        f"{shown_database(engine.url)}: {reason}" + (f"; {advice}" if advice else "")
    )


def _denied(url: URL, reason: str) -> str | None:
    """What this user may not do to a SQLite file and its folder, if that is why it failed."""
    file = sqlite_file(url) if is_sqlite(url) else None
    if file is None or not re.search("unable to open|readonly database", reason):
        return None
    for place, use, what in (
        (file, os.R_OK, "read"),
        (file, os.W_OK, "written to"),
        (file.parent, os.W_OK | os.X_OK, "written to"),
    ):
        if place.exists() and not os.access(place, use):
            return f"permission denied: {place} may not be {what} by this user"
    return None


def _reason(err: object) -> str:
    """A driver's message in one line.

    Of a server's message only what happened, not the statement or the place in it.
    """
    diagnosis = getattr(err, "diag", None)
    return " ".join((getattr(diagnosis, "message_primary", None) or str(err)).split())


#: Advice to the user, by a pattern of the driver's message.
_ADVICE: Final = {
    "unable to open database file": "check that the folder exists and may be written to",
    "file is not a database": "choose another file name, or move this file away",
    "database is locked": "close the program that is writing to it (or keeps a query open), then "
    "run again",
    "deadlock detected": "another program waits for what this one holds; what was written before "
    "is whole, run again",
    "lock timeout": "close the program that keeps a transaction open on it, then run again",
    "attempt to write a readonly database": (
        "if a run was cut off there, the next import repairs it; otherwise check who owns the "
        "file and its folder"
    ),
    "disk is full": "free some space, then run again",
    "malformed": "restore a backup, or move the file away and import again",
    "Connection refused": "check that the server runs, and host and port",
    "timeout expired": "check host and port, and that no firewall is in between",
    "resolve": "check the name of the host",
    "password authentication failed": "check user and password",
    "no password supplied": "put the password into the URL, PGPASSWORD or ~/.pgpass",
    "FATAL: .* does not exist": "create it first (for a database: createdb), or check its name in "
    "the URL",
}


def _sqlite(url: URL, mode: str) -> sa.Engine:
    file = sqlite_file(url)
    if url.query or (url.host is not None):
        raise DatabaseProblem(
            f"{shown_database(url)}: give the path of the SQLite file, or write its URL as "
            "sqlite:///path, without options"
        )
    if file is not None and file.is_dir():
        raise DatabaseProblem(f"{file} is a folder; name the file in it that is to be the database")
    if file is not None and not file.parent.is_dir():
        raise DatabaseProblem(
            f"{shown_database(url)}: there is no folder {file.parent}; create it or choose another "
            "place"
        )
    name = ":memory:" if file is None else f"{file.as_uri()}?mode={mode}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            name,
            uri=file is not None,
            timeout=_BUSY_S,
            isolation_level=None,
            check_same_thread=False,
        )

    engine = sa.create_engine(
        URL.create("sqlite", database=None if file is None else str(file)),
        creator=connect,
        # A database in memory lives as long as its only connection. A file is opened anew for each
        # transaction: that costs little beside a batch, and no forgotten connection keeps the file
        # open (Windows could not move or delete it).
        poolclass=StaticPool if file is None else NullPool,
    )
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    # Python's sqlite3 begins a transaction by itself only before INSERT, UPDATE or DELETE. Reads
    # and DDL would stand outside, and a failed migration could not be undone. With
    # isolation_level=None it begins none, so every BEGIN is ours. (Its autocommit=False would do
    # the same, but only from Python 3.12 on.)
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


def _postgres(url: URL) -> sa.Engine:
    # Options in the URL override our defaults.
    arguments = {name: value for name, value in _POSTGRES.items() if name not in url.query}
    try:
        # Last in, first out: consecutive work gets the same connection, which holds the run's lock.
        return sa.create_engine(
            url.set(drivername="postgresql+psycopg"), connect_args=arguments, pool_use_lifo=True
        )
    except ImportError as err:
        raise DatabaseProblem(f"{shown_database(url)}: {err}; install psycopg[binary]") from err


def _proven(engine: sa.Engine) -> sa.Engine:
    try:
        with engine.connect() as connection:
            _prove(connection)
    except DBAPIError as err:
        engine.dispose()
        raise problem(engine, err) from err
    except DatabaseProblem:
        engine.dispose()
        raise
    return engine  # its pool keeps the connection for whoever asks next


def _prove(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
        return
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        name = shown_database(connection.engine.url)
        raise DatabaseProblem(
            f"{name}: its encoding is {encoding}, but names of activities need UTF8; create "
            "another one with createdb --encoding=UTF8 --template=template0"
        )
