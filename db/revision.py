"""Tells which schema revision a database has and which the code wants, without Alembic.

Every run asks this, and loading Alembic would slow each one down.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final

import sqlalchemy as sa

from db.errors import DatabaseProblem
from db.url import shown_database

VERSION_TABLE: Final = "alembic_version"


@cache
def head() -> str:
    """The revision of the code: migrations' file names begin with theirs and sort by age."""
    names = [
        entry.name
        for entry in files("db.migrations.versions").iterdir()
        if entry.name.endswith(".py")
    ]
    return "_".join(max(name for name in names if name[0].isdigit()).split("_")[:2])


def current(engine: sa.Engine) -> str | None:
    """The revision of a database, ``None`` for one that was never migrated."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table(VERSION_TABLE):
            return None
        found: Sequence[str] = connection.scalars(
            sa.select(sa.column("version_num")).select_from(sa.table(VERSION_TABLE))
        ).all()
    if len(found) > 1:
        raise DatabaseProblem(
            f"{shown_database(engine.url)}: {VERSION_TABLE} holds several revisions; restore a "
            "backup"
        )
    return found[0] if found else None
