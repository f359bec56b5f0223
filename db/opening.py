"""Opens a database for reading: as it is, or as one snapshot of today's schema."""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from db.engine import open_readonly, problem
from db.errors import DatabaseProblem
from db.models import Base
from db.revision import current, head
from db.url import is_sqlite, parsed, shown_database


@contextmanager
def snapshot(url: str | URL, shared: str | None = None) -> Iterator[sa.Connection]:
    """A read-only connection in one transaction, so that all that is read is consistent.

    ``shared`` is what ``share`` returned in another process: this one then sees the same snapshot,
    and does not check the schema again.

    Raises:
        DatabaseProblem: it cannot be opened or read, or its schema is not today's.
    """
    with read_only(url) as connection:
        if shared is None:
            _check_schema(connection)
        elif shared:
            connection.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{shared}'")
        yield connection


@contextmanager
def copied(url: str | URL, folder: Path) -> Iterator[sa.Connection]:
    """Like ``snapshot``, for long reading that nobody who writes has to wait for.

    Writers of a SQLite file wait while it is read, and give up after half a minute: it is copied
    into the folder, which takes a second for 400 MB, and the copy is read. PostgreSQL needs none.

    Raises:
        DatabaseProblem: it cannot be opened, read or copied, or its schema is not today's.
    """
    if not is_sqlite(parsed(url)):
        with snapshot(url) as connection:
            yield connection
        return
    copy = folder / "copy.db"
    with snapshot(url) as source, closing(sqlite3.connect(copy)) as target:
        target.execute("PRAGMA synchronous = OFF")  # nobody needs it after a power failure
        source.connection.driver_connection.backup(target)  # type: ignore[union-attr]
    try:
        with snapshot(URL.create("sqlite", database=str(copy))) as connection:
            yield connection
    finally:
        copy.unlink()


@contextmanager
def read_only(url: str | URL) -> Iterator[sa.Connection]:
    """A read-only connection in one transaction, whatever the schema is.

    Raises:
        NoDatabase: the SQLite file is not there.
        DatabaseProblem: it cannot be opened or read.
    """
    engine = open_readonly(url)
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as connection:
            try:
                yield connection
            except BaseException as err:
                _close_queries(err)
                raise
    # Errors of the driver too, since points are read without SQLAlchemy, which would wrap them.
    except (DBAPIError, engine.dialect.loaded_dbapi.Error) as err:
        raise problem(engine, err) from err
    finally:
        engine.dispose()


def _close_queries(err: BaseException) -> None:
    """Close queries that were read halfway, which the frames of an error keep open.

    Once the connection is closed, SQLAlchemy would print a traceback for each of them. An error
    that was raised while another one was handled keeps the frames of that one, too.
    """
    waiting: list[BaseException | None] = [err]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            traceback.clear_frames(one.__traceback__)
            waiting += [one.__cause__, one.__context__]


def can_share(connection: sa.Connection) -> bool:
    """Whether other processes can see the same snapshot.

    Nobody can commit to a SQLite file while we are reading it, unless another program has put it
    into WAL mode.
    """
    return (
        connection.dialect.name == "postgresql"
        or connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() != "wal"
    )


def share(connection: sa.Connection) -> str:
    """The snapshot's id for other processes while this connection is open; empty for SQLite."""
    if connection.dialect.name != "postgresql":
        return ""
    return str(connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one())


def _check_schema(connection: sa.Connection) -> None:
    found = {
        name: {column["name"] for column in columns}
        for (_, name), columns in sa.inspect(connection).get_multi_columns().items()
    }
    missing = [
        table.name if table.name not in found else f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name not in found.get(table.name, ())
    ]
    if not set(found) & set(Base.metadata.tables):
        raise DatabaseProblem(
            f"{shown_database(connection.engine.url)}: it has no tables of strava-ingest; check "
            "--database, or import into it",
            "run",
        )
    if missing:
        raise unfit(connection, f"no {missing[0]}")


def unfit(connection: sa.Connection, what: str) -> DatabaseProblem:
    """An error for a database that has ``what`` we cannot work with.

    Its revision tells what to do, since our revisions sort by age.
    """
    revision = current(connection.engine)
    commands: tuple[str, ...] = ()
    if revision is None:
        advice = "another program has made it; check --database"
    elif revision > head():
        advice = (
            f"a newer version of strava-ingest has written it (revision {revision}); update "
            "strava-ingest"
        )
    else:
        advice, commands = "bring it up to date", ("migrate",)
    return DatabaseProblem(
        f"{shown_database(connection.engine.url)}: it has {what}; {advice}", *commands
    )
