"""Writes ``docs/schema.md`` from the models.

Usage: ``python -m db.schema_docs docs/schema.md``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from db.models import Base
from db.models.base import unit_of

_HEAD: Final = """\
# The database

Made from the models by `make docs`; do not edit. Times ending in `_utc` and `_at` are UTC, `_local`
is the wall clock of the place; units are in the names. The same text is in the table
`data_dictionary`, and on PostgreSQL in the comments of tables and columns.
PostgreSQL has one view more: `track_points_timed`, the points with `time_utc`.
"""


def schema_markdown() -> str:
    """The whole page."""
    return _HEAD + "".join(
        _table(table)
        for table in sorted(Base.metadata.tables.values(), key=lambda table: table.name)
    )


def _table(table: sa.Table) -> str:
    rows = "\n".join(_rows(table))
    return (
        f"\n## {table.name}\n\n{table.comment}.\n\n| column | type | unit | meaning "
        f"|\n|---|---|---|---|\n{rows}\n"
    )


def _rows(table: sa.Table) -> Iterator[str]:
    for column in table.columns:
        key = (
            " (key)"
            if column.primary_key
            else "".join(f" → `{k.target_fullname}`" for k in column.foreign_keys)
        )
        kind = column.type.compile(dialect=sqlite.dialect())
        yield f"| `{column.name}`{key} | {kind} | {unit_of(column.name) or ''} | {column.comment} |"


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description="Write the page about the schema.")
    parser.add_argument("file", type=Path)
    parser.parse_args().file.write_text(schema_markdown(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
