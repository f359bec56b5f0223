"""Writes each table as a CSV file.

UTF-8, a header of column names, empty cells for NULL, times as ``2026-05-01T07:12:33Z``. Texts are
quoted, so that an empty one is not NULL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from db.points import POINT_COLUMNS, FloatArray, Points, read_points
from exporters import clock
from exporters.errors import UsageError
from exporters.files import prepare, refuse_existing, whole_file
from exporters.job import Job, Outcome
from exporters.streaming import stream
from exporters.tables import flat_activities, is_points, rows_of, tables_named

_ACTIVITIES: Final = "activities.csv"
#: Rows held in memory at a time; those of ``activity_observations`` can have a kilobyte each.
_CHUNK: Final = 10_000
#: Patterns of texts that a spreadsheet runs as formulas, and of those that are only numbers.
_FORMULA: Final = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER: Final = re.compile(r"[+\-]?[0-9]+(\.[0-9]+)?")

#: Functions that turn a value of each type into a cell.
Cells = Mapping[type, Callable[[Any], str]]


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
    cells = {**_CELLS, str: _harmless} if spreadsheet_safe else _CELLS
    if activities_only:
        return _activities(job, job.file(_ACTIVITIES), cells)
    wanted = tables_named(tables)
    folder = job.folder("one file of activities with --activities-only")
    refuse_existing((folder / f"{table.name}.csv" for table in wanted), job.overwrite)
    prepare(folder)
    return Outcome(files=len(wanted), rows=sum(_table(job, table, cells) for table in wanted))


def _activities(job: Job, file: Path, cells: Cells) -> Outcome:
    refuse_existing([file], job.overwrite)
    prepare(file.parent)
    query, total = flat_activities(job.selection), len(job.activities)
    rows = _rows(replace(job, out=file.parent), file.name, query, cells, total)
    return Outcome(files=1, rows=rows, out=file)


def _table(job: Job, table: sa.Table, cells: Cells) -> int:
    name = f"{table.name}.csv"
    if not is_points(table):
        return _rows(job, name, rows_of(table, job.selection), cells, 0)
    header = ("activity_id", "point_index", *POINT_COLUMNS)
    tracks = map(_points, read_points(job.connection, job.activities))
    return _write(job, name, header, tracks, job.point_count)


def _rows(job: Job, name: str, query: sa.Select[Any], cells: Cells, total: int) -> int:
    header = [column.name for column in query.selected_columns]
    chunks = (
        [",".join([cells[type(value)](value) for value in row]) for row in rows]
        for rows in stream(job.connection, query, _CHUNK)
    )
    return _write(job, name, header, chunks, total)


def _write(
    job: Job, name: str, header: Sequence[str], chunks: Iterable[Sequence[str]], total: int
) -> int:
    """One file; return its rows."""
    rows = 0
    job.progress.begin(name, total)
    with (
        whole_file(job.out / name) as unfinished,
        unfinished.open("w", encoding="utf-8", newline="") as file,
    ):
        file.write(",".join(header) + "\n")
        for chunk in chunks:
            file.write("\n".join(chunk) + "\n")
            rows += len(chunk)
            job.progress.advance(len(chunk))
    return rows


def _points(points: Points) -> list[str]:
    """The rows of one activity's points."""
    key = ([str(points.activity_id)] * len(points), map(str, points.index.tolist()))
    columns = (_numbers(points.column(name)) for name in POINT_COLUMNS)
    return [",".join(row) for row in zip(*key, *columns, strict=True)]


def _numbers(values: FloatArray) -> Iterator[str]:
    """Each number as text; most columns have few different ones, which are written once."""
    different, which = np.unique(values, return_inverse=True)
    texts = ["" if value != value else _number(value) for value in different.tolist()]
    return map(texts.__getitem__, which.tolist())


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _harmless(text: str) -> str:
    """Put an apostrophe, which spreadsheets hide, before texts that they would run."""
    is_formula = _FORMULA.match(text) and not _NUMBER.fullmatch(text)
    return _quoted(f"'{text}" if is_formula else text)


_CELLS: Final[Cells] = {
    type(None): lambda _: "",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: _number,
    str: _quoted,
    date: date.isoformat,
    datetime: lambda value: f'"{clock.iso_text(value)}"',
}
