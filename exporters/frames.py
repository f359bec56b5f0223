"""Makes pandas or polars DataFrames, with correct types, from tables, queries or activities.

Whole numbers are ``Int64`` and flags nullable booleans, so that missing values do not turn them
into floats. Times are aware UTC; wall clocks are naive.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, cast, overload

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import URL

from db.environment import load_environment
from db.models import Base
from db.opening import snapshot
from db.points import read_points
from exporters.columns import (
    field_of,
    points_batch,
    points_schema,
    read_query,
    read_table,
    schema_of,
)
from exporters.config import make_config
from exporters.errors import UsageError
from exporters.extras import needs
from exporters.query_table import query_table
from exporters.selection import Selection, chosen
from exporters.tables import flat_activities, is_points

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Engine = Literal["pandas", "polars"]


@overload
def dataframe(
    table_or_query: str | sa.Select[*tuple[Any, ...]],
    database: str | URL | None = None,
    engine: Literal["pandas"] = "pandas",
) -> pd.DataFrame: ...
@overload
def dataframe(
    table_or_query: str | sa.Select[*tuple[Any, ...]],
    database: str | URL | None = None,
    *,
    engine: Literal["polars"],
) -> pl.DataFrame: ...
def dataframe(
    table_or_query: str | sa.Select[*tuple[Any, ...]],
    database: str | URL | None = None,
    engine: Engine = "pandas",
) -> Any:
    """A whole table by its name, or the rows of a query.

    Args:
        table_or_query: ``"laps"``, ``"SELECT ..."`` or a SQLAlchemy ``select``. Columns of a text
            query that have the names of our columns get their types, as far as the values fit.
        database: its URL; by default what ``python -m exporters`` would read.
        engine: ``"pandas"`` or ``"polars"``.

    Raises:
        UsageError: there is no such table, or the query gives no rows or no columns that fit into a
            frame.
        DatabaseProblem: the database cannot be read.
        MissingExtra: pandas or polars is not installed.
    """
    as_frame = _converter(engine)
    with snapshot(_url(database)) as connection:
        return as_frame(_read(connection, table_or_query))


def activities(
    sport: str | Collection[str] | None = None,
    *,
    since: date | str | None = None,
    until: date | str | None = None,
    ids: int | Collection[int] | None = None,
    database: str | URL | None = None,
    engine: Engine = "pandas",
) -> Any:
    """Activities with the names of their gear, by start.

    An empty list of sports or ids selects no activity.

    Args:
        sport: one sport_type or several, in any case.
        since: the first day, local time: a date or ``"2026-05-01"``.
        until: the last day, included.
        ids: only this one, or these.
        database: its URL; by default what ``python -m exporters`` would read.
        engine: ``"pandas"`` or ``"polars"``.
    """
    as_frame = _converter(engine)
    selection = Selection(
        since=_day(since),
        until=_day(until),
        sports=(sport,) if isinstance(sport, str) else None if sport is None else tuple(sport),
        ids=_ids(ids),
    )
    with snapshot(_url(database)) as connection:
        return as_frame(_typed(connection, flat_activities(selection)))


def _url(database: str | URL | None) -> str | URL:
    return make_config(load_environment(), database=database).database


def _ids(value: int | Collection[int] | None) -> tuple[int, ...] | None:
    if value is None:
        return None
    return (
        (int(value),) if isinstance(value, int | np.integer) else tuple(int(one) for one in value)
    )


def _day(value: date | str | None) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as err:
        raise UsageError(f"{value!r} is not a day; write it like 2026-05-01") from err


def _read(connection: sa.Connection, what: str | sa.Select[*tuple[Any, ...]]) -> pa.Table:
    if isinstance(what, str) and what in Base.metadata.tables:
        return _table(connection, Base.metadata.tables[what])
    if isinstance(what, str) and len(what.split()) < 2:
        raise UsageError(
            f"there is no table {what!r}; choose one of {', '.join(sorted(Base.metadata.tables))}"
        )
    return query_table(connection, what)


def _table(connection: sa.Connection, table: sa.Table) -> pa.Table:
    if is_points(table):
        tracks = read_points(connection, chosen(connection, Selection()))
        schema = points_schema()
        return pa.Table.from_batches((points_batch(points, schema) for points in tracks), schema)
    return pa.Table.from_batches(read_table(connection, table, Selection()), schema_of(table))


def _typed(connection: sa.Connection, query: sa.Select[*tuple[Any, ...]]) -> pa.Table:
    schema = pa.schema([field_of(column) for column in query.selected_columns])
    return pa.Table.from_batches(read_query(connection, query, schema), schema)


def _converter(engine: Engine) -> Callable[[pa.Table], Any]:
    """The function that makes frames; it imports the engine's library before anything is read."""
    if engine not in ("pandas", "polars"):
        raise UsageError(f"there is no engine {engine!r}; choose pandas or polars")
    with needs("frames"):
        library = import_module(engine)
    if engine == "polars":
        return cast(Callable[[pa.Table], Any], library.from_arrow)
    kinds = {
        pa.int64(): library.Int64Dtype(),
        pa.bool_(): library.BooleanDtype(),
        pa.string(): library.StringDtype(),
    }
    return partial(pa.Table.to_pandas, types_mapper=kinds.get, date_as_object=False)
