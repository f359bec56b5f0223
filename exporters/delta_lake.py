"""Writes each table as a Delta table, and again only the rows of athletes that changed.

A table lies at ``<out>/<table>``; ``track_points`` is partitioned by ``athlete_bucket`` (id modulo
64) and ``year`` (of the start in UTC, 0 where it is not known). Each row has the id of its athlete
and ``rows_digest``, which is the same in all rows of the athlete in this table: it is how the next
export finds out what changed. The rows of an athlete in a table are replaced in one commit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from db.batches import batches
from db.models import Activity
from db.points import read_points
from exporters.columns import points_batch, points_schema, read_query, schema_of
from exporters.errors import UsageError
from exporters.files import prepare
from exporters.job import Job, Outcome
from exporters.lake_digests import Digest, by_athlete, is_of_athletes, of_all, with_athlete
from exporters.lake_table import ALL, BUCKET, DIGEST, YEAR, LakeTable, Reading, bucket
from exporters.object_storage import delta_options
from exporters.selection import Chosen, Selection, chosen
from exporters.tables import is_points, tables_named

#: Rows that one commit replaces, if they are of several athletes; at most so many athletes.
_ROWS: Final = 200_000
_ATHLETES: Final = 500


def export(job: Job, *, tables: Sequence[str] = ()) -> Outcome:
    """Write what changed of every table, or of the ones named."""
    wanted = tables_named(tables)
    if not job.url:
        _refuse_escapes(job.folder())
        prepare(job.folder())
    root = job.url or str(job.folder())
    written: dict[str, Any] = {"files": 0, "rows": 0}
    athletes: set[int] = set()
    removed: set[int] = set()
    for table in wanted:
        lake = _opened(job, table, f"{root.rstrip('/')}/{table.name}")
        before = lake.files()
        rows, changed, gone = _brought_up_to_date(job, table, lake)
        athletes |= changed
        removed |= gone
        written["rows"] += rows
        if new := len(lake.files() - before):
            written["files"] += new
        if changed or gone:
            lake.clean()
    athletes.discard(ALL)
    return Outcome(
        files=written["files"],
        rows=written["rows"],
        notes=() if athletes or removed or written["rows"] else ("nothing has changed",),
        out=job.url or None,
        details={"athletes_written": len(athletes), "athletes_removed": len(removed)},
    )


def _refuse_escapes(folder: Path) -> None:
    """Refuse a path that the library would take for an escaped one, and not find again."""
    if re.search("%[0-9A-Fa-f]{2}", str(folder.absolute())):
        raise UsageError(
            f"--out {folder}: a lake cannot lie in a folder whose name has % and two digits or "
            "letters of a to f; choose another --out"
        )


def _opened(job: Job, table: sa.Table, place: str) -> LakeTable:
    return LakeTable.open(
        place,
        lake_schema(table),
        delta_options(job.config.object_storage),
        (BUCKET, YEAR) if is_points(table) else (),
        job.overwrite,
    )


def lake_schema(table: sa.Table) -> pa.Schema:
    """The columns of a table in the lake.

    Those that tell what changed come first, since Delta keeps statistics of the first columns only.
    """
    own = points_schema() if is_points(table) else schema_of(table)
    digest = pa.field(DIGEST, pa.int64(), False)
    if not is_of_athletes(table):
        return pa.schema([digest, *own])
    athlete = own.field("athlete_id") if "athlete_id" in own.names else _ATHLETE
    added = (
        [pa.field(name, pa.int64(), False) for name in (BUCKET, YEAR)] if is_points(table) else []
    )
    return pa.schema([athlete, digest, *added, *(f for f in own if f.name != "athlete_id")])


_ATHLETE: Final = pa.field("athlete_id", pa.int64(), False)


def _brought_up_to_date(
    job: Job, table: sa.Table, lake: LakeTable
) -> tuple[int, set[int], set[int]]:
    """Rows written, whose they were, and whose were removed."""
    held = lake.digests()
    if not is_of_athletes(table):
        digest = of_all(job.connection, table)
        if held.get(ALL, None if digest else digest.value) == digest.value:
            return 0, set(), set()
        lake.replace({ALL: digest.value}, lambda: _all_rows(job, table, lake.schema, digest.value))
        return digest.rows, {ALL}, set()
    now = by_athlete(job.connection, table)
    gone = set(held) - set(now)
    if gone:
        lake.remove(sorted(gone))
    changed = {
        athlete: now[athlete] for athlete in sorted(now) if held.get(athlete) != now[athlete].value
    }
    job.progress.begin(table.name, sum(digest.rows for digest in changed.values()))
    rows = 0
    for group in _groups(table, changed):
        digests = {athlete: changed[athlete].value for athlete in group}
        counted = _Counted(_reading(job, table, lake.schema, digests))
        lake.replace(digests, counted)
        rows += counted.rows
        job.progress.advance(sum(changed[athlete].rows for athlete in group))
    return rows, set(changed), gone


@dataclass(slots=True)
class _Counted:
    """A reading that counts its rows: of points there may be others than tracks tell."""

    reading: Reading
    rows: int = 0

    def __call__(self) -> pa.RecordBatchReader:
        self.rows = 0
        reader = self.reading()
        return pa.RecordBatchReader.from_batches(reader.schema, self._batches(reader))

    def _batches(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        for batch in reader:
            self.rows += batch.num_rows
            yield batch


def _groups(table: sa.Table, changed: Mapping[int, Digest]) -> Iterator[list[int]]:
    """Athletes whose rows one commit replaces; of points one, so that a file has one athlete."""
    if is_points(table):
        yield from ([athlete] for athlete in changed)
        return
    yield from batches(changed, lambda athlete: changed[athlete].rows, _ROWS, _ATHLETES)


def _reading(job: Job, table: sa.Table, schema: pa.Schema, digests: Mapping[int, int]) -> Reading:
    if is_points(table):
        ((athlete, digest),) = digests.items()
        return lambda: _points(job.connection, athlete, digest, schema)
    return lambda: _rows_of(job, table, schema, digests)


def _rows_of(
    job: Job, table: sa.Table, schema: pa.Schema, digests: Mapping[int, int]
) -> pa.RecordBatchReader:
    """The rows of some athletes, by athlete."""
    query = with_athlete(table)
    athlete = query.selected_columns[0]
    query = query.where(athlete.in_(sorted(digests))).order_by(athlete, *table.primary_key.columns)
    read = pa.schema([pa.field("_athlete", pa.int64()), *schema_of(table)])

    def batches_of() -> Iterator[pa.RecordBatch]:
        for batch in read_query(job.connection, query, read):
            ids = batch.column(0)
            values = [digests[one] for one in ids.to_pylist()]
            known = {"athlete_id": ids, DIGEST: pa.array(values, pa.int64())}
            yield pa.RecordBatch.from_arrays(
                [known[name] if name in known else batch.column(name) for name in schema.names],
                schema=schema,
            )

    return pa.RecordBatchReader.from_batches(schema, batches_of())


def _all_rows(job: Job, table: sa.Table, schema: pa.Schema, digest: int) -> pa.RecordBatchReader:
    def batches_of() -> Iterator[pa.RecordBatch]:
        for batch in read_query(job.connection, sa.select(*table.columns), schema_of(table)):
            same = pa.array(np.full(batch.num_rows, digest, np.int64))
            yield pa.RecordBatch.from_arrays([same, *batch.columns], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches_of())


def _points(
    connection: sa.Connection, athlete: int, digest: int, schema: pa.Schema
) -> pa.RecordBatchReader:
    """The points of one athlete, by start of the activity."""
    own = points_schema()
    activities = {one.activity_id: one for one in _of_athlete(connection, athlete)}

    def batches_of() -> Iterator[pa.RecordBatch]:
        for points in read_points(connection, activities.values()):
            batch = points_batch(points, own)
            start = activities[points.activity_id].start_time_utc
            same = {
                "athlete_id": athlete,
                DIGEST: digest,
                BUCKET: bucket(athlete),
                YEAR: start.year if start else 0,
            }
            yield pa.RecordBatch.from_arrays(
                [
                    pa.array(np.full(len(points), same[name], np.int64))
                    if name in same
                    else batch.column(name)
                    for name in schema.names
                ],
                schema=schema,
            )

    return pa.RecordBatchReader.from_batches(schema, batches_of())


def _of_athlete(connection: sa.Connection, athlete: int) -> Sequence[Chosen]:
    ids = tuple(
        connection.scalars(sa.select(Activity.activity_id).where(Activity.athlete_id == athlete))
    )
    return chosen(connection, Selection(ids=ids))
