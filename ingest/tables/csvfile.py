"""Bytes of one CSV in, its header and rows as text out, however it was saved."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ingest.errors import BadTable


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFile:
    """``rows`` holds (row number, cells); the header is row 1, as in a spreadsheet. Rows may be shorter or longer than the header."""

    header: tuple[str, ...]
    rows: list[tuple[int, tuple[str, ...]]]


def read_csv(data: bytes, origin: str) -> CsvFile:
    """Read a whole CSV; blank rows are left out, NUL bytes (which PostgreSQL cannot store) are dropped.

    Raises:
        BadTable: there is no header.
    """
    text = decode(data).replace("\0", "")
    rows = _rows(text, origin)
    if not rows:
        raise BadTable(origin, "the file is empty" if not text else "the file holds only blanks")
    return CsvFile(header=rows[0][1], rows=rows[1:])


def decode(data: bytes) -> str:
    """UTF-8 as Strava writes it, else what spreadsheets make of it: UTF-16 with a BOM, or Windows-1252."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decode_damaged(data)


def _decode_damaged(data: bytes) -> str:
    # One cut emoji must not turn every other accent of a UTF-8 file into two letters.
    text = data.decode("utf-8-sig", "replace")
    bad = text.count("\ufffd")
    good = sum(not c.isascii() for c in text) - bad
    return text if good > bad else data.decode("cp1252", "replace")


def _rows(text: str, origin: str) -> list[tuple[int, tuple[str, ...]]]:
    seen: dict[str, str] = {}  # equal cells (0.0, true, names of gear) share one string: half of the memory
    with _field_size(len(text)):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        try:
            numbered = enumerate(reader, start=1)
            return [(number, tuple(seen.setdefault(c, c) for c in cells)) for number, cells in numbered if any(cells)]
        except csv.Error as err:
            raise BadTable(origin, f"not a CSV: {err}") from err


def _delimiter(text: str) -> str:
    # Excel saves with semicolons where the comma is the decimal sign.
    head = re.sub(r'"[^"]*"', "", text.lstrip("\r\n")[:20_000]).splitlines()
    first = head[0] if head else ""
    return next((mark for mark in ",;\t" if mark in first), ",")


@contextmanager
def _field_size(size: int) -> Iterator[None]:
    # The limit of 128 KiB a cell belongs to the whole process: raised for one read only, and never lowered.
    before = csv.field_size_limit()
    csv.field_size_limit(max(before, size + 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)
