"""Measures whole imports of an export against the least that any importer takes.

It prints a table: a first run, its CPU time per activity in all processes, the same ZIP again (also
as a multiple of the time in which Python imports SQLAlchemy and NumPy), a newer ZIP, and the peak
memory.

``python -m benchmarks.import_export [--activities N] [--format gpx] [--samples DIR] [--postgres
URL] [--jobs N]``.
The export is synthetic, or made of the real FIT files below ``--samples``. The floor is
what no importer can go below: inflating the device files, and handing the very same rows, ready in
memory, to the driver. That is ``executemany`` on SQLite and a ready binary COPY buffer on
PostgreSQL, into the same table with its primary key, a transaction per 50 activities, without any
reference to check. Ratios are of wall time, whole processes against the floor, in one run of this
benchmark.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from benchmarks.child import Measured, measured, users_environment
from benchmarks.databases import fresh_database
from benchmarks.sample_account import build_sample_account
from db import bulk_postgres
from db.engine import for_writing, make_engine
from db.migrate import upgrade
from ingest.demo import EXPORT_NAME, build_export
from ingest.errors import IngestError
from ingest.extract.archive import Archive, open_archive
from ingest.transform.parsers import parse
from ingest.transform.parsers.gunzip import gunzip, is_gzip
from ingest.transform.records import POINT_COLUMNS, Recording

_PER_TRANSACTION = 50
_INSERT = f"INSERT INTO track_points VALUES ({', '.join('?' * (2 + len(POINT_COLUMNS)))})"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder:
        playground = Path(folder, "Playground")
        drop = playground / "Strava Export"
        drop.mkdir(parents=True)
        build = (
            partial(build_sample_account, samples=options.samples)
            if options.samples
            else partial(build_export, formats=(options.format,))
        )
        summary = build(drop / EXPORT_NAME, activities=options.activities)
        newer = Path(folder, "newer.zip")
        build(newer, activities=options.activities, newer=20)
        print(
            f"{options.activities:,} activities, {summary.points:,} points, "
            f"{(drop / EXPORT_NAME).stat().st_size / 1e6:,.0f} MB"
        )
        print(
            f"{'engine':<12}{'floor s':>9}{'run s':>8}{'ratio':>7}{'points/s':>10}"
            f"{'CPU ms/act.':>13}{'again s':>9}{'/imports':>9}{'newer s':>9}{'(n-a)/run':>11}"
            f"{'peak MB':>9}"
        )
        measure(
            "sqlite", f"sqlite:///{Path(folder, 'bench.db').as_posix()}", playground, newer, options
        )
        if options.postgres:
            with fresh_database(options.postgres, "strava_benchmark") as url:
                measure("postgresql", url, playground, newer, options)


def measure(
    name: str, database: str, playground: Path, newer: Path, options: argparse.Namespace
) -> None:
    """One line of the table."""
    export = playground / "Strava Export" / EXPORT_NAME
    floor = min(floor_seconds(database, export) for _ in range(options.passes))
    passes = [_pass(database, playground, newer, options.jobs) for _ in range(options.passes)]
    first, again, diff = (
        min(runs, key=lambda run: run.seconds) for runs in zip(*passes, strict=True)
    )
    imports = min(import_seconds() for _ in range(options.passes))
    peak = max(run.peak_mb for runs in passes for run in runs)
    rate = first.summary["points_written"] / first.seconds
    cpu_ms = 1000 * min(one.cpu_s for one, _, _ in passes) / options.activities
    print(
        f"{name:<12}{floor:>9.2f}{first.seconds:>8.2f}{first.seconds / floor:>7.2f}{rate:>10,.0f}"
        f"{cpu_ms:>13.2f}{again.seconds:>9.2f}{again.seconds / imports:>9.2f}"
        f"{diff.seconds:>9.2f}{(diff.seconds - again.seconds) / first.seconds:>11.3f}{peak:>9.0f}",
        flush=True,
    )


def _pass(
    database: str, playground: Path, newer: Path, jobs: int | None
) -> tuple[Measured, Measured, Measured]:
    """A first run on an empty database, the same ZIP again, and the newer one."""
    clear(database)
    export = playground / "Strava Export" / EXPORT_NAME
    first, again = (whole_run(playground, database, jobs) for _ in range(2))
    assert again.summary["files_read"] == 0, again.summary
    held = export.with_suffix(".held")
    export.rename(held)
    newer.rename(export)
    diff = whole_run(playground, database, jobs)
    export.rename(newer)
    held.rename(export)
    return first, again, diff


def whole_run(playground: Path, database: str, jobs: int | None) -> Measured:
    """``python -m ingest run`` as a process of its own."""
    arguments = [
        "run",
        "--quiet",
        "--json",
        "--playground",
        str(playground),
        "--database",
        database,
    ]
    return measured("ingest", [*arguments, *([] if jobs is None else ["--jobs", str(jobs)])])


def import_seconds() -> float:
    """What no run can go below: a Python that imports SQLAlchemy and NumPy."""
    began = time.perf_counter()
    command = [sys.executable, "-c", "import sqlalchemy, numpy"]
    subprocess.run(command, check=True, env=users_environment())
    return time.perf_counter() - began


def floor_seconds(database: str, export: Path) -> float:
    """Time inflating and inserting alone; making the rows beforehand does not count."""
    clear(database)
    engine = for_writing(make_engine(database))
    upgrade(engine, None)
    _without_references(engine)
    seconds = 0.0
    with open_archive(export) as archive:
        for group in _groups(sorted(n for n in archive.members if n.startswith("activities/"))):
            rows = _ready(engine, archive, group)
            began = time.perf_counter()
            for name in group:
                with suppress(IngestError):
                    _inflate(archive, name)
            with engine.begin() as connection:
                _insert(connection, rows)
            seconds += time.perf_counter() - began
    engine.dispose()
    return seconds


def _groups(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[at : at + _PER_TRANSACTION] for at in range(0, len(names), _PER_TRANSACTION))


def _inflate(archive: Archive, name: str) -> bytes:
    data = archive.read(archive.members[name])
    return gunzip(data, name) if is_gzip(data) else data


def _ready(engine: sa.Engine, archive: Archive, names: Sequence[str]) -> Any:
    """The rows of some files as the driver takes them;
    the files' numbers stand for activity ids.
    """
    tracks: list[tuple[int, Recording]] = []
    for name in names:
        with suppress(IngestError):
            tracks.append(
                (
                    int(name.partition("/")[2].partition(".")[0]),
                    parse(_inflate(archive, name), name),
                )
            )
    if engine.dialect.name == "postgresql":
        return b"".join(
            bulk_postgres.copy_bytes(
                POINT_COLUMNS, [(i, dict(r.points)) for i, r in tracks if r.point_count]
            )
        )
    return [row for i, recording in tracks for row in _tuples(i, recording)]


def _tuples(activity_id: int, recording: Recording) -> Iterator[tuple[Any, ...]]:
    count = recording.point_count
    missing = np.full(count, np.nan)
    columns = [recording.points.get(name, missing) for name in POINT_COLUMNS]
    lists = [[None if value != value else value for value in column.tolist()] for column in columns]
    return zip([activity_id] * count, range(count), *lists, strict=True)


def _insert(connection: sa.Connection, rows: Any) -> None:
    cursor = connection.connection.cursor()
    if connection.dialect.name == "postgresql":
        with cursor.copy(bulk_postgres.command(POINT_COLUMNS)) as copy:
            copy.write(rows)
    else:
        cursor.executemany(_INSERT, rows)
    cursor.close()


def _without_references(engine: sa.Engine) -> None:
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "ALTER TABLE track_points DROP CONSTRAINT fk_track_points_activity_id"
            )
    else:
        sa.event.listen(
            engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = OFF")
        )


def clear(database: str) -> None:
    """Empty the database."""
    url = make_url(database)
    if url.get_backend_name() == "sqlite":
        Path(str(url.database)).unlink(missing_ok=True)
        return
    engine = make_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--activities", type=int, default=2000)
    parser.add_argument(
        "--format", choices=["fit", "gpx", "tcx"], default="fit", help="of the device files"
    )
    parser.add_argument(
        "--samples",
        metavar="DIR",
        type=Path,
        help="make the export of the real FIT files below this folder, repeated under new ids",
    )
    parser.add_argument(
        "--postgres",
        metavar="URL",
        help="a server to measure, too: postgresql://postgres@127.0.0.1/postgres",
    )
    parser.add_argument("--jobs", type=int, default=None)
    parser.add_argument(
        "--passes", type=int, default=2, help="the best of so many runs and floors counts"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
