"""Finds rows that refer to rows which do not exist, and repairs them.

The database itself prevents such rows. They come from other programs that deleted rows while the
checks were off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from db.models import Athlete, Base

_NAMED: Final = 3
#: Command of this program that repairs them.
REPAIR: Final = "migrate --repair"
#: Function that gives, for a table or an alias of it, the condition that its rows fulfil.
_Condition = Callable[[Any], sa.ColumnElement[bool]]


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
        return (
            f"{rows} of {self.table} without their row of {self.parent} ({self.columns[0]} {named})"
        )


def orphans(connection: sa.Connection) -> list[Orphans]:
    """All orphaned rows of those of our tables that exist."""
    return [
        found for key in _keys(connection) if (found := _orphans_of(connection, key)) is not None
    ]


def told(found: Sequence[Orphans]) -> str:
    """A sentence that says what is wrong, and ends where ``REPAIR`` is to be named."""
    return (
        f"{'; '.join(map(str, found))}. Another program has deleted what they belong to. Make a "
        "backup, then repair them"
    )


def repair(connection: sa.Connection) -> list[Orphans]:
    """Mend all such rows; returns what was found.

    A missing athlete is added, since its id is all that a row of ``athletes`` needs. A reference
    that may be empty is cleared. Other rows are deleted, with those that refer to them.
    """
    found = orphans(connection)
    keys = list(_keys(connection))
    for key in keys:
        if key.referred_table is Athlete.__table__:
            _add_athletes(connection, key)
    for key in keys:
        if all(column.nullable for column in key.columns):
            _clear(connection, key, partial(_is_orphan, key))
        else:
            _delete(connection, keys, key.parent, partial(_is_orphan, key))
    return found


def _add_athletes(connection: sa.Connection, key: sa.ForeignKeyConstraint) -> None:
    (column,) = key.columns
    missing = sa.select(column).where(_is_orphan(key, key.parent)).distinct()
    connection.execute(sa.insert(Athlete).from_select(["athlete_id"], missing))


def _clear(connection: sa.Connection, key: sa.ForeignKeyConstraint, condition: _Condition) -> None:
    values = {column.name: None for column in key.columns}
    connection.execute(sa.update(key.parent).where(condition(key.parent)).values(values))


def _delete(
    connection: sa.Connection,
    keys: Sequence[sa.ForeignKeyConstraint],
    table: Any,
    condition: _Condition,
) -> None:
    """Delete the rows that fulfil a condition, after the rows that refer to them."""
    for key in keys:
        if key.referred_table is not table:
            continue
        is_theirs = partial(_refers_to, key, condition)
        if all(column.nullable for column in key.columns):
            _clear(connection, key, is_theirs)
        else:
            _delete(connection, keys, key.parent, is_theirs)
    connection.execute(sa.delete(table).where(condition(table)))


def _keys(connection: sa.Connection) -> Iterator[sa.ForeignKeyConstraint]:
    """The references of our models whose columns exist in this database.

    It may be of an older version.
    """
    inspector = sa.inspect(connection)
    there = {
        name: {column["name"] for column in inspector.get_columns(name)}
        for name in inspector.get_table_names()
    }
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            parent = key.referred_table
            has_columns = {column.name for column in key.columns} <= there.get(table.name, set())
            if has_columns and {e.column.name for e in key.elements} <= there.get(
                parent.name, set()
            ):
                yield key


def _orphans_of(connection: sa.Connection, key: sa.ForeignKeyConstraint) -> Orphans | None:
    columns, is_orphan = list(key.columns), _is_orphan(key, key.parent)
    count = connection.scalar(sa.select(sa.func.count()).select_from(key.parent).where(is_orphan))
    if not count:
        return None
    first = sa.select(columns[0]).where(is_orphan).distinct().order_by(columns[0]).limit(_NAMED + 1)
    names = tuple(column.name for column in columns)
    values = [str(value) for value in connection.scalars(first)]
    examples = (*values[:_NAMED], "...") if len(values) > _NAMED else tuple(values)
    return Orphans(str(key.parent.name), names, str(key.referred_table.name), count, examples)


def _is_orphan(key: sa.ForeignKeyConstraint, rows: Any) -> sa.ColumnElement[bool]:
    """Whether rows of the key's table refer to something that is not there."""
    known = [rows.c[column.name].is_not(None) for column in key.columns]
    parent = key.referred_table.alias()
    return sa.and_(*known, ~sa.exists().where(*_matches(key, rows, parent)))


def _refers_to(
    key: sa.ForeignKeyConstraint, condition: _Condition, rows: Any
) -> sa.ColumnElement[bool]:
    """Whether rows of the key's table refer to rows that fulfil a condition."""
    parent = key.referred_table.alias()
    return sa.exists().where(*_matches(key, rows, parent), condition(parent))


def _matches(key: sa.ForeignKeyConstraint, rows: Any, parent: Any) -> list[sa.ColumnElement[bool]]:
    return [
        rows.c[element.parent.name] == parent.c[element.column.name] for element in key.elements
    ]
