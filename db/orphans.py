"""Finds rows that refer to rows which do not exist, and repairs them.

The database itself prevents such rows. They come from other programs that deleted rows while the
checks were off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from db.models import Base

_NAMED: Final = 3
#: Command that repairs them, as messages show it.
REPAIR: Final = "python -m ingest migrate --repair"


@dataclass(frozen=True, slots=True)
class Orphans:
    """Rows of ``table`` whose ``columns`` refer to no row of ``parent``."""

    table: str
    columns: tuple[str, ...]
    parent: str
    count: int
    #: First few values of the first of ``columns``, then ``...`` where there are more.
    examples: tuple[str, ...]

    def __str__(self) -> str:
        rows = "1 row" if self.count == 1 else f"{self.count:,} rows"
        named = ", ".join(self.examples)
        return f"{rows} of {self.table} without a row of {self.parent} ({self.columns[0]} {named})"


def orphans(connection: sa.Connection) -> list[Orphans]:
    """All orphaned rows of those of our tables that exist."""
    return [found for key in _keys(connection) if (found := _orphans_of(connection, key)) is not None]


def told(found: Sequence[Orphans]) -> str:
    """A sentence that says what is wrong, and which command repairs it."""
    return (
        f"{'; '.join(map(str, found))}. Another program deleted what they belong to. To mend them, after a backup:\n"
        f"    {REPAIR}"
    )


def repair(connection: sa.Connection) -> list[Orphans]:
    """Clear the references that may be empty, delete the other rows; returns what was found.

    Deleting rows can orphan others, so this goes on until nothing is found.
    """
    found = orphans(connection)
    left: Sequence[Orphans] = found
    while left:
        for key in _keys(connection):
            table = key.parent
            if all(column.nullable for column in key.columns):
                values = {column.name: None for column in key.columns}
                connection.execute(sa.update(table).where(_is_orphan(key)).values(values))
            else:
                connection.execute(sa.delete(table).where(_is_orphan(key)))
        left = orphans(connection)
    return found


def _keys(connection: sa.Connection) -> Iterator[sa.ForeignKeyConstraint]:
    """The references of our models whose columns are in this database, which may be of an older version."""
    inspector = sa.inspect(connection)
    there = {name: {column["name"] for column in inspector.get_columns(name)} for name in inspector.get_table_names()}
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            parent = key.referred_table
            has_columns = {column.name for column in key.columns} <= there.get(table.name, set())
            if has_columns and {e.column.name for e in key.elements} <= there.get(parent.name, set()):
                yield key


def _orphans_of(connection: sa.Connection, key: sa.ForeignKeyConstraint) -> Orphans | None:
    columns = list(key.columns)
    count = connection.scalar(sa.select(sa.func.count()).select_from(key.parent).where(_is_orphan(key)))
    if not count:
        return None
    first = sa.select(columns[0]).where(_is_orphan(key)).distinct().order_by(columns[0]).limit(_NAMED + 1)
    names = tuple(column.name for column in columns)
    values = [str(value) for value in connection.scalars(first)]
    examples = (*values[:_NAMED], "...") if len(values) > _NAMED else tuple(values)
    return Orphans(str(key.parent.name), names, str(key.referred_table.name), count, examples)


def _is_orphan(key: sa.ForeignKeyConstraint) -> sa.ColumnElement[bool]:
    parent: Any = key.referred_table
    alias = parent.alias()
    matches = [element.parent == alias.c[element.column.name] for element in key.elements]
    known = [column.is_not(None) for column in key.columns]
    return sa.and_(*known, ~sa.exists(sa.select(1).select_from(alias).where(*matches)))
