"""Measures the report: how long the page of many activities takes to make, and how large it is.

``python -m benchmarks.report [--activities 10000] [--out FILE]``. Activities are made up and
written straight into the tables, with everything that the page draws: splits, efforts, power,
heart-rate zones, lengths of swims, and routes from three homes, each one of a hundred loops. To be
reached with 10,000 activities: 1.5 MB and 3 s, as a page for others, too.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from benchmarks.marts import fill
from db import marts
from db.engine import for_writing, make_engine
from db.migrate import upgrade
from db.models import Activity, PowerPeak, SwimLength, Track, TrackSession, ZoneTime
from db.opening import snapshot
from exporters.config import make_config
from exporters.job import Job
from exporters.report.page import export
from ingest.transform.derived.polyline import encoded

_HOMES: Final = ((52.47, 13.40), (47.37, 8.54), (40.71, -74.0))
_DURATIONS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)
_BOUNDS: Final = (0.0, 122.0, 152.0, 167.0, 182.0)
_AT_ONCE: Final = 5000
_FLAGS: Final = dict.fromkeys(("is_partial", "is_time_naive", "is_distance_computed"), False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print seconds and megabytes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--activities", type=int, default=10_000)
    parser.add_argument("--out", type=Path, help="keep the page as this file")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder, 'bench.db').as_posix()}"
        _make(database, options.activities)
        out = options.out or Path(folder, "report.html")
        for name, choice in (("all", {}), ("for others", {"public": True})):
            times = [_times(database, out, choice) for _ in range(3)]
            seconds, cpu = (min(some) for some in zip(*times, strict=True))
            size = out.stat().st_size / 1e6
            print(
                f"{options.activities:,} activities, {name}: {seconds:.2f} s, of them {cpu:.2f} s "
                f"on the processor, {size:.2f} MB"
            )


def _times(database: str, out: Path, choice: dict[str, Any]) -> tuple[float, float]:
    """Seconds that pass and that the processor works; where others work, too, the latter count."""
    began, cpu = time.perf_counter(), time.process_time()
    config = make_config({}, playground=out.parent, database=database)
    with snapshot(database) as connection:
        export(Job(connection=connection, out=out, config=config, overwrite=True), **choice)
    return time.perf_counter() - began, time.process_time() - cpu


def _make(database: str, activities: int) -> None:
    engine = for_writing(make_engine(database))
    upgrade(engine, None)
    dice = random.Random(5)
    with engine.begin() as connection:
        fill(connection, activities)
        found = connection.execute(sa.select(Activity.activity_id, Activity.sport_type)).all()
        sports = {row.activity_id: row.sport_type for row in found}
        connection.execute(sa.delete(Track))  # these have routes to draw
        _insert(connection, Track, (_track(dice, n, sport) for n, sport in sports.items()))
        _insert(connection, ZoneTime, (zone for n in sports for zone in _zones(dice, n)))
        rides = [n for n, sport in sports.items() if sport == "Ride"]
        _insert(connection, PowerPeak, (peak for n in rides for peak in _peaks(dice, n)))
        swims = [n for n, sport in sports.items() if sport == "Swim"]
        _insert(connection, TrackSession, (_session(n) for n in swims))
        _insert(connection, SwimLength, (length for n in swims for length in _lengths(dice, n)))
        marts.refresh(connection)
    engine.dispose()


def _insert(connection: sa.Connection, model: Any, rows: Iterator[dict[str, Any]]) -> None:
    every = list(rows)
    for at in range(0, len(every), _AT_ONCE):
        connection.execute(sa.insert(model), every[at : at + _AT_ONCE])


def _track(dice: random.Random, activity_id: int, sport: str) -> dict[str, Any]:
    """A track with the route of a usual loop, a few metres beside it, as an import keeps it."""
    beside = dice.uniform(-5e-5, 5e-5)
    home = dice.choices(_HOMES, weights=(8, 2, 1))[0]
    size = dice.choice((0.004, 0.01, 0.02)) * (3.0 if sport == "Ride" else 1.0)
    rng = np.random.default_rng(dice.randrange(100))
    turn = np.linspace(0, 2 * np.pi, 150)
    away = size * (1 + 0.15 * np.cumsum(rng.normal(0, 0.3, 150)) * np.sin(turn / 2))
    side = rng.uniform(0, 2 * np.pi)
    north = away * (np.cos(turn + side) - np.cos(side))
    east = away * (np.sin(turn + side) - np.sin(side)) * 1.5
    return {
        "activity_id": activity_id,
        "source": "file",
        "point_count": 0,
        "route_polyline": encoded(home[0] + north + beside, home[1] + east + beside),
        **_FLAGS,
    }


def _zones(dice: random.Random, activity_id: int) -> Iterator[dict[str, Any]]:
    for zone, (lower, upper) in enumerate(zip(_BOUNDS, (*_BOUNDS[1:], None), strict=True), 1):
        yield {
            "activity_id": activity_id,
            "zone_type": "heartrate",
            "zone_index": zone,
            "lower_bound": lower,
            "upper_bound": upper,
            "time_s": dice.uniform(0, 1500),
            "source": "default",
        }


def _peaks(dice: random.Random, activity_id: int) -> Iterator[dict[str, Any]]:
    strength = dice.uniform(200, 260)
    for seconds in _DURATIONS:
        watts = strength * (1 + 2 / (1 + seconds / 20))
        yield {"activity_id": activity_id, "duration_s": seconds, "power_w": watts}


def _session(activity_id: int) -> dict[str, Any]:
    return {"activity_id": activity_id, "session_index": 0, "pool_length_m": 25.0}


def _lengths(dice: random.Random, activity_id: int) -> Iterator[dict[str, Any]]:
    for index in range(60):
        yield {
            "activity_id": activity_id,
            "length_index": index,
            "elapsed_time_s": dice.uniform(24, 36),
            "is_active": index % 9 != 8,
            "total_strokes": dice.randrange(9, 14),
        }


if __name__ == "__main__":
    main()
