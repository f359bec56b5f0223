"""Defines the base of all models: constraint names, column types, units read from names.

The column types are those few that every BI tool reads correctly.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

#: Units as ``data_dictionary`` shows them, by the suffix of a column's name; longer suffixes first.
UNITS: Final = (
    ("_min_per_100m", "min/100 m"),
    ("_min_per_km", "min/km"),
    ("_m_per_km", "m/km"),
    ("_min_per_mi", "min/mi"),
    ("_mmph", "mm/h"),
    ("_days", "days"),
    ("_mps", "m/s"),
    ("_kmh", "km/h"),
    ("_mph", "mi/h"),
    ("_bpm", "beats/min"),
    ("_rpm", "rev/min (runs: steps of one leg/min)"),
    ("_kcal", "kcal"),
    ("_hpa", "hPa"),
    ("_deg", "degrees"),
    ("_pct", "%"),
    ("_bytes", "bytes"),
    ("_utc", "UTC"),
    ("_at", "UTC"),
    ("_kg", "kg"),
    ("_km", "km"),
    ("_mi", "mi"),
    ("_ft", "ft"),
    ("_kj", "kJ"),
    ("_du", "Dobson units"),
    ("_h", "h"),
    ("_m", "m"),
    ("_s", "s"),
    ("_w", "W"),
    ("_j", "J"),
    ("_c", "°C"),
    ("_f", "°F"),
    ("latitude", "degrees"),
    ("longitude", "degrees"),
    ("_local", "local wall time"),
)


def unit_of(column: str) -> str | None:
    """The unit that a column's name ends in; ``None`` where it has none."""
    return next((unit for suffix, unit in UNITS if column.endswith(suffix)), None)


class _SqliteTimestamp(sqlite.DATETIME):
    """Declares TIMESTAMP and stores texts with a blank and without fractions of seconds.

    It is the one form that JDBC, DuckDB and Superset all read.
    """

    __visit_name__ = "TIMESTAMP"

    def __init__(self) -> None:
        super().__init__(  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it so
            storage_format="%(year)04d-%(month)02d-%(day)02d %(hour)02d:%(minute)02d:%(second)02d",
            regexp=r"(\d+)-(\d+)-(\d+) (\d+):(\d+):(\d+)",
        )


TIMESTAMP: Final = sa.TIMESTAMP().with_variant(_SqliteTimestamp(), "sqlite")


class UtcTimestamp(sa.types.TypeDecorator[datetime]):
    """Aware UTC in Python, a plain TIMESTAMP in the database, whole seconds."""

    impl = TIMESTAMP
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without zone cannot be stored as UTC: {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None, microsecond=0)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The base class of all models; the migrations must produce its metadata."""

    metadata = sa.MetaData(naming_convention=NAMING)


def column(kind: Any, comment: str, *args: Any, **options: Any) -> MappedColumn[Any]:
    """A column with its comment; nullable unless said otherwise."""
    options.setdefault("nullable", bool(not options.get("primary_key")))
    return mapped_column(kind, *args, comment=comment, **options)


def key(kind: Any, comment: str, *args: Any, **options: Any) -> MappedColumn[Any]:
    """A column of the primary key whose values come with the data."""
    return column(kind, comment, *args, primary_key=True, autoincrement=False, **options)


def surrogate(comment: str) -> MappedColumn[Any]:
    """A primary key that the database numbers."""
    return mapped_column(sa.Integer, primary_key=True, autoincrement=True, comment=comment)


def refers(
    kind: Any, target: str, comment: str, ondelete: str | None = None, **options: Any
) -> MappedColumn[Any]:
    """A foreign key column."""
    return column(kind, comment, sa.ForeignKey(target, ondelete=ondelete), **options)


def real(comment: str, **options: Any) -> MappedColumn[Any]:
    """A number with a fraction."""
    return column(sa.Double, comment, **options)


def whole(comment: str, **options: Any) -> MappedColumn[Any]:
    """A whole number."""
    return column(sa.Integer, comment, **options)


def big(comment: str, **options: Any) -> MappedColumn[Any]:
    """A whole number that may exceed 32 bits."""
    return column(sa.BigInteger, comment, **options)


def flag(comment: str, **options: Any) -> MappedColumn[Any]:
    """Yes, no or not known."""
    return column(sa.Boolean, comment, **options)


def word(comment: str, **options: Any) -> MappedColumn[Any]:
    """A short text."""
    return column(sa.String, comment, **options)


def text(comment: str, **options: Any) -> MappedColumn[Any]:
    """A long text."""
    return column(sa.Text, comment, **options)


def utc(comment: str, **options: Any) -> MappedColumn[Any]:
    """A moment in UTC."""
    return column(UtcTimestamp, comment, **options)


def calendar_day(comment: str, **options: Any) -> MappedColumn[Any]:
    """A day of the calendar."""
    return column(sa.Date, comment, **options)


def local(comment: str, **options: Any) -> MappedColumn[Any]:
    """A wall-clock time, naive in Python."""
    return column(TIMESTAMP, comment, **options)
