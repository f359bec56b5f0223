"""Which revision a database is of, and which the code wants, without loading Alembic: what every run asks, and few act upon."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import sqlalchemy as sa

_TABLE = "alembic_version"


@cache
def head() -> str:
    """The revision of the code: file names of migrations begin with theirs and sort by age."""
    names = [entry.name for entry in files("db.migrations.versions").iterdir() if entry.name.endswith(".py")]
    return "_".join(max(name for name in names if name[0].isdigit()).split("_")[:2])


def current(engine: sa.Engine) -> str | None:
    """The revision of a database, ``None`` for one that was never migrated."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table(_TABLE):
            return None
        return connection.scalar(sa.select(sa.column("version_num")).select_from(sa.table(_TABLE)))
