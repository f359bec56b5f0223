"""Copies the models' comments to the table ``data_dictionary`` and to PostgreSQL's comments.

So every engine can tell what a column means.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.schema import SetColumnComment, SetTableComment

from db.models import Base, DataDictionary, timed_points
from db.models.base import UNITS, unit_of
from db.revision import head

#: Our views, which exist only on PostgreSQL; views that others made are not described.
VIEWS: Final = (timed_points.NAME,)


def comments_digest(dialect: str) -> str:
    """A text that changes with what ``rewrite`` writes on an engine, made without asking it."""
    hashed = hashlib.blake2b(f"{dialect} {head()} {UNITS}".encode(), digest_size=16)
    for table in Base.metadata.tables.values():
        hashed.update(f"\n{table.name}: {table.comment}".encode())
        for column in table.columns:
            hashed.update(f"\n{column.name}: {column.comment}".encode())
    return hashed.hexdigest()


def rewrite(connection: sa.Connection) -> None:
    """Rewrite dictionary and comments by the models."""
    connection.execute(sa.delete(DataDictionary))
    connection.execute(sa.insert(DataDictionary), [*entries(), *_views(connection)])
    set_comments(connection)


def set_comments(connection: sa.Connection) -> None:
    """Make PostgreSQL's comments equal the models', so that a new wording needs no migration."""
    if connection.dialect.name != "postgresql":
        return
    inspector = sa.inspect(connection)
    for name in sorted(set(inspector.get_table_names()) & set(Base.metadata.tables)):
        table = Base.metadata.tables[name]
        if inspector.get_table_comment(name)["text"] != table.comment:
            connection.execute(SetTableComment(table))
        for found in inspector.get_columns(name):
            column = table.columns.get(found["name"])
            if column is not None and column.comment != found["comment"]:
                connection.execute(SetColumnComment(column))


def meaning(column: sa.Column[Any]) -> str:
    """What a column means in one line, with its unit."""
    unit = unit_of(column.name)
    return f"{column.comment} [{unit}]" if unit else str(column.comment)


def entries() -> Iterator[dict[str, Any]]:
    """One entry per table (with an empty column name) and per column."""
    for table in Base.metadata.sorted_tables:
        yield _entry(table.name, "", table.comment)
        for column in table.columns:
            yield _entry(table.name, column.name, column.comment)


def _views(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    """The same for our views, by the comments that migrations gave them."""
    if connection.dialect.name != "postgresql":
        return
    inspector = sa.inspect(connection)
    for view in VIEWS:
        yield _entry(view, "", inspector.get_table_comment(view)["text"])
        for column in inspector.get_columns(view):
            yield _entry(view, column["name"], column["comment"])


def _entry(table: str, column: str, description: str | None) -> dict[str, Any]:
    return {
        "table_name": table,
        "column_name": column,
        "unit": unit_of(column),
        "description": description,
    }
