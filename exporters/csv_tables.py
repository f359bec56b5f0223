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
from typing import Any, Final, cast

import sqlalchemy as sa
from pydantic_core import to_json

from db.models import TrackPoint
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
#: Numbers that JSON may write unlike Python: 0.00001, 1e-7 and 1e16 for 1e-05, 1e-07 and 1e+16.
_TINY_OR_HUGE: Final = re.compile(r"\b(?:0\.0000\d+|\d[\d.]*e[-+]?\d+)")
#: Points that SQLite is asked for at a time, so few that they stay in the processor's cache.
_POINTS: Final = 1_000
#: Columns of points after ``activity_id``.
_POINT_COLUMNS: Final = TrackPoint.__table__.columns.keys()[1:]

#: Functions that turn a value of each type into a cell.
Cells = Mapping[type, Callable[[Any], str]]
#: A number of lines, and the lines.
Chunk = tuple[int, str]


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
    return _write(job, name, ("activity_id", *_POINT_COLUMNS), _points(job), job.point_count)


def _rows(job: Job, name: str, query: sa.Select[Any], cells: Cells, total: int) -> int:
    header = [column.name for column in query.selected_columns]
    chunks = (
        (len(rows), "\n".join([_line(row, cells) for row in rows]))
        for rows in stream(job.connection, query, _CHUNK)
    )
    return _write(job, name, header, chunks, total)


def _line(row: Iterable[Any], cells: Cells) -> str:
    return ",".join([cells[type(value)](value) for value in row])


def _write(job: Job, name: str, header: Sequence[str], chunks: Iterable[Chunk], total: int) -> int:
    """One file; return its rows."""
    rows = 0
    job.progress.begin(name, total)
    with (
        whole_file(job.out / name) as unfinished,
        unfinished.open("w", encoding="utf-8", newline="") as file,
    ):
        file.write(",".join(header) + "\n")
        for count, text in chunks:
            file.write(text + "\n")
            rows += count
            job.progress.advance(count)
    return rows


def _points(job: Job) -> Iterator[Chunk]:
    """The points of each activity, by the fastest way that each driver has.

    They are only numbers, so lines can be made of many at once, outside Python. This module does
    without NumPy: once a process has its threads, even idle ones, each lock that SQLite takes costs
    more, together a sixth of the CPU time.
    """
    lines = _POINT_LINES[job.connection.dialect.name]
    for activity in job.activities:
        if activity.point_count:
            yield from lines(job.connection, activity.activity_id)


def _lines_of_postgres(connection: sa.Connection, activity_id: int) -> Iterator[Chunk]:
    """Let the server join the cells and the lines; it would send rows one by one."""
    cells = f"'{activity_id},' || array_to_string(ARRAY[{', '.join(_POINT_COLUMNS)}], ',', '')"
    rows, lines = connection.exec_driver_sql(
        f"SELECT count(*), string_agg({cells}, chr(10) ORDER BY point_index) FROM track_points "
        f"WHERE activity_id = {activity_id}"
    ).one()
    if rows:
        yield rows, lines


def _lines_of_sqlite(connection: sa.Connection, activity_id: int) -> Iterator[Chunk]:
    """Make lines of JSON, ``[[0,1.5,null],[1,2.0,null]]``; Python writes numbers slower."""
    cursor = cast(Any, connection.connection.driver_connection).execute(
        f"SELECT {', '.join(_POINT_COLUMNS)} FROM track_points WHERE activity_id = {activity_id} "
        "ORDER BY point_index"
    )
    while rows := cursor.fetchmany(_POINTS):
        json = to_json(rows, inf_nan_mode="null").decode()
        text = json.replace("null", "").replace(".0,", ",").replace(".0]", "]")
        if "e" in text or "0.0000" in text:
            text = _TINY_OR_HUGE.sub(lambda number: _number(float(number[0])), text)
        yield len(rows), f"{activity_id}," + text[2:-2].replace("],[", f"\n{activity_id},")


_POINT_LINES: Final = {"postgresql": _lines_of_postgres, "sqlite": _lines_of_sqlite}


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
