"""Derives Arrow schemas from the models, and reads rows of the database as Arrow batches.

A schema has types, units and comments.

Parquet and DataFrames are written from Arrow, so that a column has one type in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from db.models import Base
from db.models.base import UtcTimestamp, unit_of
from db.points import POINT_COLUMNS, FloatArray, Points
from exporters.selection import Selection
from exporters.streaming import stream
from exporters.tables import rows_of

#: Rows held in memory at a time; those of ``activity_observations`` can have a kilobyte each.
_CHUNK: Final = 10_000


def schema_of(table: sa.FromClause) -> pa.Schema:
    """The columns with their types; comment and unit are metadata of each field."""
    comment = getattr(table, "comment", None)
    return pa.schema(
        [field_of(c) for c in table.columns], metadata={"comment": comment} if comment else None
    )


def field_of(column: sa.ColumnElement[Any]) -> pa.Field:
    """One column."""
    name = str(getattr(column, "name", column))
    said = {"comment": getattr(column, "comment", None), "unit": unit_of(name)}
    metadata = {key: text for key, text in said.items() if text}
    return pa.field(
        name,
        arrow_type(column.type),
        getattr(column, "nullable", True) is not False,
        metadata or None,
    )


def arrow_type(kind: sa.types.TypeEngine[Any]) -> pa.DataType:
    """The Arrow type of a column.

    All whole numbers have 64 bits, since SQLite may hold values that fit no smaller type.
    """
    if isinstance(kind, UtcTimestamp):
        return pa.timestamp("us", "UTC")
    for known, arrow in _TYPES:
        if isinstance(kind, known):
            return arrow
    return pa.string()


_TYPES: Final[tuple[tuple[Any, pa.DataType], ...]] = (
    (sa.Boolean, pa.bool_()),
    (sa.Integer, pa.int64()),
    (sa.Float, pa.float64()),
    (sa.DateTime, pa.timestamp("us")),
    (sa.Date, pa.date32()),
)


def read_table(
    connection: sa.Connection, table: sa.Table, selection: Selection
) -> Iterator[pa.RecordBatch]:
    """The rows of a table that belong to the selection."""
    return read_query(connection, rows_of(table, selection), schema_of(table))


def read_query(
    connection: sa.Connection, query: sa.Executable, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """The rows of any query in chunks, through the driver's own cursor."""
    return (as_batch(rows, schema) for rows in stream(connection, query, _CHUNK))


def as_batch(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows as one batch."""
    columns = zip(*rows, strict=True)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def points_batch(points: Points, schema: pa.Schema) -> pa.RecordBatch:
    """The points of one activity as a batch of ``track_points``."""
    key = {"activity_id": np.full(len(points), points.activity_id), "point_index": points.index}
    arrays = [
        pa.array(key[name]) if name in key else _nullable(points.column(name))
        for name in schema.names
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _nullable(values: FloatArray) -> pa.Array:
    """An Arrow array with NULL for NaN.

    Our mask takes half the time of pyarrow's own search for NaN, and mostly there is none.
    """
    missing = np.isnan(values)
    return pa.array(values, mask=missing) if missing.any() else pa.array(values)


def points_schema() -> pa.Schema:
    """The schema of ``track_points``."""
    table = Base.metadata.tables["track_points"]
    assert set(table.columns.keys()) == {"activity_id", "point_index", *POINT_COLUMNS}
    return schema_of(table)
