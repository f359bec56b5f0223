"""Reads the header and rows of one CSV as text, however it was saved.

No text holds NUL, which is dropped, or half of a surrogate pair, which no decoder gives, because
PostgreSQL stores neither.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from ingest.errors import BadTable, TooLarge

#: Where a file is decoded to learn of its letters only: one emoji makes a whole text four bytes a
#: character.
_CHUNK: Final = 1 << 16
#: Characters that are looked at to tell the separator.
_HEAD: Final = 20_000
#: The largest known account has 20,000 activities. One letter a row makes a table of 64 MB that
#: takes 8 GB as Python objects.
MAX_ROWS: Final = 1_000_000
#: Cells of a whole table; each takes eight bytes where it is like another. 115,000 activities have
#: as many.
MAX_CELLS: Final = 12_000_000
#: Separators within one row: activities.csv has 103 columns, and long descriptions hold commas.
MAX_WIDTH: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFile:
    """``rows`` holds (row number, cells); the header is row 1, as in a spreadsheet. Rows may be
    shorter or longer than the header.
    """

    header: tuple[str, ...]
    rows: list[tuple[int, tuple[str, ...]]]


def read_csv(data: bytes, origin: str) -> CsvFile:
    """Read a whole CSV; blank rows are left out, NUL bytes are dropped.

    Raises:
        BadTable: there is no header.
        TooLarge: it has more rows or cells than any account.
    """
    encoding = encoding_of(data)
    rows = _rows(data, encoding, origin)
    if not rows:
        is_blank = any(_lines(data, encoding))
        raise BadTable(origin, "the file holds only blanks" if is_blank else "the file is empty")
    return CsvFile(header=rows[0][1], rows=rows[1:])


def encoding_of(data: bytes) -> str:
    """UTF-8 as Strava writes it, else what spreadsheets make of it: UTF-16 with a BOM, or
    Windows-1252.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # One cut emoji must not turn every other accent of a UTF-8 file into two letters.
    bad, good = -data.count("\ufffd".encode()), 0
    for text in _decoded(data):
        damaged = text.count("\ufffd")
        bad += damaged
        good += len(text) - len(text.encode("ascii", "ignore")) - damaged
    return "utf-8-sig" if good > bad or bad <= 0 else "cp1252"


def _decoded(data: bytes) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    for at in range(0, len(data), _CHUNK):
        yield decoder.decode(data[at : at + _CHUNK], at + _CHUNK >= len(data))


def _opened(data: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding, "replace", newline="")


def _lines(data: bytes, encoding: str) -> Iterator[str]:
    return (line for raw in _opened(data, encoding) if (line := raw.replace("\0", "")))


def _rows(data: bytes, encoding: str, origin: str) -> list[tuple[int, tuple[str, ...]]]:
    seen: dict[
        str, str
    ] = {}  # equal cells (0.0, true, names of gear) share one string: half of the memory
    rows: list[tuple[int, tuple[str, ...]]] = []
    delimiter = _delimiter(data, encoding)
    width = [0]
    lines = _bounded(_lines(data, encoding), delimiter, origin, width)
    cell_count = 0
    with _field_size(len(data)):
        try:
            for number, cells in enumerate(csv.reader(lines, delimiter=delimiter), start=1):
                width[0] = 0
                if number > MAX_ROWS:  # blank ones, too: they take their time
                    raise TooLarge(origin, f"has more than the {MAX_ROWS:,} rows that are read")
                if not any(cells):
                    continue
                rows.append((number, tuple(map(seen.setdefault, cells, cells))))
                cell_count += len(cells)
                if cell_count > MAX_CELLS:
                    raise TooLarge(origin, f"has more than the {MAX_CELLS:,} cells that are read")
        except csv.Error as err:
            raise BadTable(origin, f"not a CSV: {err}") from err
    return rows


def _bounded(lines: Iterable[str], delimiter: str, origin: str, width: list[int]) -> Iterator[str]:
    """Lines of a CSV; refuses a row of absurd width before the reader makes a list of it.

    ``width`` holds the separators since the row began; whoever reads sets it to 0 after each row.
    """
    for line in lines:
        if delimiter in line:
            width[0] += line.count(delimiter)
            if width[0] > MAX_WIDTH:
                raise TooLarge(
                    origin, f"has a row of more than the {MAX_WIDTH:,} cells that are read"
                )
        yield line


def _delimiter(data: bytes, encoding: str) -> str:
    # Excel saves with semicolons where the comma is the decimal sign.
    head = re.sub(r'"[^"]*"', "", _head(data, encoding)).splitlines()
    first = head[0] if head else ""
    return next((mark for mark in ",;\t" if mark in first), ",")


def _head(data: bytes, encoding: str) -> str:
    """The beginning of the text, from its first line that holds something."""
    stream = _opened(data, encoding)
    while part := stream.read(_HEAD):
        if head := part.replace("\0", "").lstrip("\r\n"):
            return head + stream.read(_HEAD).replace("\0", "")
    return ""


@contextmanager
def _field_size(size: int) -> Iterator[None]:
    # The limit of 128 KiB a cell belongs to the whole process: raised for one read only, and never
    # lowered.
    before = csv.field_size_limit()
    csv.field_size_limit(max(before, size + 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)
