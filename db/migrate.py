"""Brings an empty or older database to today's schema, in one transaction, after a backup.

``python -m db.migrate revision "add goals"`` writes the next file of ``db/migrations/versions``:
what the models have and the migrations lack. Alembic is configured here in code, since a wheel has
no ini file, and so that the caller's logging stays as it is.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NoReturn

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from db import backup, row_security
from db.dictionary import set_comments
from db.engine import for_writing, make_engine, problem
from db.errors import DatabaseProblem
from db.models import Base
from db.new_schema import make_if_new, our_names, refuse_taken_names
from db.orphans import REPAIR, orphans, told
from db.revision import current, head
from db.url import shown_database

#: Includes ``current`` and ``head`` of ``db.revision``, which work without Alembic.
__all__ = [
    "MigrationReport",
    "current",
    "downgrade",
    "head",
    "main",
    "revision",
    "schema_differences",
    "upgrade",
]

#: Our own migrations.
_VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationReport:
    """What ``upgrade`` did; ``applied`` is empty when the database was up to date."""

    from_revision: str | None
    to_revision: str | None
    applied: tuple[str, ...] = ()
    backup: Path | None = None
    warnings: tuple[str, ...] = ()


def upgrade(
    engine: sa.Engine, backup_dir: Path | None, *, versions: Path | None = None
) -> MigrationReport:
    """Bring the database to the revision of the code; call it under ``run_lock``.

    A database that has data is first saved to ``backup_dir`` (``None``: not saved). Either all
    pending migrations happen or none. Raises ``DatabaseProblem`` for a database that is newer than
    the code or belongs to another program. An empty database gets today's schema at once, unless
    the ``versions`` are others than ours.
    """
    if versions is None and make_if_new(engine):
        return MigrationReport(from_revision=None, to_revision=head(), applied=(head(),))
    known = [
        script.revision
        for script in ScriptDirectory.from_config(_config(versions)).walk_revisions()
    ][::-1]
    before = current(engine)
    _refuse_foreign(engine, known, before)
    pending = tuple(known[known.index(before) + 1 :] if before else known)
    if not pending:
        return MigrationReport(from_revision=before, to_revision=before)
    saved = backup.save(engine, backup_dir, before) if before and backup_dir else None
    with _migrating(engine, versions) as config:
        command.upgrade(config, pending[-1])
        set_comments(config.attributes["connection"])
    return MigrationReport(
        from_revision=before,
        to_revision=pending[-1],
        applied=pending,
        backup=saved if isinstance(saved, Path) else None,
        warnings=(saved,) if isinstance(saved, str) else (),
    )


def downgrade(engine: sa.Engine, revision: str, *, versions: Path | None = None) -> None:
    """Go back to a revision (``base``: to nothing). For tests: no backup is made."""
    with _migrating(engine, versions) as config:
        command.downgrade(config, revision)


def schema_differences(engine: sa.Engine) -> list[Any]:
    """Where the models differ from the database, in Alembic's form; nothing once migrated."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def revision(message: str, *, versions: Path | None = None) -> Path:
    """Write the next migration: what the models have and the migrations lack.

    It is found by comparing the models with an empty, migrated SQLite database.
    """
    number = f"{datetime.now(UTC):%Y%m%d_%H%M}"
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder, 'empty.db').as_posix()}")
        # Named, so that the database is migrated and not made from the models.
        upgrade(engine, None, versions=versions or _VERSIONS)
        with _migrating(engine, versions) as config:
            written = command.revision(config, message, autogenerate=True, rev_id=number)
    assert written is not None
    assert not isinstance(written, list)
    return Path(written.path)


def _config(versions: Path | None, connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "db:migrations")
    config.set_main_option("path_separator", "newline")
    # File names begin with the revision, so that sorting by name sorts by age.
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    if versions is not None:
        config.set_main_option("version_locations", str(versions).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _migrating(engine: sa.Engine, versions: Path | None) -> Iterator[Config]:
    """One transaction around all migrations."""
    try:
        with for_writing(engine).connect() as connection:
            if connection.dialect.name == "postgresql":
                # Without a limit, a reader with an open transaction would make us wait for ever,
                # and all other readers would wait behind us.
                connection.exec_driver_sql("SET LOCAL lock_timeout = '30s'")
                with row_security.lifted(connection):
                    yield _config(versions, connection)
                connection.commit()
                return
            with _unbound(connection):
                with connection.begin() as transaction:
                    yield _config(versions, connection)
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                    if broken:
                        transaction.rollback()
                if broken:
                    _refuse_broken(connection, broken[0], broken[2])
    except DBAPIError as err:
        raise DatabaseProblem(
            f"{problem(engine, err)} (the update was undone, nothing is changed)"
        ) from err


@contextmanager
def _unbound(connection: sa.Connection) -> Iterator[None]:
    # SQLite changes a table by making a copy, dropping the table and renaming the copy. With
    # foreign keys on, the drop would delete the rows that refer to the table, or be refused because
    # of them. Without legacy_alter_table, the rename fails for every view of the table. The first
    # pragma works only outside a transaction.
    _pragmas(connection, "foreign_keys = OFF", "legacy_alter_table = ON")
    try:
        yield
    finally:
        _pragmas(connection, "foreign_keys = ON", "legacy_alter_table = OFF")


def _pragmas(connection: sa.Connection, *pragmas: str) -> None:
    cursor = connection.connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _refuse_broken(connection: sa.Connection, table: str, parent: str) -> NoReturn:
    """Raise an error that says when references broke: before the migration or by it.

    The migration has been undone.
    """
    name, before = shown_database(connection.engine.url), orphans(connection)
    if before:
        raise DatabaseProblem(f"{name}: {told(before)}", REPAIR)
    raise DatabaseProblem(
        f"{name}: the update would leave rows of {table} without their row of {parent}, so nothing "
        "is changed; this is an error of strava-ingest, please report it"
    )


def _refuse_foreign(engine: sa.Engine, known: Sequence[str], found: str | None) -> None:
    if found is None:
        refuse_taken_names(engine)
        return
    name = shown_database(engine.url)
    if found not in known:
        if our_names(engine):
            raise DatabaseProblem(
                f"{name}: a newer version of strava-ingest has written it (revision {found}); "
                "update strava-ingest"
            )
        raise DatabaseProblem(
            f"{name}: it belongs to another program (revision {found} in alembic_version); use "
            "another database for strava-ingest"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the developers' command line."""
    parser = argparse.ArgumentParser(
        prog="python -m db.migrate", description="Write the next migration."
    )
    parser.add_argument("command", choices=["revision"])
    parser.add_argument("message", help="what it does: 'add goals'")
    print(revision(parser.parse_args(arguments).message))


if __name__ == "__main__":
    main()
