"""Opens the database to forget something, and keeps a copy of it as it was before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from db import backup
from db.lock import RunLock
from db.models import Activity
from db.revision import head
from ingest.config import Config
from ingest.errors import AbortRun
from ingest.run.database import database_errors, migrate, open_database
from ingest.run.dry_run import existing


@contextmanager
def existing_only(config: Config) -> Iterator[sa.Connection]:
    """The database as it is, which is only read."""
    with database_errors(), existing(config) as (connection, _):
        if connection is None:
            raise AbortRun("nothing was imported yet, so there is nothing to forget")
        yield connection


@contextmanager
def opened_for_change(config: Config) -> Iterator[tuple[sa.Engine, RunLock]]:
    """The database, brought up to date."""
    with database_errors(), open_database(config) as (engine, lock):
        migrate(engine, config, lock)
        yield engine, lock


def backed_up(engine: sa.Engine, config: Config) -> str | None:
    """Back up a SQLite database; a server has backups of its own."""
    if engine.dialect.name != "sqlite":
        return None
    return str(backup.save(engine, config.backups, str(head())))


def count_activities(connection: sa.Connection, athlete_id: int) -> int:
    """How many activities an athlete has."""
    query = sa.select(sa.func.count()).where(Activity.athlete_id == athlete_id)
    return connection.scalar(query) or 0
