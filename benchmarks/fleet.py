"""Measures whether many athletes cost more than few: seconds of the first exports and the last.

It makes a club of athletes, imports their exports into a fresh PostgreSQL database with one worker,
one athlete after the other, and then again into another one with two. Beside the seconds it prints
what the server had to look at for an export, which no other load of the machine changes: blocks,
and rows of tables that it read from end to end.

``python -m benchmarks.fleet [--athletes N] [--activities N] [--server URL]``. To be reached: with
200 athletes of 300 activities each, the last 20 take at most 1.2 x the time of the first 20.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Final

import sqlalchemy as sa

from benchmarks.club import club_exports
from benchmarks.databases import fresh_database
from db.engine import make_engine
from db.progress import ProgressView
from ingest.config import make_config
from ingest.fleet.cluster import Workers
from ingest.fleet.command import Fleet, import_fleet
from ingest.fleet.outcome import TaskOutcome
from ingest.fleet.result import FleetReport

#: How many of the athletes count as the first ones, and as the last.
_ENDS: Final = 20
_BLOCKS: Final = (
    "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()"
)
_SCANNED: Final = "SELECT relname, seq_tup_read FROM pg_stat_user_tables"


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
                report, work = _imported(Path(folder), exports, url, workers, options.jobs)
                _print(report, work, workers, time.monotonic() - begun)
                _print_sizes(url)


def _imported(
    folder: Path, exports: Sequence[Path], url: str, workers: int, jobs: int
) -> tuple[FleetReport, _Work]:
    config = make_config({}, playground=folder / f"playground-{workers}", database=url, jobs=jobs)
    fleet = Fleet(places=list(map(str, exports)), workers=Workers(count=workers), retries=0)
    work = _Work(url)
    return import_fleet(config, fleet, work), work


class _Work(ProgressView):
    """Notes what the server has looked at, each time that an export is done."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)
        self.blocks: list[int] = []
        #: Rows read from end to end, by table.
        self.scanned: list[Counter[str]] = []

    def begin(self, what: str, total: int, unit: str = "") -> None:  # noqa: ARG002
        self._look()

    def advance(self, count: int = 1, note: str = "") -> None:  # noqa: ARG002
        self._look()

    def _look(self) -> None:
        with self._engine.connect() as connection:
            self.blocks.append(connection.scalar(sa.text(_BLOCKS)) or 0)
            self.scanned.append(Counter(dict(map(tuple, connection.execute(sa.text(_SCANNED))))))
        self._engine.dispose()

    def scanned_between(self, first: int, last: int) -> Counter[str]:
        """Rows for each export between two looks, by table."""
        more = self.scanned[last] - self.scanned[first]
        return Counter({name: count // (last - first) for name, count in more.items()})


def _print(report: FleetReport, work: _Work, workers: int, seconds: float) -> None:
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
    blocks = work.blocks
    early, late = (blocks[ends] - blocks[0]) // ends, (blocks[-1] - blocks[-ends - 1]) // ends
    print(f"  blocks: first {early:,}, last {late:,}: {late / early:.2f} x")
    end = len(blocks) - 1
    for name, count in work.scanned_between(end - ends, end).most_common(5):
        before = work.scanned_between(0, ends)[name]
        print(f"  {name:<24}{before:>12,} rows scanned, then{count:>12,}")


def _mean(outcomes: Sequence[TaskOutcome]) -> float:
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
