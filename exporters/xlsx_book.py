"""Writes one Excel workbook of activities, laps, splits and summaries.

Cells are typed; the header is frozen, and has comments and a filter.

Times are Excel's own (UTC or local, as the column's name says; Excel knows no zones). A table with
more rows than a sheet holds goes on in the next one (``laps 2``). Whole numbers beyond 15 digits,
which Excel would round, are text.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.worksheet import Worksheet

from db.models import Base
from exporters.files import OutputFile, prepare, refuse_existing, scratch_folder, whole_file
from exporters.job import Job, Outcome
from exporters.streaming import stream
from exporters.summaries import SUMMARY_COLUMNS, summaries
from exporters.tables import flat_activities

_NAME: Final = "strava.xlsx"
#: Limits of Excel: rows of a sheet, characters of a cell.
MAX_ROWS: Final = 1_048_576
_MAX_TEXT: Final = 32_767
_MAX_EXACT: Final = 10**15
_CHUNK: Final = 1000
_TABLES: Final = ("laps", "splits", "best_efforts", "segment_efforts", "gear")

Row = Sequence[Any]


def export(job: Job) -> Outcome:
    """Write the workbook."""
    target = job.file(_NAME)
    refuse_existing([target], job.overwrite)
    prepare(target.parent)
    job.progress.begin("sheets", len(_TABLES) + 2)
    rows = cut = 0
    with whole_file(target) as partial, open_book(partial) as book:
        sheets = Sheets(book)
        for name, columns, values in _content(job):
            rows += sheets.add(name, columns, values)
            job.progress.advance()
        cut = sheets.cut
    notes = (
        (f"{cut:,} texts are longer than the {_MAX_TEXT:,} characters of a cell and were cut",)
        if cut
        else ()
    )
    return Outcome(files=1, rows=rows, notes=notes, out=target)


@contextmanager
def open_book(path: Path) -> Iterator[xlsxwriter.Workbook]:
    """Open the workbook; its sheets are buffered in a folder beside it.

    The system's own folder for temporary files may be small.

    Raises:
        OSError: the disk is full, or the file cannot be written for another reason.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with scratch_folder(path) as folder, OutputFile(path, "wb") as file:
        book = xlsxwriter.Workbook(file, {**options, "tmpdir": str(folder)})
        try:
            yield book
            # Not `with book`, which would write the whole workbook even after an error.
            book.close()
        except XlsxWriterException as err:
            reason = next((arg for arg in err.args if isinstance(arg, OSError)), None)
            raise (reason or OSError(str(err))) from err
        finally:
            _close_sheets(book)


def _close_sheets(book: xlsxwriter.Workbook) -> None:
    """Close files that an error left open; Python would complain when it deletes the sheets."""
    for sheet in book.worksheets():
        for file in (sheet.fh, sheet.row_data_fh):
            with suppress(OSError, AttributeError):  # there may be none, or no room for the rest
                file.close()


def _content(job: Job) -> Iterator[tuple[str, Sequence[tuple[str, str | None]], Iterable[Row]]]:
    """Name, columns with comments, and rows of each sheet."""
    query = flat_activities(job.selection)
    yield "activities", _columns(query.selected_columns), _rows(job, query)
    for name in _TABLES:
        table = Base.metadata.tables[name]
        query = job.selection.restrict(sa.select(*table.columns), table).order_by(
            *table.primary_key.columns
        )
        yield name, _columns(table.columns), _rows(job, query)
    alike = Base.metadata.tables["period_summary"].columns
    yield (
        "summaries",
        [(n, getattr(alike.get(n), "comment", None)) for n in SUMMARY_COLUMNS],
        summaries(job),
    )


def _columns(columns: Iterable[Any]) -> list[tuple[str, str | None]]:
    return [(column.name, getattr(column, "comment", None)) for column in columns]


def _rows(job: Job, query: sa.Select[Any]) -> Iterator[Row]:
    return chain.from_iterable(stream(job.connection, query, _CHUNK))


class Sheets:
    """The sheets of a workbook, filled row by row."""

    def __init__(self, book: xlsxwriter.Workbook, max_rows: int = MAX_ROWS) -> None:
        self._book, self._max_rows = book, max_rows
        self._header = book.add_format({"bold": True})
        self._time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})
        #: Number of texts that were too long and were cut.
        self.cut = 0

    def add(self, name: str, columns: Sequence[tuple[str, str | None]], rows: Iterable[Row]) -> int:
        """Add a sheet, and more if the rows need them; return the number of rows."""
        count, sheet = 0, self._begin(name, columns)
        at = 0
        for row in rows:
            at += 1
            if at == self._max_rows:
                self._end(sheet, columns, at - 1)
                sheet, at = self._begin(f"{name} {1 + count // (self._max_rows - 1)}", columns), 1
            for place, value in enumerate(row):
                if value is not None:
                    self._cell(sheet, at, place, value)
            count += 1
        self._end(sheet, columns, at)
        return count

    def _begin(self, name: str, columns: Sequence[tuple[str, str | None]]) -> Worksheet:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        for place, (column, comment) in enumerate(columns):
            is_time = column.endswith(("_utc", "_local", "_at"))
            sheet.set_column(place, place, 19 if is_time else max(10, len(column) + 2))
            sheet.write_string(0, place, column, self._header)
            if comment:
                sheet.write_comment(0, place, comment)
        return sheet

    def _end(self, sheet: Worksheet, columns: Sequence[tuple[str, str | None]], last: int) -> None:
        sheet.autofilter(0, 0, last, len(columns) - 1)

    def _cell(self, sheet: Worksheet, row: int, place: int, value: Any) -> None:
        if isinstance(value, bool):
            sheet.write_boolean(row, place, value)
        elif isinstance(value, int) and abs(value) >= _MAX_EXACT:
            sheet.write_string(row, place, str(value))
        elif isinstance(value, int | float):
            if math.isfinite(value):  # Excel knows neither infinity nor NaN: an empty cell
                sheet.write_number(row, place, value)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, place, value.replace(tzinfo=None), self._time)
        elif isinstance(value, date):
            sheet.write_datetime(row, place, value, self._date)
        else:
            self._text(sheet, row, place, str(value))

    def _text(self, sheet: Worksheet, row: int, place: int, text: str) -> None:
        self.cut += len(text) > _MAX_TEXT
        # Always a string: a title that begins with = must not become a formula.
        sheet.write_string(row, place, text[:_MAX_TEXT])
