"""Writes tables as Parquet files, and track points as a dataset by year.

Paths are ``<table>.parquet`` and ``track_points/year=2026/part-0.parquet``, by the year of the
start (UTC).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import sqlalchemy as sa

from exporters.columns import read_table, schema_of
from exporters.files import prepare, refuse_existing, whole_file, whole_folder
from exporters.job import Job, Outcome
from exporters.parquet_points import OPTIONS, write_dataset
from exporters.tables import is_points, tables_named


def export(job: Job, *, tables: Sequence[str] = ()) -> Outcome:
    """Write every table, or the ones named."""
    wanted = tables_named(tables)
    folder = job.folder()
    files = [(table, folder / _name(table)) for table in wanted]
    refuse_existing((file for _, file in files), job.overwrite)
    prepare(folder)
    written = [
        _points(job, file) if is_points(table) else (1, _table(job, table, file))
        for table, file in files
    ]
    return Outcome(files=sum(files for files, _ in written), rows=sum(rows for _, rows in written))


def _name(table: sa.Table) -> str:
    return table.name if is_points(table) else f"{table.name}.parquet"


def _points(job: Job, dataset: Path) -> tuple[int, int]:
    with whole_folder(dataset) as folder:
        return write_dataset(job, folder)


def _table(job: Job, table: sa.Table, file: Path) -> int:
    """One file; return its rows."""
    rows, schema = 0, schema_of(table)
    job.progress.begin(table.name, 0)
    with (
        whole_file(file) as partial,
        pq.ParquetWriter(partial, schema, **OPTIONS) as writer,
    ):
        for batch in read_table(job.connection, table, job.selection):
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows
