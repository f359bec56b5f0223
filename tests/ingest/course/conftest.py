"""A database with runs over hills, on each engine, and the command on it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ingest.cli import app
from tests.builders import GPX_HEAD, xml_time
from tests.ingest.course.courses import gpx_route, hill
from tests.ingest.playground import Playground

START = datetime(2025, 1, 4, 8, tzinfo=UTC)
#: Runs the command; what it printed.
Predict = Callable[..., Result]


def hill_run(start: datetime, flat_s_per_m: float) -> bytes:
    """A run over the hill, up 60 % slower than down."""
    seconds, points, before = 0.0, [], 400.0
    for lat, lon, height in hill():
        points.append(
            f'<trkpt lat="{lat:.7f}" lon="{lon:.7f}"><ele>{height:.1f}</ele>'
            f"<time>{xml_time(start, seconds)}</time></trkpt>"
        )
        seconds += 10 * flat_s_per_m * (1.6 if height >= before else 1.0)
        before = height
    body = "".join(points)
    return f"{GPX_HEAD}<trk><name>Hill</name><trkseg>{body}</trkseg></trk></gpx>".encode()


def add_runs(playground: Playground, count: int, **options: Any) -> None:
    """Import so many runs, one a week."""
    starts = [START + timedelta(weeks=week) for week in range(count)]
    rows = [
        {
            "activity_id": 100 + i,
            "filename": f"activities/{i}.gpx",
            "activity_date": f"{start:%b} {start.day}, {start:%Y}, {start:%I:%M:%S %p}",
        }
        for i, start in enumerate(starts)
    ]
    files = {
        f"activities/{i}.gpx": hill_run(start, 0.33 + i % 3 * 0.01)
        for i, start in enumerate(starts)
    }
    playground.add("export_77.zip", rows, files=files, **options)
    playground.run(skip_api=True)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course file."""
    file = tmp_path / "hill.gpx"
    file.write_bytes(gpx_route("Hill <&>"))
    return file


@pytest.fixture
def runner(playground: Playground) -> Playground:
    """An athlete with a dozen runs."""
    add_runs(playground, 12)
    return playground


def predict_on(database: str, folder: Path) -> Predict:
    """The command on a database."""
    environment = dict.fromkeys([n for n in os.environ if n.startswith("STRAVA")])

    def run(*arguments: object) -> Result:
        options = ["--database", database, "--playground", str(folder)]
        words = ["predict", *map(str, arguments), *options]
        return CliRunner().invoke(app, words, env=environment)

    return run


@pytest.fixture
def predict(playground: Playground) -> Predict:
    """The command on the database of the playground."""
    return predict_on(playground.database, playground.folder)
