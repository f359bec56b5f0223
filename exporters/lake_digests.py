"""Tells by a number per athlete whether the rows of a table are still those that a lake has.

A digest is the sum of a hash of each row, so the order of the rows does not matter; two tables of
other rows have one digest with a chance of 1 in 2^63. It is made from the rows as they are now, so
it also notices what ``forget``, ``purge`` and corrections took away.

Points are too many to be read for it. An import replaces the points of an activity only when the
file, its contents, the parser or the answer of the API changed, and ``tracks`` and ``import_files``
say which these were: their rows count in place of the points.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from db.models import Activity, Base, ImportFile, Track
from exporters.streaming import stream
from exporters.tables import is_points

_MASK: Final = 2**63 - 1
#: What tells that a device file gives other points.
_OF_FILE: Final = (
    ImportFile.name,
    ImportFile.size_bytes,
    ImportFile.crc32,
    ImportFile.content_hash,
    ImportFile.parser_version,
    ImportFile.status,
)


@dataclass(frozen=True, slots=True)
class Digest:
    """The rows of one athlete in one table."""

    value: int = 0
    #: Number of rows; points count as points.
    rows: int = 0

    def __bool__(self) -> bool:
        return self.rows > 0


def by_athlete(connection: sa.Connection, table: sa.Table) -> Mapping[int, Digest]:
    """The digest of each athlete that has rows in a table."""
    if is_points(table):
        return _of_points(connection, _shape(table))
    query = with_athlete(table)
    return _summed(((row[0], row[1:], 1) for row in _rows(connection, query)), _shape(table))


def of_all(connection: sa.Connection, table: sa.Table) -> Digest:
    """The digest of all rows of a table that names no athlete."""
    rows = ((0, tuple(row), 1) for row in _rows(connection, sa.select(*table.columns)))
    return _summed(rows, _shape(table)).get(0, Digest(_number("", _shape(table)), 0))


def with_athlete(table: sa.Table) -> sa.Select[Any]:
    """The rows of a table, each after the id of its athlete."""
    if "athlete_id" in table.c:
        return sa.select(table.c.athlete_id, *table.columns)
    activities = Base.metadata.tables["activities"]
    return sa.select(activities.c.athlete_id, *table.columns).join_from(
        table, activities, table.c.activity_id == activities.c.activity_id
    )


def is_of_athletes(table: sa.Table) -> bool:
    """Whether the rows of a table belong to athletes."""
    return "athlete_id" in table.c or "activity_id" in table.c


def _of_points(connection: sa.Connection, shape: str) -> Mapping[int, Digest]:
    tracks = sa.select(
        Activity.athlete_id, Activity.start_time_utc, *Track.__table__.columns
    ).join_from(Track, Activity, Track.activity_id == Activity.activity_id)
    count = list(Track.__table__.columns.keys()).index("point_count") + 2
    found = _summed(
        ((row[0], row[1:], row[count] or 0) for row in _rows(connection, tracks)), shape
    )
    files = _summed(
        ((row[0], row[1:], 1) for row in _rows(connection, _files())), "files of points"
    )
    return {
        athlete: Digest((digest.value + files.get(athlete, Digest()).value) & _MASK, digest.rows)
        for athlete, digest in found.items()
        if digest
    }


def _files() -> sa.Select[Any]:
    columns: Sequence[Any] = (ImportFile.athlete_id, *_OF_FILE)
    return sa.select(*columns).where(ImportFile.file_kind.in_(("activity", "loose")))


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Any]:
    for rows in stream(connection, query, 10_000):
        yield from rows


def _summed(rows: Iterable[tuple[int, Any, int]], shape: str) -> dict[int, Digest]:
    """The digests of rows, each given with its athlete and how many rows it counts as."""
    sums: dict[int, int] = {}
    counts: dict[int, int] = {}
    for athlete, row, count in rows:
        sums[athlete] = sums.get(athlete, 0) + _number(tuple(row), shape)
        counts[athlete] = counts.get(athlete, 0) + count
    return {athlete: Digest(total & _MASK, counts[athlete]) for athlete, total in sums.items()}


def _number(row: object, shape: str) -> int:
    digest = hashlib.blake2b(f"{shape}{row!r}".encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big")


def _shape(table: sa.Table) -> str:
    """Names and types of the columns: a new column makes all rows others."""
    columns = " ".join(f"{column.name} {column.type!r}" for column in table.columns)
    return hashlib.blake2b(columns.encode(), digest_size=8).hexdigest()
