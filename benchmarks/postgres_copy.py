"""Measures what could make PostgreSQL write track points faster.

It prints a line for each way: seconds until the points are there, and the CPU seconds of the
server's process for this connection (Linux only, and a server on this machine).

``python -m benchmarks.postgres_copy [--activities N] [--server URL]``. The points of a synthetic
export are ready in memory as binary COPY data, a transaction for each 150,000 of them as in a run,
without any reference to check.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

from benchmarks.databases import fresh_database
from db import bulk_postgres
from db.engine import make_engine
from db.new_schema import make_if_new
from ingest.demo import EXPORT_NAME, build_export
from ingest.errors import IngestError
from ingest.extract.archive import open_archive
from ingest.transform.parsers import parse
from ingest.transform.parsers.gunzip import gunzip, is_gzip
from ingest.transform.records import POINT_COLUMNS

_POINTS: Final = 150_000
_DROP_KEY: Final = "ALTER TABLE track_points DROP CONSTRAINT pk_track_points"
_ADD_KEY: Final = (
    "ALTER TABLE track_points ADD CONSTRAINT pk_track_points PRIMARY KEY (activity_id, point_index)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Statements before the points are written and after it; both are measured, too."""

    before: str = ""
    after: str = ""


WAYS: Final[Mapping[str, Way]] = {
    "as a run does it": Way(),
    "synchronous_commit off": Way(before="SET synchronous_commit = off"),
    "key added at the end": Way(before=_DROP_KEY, after=_ADD_KEY),
    "and with 256 MB to sort": Way(
        before=_DROP_KEY, after=f"SET maintenance_work_mem = '256MB'; {_ADD_KEY}"
    ),
    "table not logged": Way(before="ALTER TABLE track_points SET UNLOGGED"),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--activities", type=int, default=800)
    parser.add_argument("--server", default="postgresql://postgres@127.0.0.1/postgres")
    parser.add_argument("--passes", type=int, default=3, help="the best of so many counts")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder, EXPORT_NAME)
        points = build_export(export, activities=options.activities, formats=("fit",)).points
        ready = list(_transactions(export))
    print(f"{options.activities:,} activities, {points:,} points")
    print(f"{'way':<26}{'s':>7}{'server CPU s':>14}")
    for name, way in WAYS.items():
        runs = [_measured(options.server, way, ready) for _ in range(options.passes)]
        seconds, cpu_s = (min(column) for column in zip(*runs, strict=True))
        print(f"{name:<26}{seconds:>7.2f}{cpu_s:>14.2f}", flush=True)


def _transactions(export: Path) -> Iterator[bytes]:
    """COPY data of the export's points, for one transaction each."""
    tracks: list[tuple[int, dict[str, Any]]] = []
    points = 0
    with open_archive(export) as archive:
        names = sorted(name for name in archive.members if name.startswith("activities/"))
        for number, name in enumerate(names):
            with suppress(IngestError):
                data = archive.read(archive.members[name])
                recording = parse(gunzip(data, name) if is_gzip(data) else data, name)
                if recording.point_count:
                    tracks.append((number, dict(recording.points)))
                    points += recording.point_count
            if points >= _POINTS:
                yield b"".join(bulk_postgres.copy_bytes(POINT_COLUMNS, tracks))
                tracks, points = [], 0
    yield b"".join(bulk_postgres.copy_bytes(POINT_COLUMNS, tracks))


def _measured(server: str, way: Way, ready: Sequence[bytes]) -> tuple[float, float]:
    with fresh_database(server, "strava_benchmark") as url:
        engine = make_engine(url)
        make_if_new(engine)
        engine.dispose()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "ALTER TABLE track_points DROP CONSTRAINT fk_track_points_activity_id"
            )
            began, used = time.perf_counter(), _cpu_s(connection)
            if way.before:
                connection.execute(way.before)
            for data in ready:
                with (
                    connection.transaction(),
                    connection.cursor() as cursor,
                    cursor.copy(bulk_postgres.command(POINT_COLUMNS)) as copy,
                ):
                    copy.write(data)
            if way.after:
                connection.execute(way.after)
            return time.perf_counter() - began, _cpu_s(connection) - used


def _cpu_s(connection: psycopg.Connection[Any]) -> float:
    """What the server's process of this connection has used; 0 where that cannot be read."""
    try:
        text = Path(f"/proc/{connection.info.backend_pid}/schedstat").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return int(text.split()[0]) / 1e9


if __name__ == "__main__":
    main()
