"""Compares the speed of our parsers with that of fitparse, gpxpy and tcxreader.

It prints a table of track points and files per CPU second.

``python -m benchmarks.parsers [--samples DIR]``. Both sides read the same gzipped bytes of the same
files in the same run, the inflating included; only files that both read count. Ours is the median
of several passes, the reference is passed once (fitparse without checking sums, gpxpy with the
parser of the standard library: the faster setting of each).
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import os
import statistics
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from ingest.errors import IngestError
from ingest.transform import parsers
from ingest.transform.parsers import regular_xml
from ingest.transform.parsers.gunzip import gunzip, is_gzip

T = TypeVar("T")
REFERENCES = {"fit": "fitparse", "gpx": "gpxpy", "tcx": "tcxreader"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of one format: points and CPU seconds of each side."""

    fmt: str
    files: int
    megabytes: float
    points: int
    ours_s: float
    reference_s: float
    note: str = ""

    def __str__(self) -> str:
        ours, theirs = self.points / self.ours_s, self.points / self.reference_s
        return (
            f"{self.fmt + self.note:<13}{self.files:>6}{self.megabytes:>8.1f}"
            f"{self.points:>10,}{ours:>14,.0f}{self.files / self.ours_s:>14,.0f}"
            f"{theirs:>14,.0f}{ours / theirs:>9.1f}  {REFERENCES[self.fmt]}"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder:
        files = _by_format(read_samples(options.samples, Path(folder), options.activities))
    print(
        "               files      MB    points  ours points/s  ours files/s"
        "   reference/s    ratio  reference"
    )
    for fmt, contents in sorted(files.items()):
        if fmt in options.formats:
            results = measure(fmt, contents, options.passes)
            print(
                "\n".join(map(str, results)) or f"{fmt:<13} no file that both sides read",
                flush=True,
            )


def read_samples(samples: Path | None, folder: Path, activities: int) -> Iterator[bytes]:
    """Activity files, gzipped or not: those below ``samples``, else those of a demo export that is
    built in ``folder``.
    """
    return _samples(samples) if samples else _demo(folder, activities)


def measure(fmt: str, contents: Sequence[bytes], passes: int) -> list[Result]:
    """Time both sides over the files that both read;
    XML also without the fast path for regular files.
    """
    reference = importlib.import_module(f"ingest.reference.{fmt}").points
    read, points, reference_s = list[bytes](), 0, 0.0
    for data in contents:
        spent, count = _timed(lambda data: len(reference(gunzip(data, "a"))["time"]), data)
        own = _timed(_count, data)[1]
        if count and own:
            read.append(data)
            points, reference_s = points + own, reference_s + spent
    if not read:
        return []
    ours = [sum(_timed(_count, data)[0] for data in read) for _ in range(passes)]
    megabytes = sum(len(gunzip(data, "a")) for data in read) / 1e6
    result = partial(
        Result,
        fmt=fmt,
        files=len(read),
        megabytes=megabytes,
        points=points,
        reference_s=reference_s,
    )
    results = [result(ours_s=statistics.median(ours))]
    if fmt != "fit":
        with _tolerant_only():
            slower = [sum(_timed(_count, data)[0] for data in read) for _ in range(passes)]
        results.append(result(note=" tolerant", ours_s=statistics.median(slower)))
    return results


@contextmanager
def _tolerant_only() -> Iterator[None]:
    """Switch off the fast path, so that every file is read the way irregular files are."""
    fast = regular_xml.read_regular
    regular_xml.read_regular = lambda *_: None
    try:
        yield
    finally:
        regular_xml.read_regular = fast


def _count(data: bytes) -> int:
    return parsers.parse(data, "a").point_count


def _timed(work: Callable[[bytes], T], data: bytes) -> tuple[float, T | None]:
    """CPU seconds, and the result (``None`` when the file is refused)."""
    began = time.process_time()
    try:
        result = work(data)
    except IngestError:
        return time.process_time() - began, None
    return time.process_time() - began, result


def _by_format(contents: Iterator[bytes]) -> dict[str, list[bytes]]:
    """Gzipped contents by the format that the parsers see in them."""
    found: dict[str, list[bytes]] = {}
    for data in contents:
        try:
            plain = gunzip(data, "a") if is_gzip(data) else data
            found.setdefault(parsers.sniff(plain, "a"), []).append(gzip.compress(plain, 6))
        except IngestError:
            continue
    return found


def _samples(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and {".fit", ".gpx", ".tcx"} & set(path.suffixes):
            yield path.read_bytes()


def _demo(folder: Path, activities: int) -> Iterator[bytes]:
    """The activity files of a synthetic athlete."""
    path = folder / "export_1.zip"
    importlib.import_module("ingest.demo").build_export(
        path, activities=activities, formats=tuple(REFERENCES)
    )
    with zipfile.ZipFile(path) as export:
        for name in export.namelist():
            if name.startswith("activities/"):
                yield export.read(name)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    samples = os.environ.get("STRAVA_SAMPLES")
    parser.add_argument(
        "--samples",
        type=Path,
        default=samples and Path(samples),
        help="default: STRAVA_SAMPLES, else a demo export",
    )
    parser.add_argument("--activities", type=int, default=60, help="activities of the demo export")
    parser.add_argument("--formats", nargs="+", choices=REFERENCES, default=list(REFERENCES))
    parser.add_argument("--passes", type=int, default=5)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
