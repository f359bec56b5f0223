"""Writes track points and other rows by the fastest way that each engine has.

A *batch* is a sequence of ``(activity_id, columns)``; ``columns`` maps names of ``POINT_COLUMNS``
to float64 arrays of one length. NaN and infinities become NULL, a column that is left out is NULL
throughout, ``point_index`` counts from 0. Everything happens on the caller's connection, so points
and their activity are committed (or lost) together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final, cast

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from db import bulk_sqlite
from db.engine import problem
from db.models import Base
from db.points import POINT_COLUMNS

Columns = Mapping[str, NDArray[np.float64]]

_POINTS: Final = sa.table("track_points", sa.column("activity_id", sa.BigInteger))


def write_points(connection: sa.Connection, batch: Sequence[tuple[int, Columns]]) -> int:
    """Insert points of some activities in the caller's transaction; returns the number of rows.

    Raises ``DatabaseProblem`` if the database refuses them.
    """
    tracks = [(activity_id, _checked(activity_id, columns)) for activity_id, columns in batch]
    tracks = [(activity_id, columns) for activity_id, columns in tracks if columns]
    if tracks:
        _begin(connection)
        try:
            _write(connection, tracks)
        except connection.dialect.loaded_dbapi.Error as err:  # the driver's: SQLAlchemy is bypassed
            raise problem(connection.engine, err) from err
    return sum(len(columns["elapsed_s"]) for _, columns in tracks)


def _write(connection: sa.Connection, tracks: Sequence[tuple[int, Columns]]) -> None:
    if connection.dialect.name == "postgresql":
        from db import bulk_postgres  # loads psycopg, which SQLite can do without

        bulk_postgres.write(connection, tracks)
    else:
        bulk_sqlite.write(connection, tracks)


def insert_rows(
    connection: sa.Connection, into: type[Base] | sa.Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert new rows, all with the same keys, in the caller's transaction.

    Raises ``DatabaseProblem`` if the database refuses them.
    """
    if rows:
        names = tuple(rows[0])
        insert_values(connection, into, names, ([row[name] for name in names] for row in rows))


def insert_values(
    connection: sa.Connection,
    into: type[Base] | sa.Table,
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Insert new rows, given as values of the columns ``names``, in the caller's transaction.

    Raises ``DatabaseProblem`` if the database refuses them.
    """
    table = into if isinstance(into, sa.Table) else cast(sa.Table, into.__table__)
    columns = [table.c[name] for name in names]
    quote = connection.dialect.identifier_preparer.quote
    values = driver_values(connection.dialect, columns, rows)
    _begin(connection)
    try:
        _insert(connection, quote(table.name), [quote(column.name) for column in columns], values)
    except connection.dialect.loaded_dbapi.Error as err:
        raise problem(connection.engine, err) from err


def driver_values(
    dialect: sa.Dialect, columns: Sequence[sa.Column[Any]], rows: Iterable[Sequence[Any]]
) -> Iterable[Sequence[Any]]:
    """The values of these columns as the driver takes them."""
    convert = [
        (place, processor)
        for place, column in enumerate(columns)
        if (processor := column.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    ]
    return (_converted(row, convert) for row in rows) if convert else rows


def _converted(
    row: Sequence[Any], convert: Sequence[tuple[int, Callable[[Any], Any]]]
) -> Sequence[Any]:
    values = list(row)
    for place, processor in convert:
        values[place] = processor(values[place])
    return values


def _insert(
    connection: sa.Connection, table: str, names: Sequence[str], values: Iterable[Sequence[Any]]
) -> None:
    if connection.dialect.name == "postgresql":
        from db import bulk_postgres

        bulk_postgres.copy_rows(connection, table, names, values)
    else:
        bulk_sqlite.insert_rows(connection, table, names, values)


def delete_points(connection: sa.Connection, activity_ids: Collection[int]) -> int:
    """Delete all points of the given activities; return how many rows that were."""
    if not activity_ids:
        return 0
    delete = sa.delete(_POINTS).where(_POINTS.c.activity_id == sa.bindparam("old"))
    return sum(
        connection.execute(delete, {"old": activity_id}).rowcount for activity_id in activity_ids
    )


def _checked(activity_id: int, columns: Columns) -> dict[str, NDArray[np.float64]]:
    """The known columns in the table's order, or nothing for a track without points."""
    if not columns or not len(columns.get("elapsed_s", (None,))):
        return {}
    known = {
        name: np.asarray(columns[name], np.float64) for name in POINT_COLUMNS if name in columns
    }
    if len(known) != len(columns) or "elapsed_s" not in known:
        raise ValueError(
            f"points of activity {activity_id}: not the columns of track_points: "
            f"{', '.join(columns)}"
        )
    if len({values.shape for values in known.values()}) != 1 or known["elapsed_s"].ndim != 1:
        raise ValueError(f"points of activity {activity_id}: columns of different lengths")
    return known


def _begin(connection: sa.Connection) -> None:
    # The writers use the driver directly, so SQLAlchemy must be told to begin a transaction.
    if not connection.in_transaction():
        connection.begin()
