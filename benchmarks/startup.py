"""Measures what commands cost that have nothing to do: CPU seconds, and as multiples of imports.

``python -m benchmarks.startup [--activities N] [--passes N]``. The unit is a Python that imports
SQLAlchemy and NumPy. CPU time is that of whole processes, the least of several passes, in turns;
it hardly depends on what else the machine does. Not on Windows.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.child import users_environment
from ingest.demo import EXPORT_NAME, build_export


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line for each command."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder:
        drop = Path(folder, "Strava Export")
        drop.mkdir()
        build_export(drop / EXPORT_NAME, activities=options.activities, formats=("fit",))
        run = ["-m", "ingest", "run", "--quiet", "--playground", folder]
        cpu_seconds(run)
        commands = {
            "imports": ["-c", "import sqlalchemy, numpy"],
            "--version": ["-m", "ingest", "--version"],
            "--help": ["-m", "ingest", "--help"],
            "status": ["-m", "ingest", "status", "--playground", folder],
            "run again": run,
        }
        passes = [
            {name: cpu_seconds(command) for name, command in commands.items()}
            for _ in range(options.passes)
        ]
    best = {name: min(found[name] for found in passes) for name in commands}
    print(f"{'command':<12}{'CPU s':>8}{'/imports':>10}")
    for name, seconds in best.items():
        print(f"{name:<12}{seconds:>8.2f}{seconds / best['imports']:>10.2f}")


def cpu_seconds(arguments: Sequence[str]) -> float:
    """CPU time of a Python process and the processes that it waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    root = Path(__file__).parents[1]
    command = [sys.executable, *arguments]
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, cwd=root, env=users_environment()
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--activities", type=int, default=2000)
    parser.add_argument("--passes", type=int, default=5, help="the best of so many counts")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
