"""Builds an account export out of real FIT files, which are short beside those of the demo.

The readable files up to ``_LONGEST`` points are repeated under new ids. Their rows of
``activities.csv`` say what the files say: duration, distance and sport. Only the starts are other
ones, so that activities follow each other, as they nearly always do in real accounts.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import numpy as np

from ingest.demo.archive import new_archive
from ingest.demo.athlete import ATHLETE_ID
from ingest.demo.build import UNTIL, DemoSummary
from ingest.demo.csv_text import Cell, csv_line, table, us_date
from ingest.demo.csv_writer import HEADER
from ingest.errors import IngestError
from ingest.transform.parsers import parse
from ingest.transform.parsers.gunzip import gunzip, is_gzip
from ingest.transform.records import Recording

#: Points of the longest file that is taken: the sample files are then as long as those of athletes
#: whose devices do not record every second, about 1,200 points.
_LONGEST: Final = 5000
_FIRST_ID: Final = 9_000_000_000
_BETWEEN_STARTS: Final = timedelta(hours=29)
_SPORTS: Final = {"running": "Run", "cycling": "Ride", "swimming": "Swim", "walking": "Walk"}


def build_sample_account(
    path: Path, samples: Path, *, activities: int, newer: int = 0
) -> DemoSummary:
    """Write an export with an activity for each of so many files; ``newer`` adds so many later."""
    files = list(_readable(samples))
    if not files:
        raise SystemExit(f"{samples}: holds no FIT files of activities")
    lines, points = list[str](), 0
    with new_archive(path, UNTIL + newer * _BETWEEN_STARTS) as archive:
        chosen = islice(cycle(files), activities + newer)
        for place, (packed, recording) in enumerate(chosen):
            activity_id, start = _FIRST_ID + place, UNTIL + (place - activities) * _BETWEEN_STARTS
            name = f"activities/{activity_id}.fit.gz"
            archive.add(name, packed)
            lines.append(csv_line(_cells(activity_id, start, name, recording)))
            points += recording.point_count
        archive.add("activities.csv", (HEADER + "\n" + "".join(lines)).encode())
        archive.add("profile.csv", table("Athlete ID,First Name", [(ATHLETE_ID, "Sam")]))
    return DemoSummary(activities=len(lines), files=len(lines), points=points, path=path)


def _readable(samples: Path) -> Iterator[tuple[bytes, Recording]]:
    for path in sorted(samples.rglob("*.fit*")):
        try:
            data = path.read_bytes()
            plain = gunzip(data, path.name) if is_gzip(data) else data
            recording = parse(plain, path.name)
        except IngestError:
            continue
        if 0 < recording.point_count <= _LONGEST:
            yield gzip.compress(plain, 6, mtime=0), recording


def _cells(activity_id: int, start: datetime, name: str, recording: Recording) -> list[Cell]:
    """The cells of a row in the order of ``HEADER``; those that no file tells are empty."""
    seconds = float(np.ptp(recording.points["elapsed_s"]))
    metres = float(np.nanmax(recording.points.get("distance_m", np.zeros(1))))
    known: dict[str, Cell] = {
        "Activity ID": activity_id,
        "Activity Date": us_date(start),
        "Activity Name": f"Sample {activity_id}",
        "Activity Type": _SPORTS.get(recording.sport or "", "Workout"),
        "Elapsed Time": round(seconds),
        "Distance": f"{metres / 1000:.2f}",
        "Filename": name,
    }
    # Some labels stand twice; the first of them is for people, and enough.
    return [known.pop(label, None) for label in HEADER.split(",")]
