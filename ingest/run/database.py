"""Opens and migrates a command's database, under its lock, with errors in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from db import dictionary
from db.engine import for_writing, make_engine, problem
from db.errors import DatabaseProblem, Locked
from db.errors import LockLost as LostAtServer
from db.lock import ONLY_RUN, RunLock, in_turn, run_lock
from db.new_schema import make_if_new
from db.revision import current, head
from db.url import is_sqlite, parsed, sqlite_file
from ingest.config import Config
from ingest.errors import AlreadyRunning, DatabaseError, LockLost
from ingest.folders import make_folder
from ingest.load import sync_state


@contextmanager
def database_errors() -> Iterator[None]:
    """The database package knows nothing of runs; this is where its errors become ours."""
    try:
        yield
    except Locked as err:
        raise AlreadyRunning(*err.args) from err
    except LostAtServer as err:
        raise LockLost(*err.args) from err
    except DatabaseProblem as err:
        raise DatabaseError(*err.args) from err


@contextmanager
def open_database(config: Config, *, alone: bool = False) -> Iterator[tuple[sa.Engine, RunLock]]:
    """The engine that a run writes with, and its lock: its share of the database, or all of it.

    The folder of a SQLite default is made.
    """
    make_folder(config.playground)
    url = parsed(config.database)
    if is_sqlite(url) and sqlite_file(url) is None:
        raise DatabaseError("a database in memory is gone when the run ends; name a file")
    engine = for_writing(make_engine(config.database))
    try:
        with run_lock(engine, alone=alone) as lock:
            yield engine, lock
    except DBAPIError as err:
        raise problem(engine, err) from err
    finally:
        engine.dispose()


def migrate(engine: sa.Engine, config: Config, lock: RunLock = ONLY_RUN) -> list[str]:
    """Bring schema and data dictionary up to date; sentences about what was done to the schema."""
    notes: list[str] = []
    if current(engine) != head():
        with lock.schema():
            notes = _upgrade(engine, config)
    # Not only after an upgrade: a column can get another comment without a migration.
    with engine.connect() as connection:
        digest = dictionary.comments_digest(connection.dialect.name)
        is_current = sync_state.DICTIONARY.get(connection) == digest
    if not is_current:
        with engine.begin() as connection:
            in_turn(connection, "shared tables")
            dictionary.rewrite(connection)
            sync_state.DICTIONARY.set(connection, digest)
    return notes


def _upgrade(engine: sa.Engine, config: Config) -> list[str]:
    if make_if_new(engine):
        return []
    # Alembic takes as long to load as a run without news takes in all.
    from db.migrate import upgrade

    done = upgrade(engine, config.backups)
    if not done.applied or not done.from_revision:
        return [*done.warnings]
    saved = f"; a backup of the old one is {done.backup}" if done.backup else ""
    return [
        f"the database was updated from revision {done.from_revision} to {done.to_revision}{saved}",
        *done.warnings,
    ]
