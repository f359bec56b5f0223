"""Measures every exporter as a whole process: rows per second, size and peak memory.

It exports a synthetic account and prints a table.

``python -m benchmarks.exports [--activities N] [--postgres URL]``. Rows are track points where a
format has them (``geojson``: points of its lines' activities; ``json``, ``xlsx``: rows written;
``originals``: files). Seconds include starting Python. To be reached on two cores: track points to
Parquet 600 thousand rows/s, to CSV 150, to GPX 50.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.child import Measured, measured
from benchmarks.databases import fresh_database
from benchmarks.import_export import whole_run
from ingest.demo import EXPORT_NAME, build_export

#: What is measured: a name for the line, and the arguments.
RUNS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("parquet (points)", ("parquet", "--tables", "track_points")),
    ("parquet (all)", ("parquet",)),
    ("delta (points)", ("delta", "--tables", "track_points")),
    ("delta (all)", ("delta",)),
    ("csv (points)", ("csv", "--tables", "track_points")),
    ("csv (all)", ("csv",)),
    ("gpx", ("gpx",)),
    ("tcx", ("tcx",)),
    ("json-files", ("json-files",)),
    ("json", ("json",)),
    ("geojson", ("geojson",)),
    ("xlsx", ("xlsx",)),
    ("originals", ("originals",)),
    ("sqlite", ("sqlite",)),
)
#: Exporters whose rows are counted as the points that they read.
_READS_POINTS: Final = ("geojson",)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder:
        playground = Path(folder, "Playground")
        drop = playground / "Strava Export"
        drop.mkdir(parents=True)
        made = build_export(drop / EXPORT_NAME, activities=options.activities)
        print(f"{options.activities:,} activities, about {made.points:,} points")
        _measure_all(
            "sqlite", f"sqlite:///{Path(folder, 'bench.db').as_posix()}", playground, options
        )
        if options.postgres:
            with fresh_database(options.postgres, "strava_benchmark") as url:
                _measure_all("postgresql", url, playground, options)


def _measure_all(engine: str, database: str, playground: Path, options: argparse.Namespace) -> None:
    points = whole_run(playground, database, None).summary["points_written"]
    print(
        f"\n{engine}\n{'exporter':<18}{'files':>7}{'rows':>12}"
        f"{'seconds':>9}{'rows/s':>11}{'MB':>8}{'peak MB':>9}"
    )
    for name, exporter in RUNS:
        if options.only and exporter[0] not in options.only:
            continue
        out = playground / "Exports"
        runs = [_run(exporter, database, playground, out) for _ in range(options.passes)]
        best = min(runs, key=lambda run: run.seconds)
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) / 1e6
        shutil.rmtree(out)
        rows = points if name in _READS_POINTS else best.summary["rows"] or best.summary["files"]
        print(
            f"{name:<18}{best.summary['files']:>7,}{rows:>12,}{best.seconds:>9.2f}"
            f"{rows / best.seconds:>11,.0f}{size:>8,.0f}"
            f"{best.peak_mb:>9.0f}",
            flush=True,
        )


def _run(exporter: Sequence[str], database: str, playground: Path, out: Path) -> Measured:
    """``python -m exporters`` as a process of its own, into an empty folder."""
    shutil.rmtree(out, ignore_errors=True)
    arguments = [*exporter, "--out", str(out), "--quiet", "--json"]
    return measured(
        "exporters", [*arguments, "--playground", str(playground), "--database", database]
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--activities", type=int, default=2000)
    parser.add_argument(
        "--postgres",
        metavar="URL",
        help="a server to measure, too: postgresql://postgres@127.0.0.1/postgres",
    )
    parser.add_argument("--passes", type=int, default=2, help="the best of so many runs counts")
    exporters = list(dict.fromkeys(exporter[0] for _, exporter in RUNS))
    parser.add_argument("--only", nargs="+", choices=exporters, help="only these exporters")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
