"""Copies a database into a folder before a migration, by the engine's own means."""

from __future__ import annotations

import glob
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import URL

from db.errors import DatabaseProblem
from db.url import shown_database, sqlite_file

KEPT: Final = 3


def save(engine: sa.Engine, folder: Path, revision: str) -> Path | str:
    """Copy the database to ``<name>.<revision>.<UTC time>.bak``.

    Returns the file, or a sentence that says why there is none. A SQLite file that cannot be copied
    is a ``DatabaseProblem``. PostgreSQL without a working ``pg_dump`` is not: the migration is one
    transaction, and a server usually has backups of its own. The newest three backups of each
    database are kept.
    """
    file = sqlite_file(engine.url) if engine.dialect.name == "sqlite" else None
    if engine.dialect.name == "sqlite" and file is None:
        return "a database in memory has no backup"
    name = file.name if file else str(engine.url.database)
    target = folder / f"{name}.{revision}.{datetime.now(UTC):%Y%m%dT%H%M%SZ}.bak"
    partial = target.with_name(f"{target.name}.partial")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if file:
            _copy(file, partial)
        reason = None if file else _dump(engine, partial)
        if reason is None:
            partial.replace(target)
    except (OSError, sqlite3.Error) as err:
        raise DatabaseProblem(
            f"{shown_database(engine.url)}: no backup could be written to {folder}, so the "
            f"database was not updated: {err}"
        ) from err
    finally:
        with suppress(OSError):
            partial.unlink()
    if reason is None:
        _forget_old(folder, name)
    return reason or target


def _copy(file: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(file, timeout=30)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        # The copy gets the permissions of the original, so that nobody else can read it.
        shutil.copymode(file, target)
        source.backup(copy)
        checked = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if checked != "ok":
        raise sqlite3.DatabaseError(f"the copy is damaged: {checked}")


def _dump(engine: sa.Engine, target: Path) -> str | None:
    program = shutil.which("pg_dump")
    if program is None:
        return "no backup was made: pg_dump is not installed"
    target.touch(mode=0o600)
    with engine.connect() as connection:
        schema = connection.exec_driver_sql("SELECT current_schema()").scalar()
    command = [
        program,
        "--format=custom",
        "--no-password",
        f"--schema={schema}",
        f"--file={target}",
        f"--dbname={_address(engine.url)}",
    ]
    ended = subprocess.run(
        command,
        env=_environment(engine.url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode == 0:
        return None
    reason = next(iter(ended.stderr.strip().splitlines()), f"exit status {ended.returncode}")
    return f"no backup was made: {reason}"


def _address(url: URL) -> str:
    """The URL for pg_dump, without the password, which the list of processes would show."""
    query = {name: value for name, value in url.query.items() if name != "password"}
    return str(
        URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)
    )


def _environment(url: URL) -> dict[str, str]:
    password = url.password or url.query.get("password")
    return {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}


def _forget_old(folder: Path, name: str) -> None:
    saved = folder.glob(f"{glob.escape(name)}.*.bak")
    for file in sorted(saved, key=lambda file: file.name.split(".")[-2])[:-KEPT]:
        file.unlink()
