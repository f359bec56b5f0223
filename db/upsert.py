"""Inserts rows, or updates those that exist by a unique key; the same on both engines.

The key is the primary key or another unique one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import sqlalchemy as sa

from db.bulk import driver_values
from db.models import Base

#: How each driver writes the place of a value.
_PLACE: Final = {"sqlite": "?", "postgresql": "%s"}


def upsert(
    connection: sa.Connection,
    model: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *,
    by: Sequence[str] = (),
    keep: Iterable[str] = (),
) -> None:
    """Insert rows, or update the ones that are there.

    Args:
        connection: inside the caller's transaction.
        model: the table.
        rows: all with the same keys.
        by: the unique columns that tell whether a row is there; the primary key by default.
        keep: columns that an update leaves alone.
    """
    if rows:
        table, names = cast(sa.Table, model.__table__), tuple(rows[0])
        unique = tuple(by) or tuple(c.name for c in table.primary_key)
        changed = [name for name in names if name not in {*unique, *keep}]
        values = driver_values(
            connection.dialect,
            [table.c[name] for name in names],
            ([row[name] for name in names] for row in rows),
        )
        connection.exec_driver_sql(
            _statement(connection.dialect, table.name, names, unique, changed),
            [tuple(row) for row in values],
        )


def _statement(
    dialect: sa.Dialect,
    table: str,
    names: Sequence[str],
    unique: Sequence[str],
    changed: Sequence[str],
) -> str:
    """The text of the statement.

    SQLAlchemy would take longer to bind the ninety columns of ``activities`` than the database
    takes to write them.
    """
    quote = dialect.identifier_preparer.quote
    places = ", ".join([_PLACE[dialect.name]] * len(names))
    changes = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in changed)
    return (
        f"INSERT INTO {quote(table)} ({', '.join(map(quote, names))}) VALUES ({places}) "
        f"ON CONFLICT ({', '.join(map(quote, unique))}) DO "
        + (f"UPDATE SET {changes}" if changes else "NOTHING")
    )
