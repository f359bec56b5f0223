"""The models' comments in, the table ``data_dictionary`` out: what every column means, on engines without comments too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from db.models import Base, DataDictionary
from db.models.base import unit_of


def refill(connection: sa.Connection) -> None:
    """Write the dictionary anew, where it is not what the models say."""
    wanted = [*entries(), *_views(connection)]
    columns = ("table_name", "column_name", "unit", "description")
    stored = connection.execute(sa.select(*(getattr(DataDictionary, name) for name in columns))).all()
    if {tuple(row) for row in stored} != {tuple(row[name] for name in columns) for row in wanted}:
        connection.execute(sa.delete(DataDictionary))
        connection.execute(sa.insert(DataDictionary), wanted)


def entries() -> Iterator[dict[str, Any]]:
    """One entry per table (with an empty column name) and per column."""
    for table in Base.metadata.sorted_tables:
        yield {"table_name": table.name, "column_name": "", "unit": None, "description": table.comment}
        for column in table.columns:
            yield {
                "table_name": table.name,
                "column_name": column.name,
                "unit": unit_of(column.name),
                "description": column.comment,
            }


def _views(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    """The same for the views that this engine has, by the comments that migrations gave them."""
    inspector = sa.inspect(connection)
    for view in sorted(inspector.get_view_names()):
        comment = inspector.get_table_comment(view)["text"]
        yield {"table_name": view, "column_name": "", "unit": None, "description": comment}
        for column in inspector.get_columns(view):
            name = column["name"]
            yield {"table_name": view, "column_name": name, "unit": unit_of(name), "description": column["comment"]}
