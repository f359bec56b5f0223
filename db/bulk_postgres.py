"""Writes rows to PostgreSQL by COPY: points as binary data built by NumPy, others as text.

NULLs make rows of binary COPY differ in length. So the rows of a track are grouped by which values
they have: each group is one structured array of fixed dtype, and no Python runs per row. That costs
0.1 microseconds of CPU time a row; the rest is the server's time. (Masking full-width rows would
keep their order, but costs twice as much.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, cast

import numpy as np
import psycopg
import sqlalchemy as sa
from numpy.typing import NDArray

# The format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER: Final = b"\xff\xff"
_NULL: Final = -1


def write(
    connection: sa.Connection, tracks: Sequence[tuple[int, Mapping[str, NDArray[np.float64]]]]
) -> None:
    """Insert the points; every track has at least one and its columns are of one length."""
    names = tuple(dict.fromkeys(name for _, columns in tracks for name in columns))
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    with driver.cursor() as cursor, _unchecked(cursor), cursor.copy(command(names)) as copy:
        for piece in copy_bytes(names, tracks):
            copy.write(piece)


def copy_rows(
    connection: sa.Connection, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows of these columns by one COPY.

    PostgreSQL receives and answers an INSERT of many rows row by row.
    """
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def may_skip_checks(driver: psycopg.Connection[Any]) -> bool:
    """Whether this user may switch off the check of references.

    Only superusers may; the server tells at login whether the user is one.
    """
    return driver.info.parameter_status("is_superuser") == "on"


@contextmanager
def _unchecked(cursor: psycopg.Cursor[Any]) -> Iterator[None]:
    """Switch off, where allowed, the check that each point has its activity.

    PostgreSQL checks row by row, which takes twice as long as the COPY itself.

    It is safe, because the caller has written the activities in the same transaction. Triggers that
    somebody else put on the table do not run either.
    """
    if not may_skip_checks(cursor.connection):
        yield
        return
    cursor.execute("SET LOCAL session_replication_role = replica")
    yield
    cursor.execute("SET LOCAL session_replication_role = origin")  # a rollback resets it, too


def command(names: Sequence[str]) -> str:
    """The COPY statement for the bytes that ``copy_bytes`` makes."""
    return (
        f"COPY track_points (activity_id, point_index, {', '.join(names)}) FROM STDIN (FORMAT "
        "BINARY)"
    )


def copy_bytes(
    names: tuple[str, ...], tracks: Sequence[tuple[int, Mapping[str, NDArray[np.float64]]]]
) -> Iterator[bytes]:
    """The bytes of one COPY of these columns."""
    yield _HEADER
    for activity_id, columns in tracks:
        yield from _groups(activity_id, names, columns)
    yield _TRAILER


def _groups(
    activity_id: int, names: tuple[str, ...], columns: Mapping[str, NDArray[np.float64]]
) -> Iterator[bytes]:
    """The rows of one track, grouped by which of their values are NULL."""
    count = len(columns["elapsed_s"])
    present = np.zeros(count, np.int64)
    for place, name in enumerate(names):
        if name in columns:
            present |= np.isfinite(columns[name]).astype(np.int64) << place
    for mask in np.flatnonzero(np.bincount(present)).tolist():
        where = np.flatnonzero(present == mask)
        rows = np.empty(len(where), _layout(mask, len(names)))
        rows["fields"], rows["activity_size"], rows["index_size"] = 2 + len(names), 8, 4
        rows["activity"], rows["index"] = activity_id, where
        for place, name in enumerate(names):
            if mask >> place & 1:
                rows[f"size_{place}"], rows[f"value_{place}"] = 8, columns[name][where]
            else:
                rows[f"size_{place}"] = _NULL
        yield rows.tobytes()


@cache
def _layout(mask: int, width: int) -> np.dtype[np.void]:
    """The layout of a row with a value for each bit of ``mask``: big-endian, size before value."""
    fields = [
        ("fields", ">i2"),
        ("activity_size", ">i4"),
        ("activity", ">i8"),
        ("index_size", ">i4"),
        ("index", ">i4"),
    ]
    for place in range(width):
        fields.append((f"size_{place}", ">i4"))
        if mask >> place & 1:
            fields.append((f"value_{place}", ">f8"))
    return np.dtype(fields)
