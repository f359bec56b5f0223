"""Writes each table as a CSV file.

UTF-8, a header of column names, empty cells for NULL, times as ``2026-05-01T07:12:33Z``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import sqlalchemy as sa

from exporters.columns import (
    field_of,
    is_points,
    points_batch,
    points_schema,
    read_query,
    read_table,
    schema_of,
)
from exporters.errors import UsageError
from exporters.files import prepare, refuse_existing, whole_file
from exporters.job import Job, Outcome
from exporters.points import read_points
from exporters.tables import flat_activities, tables_named

_ACTIVITIES: Final = "activities.csv"
_OPTIONS: Final = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
#: Patterns of texts that a spreadsheet runs as formulas, and of those that are only numbers.
_FORMULA: Final = "^[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_NUMBER: Final = r"^[+\-]?[0-9]+(\.[0-9]+)?$"

#: Function that turns a batch of a table into the batch to write.
Preparation = Callable[[pa.RecordBatch], pa.RecordBatch]


def export(
    job: Job,
    *,
    tables: Sequence[str] = (),
    activities_only: bool = False,
    spreadsheet_safe: bool = False,
) -> Outcome:
    """Write ``<table>.csv`` for every table, or the ones named; or one flat ``activities.csv``."""
    if activities_only and tables:
        raise UsageError("--activities-only writes no tables; leave out --tables")
    wanted = () if activities_only else tables_named(tables)
    refuse_existing([job.out / name for name in _names(wanted)], job.overwrite)
    prepare(job.out)
    prepared = partial(_as_text, spreadsheet_safe=spreadsheet_safe)
    if activities_only:
        return Outcome(files=1, rows=_flat(job, prepared))
    return Outcome(files=len(wanted), rows=sum(_table(job, table, prepared) for table in wanted))


def _names(tables: Iterable[sa.Table]) -> list[str]:
    return [f"{table.name}.csv" for table in tables] or [_ACTIVITIES]


def _flat(job: Job, prepared: Preparation) -> int:
    query = flat_activities(job.selection)
    schema = pa.schema([field_of(column) for column in query.selected_columns])
    batches = read_query(job.connection, query, schema)
    return _write(job, _ACTIVITIES, schema, map(prepared, batches), len(job.activities))


def _table(job: Job, table: sa.Table, prepared: Preparation) -> int:
    name = f"{table.name}.csv"
    if is_points(table):
        batches = (
            points_batch(points, points_schema())
            for points in read_points(job.connection, job.activities)
        )
        return _write(job, name, points_schema(), batches, job.point_count)
    rows = map(prepared, read_table(job.connection, table, job.selection))
    return _write(job, name, schema_of(table), rows, 0)


def _write(
    job: Job, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch], total: int
) -> int:
    """One file; return its rows."""
    rows = 0
    job.progress.begin(name, total)
    with whole_file(job.out / name) as unfinished, unfinished.open("wb") as file:
        file.write((",".join(schema.names) + "\n").encode())
        for batch in batches:
            pyarrow.csv.write_csv(batch, file, _OPTIONS)
            rows += batch.num_rows
            job.progress.advance(batch.num_rows)
    return rows


def _as_text(batch: pa.RecordBatch, *, spreadsheet_safe: bool) -> pa.RecordBatch:
    """Write times as text in the one form that every program reads.

    Arrow itself would write six zeros of microseconds.
    """
    columns = [
        _time_text(column) if pa.types.is_timestamp(column.type) else column
        for column in batch.columns
    ]
    if spreadsheet_safe:
        columns = [
            _harmless(column) if pa.types.is_string(column.type) else column for column in columns
        ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _harmless(column: pa.Array) -> pa.Array:
    """Put an apostrophe, which spreadsheets hide, before texts that they would run."""
    is_formula = pc.and_not(
        pc.match_substring_regex(column, _FORMULA), pc.match_substring_regex(column, _NUMBER)
    )
    return pc.if_else(
        is_formula, pc.replace_substring_regex(column, "^", "'", max_replacements=1), column
    )


def _time_text(column: pa.Array) -> pa.Array:
    zone = "Z" if column.type.tz else ""
    seconds = column.cast(pa.timestamp("s", column.type.tz), safe=False)
    return pc.strftime(seconds, format=f"%Y-%m-%dT%H:%M:%S{zone}")
