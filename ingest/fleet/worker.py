"""Says what kind of worker this process is, and which database it writes to.

A worker is told its database by its environment, or by a file that only its user can read: what is
passed to a task can be seen by everybody who sees the dashboard or the scheduler's memory.

With ``dask worker --preload ingest.fleet.worker`` a worker refuses to start where its program is of
another version than the command that uses the scheduler, or than the database.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL

from db.engine import make_engine, problem
from db.environment import load_environment
from db.errors import DatabaseProblem
from db.revision import current, head
from db.url import is_sqlite, parsed, shown_database
from ingest import __version__
from ingest.errors import AbortRun, UsageError
from ingest.load import sync_state

#: Where the path of a file with the database's URL stands in the environment.
DATABASE_FILE: Final = "STRAVA_DATABASE_FILE"
#: By which name a scheduler knows the version of the command that uses it.
VERSION_KEY: Final = "strava-ingest"

log = logging.getLogger("distributed.worker.strava_ingest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What must be equal everywhere: the program, the schema that it wants, and the database."""

    program: str
    schema: str
    #: Tells the database from others, without naming it.
    database: str

    def difference(self, own: Version) -> str | None:
        """Why a worker of the version ``own`` cannot take part; ``None`` if it can."""
        if own.program != self.program:
            return f"it has strava-ingest {own.program}, and the command {self.program}"
        if own.schema != self.schema:
            return f"it knows the schema {own.schema}, and the command {self.schema}"
        if own.database != self.database:
            return "its DATABASE_URL is not the database of the command"
        return None


def database_of_worker(environment: Mapping[str, str]) -> str | URL:
    """The database that this worker writes to.

    Raises:
        UsageError: nothing names one, or others than this user can read the file that does.
    """
    file = environment.get(DATABASE_FILE)
    url = _url_in(Path(file)) if file else environment.get("DATABASE_URL")
    if not url:
        raise UsageError(
            f"no database is named; set DATABASE_URL for the worker, or {DATABASE_FILE}, the path "
            "of a file of mode 0600 that holds the URL"
        )
    refuse_sqlite(url)
    return url


def refuse_sqlite(url: str | URL) -> None:
    """Raise ``UsageError`` for a database that one process alone can write to."""
    if is_sqlite(parsed(url)):
        raise UsageError(
            f"{shown_database(url)} is SQLite, which one process writes at a time; fleet needs "
            "PostgreSQL: name it with --database or DATABASE_URL, or use `run` for SQLite"
        )


def own_version() -> Version:
    """The version of this worker.

    Raises:
        AbortRun: it names no database.
        DatabaseProblem: the database cannot be reached, or has another schema than this program.
    """
    url = database_of_worker(load_environment())
    engine = make_engine(url)
    try:
        found = current(engine)
        if found != head():
            raise DatabaseProblem(
                f"{shown_database(url)} has the schema {found}, and strava-ingest {__version__} "
                f"wants {head()}; install the same version everywhere"
            )
        with engine.connect() as connection:
            mark = sync_state.DATABASE_ID.get(connection) or ""
    except sa.exc.DBAPIError as err:
        raise problem(engine, err) from err
    finally:
        engine.dispose()
    return Version(program=__version__, schema=head(), database=mark)


def told_version() -> Version | str:
    """The version of this worker, or why it has none: for the command, which asks all workers."""
    try:
        return own_version()
    except (AbortRun, DatabaseProblem) as err:
        return str(err)


async def dask_setup(worker: Any) -> None:
    """Refuse to start a worker that could not import; dask calls it, by the name of a preload.

    Raises:
        SystemExit: it could not. Errors of other kinds would only be logged by dask.
    """
    own = told_version()
    wanted = await worker.scheduler.get_metadata(keys=[VERSION_KEY], default=None)
    reason = own if isinstance(own, str) else Version(**wanted).difference(own) if wanted else None
    if reason is not None:
        log.error("this worker does not start: %s", reason)
        raise SystemExit(f"strava-ingest: this worker does not start: {reason}")


def _url_in(file: Path) -> str:
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as err:
        raise UsageError(f"{DATABASE_FILE} {file} cannot be read ({err})") from err
    if os.name != "nt" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(
            f"{DATABASE_FILE} {file} can be read by other users; chmod 600 {file}, since the URL "
            "may hold a password"
        )
    return text
