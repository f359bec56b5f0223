"""Measures whether many athletes cost more than few: seconds of the first exports and the last.

It makes a club of athletes, imports their exports into a fresh PostgreSQL database with one worker,
one athlete after the other, and then again into another one with two.

``python -m benchmarks.fleet [--athletes N] [--activities N] [--server URL]``. To be reached: with
200 athletes of 300 activities each, the last 20 take at most 1.2 x the time of the first 20.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

import sqlalchemy as sa

from benchmarks.club import club_exports
from benchmarks.databases import fresh_database
from db.engine import make_engine
from db.progress import ProgressView
from ingest.config import make_config
from ingest.fleet.cluster import Workers
from ingest.fleet.command import Fleet, import_fleet
from ingest.fleet.outcome import Outcome
from ingest.fleet.result import FleetReport

#: How many of the athletes count as the first ones, and as the last.
_ENDS = 20


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures."""
    options = _options(arguments)
    numbers = range(1, options.athletes + 1)
    with tempfile.TemporaryDirectory() as folder:
        exports = club_exports(Path(folder), numbers, options.activities)
        size = sum(path.stat().st_size for path in exports) / 1e6
        print(f"{options.athletes} athletes of {options.activities} activities: {size:,.0f} MB")
        for workers in options.workers:
            with fresh_database(options.server, "strava_benchmark") as url:
                begun = time.monotonic()
                report = _imported(Path(folder), exports, url, workers, options.jobs)
                _print(report, workers, time.monotonic() - begun)
                _print_sizes(url)


def _imported(
    folder: Path, exports: Sequence[Path], url: str, workers: int, jobs: int
) -> FleetReport:
    config = make_config({}, playground=folder / f"playground-{workers}", database=url, jobs=jobs)
    fleet = Fleet(places=list(map(str, exports)), workers=Workers(count=workers), retries=0)
    return import_fleet(config, fleet, ProgressView())


def _print(report: FleetReport, workers: int, seconds: float) -> None:
    if report.problem is not None:
        raise SystemExit(str(report.problem))
    points = report.counts["points_written"]
    assert isinstance(points, int)
    ends = min(_ENDS, len(report.outcomes) // 2)
    first, last = _mean(report.outcomes[:ends]), _mean(report.outcomes[-ends:])
    print(
        f"{workers} workers: {seconds:.1f} s, {points / seconds:,.0f} points/s; an export of the "
        f"first {ends} {first:.2f} s, of the last {ends} {last:.2f} s: {last / first:.2f} x",
        flush=True,
    )


def _mean(outcomes: Sequence[Outcome]) -> float:
    return mean(one.seconds for one in outcomes)


def _print_sizes(url: str) -> None:
    """The largest tables with their indexes."""
    query = sa.text(
        "SELECT relname, n_live_tup, pg_table_size(relid), pg_indexes_size(relid) "
        "FROM pg_stat_user_tables ORDER BY pg_total_relation_size(relid) DESC LIMIT 6"
    )
    engine = make_engine(url)
    with engine.connect() as connection:
        for name, count, table, index in connection.execute(query):
            print(
                f"  {name:<24}{count:>12,} rows{table / 1e6:>9,.1f} MB{index / 1e6:>9,.1f} MB keys"
            )
    engine.dispose()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--athletes", type=int, default=200)
    parser.add_argument("--activities", type=int, default=300)
    parser.add_argument(
        "--workers", type=int, nargs="+", default=[1, 2], help="numbers of workers, one a run"
    )
    parser.add_argument("--jobs", type=int, default=1, help="parser processes of each worker")
    parser.add_argument(
        "--server",
        default=os.environ.get(
            "STRAVA_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres"
        ),
        help="the PostgreSQL server that databases are made on",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
