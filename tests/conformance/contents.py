"""Reads one exported file of any format, and refuses one that is not well formed."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree

import openpyxl
import pyarrow.parquet as pq


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a file holds: the activities it names, and its rows, as far as its format has them."""

    ids: frozenset[int] = frozenset()
    rows: int | None = None


def read(path: Path) -> Contents:
    """The contents of a file, by its name's suffix, else by its first bytes.

    Raises whatever the format's reader raises for a file that is not well formed.
    """
    data = path.read_bytes()
    assert data, f"{path.name} is empty"
    # A file of a Delta table is named by chance; its folder tells which table it is.
    name = path.parent.name if path.stem.startswith("part-") else path.stem
    return (_SUFFIXES.get(path.suffix) or _by_content(data))(name, data)


Reader = Callable[[str, bytes], Contents]


def _by_content(data: bytes) -> Reader:
    return next((reader for begin, reader in _BEGINNINGS if data.startswith(begin)), _unknown)


def _unknown(name: str, data: bytes) -> Contents:
    return Contents()


def _gzip(name: str, data: bytes) -> Contents:
    plain = gzip.decompress(data)
    return (_SUFFIXES.get(Path(name).suffix) or _by_content(plain))(name, plain)


def _csv(name: str, data: bytes) -> Contents:
    header, *rows = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
    assert len(set(header)) == len(header), f"{name}: two columns of one name"
    assert {len(row) for row in rows} <= {len(header)}, f"{name}: rows of other lengths"
    return _table(name, header, rows)


def _table(name: str, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> Contents:
    """Only ``activities`` lists activities; other tables may name ones that are gone."""
    found = [dict(zip(header, row, strict=True)) for row in rows]
    ids = [int(row["activity_id"]) for row in found] if name == "activities" else []
    assert len(ids) == len(set(ids)), f"{name}: an activity twice"
    return Contents(ids=frozenset(ids), rows=len(found))


def _json(name: str, data: bytes) -> Contents:
    whole = json.loads(data.decode(), parse_constant=_refuse)
    if isinstance(whole, list):
        return Contents(ids=frozenset(one["activity_id"] for one in whole), rows=len(whole))
    if "streams" not in whole:
        return Contents()
    lengths = {len(values) for values in whole["streams"].values()}
    assert len(lengths) <= 1
    # Streams without any value are left out; if all are, the track alone tells how many points.
    lengths = lengths or {whole["track"]["point_count"] if whole["track"] else 0}
    return Contents(ids=frozenset([whole["activity"]["activity_id"]]), rows=lengths.pop())


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _geojson(name: str, data: bytes) -> Contents:
    whole = json.loads(data.decode(), parse_constant=_refuse)
    features = whole["features"] if whole["type"] == "FeatureCollection" else [whole]
    for feature in features:
        assert feature["type"] == "Feature"
        assert feature["id"] == feature["properties"]["activity_id"]
        for one in _lines(feature["geometry"]):
            assert len(one) >= 2
            assert all(-180 <= place[0] <= 180 and -90 <= place[1] <= 90 for place in one)
            assert all(abs(a[0] - b[0]) <= 180 for a, b in pairwise(one)), "around the earth"
    ids = [feature["id"] for feature in features]
    assert len(ids) == len(set(ids))
    return Contents(ids=frozenset(ids), rows=len(ids))


def _lines(geometry: dict[str, Any] | None) -> list[Any]:
    if geometry is None:
        return []
    lines = geometry["coordinates"]
    return [lines] if geometry["type"] == "LineString" else list(lines)


def _gpx(name: str, data: bytes) -> Contents:
    points = list(ElementTree.fromstring(data).iter("{http://www.topografix.com/GPX/1/1}trkpt"))
    for point in points:
        assert -90 <= float(point.attrib["lat"]) <= 90
        assert -180 <= float(point.attrib["lon"]) < 180
    return Contents(rows=len(points))


def _tcx(name: str, data: bytes) -> Contents:
    root = ElementTree.fromstring(data)
    space = "{http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2}"
    return Contents(rows=sum(1 for _ in root.iter(f"{space}Trackpoint")))


def _xml(name: str, data: bytes) -> Contents:
    ElementTree.fromstring(data)
    return Contents()


class _Tags(HTMLParser):
    """Checks that every element ends where it should."""

    VOID = frozenset(["meta", "link", "br", "hr", "img", "input"])

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _html(name: str, data: bytes) -> Contents:
    tags = _Tags()
    tags.feed(data.decode())
    tags.close()
    assert tags.open == []
    return Contents()


def _parquet(name: str, data: bytes) -> Contents:
    table = pq.ParquetFile(io.BytesIO(data)).read()
    ids = table["activity_id"].to_pylist() if name == "activities" else []
    return Contents(ids=frozenset(ids), rows=table.num_rows)


def _xlsx(name: str, data: bytes) -> Contents:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    ids, count = frozenset[int](), 0
    for sheet in book.worksheets:
        header, *rows = ([cell.value for cell in row] for row in sheet.iter_rows())
        found = _table(sheet.title, header, rows)
        ids, count = ids | found.ids, count + (found.rows or 0)
    book.close()
    return Contents(ids=ids, rows=count)


def _zip(name: str, data: bytes) -> Contents:
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    return Contents()


def _sqlite(name: str, data: bytes) -> Contents:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(data)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND "
            "name != 'alembic_version'"
        ).fetchall()
        counts = [connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for (t,) in tables]
        ids = connection.execute("SELECT activity_id FROM activities").fetchall()
    return Contents(ids=frozenset(one for (one,) in ids), rows=sum(counts))


_SUFFIXES: dict[str, Reader] = {
    ".csv": _csv,
    ".json": _json,
    ".geojson": _geojson,
    ".gpx": _gpx,
    ".tcx": _tcx,
    ".html": _html,
    ".xlsx": _xlsx,
}
#: First bytes of a format -> its reader, for files of other names.
_BEGINNINGS: tuple[tuple[bytes, Reader], ...] = (
    (b"PAR1", _parquet),
    (b"SQLite format 3\0", _sqlite),
    (b"PK", _zip),
    (b"\x1f\x8b", _gzip),
    (b"<?xml", _xml),
    (b"{", _json),
    (b"[", _json),
)
