"""Reads the header and rows of a CSV as text, whatever program saved it.

No text holds NUL, which is dropped, or half of a surrogate pair, which no decoder gives, since
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

#: Bytes decoded at a time to find the encoding; with one emoji, a text takes four bytes for each
#: character.
_CHUNK: Final = 1 << 16
#: Number of characters in which the separator is searched for.
_HEAD: Final = 20_000
#: Largest number of rows; the largest known account has 20,000 activities. One letter a row makes a
#: table of 64 MB that takes 8 GB as Python objects.
MAX_ROWS: Final = 1_000_000
#: Largest number of cells in a table, as many as 115,000 activities have. A cell equal to another
#: one takes eight bytes.
MAX_CELLS: Final = 12_000_000
#: Largest number of separators in a row: activities.csv has 103 columns, and descriptions hold
#: commas.
MAX_WIDTH: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFile:
    """The header and the rows of a CSV.

    ``rows`` holds (row number, cells); the header is row 1, as in a spreadsheet. Rows may be
    shorter or longer than the header.
    """

    header: tuple[str, ...]
    rows: list[tuple[int, tuple[str, ...]]]


def read_csv(data: bytes, origin: str) -> CsvFile:
    """Read a whole CSV; blank rows are left out and NUL bytes dropped.

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
    """The encoding: UTF-8 as Strava writes it, UTF-16 with a BOM, or Windows-1252.

    Spreadsheets save the latter two.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # One emoji cut in two must not make a UTF-8 file pass for Windows-1252, which would spoil all
    # of its accents.
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
    lines = _opened(data, encoding)
    if b"\0" not in data:
        return iter(lines)
    return (line for raw in lines if (line := raw.replace("\0", "")))


def _rows(data: bytes, encoding: str, origin: str) -> list[tuple[int, tuple[str, ...]]]:
    # Equal cells (0.0, true, names of gear) share one string, which takes half of the memory.
    seen: dict[str, str] = {}
    rows: list[tuple[int, tuple[str, ...]]] = []
    delimiter = _delimiter(data, encoding)
    width = [0]
    lines = _bounded(_lines(data, encoding), delimiter, origin, width)
    cell_count = 0
    with _field_size(len(data)):
        try:
            for number, cells in enumerate(csv.reader(lines, delimiter=delimiter), start=1):
                width[0] = 0
                if number > MAX_ROWS:  # blank rows count too, since reading them takes time
                    raise TooLarge(origin, f"has more than the limit of {MAX_ROWS:,} rows")
                if not any(cells):
                    continue
                rows.append((number, tuple(map(seen.setdefault, cells, cells))))
                cell_count += len(cells)
                if cell_count > MAX_CELLS:
                    raise TooLarge(origin, f"has more than the limit of {MAX_CELLS:,} cells")
        except csv.Error as err:
            raise BadTable(origin, f"not a CSV: {err}") from err
    return rows


def _bounded(lines: Iterable[str], delimiter: str, origin: str, width: list[int]) -> Iterator[str]:
    """Lines of a CSV; stops at a row of absurd width before the reader makes a list of it.

    ``width`` holds the number of separators since the row began; the caller sets it to 0 after each
    row.
    """
    for line in lines:
        if delimiter in line:
            width[0] += line.count(delimiter)
            if width[0] > MAX_WIDTH:
                raise TooLarge(origin, f"has a row of more than the limit of {MAX_WIDTH:,} cells")
        yield line


def _delimiter(data: bytes, encoding: str) -> str:
    # Excel separates by semicolons in countries whose decimal sign is the comma.
    head = re.sub(r'"[^"]*"', "", _head(data, encoding)).splitlines()
    first = head[0] if head else ""
    return next((mark for mark in ",;\t" if mark in first), ",")


def _head(data: bytes, encoding: str) -> str:
    """The beginning of the text, from its first line that is not blank."""
    stream = _opened(data, encoding)
    while part := stream.read(_HEAD):
        if head := part.replace("\0", "").lstrip("\r\n"):
            return head + stream.read(_HEAD).replace("\0", "")
    return ""


@contextmanager
def _field_size(size: int) -> Iterator[None]:
    # The limit of 128 KiB a cell is global to the process: it is raised for this read only, and
    # never lowered.
    before = csv.field_size_limit()
    csv.field_size_limit(max(before, size + 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)
