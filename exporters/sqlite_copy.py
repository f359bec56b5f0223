"""Copies a database row for row: PostgreSQL to a SQLite file, or back.

Only ``data_dictionary`` is written anew, for the tables and views of the copy.

The migrations make the copy's schema, so that it can be used like the original.

A SQLite file is written beside its place and then renamed; a server takes all rows in one
transaction. So nobody ever sees half a copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from db.bulk import insert_rows, write_points
from db.dictionary import rewrite
from db.engine import for_writing, make_engine, problem
from db.errors import DatabaseProblem
from db.lock import run_lock
from db.migrate import upgrade
from db.models import Base, DataDictionary
from db.opening import unfit
from db.references import references_put_off
from db.revision import current, head
from db.url import is_sqlite, parsed, shown_database, sqlite_file
from exporters.copy_points import point_batches
from exporters.errors import ExportError, TargetExists, UsageError
from exporters.files import prepare, refuse_existing, whole_file
from exporters.job import Job, Outcome
from exporters.selection import chosen
from exporters.streaming import stream

_NAME: Final = "strava.db"
_CHUNK: Final = 5_000


def export(job: Job, *, to: str | None = None) -> Outcome:
    """Copy every row of every table to the database ``to``, or to the file of ``--out``."""
    if current(job.connection.engine) != head():
        raise unfit(job.connection, "another schema than this program's")
    url = _target(job, to)
    file = sqlite_file(url) if url.get_backend_name() == "sqlite" else None
    rows = _to_server(job, url) if file is None else _to_file(job, file)
    shown = shown_database(url)
    return Outcome(files=1, rows=rows, out=file or shown, details={"to": shown})


def _target(job: Job, to: str | None) -> URL:
    if to is None:
        return URL.create("sqlite", database=str(job.file(_NAME, ".sqlite", ".sqlite3")))
    try:
        url = parsed(to)
    except DatabaseProblem as err:
        raise UsageError(f"--to: {err}") from err
    if url.get_backend_name() == "sqlite" and sqlite_file(url) is None:
        raise UsageError("--to: a database in memory would be lost at the end; name a file")
    if url.get_backend_name() == "sqlite" and (url.query or url.host is not None):
        raise UsageError(
            f"--to {shown_database(to)}: write a SQLite URL as sqlite:///path, without options"
        )
    return url


def _to_file(job: Job, file: Path) -> int:
    source = parsed(job.config.database)  # the connection may be to a copy of it
    if is_sqlite(source) and sqlite_file(source) == file:
        raise UsageError(f"{file} is the database to copy from; name another one to write to")
    refuse_existing([file], job.overwrite)
    prepare(file.parent)
    with _kept_from_others(file), whole_file(file) as partial:
        rows = _filled(job, partial, file)
        _refuse_leftovers(file)  # a program that ignores our lock may have opened it meanwhile
    return rows


def _filled(job: Job, partial: Path, file: Path) -> int:
    """Fill the unfinished file; error messages name the final file."""
    try:
        with _engine(URL.create("sqlite", database=str(partial))) as engine:
            upgrade(engine, None)
            return _fill(job, engine)
    except DatabaseProblem as err:
        raise ExportError(
            f"{file} cannot be written ({_driver_words(err)}); free some space or choose another "
            "--out"
        ) from err


def _driver_words(err: BaseException) -> str:
    """SQLite's own message, without our advice, which is for existing databases."""
    while err.__cause__ is not None:
        err = err.__cause__
    return str(err)


@contextmanager
def _kept_from_others(file: Path) -> Iterator[None]:
    """Lock the database that is about to be replaced, so that no import writes to it.

    Opening it also cleans up what an interrupted run left.
    """
    with ExitStack() as stack:
        if file.exists():
            stack.enter_context(
                run_lock(stack.enter_context(_engine(URL.create("sqlite", database=str(file)))))
            )
        _refuse_leftovers(file)
        yield


def _refuse_leftovers(file: Path) -> None:
    """Refuse to replace a file that has a journal.

    SQLite would apply the old file's journal to the new file, and break it.
    """
    for suffix in ("-journal", "-wal"):
        journal = file.with_name(file.name + suffix)
        if journal.exists():
            raise ExportError(
                f"{journal} shows that a program still uses the database to replace; close that "
                "program, or move both files away"
            )


def _to_server(job: Job, url: URL) -> int:
    with _engine(url) as engine, run_lock(engine, alone=True):
        _refuse_itself(job.connection, engine)
        if not job.overwrite and _has_rows(engine):
            raise TargetExists(
                f"{shown_database(url)} already holds data; use --overwrite to replace it, or "
                "another --to"
            )
        upgrade(engine, None)
        with references_put_off(engine):
            return _fill(job, engine)


def _refuse_itself(source: sa.Connection, engine: sa.Engine) -> None:
    """Refuse to copy a server to itself.

    It may have many names, so its time of start identifies it.
    """
    if source.dialect.name != engine.dialect.name:
        return
    who = sa.text("SELECT pg_postmaster_start_time(), current_database(), current_schema()")
    with engine.connect() as target:
        if source.execute(who).one() == target.execute(who).one():
            raise UsageError(
                f"--to {shown_database(engine.url)} is the database to copy from; name another one"
            )


@contextmanager
def _engine(url: URL) -> Iterator[sa.Engine]:
    engine = make_engine(url)
    try:
        yield engine
    except DBAPIError as err:
        raise problem(engine, err) from err
    finally:
        engine.dispose()


def _has_rows(engine: sa.Engine) -> bool:
    there = set(sa.inspect(engine).get_table_names())
    with engine.connect() as connection:
        tables = [table for table in Base.metadata.sorted_tables if table.name in there]
        return any(
            connection.execute(sa.select(sa.literal(1)).select_from(t).limit(1)).first()
            for t in tables
        )


def _fill(job: Job, engine: sa.Engine) -> int:
    """All rows, in one transaction; return how many."""
    tables = Base.metadata.sorted_tables
    with for_writing(engine).begin() as target:
        for table in reversed(tables):
            target.execute(sa.delete(table))
        rows = sum(_copy(job, target, table) for table in tables)
        _set_counters(target, tables)
    return rows


def _copy(job: Job, target: sa.Connection, table: sa.Table) -> int:
    if table.name == "track_points":
        return _copy_points(job, target)
    if table.name == DataDictionary.__tablename__:
        return _describe(target, table)
    job.progress.begin(table.name, 0)
    rows = 0
    for some in stream(job.connection, sa.select(*table.columns), _CHUNK):
        insert_rows(target, table, [dict(row._mapping) for row in some])
        rows += len(some)
    return rows


def _describe(target: sa.Connection, table: sa.Table) -> int:
    """Describe the tables and views that the copy has; another engine has other views."""
    rewrite(target)
    return target.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _copy_points(job: Job, target: sa.Connection) -> int:
    activities = sorted(chosen(job.connection, job.selection), key=lambda a: a.activity_id)
    job.progress.begin("track_points", sum(a.point_count for a in activities))
    rows = 0
    for batch in point_batches(job.connection, activities):
        written = write_points(target, batch)
        rows += written
        job.progress.advance(written)
    return rows


def _set_counters(target: sa.Connection, tables: Sequence[sa.Table]) -> None:
    """Set PostgreSQL's counters of surrogate keys past the highest copied key.

    PostgreSQL counts apart from the rows; SQLite does not need this.
    """
    if target.dialect.name != "postgresql":
        return
    for table in tables:
        column: sa.Column[Any] | None = table.autoincrement_column
        if column is not None and isinstance(column.type, sa.Integer):
            name = target.scalar(sa.select(sa.func.pg_get_serial_sequence(table.name, column.name)))
            highest = target.scalar(sa.select(sa.func.max(column)))
            if name and highest:
                target.execute(sa.select(sa.func.setval(name, highest)))
