"""Measures how many track points per CPU second the derived figures are computed from.

It prints a table: deriving beside parsing.

``python -m benchmarks.derived [--samples DIR]``. Both work on the same files in the same run; the
parsing includes the inflating. ``share`` is what deriving adds to parsing, ``ms`` the time for one
activity.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks.parsers import read_samples
from ingest.errors import IngestError
from ingest.transform.derived import default_zones, derive
from ingest.transform.parsers import parse
from ingest.transform.parsers.gunzip import gunzip, is_gzip
from ingest.transform.records import Recording

_ZONES = default_zones(190, 250)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=Path, help="default: a demo export")
    parser.add_argument("--activities", type=int, default=60, help="activities of the demo export")
    parser.add_argument("--passes", type=int, default=7)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        files = [
            data
            for data in read_samples(options.samples, Path(folder), options.activities)
            if _parsed(data)
        ]
    recordings = [recording for data in files for recording in _parsed(data)]
    print("            files    points      ms  parsed points/s  derived points/s   share")
    for name, sport in (("as runs", "Run"), ("as rides", "Ride")):
        print(_line(name, sport, files, recordings, options.passes), flush=True)


def _line(
    name: str, sport: str, files: Sequence[bytes], recordings: Sequence[Recording], passes: int
) -> str:
    points = sum(recording.point_count for recording in recordings)
    parsing = _seconds(lambda: [_parsed(data) for data in files], passes)
    deriving = _seconds(lambda: [_derived(recording, sport) for recording in recordings], passes)
    return (
        f"{name:<10}{len(files):>7}{points:>10,}{deriving / len(recordings) * 1000:>8.2f}"
        f"{points / parsing:>17,.0f}"
        f"{points / deriving:>18,.0f}{deriving / parsing:>8.1%}"
    )


def _derived(recording: Recording, sport: str) -> object:
    return derive(
        recording.points, sport_type=sport, zones=_ZONES, start_time_utc=recording.start_time_utc
    )


def _parsed(data: bytes) -> list[Recording]:
    """The recording of a file that has points."""
    try:
        recording = parse(gunzip(data, "a") if is_gzip(data) else data, "a")
    except IngestError:
        return []
    return [recording] if recording.point_count else []


def _seconds(work: Callable[[], Iterable[object]], passes: int) -> float:
    """The median CPU seconds of several passes."""
    spent = []
    for _ in range(passes):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return statistics.median(spent)


if __name__ == "__main__":
    main()
