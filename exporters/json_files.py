"""Writes one JSON file per activity: its fields, its rows of every table, its streams.

``{"activity": {...}, "track": {...}, "laps": [...], "splits": [...], ..., "streams": {"elapsed_s":
[...], ...}}``; tables without rows of it are empty lists, streams without any value are left out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from db.batches import chunks
from db.models import Base
from db.points import FloatArray, Points
from exporters.job import Job, Outcome
from exporters.json_values import as_json, flat_rows_with_points
from exporters.per_activity import Targets

#: Tables left out: the file has them in another form, or they serve only the importer.
_ELSEWHERE: Final = frozenset(
    ["activities", "track_points", "tracks", "activity_observations", "sync_queue"]
)
#: Number of activities whose rows are read at a time.
_GROUP: Final = 200


def export(job: Job) -> Outcome:
    """Write ``<start>_<title>_<id>.json`` for every activity."""
    targets = Targets(job, ".json")
    job.progress.begin("JSON files", len(job.activities))
    files = rows = 0
    for (activity, flat, points), details in zip(
        flat_rows_with_points(job), _details(job), strict=True
    ):
        whole = {"activity": flat, **details, "streams": {} if points is None else _streams(points)}
        targets.write(activity.activity_id, _dump(whole))
        files, rows = files + 1, rows + (0 if points is None else len(points))
        job.progress.advance()
    return Outcome(files=files, rows=rows)


def _dump(whole: dict[str, Any]) -> str:
    """One line per table and stream: small, and still readable."""
    lines = (f"{json.dumps(name)}: {_one(value)}" for name, value in whole.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _one(value: Any) -> str:
    if value and isinstance(value, dict) and isinstance(next(iter(value.values())), list):
        return (
            "{\n"
            + ",\n".join(f" {json.dumps(name)}: {_text(values)}" for name, values in value.items())
            + "\n}"
        )
    return _text(value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _details(job: Job) -> Iterator[dict[str, Any]]:
    """The rows of other tables for each activity."""
    for group in chunks(job.activities, _GROUP):
        ids = [activity.activity_id for activity in group]
        track = _rows(job.connection, Base.metadata.tables["tracks"], ids)
        found = {table.name: _rows(job.connection, table, ids) for table in _tables()}
        for one in group:
            details: dict[str, Any] = {"track": next(iter(track[one.activity_id]), None)}
            details |= {name: rows[one.activity_id] for name, rows in found.items()}
            yield details


def _tables() -> list[sa.Table]:
    """Every table whose rows belong to an activity; tables added later are found, too."""
    activities = Base.metadata.tables["activities"]
    return [
        table
        for table in Base.metadata.sorted_tables
        if table.name not in _ELSEWHERE
        and "activity_id" in table.c
        and table.c.activity_id.references(activities.c.activity_id)
    ]


def _rows(
    connection: sa.Connection, table: sa.Table, ids: Sequence[int]
) -> defaultdict[int, list[dict[str, Any]]]:
    query = (
        sa.select(*table.columns)
        .where(table.c.activity_id.in_(ids))
        .order_by(*table.primary_key.columns)
    )
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        values = as_json(dict(row))
        found[values.pop("activity_id")].append(values)
    return found


def _streams(points: Points) -> dict[str, list[float | None]]:
    """Every column that has a value."""
    return {name: _numbers(values) for name, values in points.known_columns().items()}


def _numbers(values: FloatArray) -> list[float | None]:
    plain: list[float | None] = values.tolist()
    if np.isfinite(values).all():
        return plain
    return [None if value != value else value for value in plain]
