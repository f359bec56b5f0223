"""Writes tables as Parquet files, and track points as a dataset by year.

Paths are ``<table>.parquet`` and ``track_points/year=2026/part-0.parquet``, by the year of the
start (UTC).
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import sqlalchemy as sa

from exporters.bucket import open_bucket
from exporters.columns import read_table, schema_of
from exporters.files import prepare, refuse_existing, whole_file, whole_folder
from exporters.job import Job, Outcome
from exporters.parquet_points import OPTIONS, write_dataset
from exporters.tables import is_points, tables_named


def export(job: Job, *, tables: Sequence[str] = ()) -> Outcome:
    """Write every table, or the ones named."""
    wanted = tables_named(tables)
    if job.url:
        return _stored(job, wanted)
    folder = job.folder()
    files = [(table, folder / _name(table)) for table in wanted]
    refuse_existing((file for _, file in files), job.overwrite)
    prepare(folder)
    written = [
        _points(job, file) if is_points(table) else (1, _table(job, table, file))
        for table, file in files
    ]
    return Outcome(files=sum(files for files, _ in written), rows=sum(rows for _, rows in written))


def _stored(job: Job, wanted: Sequence[sa.Table]) -> Outcome:
    """The same in object storage, file by file through a temporary folder."""
    bucket = open_bucket(job.url, job.config.object_storage)
    bucket.refuse_existing(map(_name, wanted), job.overwrite)
    files = rows = 0
    with tempfile.TemporaryDirectory() as scratch:
        for table in wanted:
            name = _name(table)
            file = Path(scratch, name)
            if is_points(table):
                file.mkdir()
                names, count = write_dataset(job, file, bucket)
                bucket.keep_only(name, names)
                files, rows = files + len(names), rows + count
                continue
            rows += _table(job, table, file)
            bucket.put(file, name)
            files += 1
    return Outcome(files=files, rows=rows, out=job.url)


def _name(table: sa.Table) -> str:
    return table.name if is_points(table) else f"{table.name}.parquet"


def _points(job: Job, dataset: Path) -> tuple[int, int]:
    with whole_folder(dataset) as folder:
        names, rows = write_dataset(job, folder)
    return len(names), rows


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
