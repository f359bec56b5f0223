"""Inserts the rows that many activities have dozens of, such as splits and laps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from db.bulk import insert_values
from db.models import Base
from ingest.transform.records import row_fields


def insert_of_activities(
    connection: sa.Connection,
    model: type[Base],
    own: Mapping[str, str],
    parts: Iterable[tuple[int, Sequence[Any]]],
) -> None:
    """Insert the rows of some activities, all of one type, whose fields are the columns.

    ``own`` are further columns, which have the same value in all rows.
    """
    with_rows = [(activity_id, rows) for activity_id, rows in parts if rows]
    if not with_rows:
        return
    kind: Any = type(with_rows[0][1][0])
    names, values = row_fields(kind)
    same = tuple(own.values())
    insert_values(
        connection,
        model,
        ("activity_id", *own, *names),
        ((activity_id, *same, *values(row)) for activity_id, rows in with_rows for row in rows),
    )
