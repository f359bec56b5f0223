"""Measures runs that import loose device files against a run that imports the same files in an
export.

It prints a table: seconds of each run, and their ratio to the run with the export. The passes take
turns, so that all sides meet the same load; the best of each counts.

``python -m benchmarks.loose_files [--activities N] [--format gpx] [--postgres URL] [--passes N]``.
The account is synthetic. The lines:

* ``export``: a first run with the export, which holds the files.
* ``loose``: a first run with the same files in a folder: each becomes an activity of its own. At
  most 1.1 times the line above is the goal.
* ``loose again``: the next run, without news.
* ``joined``: a run with the same folder in a database that holds the export: each file meets the
  activity whose file has the same bytes.
* ``joined again``: the next run, without news.
"""

from __future__ import annotations

import argparse
import tempfile
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.child import Measured
from benchmarks.databases import fresh_database
from benchmarks.import_export import clear, whole_run
from ingest.demo import EXPORT_NAME, build_export
from ingest.errors import IngestError
from ingest.transform.parsers import sniff
from ingest.transform.parsers.gunzip import gunzip, is_gzip

_LINES = ("export", "loose", "loose again", "joined", "joined again")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder:
        drop = Path(folder, "Playground", "Strava Export")
        drop.mkdir(parents=True)
        made = build_export(
            drop / EXPORT_NAME, activities=options.activities, formats=(options.format,)
        )
        held = Path(folder, "watch")
        count = unpack(drop / EXPORT_NAME, held)
        print(f"{count:,} files, {made.points:,} points")
        measure("sqlite", f"sqlite:///{Path(folder, 'bench.db').as_posix()}", drop, held, options)
        if options.postgres:
            with fresh_database(options.postgres, "strava_benchmark") as url:
                measure("postgresql", url, drop, held, options)


def unpack(export: Path, folder: Path) -> int:
    """Unpack the device files of an export, without those that are none; returns how many."""
    count = 0
    with zipfile.ZipFile(export) as archive:
        for name in archive.namelist():
            if not name.startswith("activities/"):
                continue
            with suppress(IngestError):
                data = archive.read(name)
                sniff(gunzip(data, name) if is_gzip(data) else data, name)
                archive.extract(name, folder)
                count += 1
    return count


def measure(
    engine: str, database: str, drop: Path, held: Path, options: argparse.Namespace
) -> None:
    """The lines of one engine."""
    passes = [_pass(database, drop, held, options.jobs) for _ in range(options.passes)]
    best = [min(runs, key=lambda run: run.seconds) for runs in zip(*passes, strict=True)]
    print(
        f"\n{engine}\n{'run':<14}{'seconds':>9}{'ratio':>7}{'CPU s':>8}{'files':>7}{'peak MB':>9}"
    )
    for name, run in zip(_LINES, best, strict=True):
        print(
            f"{name:<14}{run.seconds:>9.2f}{run.seconds / best[0].seconds:>7.2f}{run.cpu_s:>8.2f}"
            f"{run.summary['files_read']:>7,}{run.peak_mb:>9.0f}",
            flush=True,
        )


def _pass(database: str, drop: Path, held: Path, jobs: int | None) -> list[Measured]:
    """A run for each of ``_LINES``."""
    playground, export, watch = drop.parent, drop / EXPORT_NAME, drop / "watch"
    clear(database)
    runs = [whole_run(playground, database, jobs)]
    held.rename(watch)
    joined = [whole_run(playground, database, jobs) for _ in range(2)]
    aside = drop.parent / "export.held"
    export.rename(aside)
    clear(database)
    runs += [whole_run(playground, database, jobs) for _ in range(2)]
    aside.rename(export)
    watch.rename(held)
    runs += joined
    assert all(run.summary["files_read"] == 0 for run in (runs[2], runs[4]))
    return runs


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--activities", type=int, default=1050)
    parser.add_argument(
        "--format", choices=["fit", "gpx", "tcx"], default="fit", help="of the device files"
    )
    parser.add_argument(
        "--postgres",
        metavar="URL",
        help="a server to measure, too: postgresql://postgres@127.0.0.1/postgres",
    )
    parser.add_argument("--jobs", type=int, default=None)
    parser.add_argument(
        "--passes", type=int, default=3, help="the best of so many runs of each kind counts"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
