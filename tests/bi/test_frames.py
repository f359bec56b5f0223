"""pandas and polars read the tables with their types, on both engines, without our help."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import polars as pl
import pytest
import sqlalchemy as sa

from db.models import Base

MARTS = [
    "activity_facts",
    "dates",
    "period_summary",
    "daily_load",
    "gear_mileage",
    "personal_records",
    "split_pace",
]


@pytest.mark.parametrize("name", MARTS)
def test_pandas_reads_typed_columns(demo_url: str, name: str) -> None:
    engine = sa.create_engine(demo_url.replace("postgresql:", "postgresql+psycopg:"))
    frame = pd.read_sql_table(name, engine)
    engine.dispose()
    assert len(frame)
    for column in Base.metadata.tables[name].columns:
        assert _is_read(frame[column.name], column.type), (
            f"{column.name}: {frame[column.name].dtype}"
        )


def _is_read(found: pd.Series, kind: sa.types.TypeEngine[object]) -> bool:
    """Whether a column has the dtype of its type; empty ones have none, and whole numbers with gaps
    are floats to pandas.
    """
    if found.isna().all():
        return True
    if isinstance(kind, sa.Boolean):
        return bool(found.dropna().isin([True, False]).all()) and (
            found.dtype == bool or found.dtype == object
        )
    if isinstance(kind, sa.Integer | sa.Double):
        return pd.api.types.is_numeric_dtype(found)
    if isinstance(kind, sa.String):
        return pd.api.types.is_string_dtype(found.dropna())
    return pd.api.types.is_datetime64_any_dtype(found)


@pytest.fixture
def facts(demo_url: str) -> Iterator[pl.DataFrame]:
    engine = sa.create_engine(demo_url.replace("postgresql:", "postgresql+psycopg:"))
    query = sa.select(Base.metadata.tables["activity_facts"])
    with engine.connect() as connection:
        yield pl.read_database(query, connection, infer_schema_length=None)
    engine.dispose()


def test_polars_reads_typed_columns(facts: pl.DataFrame) -> None:
    assert {
        "activity_id": pl.Int64,
        "name": pl.String,
        "start_time_local": pl.Datetime("us"),
        "start_time_utc": pl.Datetime("us", "UTC"),
        "local_date": pl.Date,
        "distance_km": pl.Float64,
        "year": pl.Int64,
        "has_track": pl.Boolean,
        "latitude": pl.Float64,
    }.items() <= dict(facts.schema).items()


def test_polars_computes_with_flags_and_days(facts: pl.DataFrame) -> None:
    assert facts.filter(pl.col("has_track")).height
    assert facts.select(
        (pl.col("local_date").dt.truncate("1mo") == pl.col("month_start")).all()
    ).item()
