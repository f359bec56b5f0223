"""Measures how many seconds each mart takes to fill.

It makes up activities, splits, best efforts, bands of heart rate and routes.

``python -m benchmarks.marts [--activities 5000] [--postgres URL]``. The rows are written straight
into the tables; what is measured is ``db.marts.refresh`` with its commit, on tables that are filled
already, and ``db.marts.refill`` of the twenty last activities' days after their distances changed,
as after a run with news. Best of three.
"""

from __future__ import annotations

import argparse
import math
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from benchmarks.databases import fresh_database
from db import marts
from db.engine import for_writing, make_engine
from db.migrate import upgrade
from db.models import (
    Activity,
    Athlete,
    BestEffort,
    Gear,
    GearComponent,
    HeartrateBand,
    Split,
    Track,
)
from ingest.transform.derived.polyline import encoded

_SPORTS = ("Run",) * 5 + ("Ride",) * 3 + ("Walk", "Swim", "WeightTraining", "NordicSki")
_EFFORTS = {
    "400m": 400.0,
    "1/2 mile": 805.0,
    "1K": 1000.0,
    "1 mile": 1609.0,
    "2 mile": 3219.0,
    "5K": 5000.0,
}
#: Bands of five beats that an activity has time in.
_BANDS = 14
_AT_ONCE = 2000


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--activities", type=int, default=5000)
    parser.add_argument("--postgres", metavar="URL", help="a server to measure, too")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        measure("sqlite", f"sqlite:///{Path(folder, 'bench.db').as_posix()}", options.activities)
    if options.postgres:
        with fresh_database(options.postgres, "strava_benchmark") as url:
            measure("postgresql", url, options.activities)


def measure(name: str, database: str, activities: int) -> None:
    """The seconds of a whole refill, and of each mart."""
    engine = for_writing(make_engine(database))
    upgrade(engine, None)
    with engine.begin() as connection:
        fill(connection, activities)
    seconds = [_refresh(engine) for _ in range(4)][1:]
    few = [_refill(engine, times) for times in range(2, 5)]
    print(
        f"{name}: all marts of {activities:,} activities in {min(seconds):.2f} s, "
        f"20 changed activities in {min(few):.2f} s"
    )
    with engine.connect() as connection:
        for mart in marts.MARTS:
            rows = connection.scalar(sa.select(sa.func.count()).select_from(mart.table))
            print(
                f"  {mart.table.name:<18}{rows:>8,} rows {_fill_seconds(connection, mart):>7.2f} s"
            )
    engine.dispose()


def _refresh(engine: sa.Engine) -> float:
    began = time.perf_counter()
    with engine.begin() as connection:
        marts.refresh(connection)
    return time.perf_counter() - began


def _refill(engine: sa.Engine, times: int) -> float:
    newest = sa.select(Activity.activity_id).order_by(Activity.activity_id.desc()).limit(20)
    with engine.begin() as connection:
        ids = list(connection.scalars(newest))
        changed = sa.update(Activity).where(Activity.activity_id.in_(ids))
        connection.execute(changed.values(distance_m=Activity.distance_m * times))
        starts = sa.select(Activity.start_time_local).where(Activity.activity_id.in_(ids))
        days = frozenset(start.date() for start in connection.scalars(starts) if start)
    began = time.perf_counter()
    with engine.begin() as connection:
        marts.refill(connection, [marts.Scope(athlete_id=1, days=days)])
    return time.perf_counter() - began


def _fill_seconds(connection: sa.Connection, mart: Any) -> float:
    """Time one mart by itself, in a transaction that is undone."""
    with connection.begin_nested() as undone:
        for other in reversed(marts.MARTS[marts.MARTS.index(mart) :]):
            connection.execute(sa.delete(other.table))
        began = time.perf_counter()
        mart.fill(connection)
        seconds = time.perf_counter() - began
        undone.rollback()
    return seconds


def fill(connection: sa.Connection, activities: int) -> None:
    """Insert one athlete with years of activities, ten pieces of gear, splits and efforts."""
    dice = random.Random(7)
    connection.execute(
        sa.insert(Athlete), {"athlete_id": 1, "first_name": "Jo", "last_name": "Made-Up"}
    )
    gear = [
        {"gear_id": n, "athlete_id": 1, "name": f"Gear {n}", "name_key": f"gear {n}"}
        for n in range(1, 11)
    ]
    connection.execute(sa.insert(Gear), gear)
    parts = [
        {"athlete_id": 1, "component_index": n, "gear_id": 1, "component_type": "Chain"}
        for n in range(5)
    ]
    connection.execute(sa.insert(GearComponent), parts)
    rows = [_activity(dice, number) for number in range(activities)]
    _insert(connection, Activity, iter(rows))
    runs = [row for row in rows if row["sport_type"] == "Run"]
    _insert(connection, Split, (split for row in runs for split in _splits(dice, row)))
    _insert(connection, BestEffort, (effort for row in runs for effort in _efforts(dice, row)))
    _insert(connection, HeartrateBand, (band for row in rows for band in _bands(dice, row)))
    ways = [_way(dice) for _ in range(max(1, activities // 4))]
    moving = [row for row in rows if row["distance_m"] > 0]
    _insert(connection, Track, (_track(dice, row, dice.choice(ways)) for row in moving))


def _insert(connection: sa.Connection, model: Any, rows: Iterator[dict[str, Any]]) -> None:
    every = list(rows)
    for at in range(0, len(every), _AT_ONCE):
        connection.execute(sa.insert(model), every[at : at + _AT_ONCE])


def _activity(dice: random.Random, number: int) -> dict[str, Any]:
    start = datetime(2014, 1, 3, 6, tzinfo=UTC) + timedelta(hours=number * 21 + dice.randrange(6))
    sport = dice.choice(_SPORTS)
    distance = 0.0 if sport == "WeightTraining" else dice.uniform(2000, 22000)
    time_s = float(dice.randrange(900, 9000))
    return {
        "activity_id": 10_000_000_000 + number,
        "athlete_id": 1,
        "name": f"Activity {number}",
        "sport_type": sport,
        "start_time_utc": start,
        "start_time_local": start.replace(tzinfo=None) + timedelta(hours=2),
        "timezone_source": "position",
        "distance_m": distance,
        "moving_time_s": time_s,
        "elapsed_time_s": time_s + 60,
        "total_elevation_gain_m": dice.uniform(0, 900),
        "relative_effort": float(dice.randrange(200)),
        "gear_id": dice.randrange(1, 11),
        "start_latitude": 47.0,
        "start_longitude": 8.0,
        "has_track": True,
    }


def _splits(dice: random.Random, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for unit, metres in (("km", 1000.0), ("mi", 1609.344)):
        for index in range(int(row["distance_m"] / metres) + 1):
            yield {
                "activity_id": row["activity_id"],
                "source": "computed",
                "unit": unit,
                "split_index": index,
                "distance_m": metres,
                "moving_time_s": dice.uniform(240, 420),
                "elevation_difference_m": dice.uniform(-50, 50),
            }


def _efforts(dice: random.Random, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, metres in _EFFORTS.items():
        yield {
            "activity_id": row["activity_id"],
            "source": "computed",
            "name": name,
            "distance_m": metres,
            "elapsed_time_s": metres / dice.uniform(2.5, 4.5),
        }


def _bands(dice: random.Random, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    lowest = 5 * dice.randrange(18, 24)
    for from_bpm in range(lowest, lowest + 5 * _BANDS, 5):
        yield {
            "activity_id": row["activity_id"],
            "from_bpm": from_bpm,
            "below_bpm": from_bpm + 5,
            "time_s": row["moving_time_s"] / _BANDS,
            "distance_m": row["distance_m"] / _BANDS,
        }


def _way(dice: random.Random) -> tuple[float, list[float], list[float]]:
    """A closed way from home, and its length."""
    length = dice.uniform(3000, 20000)
    turn, radius = dice.uniform(0, math.tau), length / math.tau / 111_000
    parts = [turn + math.tau * part / 20 for part in range(21)]
    north = [47.0 + radius * (math.sin(part) - math.sin(turn)) for part in parts]
    east = [8.0 + radius * (math.cos(part) - math.cos(turn)) * 1.4 for part in parts]
    return length, north, east


def _track(
    dice: random.Random, row: dict[str, Any], way: tuple[float, list[float], list[float]]
) -> dict[str, Any]:
    length, *places = way
    beside = (dice.uniform(-3e-4, 3e-4) for _ in places)
    north, east = (np.array(each) + off for each, off in zip(places, beside, strict=True))
    return {
        "activity_id": row["activity_id"],
        "source": "file",
        "point_count": 1000,
        "is_partial": False,
        "is_time_naive": False,
        "is_distance_computed": False,
        "route_shape": encoded(north, east),
        "route_length_m": length * dice.uniform(0.995, 1.005),
    }


if __name__ == "__main__":
    main()
