"""Reads any query as an Arrow table.

Types follow the values, and the names of columns where that loses nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from db.models import Base
from exporters.columns import arrow_type
from exporters.errors import UsageError


def query_table(connection: sa.Connection, query: str | sa.Executable) -> pa.Table:
    """All rows of a text or a ``select``.

    Raises:
        UsageError: it gives no rows, or columns that no table can have.
    """
    if isinstance(query, str):
        # The driver gets the text as it is: SQLAlchemy would read ':30' as a parameter, psycopg
        # '%'.
        result = connection.exec_driver_sql(query, execution_options={"no_parameters": True})
        wanted = _types_by_name()
    else:
        result = connection.execute(query)
        wanted = {
            column.name: arrow_type(column.type)
            for column in getattr(query, "selected_columns", ())
        }
    if not result.returns_rows:
        raise UsageError("the query returns no table; it must be a SELECT")
    return _table(list(result.keys()), result.all(), wanted)


def _table(
    names: Sequence[str], rows: Sequence[Sequence[Any]], wanted: Mapping[str, pa.DataType]
) -> pa.Table:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise UsageError(
            f"the query gives several columns named {twice[0]!r}; give each its own name with AS"
        )
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    arrays = [
        _column(name, values, wanted.get(name)) for name, values in zip(names, columns, strict=True)
    ]
    return pa.Table.from_arrays(arrays, names=list(names))


def _types_by_name() -> dict[str, pa.DataType]:
    """Types of columns that mean the same in all tables, by name."""
    found: dict[str, set[pa.DataType]] = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            found.setdefault(column.name, set()).add(arrow_type(column.type))
    return {name: types.pop() for name, types in found.items() if len(types) == 1}


def _column(name: str, values: Sequence[Any], wanted: pa.DataType | None) -> pa.Array:
    try:
        array = pa.array(_plain(values))
    except (pa.ArrowException, OverflowError) as err:
        raise UsageError(f"column {name!r} of the query: {err}; CAST it to one type") from err
    return array if wanted is None else _as(array, wanted)


def _plain(values: Sequence[Any]) -> Sequence[Any]:
    """Turn decimals, PostgreSQL's type for sums and averages, into whole numbers or floats."""
    decimals = [value for value in values if isinstance(value, Decimal)]
    if not decimals:
        return values
    kind = (
        int
        if all(value.is_finite() and value.as_tuple().exponent == 0 for value in decimals)
        else float
    )
    return [kind(value) if isinstance(value, Decimal) else value for value in values]


def _as(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    """Cast a column to the wanted type if its values fit.

    They may not: a query can call anything ``month``.
    """
    found = array.type
    try:
        if pa.types.is_null(found):
            return array.cast(wanted)
        if pa.types.is_temporal(wanted) and pa.types.is_string(found):
            return array.cast(pa.timestamp("us")).cast(wanted)
        if _is_alike(found, wanted):
            known = array.cast(wanted)
            return known if known.cast(found).equals(array) else array
    except pa.ArrowInvalid:
        pass
    return array


def _is_alike(found: pa.DataType, wanted: pa.DataType) -> bool:
    if pa.types.is_temporal(found):
        return bool(pa.types.is_temporal(wanted))
    return _is_number(found) and _is_number(wanted)


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    )
