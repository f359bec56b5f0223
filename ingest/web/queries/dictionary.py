"""Reads the table ``data_dictionary``, which says what tables and columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from db.models import DataDictionary


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedTable:
    """A table or view, and its columns as rows of ``data_dictionary``."""

    name: str
    description: str
    columns: Sequence[Any]


def described(connection: sa.Connection, text: str) -> Sequence[DescribedTable]:
    """The tables that match a text, by name or meaning, or of which a column does.

    Of a table that matches all columns are there, of others those that match.
    """
    rows = connection.execute(
        sa.select(
            DataDictionary.table_name,
            DataDictionary.column_name,
            DataDictionary.unit,
            DataDictionary.description,
        ).order_by(DataDictionary.table_name, DataDictionary.column_name)
    ).all()
    tables = [_described(name, list(own)) for name, own in groupby(rows, lambda row: row[0])]
    return [table for table in (_matching(one, text.casefold()) for one in tables) if table]


def _described(name: str, rows: Sequence[Any]) -> DescribedTable:
    about = next((row.description for row in rows if not row.column_name), "")
    columns = [row for row in rows if row.column_name]
    return DescribedTable(name=name, description=about or "", columns=columns)


def _matching(table: DescribedTable, text: str) -> DescribedTable | None:
    """A table with what of it holds the text; ``None`` if nothing does."""
    if text in f"{table.name}\n{table.description}".casefold():
        return table
    some = [
        row
        for row in table.columns
        if text in f"{row.column_name}\n{row.unit or ''}\n{row.description or ''}".casefold()
    ]
    return replace(table, columns=some) if some else None
