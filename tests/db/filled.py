"""Fills every table with rows of two athletes, whatever tables and columns there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from db.models import Base

ATHLETES = (1, 2)
#: Every text of an athlete's rows begins with this and the athlete's id.
SECRET = "secret of athlete"


def fill(connection: sa.Connection, only: Collection[str] = ()) -> None:
    """Write two rows of each athlete into each table, or into those named."""
    for table in Base.metadata.sorted_tables:
        if table.name == "data_dictionary" or (only and table.name not in only):
            continue
        rows = [_row(table, athlete, number) for athlete in ATHLETES for number in (0, 1)]
        key = [column.name for column in table.primary_key]
        unique = {tuple(row[name] for name in key): row for row in rows}
        connection.execute(sa.insert(table), list(unique.values()))


def activity(athlete: int, number: int) -> int:
    """The id of an athlete's first or second activity."""
    return athlete * 10 + number


def _row(table: sa.Table, athlete: int, number: int) -> dict[str, Any]:
    return {column.name: _value(table, column, athlete, number) for column in table.columns}


def _value(table: sa.Table, column: sa.Column[Any], athlete: int, number: int) -> Any:
    unique, target = activity(athlete, number), {key.column for key in column.foreign_keys}
    if column.name == "athlete_id":
        return athlete
    if column.name in ("activity_id", "other_activity_id"):
        return activity(athlete, number if column.name == "activity_id" else 1 - number)
    if target or column.primary_key:  # the same rule makes the row that is referred to
        return _key(column.type, unique)
    if isinstance(column.type, sa.String):
        return f"{SECRET} {athlete}: {table.name}.{column.name} {number}"
    return _plain(column.type, unique)


_DAY = dt.date(2024, 1, 1)


def _key(kind: sa.types.TypeEngine[Any], unique: int) -> Any:
    if isinstance(kind, sa.Date):
        return _DAY + dt.timedelta(days=unique)
    return f"key {unique}" if isinstance(kind, sa.String) else unique


def _plain(kind: sa.types.TypeEngine[Any], unique: int) -> Any:
    for known, value in (
        (sa.Boolean, True),
        (sa.Integer, unique),
        (sa.Float, float(unique)),
        (sa.Date, _DAY + dt.timedelta(unique)),
    ):
        if isinstance(kind, known):
            return value
    return dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=unique)
