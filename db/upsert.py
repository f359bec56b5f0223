"""Inserts rows, or updates those that exist by a unique key; the same on both engines.

The key is the primary key or another unique one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, cast

import sqlalchemy as sa

from db.models import Base


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
        statement = _statement(
            connection.dialect.name, model, tuple(rows[0]), tuple(by), frozenset(keep)
        )
        connection.execute(statement, [dict(row) for row in rows])


@cache
def _statement(
    dialect: str,
    model: type[Base],
    names: tuple[str, ...],
    by: tuple[str, ...],
    keep: frozenset[str],
) -> Any:
    """The statement, cached.

    For the ninety columns of ``activities``, building it takes longer than running it.
    """
    table = cast(sa.Table, model.__table__)
    unique = by or tuple(c.name for c in table.primary_key)
    insert = _insert(dialect, table).values({name: sa.bindparam(name) for name in names})
    changes = {
        name: insert.excluded[name] for name in names if name not in keep and name not in unique
    }
    if not changes:
        return insert.on_conflict_do_nothing()
    return insert.on_conflict_do_update(index_elements=list(unique), set_=changes)


def _insert(dialect: str, table: sa.Table) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT.

    Only this dialect is loaded, since loading the other would take time for nothing.
    """
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)
