"""Measures the local page: the time until it listens, and how long each page takes.

It makes up activities, and starts the page as a process of its own.

``python -m benchmarks.page [--activities 10000] [--postgres URL] [--upload-gb 2]``. The rows are
written straight into the tables. Each page is asked for several times in turn; the median counts,
and the slowest. A file is sent as the page's script sends it.
To be reached: a page of 10,000 activities in 200 ms, that of an activity of 20,000 points in
300 ms, and the whole report in two seconds.
"""

from __future__ import annotations

import argparse
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import requests
import sqlalchemy as sa

from benchmarks.databases import fresh_database
from benchmarks.marts import fill
from db import marts
from db.engine import for_writing, make_engine
from db.migrate import upgrade
from db.models import Activity, Track, TrackPoint

PAGES: Final = (
    "/",
    "/activities",
    "/activities?page=50",
    "/activities?sort=name",
    "/activities?q=activity+77",
    "/activities?sport=Run&since=2018-01-01&until=2019-12-31",
    "/activities?least=10&most=15&gear=3&sort=-distance",
    "/report",
    "/report?sport=Run&since=2018&until=2019",
    "/problems",
    "/data",
    "/data?q=heart",
)
#: The newest activity, which has so many points that each page of it is a long one.
_LONG_ID: Final = 1
_POINTS: Final = 20_000
LONG: Final = (f"/activities/{_LONG_ID}",)
#: Bytes of a piece of an upload, as the page's script has it.
_PIECE: Final = 8 << 20
FILES: Final = ("/activities.csv", "/activities.xlsx")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--activities", type=int, default=10_000)
    parser.add_argument("--passes", type=int, default=9, help="how often each page is asked for")
    parser.add_argument("--postgres", metavar="URL", help="a server to measure, too")
    parser.add_argument(
        "--upload-gb", type=float, default=0.0, help="size of a file to send to the page (Linux)"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "bench.db")
        _measure("sqlite", f"sqlite:///{file.as_posix()}", Path(folder), options)
        if options.postgres:
            with fresh_database(options.postgres, "strava_benchmark") as url:
                _measure("postgresql", url, Path(folder), options)


def _measure(engine_name: str, database: str, folder: Path, options: argparse.Namespace) -> None:
    engine = for_writing(make_engine(database))
    upgrade(engine, None)
    with engine.begin() as connection:
        fill(connection, options.activities)
        _add_long_activity(connection)
        marts.refresh(connection)
    engine.dispose()
    began = time.perf_counter()
    command = [sys.executable, "-m", "ingest", "serve", "--no-browser", "--port", "0"]
    where = ["--database", database, "--playground", str(folder)]
    process = subprocess.Popen(
        [*command, *where], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        listens = time.perf_counter() - began
        print(f"{engine_name}, {options.activities:,} activities: listens after {listens:.2f} s")
        print(f"{'median ms':>10}{'slowest':>9}  page")
        parts = urlsplit(address)
        session = requests.Session()
        session.get(address, timeout=60).raise_for_status()
        for path in PAGES + LONG + FILES:
            passes = options.passes if path not in FILES else 3
            times = [_ms(session, f"http://{parts.netloc}{path}") for _ in range(passes)]
            print(f"{statistics.median(times):>10.0f}{max(times):>9.0f}  {path}", flush=True)
        if options.upload_gb:
            _upload(session, f"http://{parts.netloc}", process.pid, int(options.upload_gb * 1e9))
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _add_long_activity(connection: sa.Connection) -> None:
    """A ride of a point each second, with every value that a point can have."""
    ride = {"athlete_id": 1, "sport_type": "Ride", "timezone_source": "unknown", "has_track": True}
    connection.execute(sa.insert(Activity), {"activity_id": _LONG_ID, **ride})
    flags = dict.fromkeys(("is_partial", "is_time_naive", "is_distance_computed"), False)
    track = {"activity_id": _LONG_ID, "source": "file", "point_count": _POINTS, **flags}
    connection.execute(sa.insert(Track), track)
    points = [
        {
            "activity_id": _LONG_ID,
            "point_index": n,
            "elapsed_s": float(n),
            "latitude": 47 + 0.2 * math.sin(n / 3000),
            "longitude": 8 + 0.2 * math.cos(n / 2000),
            "altitude_m": 400 + 100 * math.sin(n / 900),
            "distance_m": 8.0 * n,
            "heartrate_bpm": 120.0 + n % 40,
            "cadence_rpm": 80.0 + n % 9,
            "power_w": 150.0 + n % 200,
            "temperature_c": 20.0,
        }
        for n in range(_POINTS)
    ]
    connection.execute(sa.insert(TrackPoint), points)


def _upload(session: requests.Session, base: str, process: int, size: int) -> None:
    """Send a file as the page's script does, and say how fast it was and what memory it took."""
    before, began, have = _peak_mb(process), time.perf_counter(), 0
    while have < size:
        piece = bytes(min(_PIECE, size - have))
        query = f"name=export_1.zip&size={size}&offset={have}"
        answer = session.put(f"{base}/import/upload?{query}", data=piece, timeout=600)
        answer.raise_for_status()
        have = answer.json()["have"]
    seconds = time.perf_counter() - began
    print(
        f"upload of {size / 1e9:.1f} GB: {seconds:.1f} s, {size / 1e6 / seconds:.0f} MB/s, highest "
        f"memory {before:.0f} MB before and {_peak_mb(process):.0f} MB after"
    )


def _peak_mb(process: int) -> float:
    """The most memory that a process has had."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000


def _ms(session: requests.Session, address: str) -> float:
    began = time.perf_counter()
    session.get(address, timeout=600).raise_for_status()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
