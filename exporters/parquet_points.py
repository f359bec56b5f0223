"""Writes track points as a Parquet dataset by year, with one process per core.

Converting SQLite's values to Python floats takes most of the time and holds the interpreter's lock,
so threads would not help. The parent keeps its transaction open meanwhile, so that all processes
see the same snapshot.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.engine import URL

from db.batches import batches
from db.child_process import follow_parent
from db.interrupts import without_ctrl_c
from db.opening import can_share, share, snapshot
from db.points import read_points
from exporters.bucket import Bucket
from exporters.columns import points_batch, points_schema
from exporters.errors import ExportError
from exporters.job import Job
from exporters.selection import Chosen

OPTIONS: Final[dict[str, Any]] = {"compression": "zstd", "compression_level": 1}
#: Rows per row group: enough to compress well, few enough to be read in parallel.
_GROUP: Final = 250_000
#: Rows per file, which is also the work that a process gets at a time.
_PART: Final = 500_000
#: Points from which a second process pays: starting it takes half a second, or half a million
#: points.
_WORTH_A_PROCESS: Final = 1_500_000
#: Partition of activities without a start. Pandas cannot read Hive's own name for it, and a word
#: would make all years text.
_NO_YEAR: Final = "0"
#: Columns with few different values, for which a dictionary pays; for others, Parquet would try one
#: in vain.
_REPEATED: Final = ("activity_id", "heartrate_bpm", "cadence_rpm", "power_w", "temperature_c")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One file and the activities in it."""

    file: Path
    activities: Sequence[Chosen]
    #: Where it is put then, and its name there.
    bucket: Bucket | None = None
    name: str = ""


def write_dataset(
    job: Job, folder: Path, bucket: Bucket | None = None
) -> tuple[Sequence[str], int]:
    """Write ``folder/year=*/part-*.parquet``; return the names of the files, and how many rows.

    Each file is put into ``bucket`` when it is whole, under the name of the folder.
    """
    job.progress.begin("track_points", job.point_count)
    # A dataset without rows must still have columns.
    parts = list(_parts(job.activities, folder)) or [
        _Part(file=folder / "part-0.parquet", activities=())
    ]
    for at, part in enumerate(parts):
        part.file.parent.mkdir(exist_ok=True)
        name = part.file.relative_to(folder.parent).as_posix()
        parts[at] = replace(part, bucket=bucket, name=name)
    rows = 0
    one_by_one = (_write(job.connection, part) for part in parts)
    for written in _together(job, parts) if _is_worth_it(job, parts) else one_by_one:
        rows += written
        job.progress.advance(written)
    return [part.name for part in parts], rows


def _parts(activities: Iterable[Chosen], folder: Path) -> Iterator[_Part]:
    for year, of_year in groupby((a for a in activities if a.point_count), _year):
        for number, some in enumerate(batches(of_year, attrgetter("point_count"), _PART)):
            yield _Part(file=folder / f"year={year}" / f"part-{number}.parquet", activities=some)


def _year(activity: Chosen) -> str:
    return f"{activity.start_time_utc:%Y}" if activity.start_time_utc else _NO_YEAR


def _is_worth_it(job: Job, parts: Sequence[_Part]) -> bool:
    is_much = len(parts) > 1 and job.point_count >= _WORTH_A_PROCESS
    return is_much and (os.cpu_count() or 1) > 1 and can_share(job.connection)


def _together(job: Job, parts: Sequence[_Part]) -> Iterator[int]:
    shared, url = share(job.connection), job.connection.engine.url
    workers = min(os.cpu_count() or 1, 4, len(parts))
    # Spawned, since a forked process would inherit the connection.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=follow_parent) as pool:
        try:
            with without_ctrl_c():
                waiting = [pool.submit(_write_alone, url, shared, part) for part in parts]
            for done in as_completed(waiting):
                yield done.result()
        except BrokenProcessPool as err:
            raise ExportError(
                "a process that writes Parquet files stopped, perhaps out of memory; run again"
            ) from err
        finally:
            pool.shutdown(cancel_futures=True)


def _write_alone(url: URL | str, shared: str, part: _Part) -> int:
    """Write a part in a process of its own."""
    with snapshot(url, shared) as connection:
        return _write(connection, part)


def _write(connection: sa.Connection, part: _Part) -> int:
    """One file of points, by start; return its rows."""
    schema, rows = points_schema(), 0
    with pq.ParquetWriter(part.file, schema, use_dictionary=list(_REPEATED), **OPTIONS) as writer:
        for group in batches(read_points(connection, part.activities), len, _GROUP):
            table = pa.Table.from_batches([points_batch(points, schema) for points in group])
            writer.write_table(table, table.num_rows)
            rows += table.num_rows
    if part.bucket is not None:
        part.bucket.put(part.file, part.name)
    return rows
