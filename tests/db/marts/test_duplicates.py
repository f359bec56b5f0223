"""Pairs of activities that may be one, recorded twice: by hand, and against a comparison of each
activity with all others.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
import sqlalchemy as sa

from db.marts import Scope, refill
from db.models import Activity, Athlete, DuplicateCandidate, Track
from tests.db.marts.conftest import Database

NOON = datetime(2026, 5, 1, 12)
GROUPS = {"Run": "run", "TrailRun": "run", "Ride": "ride", "GravelRide": "ride", "Golf": "other"}


def add(database: Database, number: int, minute: float, minutes: float, **columns: Any) -> None:
    """An activity that starts so many minutes after noon."""
    start = NOON + timedelta(minutes=minute)
    database.activity(number, start.isoformat(), **{"elapsed_time_s": minutes * 60, **columns})


def pairs(database: Database) -> list[tuple[Any, ...]]:
    database.refresh()
    return database.rows(DuplicateCandidate.activity_id, DuplicateCandidate.other_activity_id)


def test_a_watch_and_a_bike_computer_are_a_pair(database: Database) -> None:
    add(
        database,
        -5,
        1,
        50,
        name="From the watch",
        sport_type="Ride",
        distance_m=20100.0,
        device_name="Watch",
    )
    add(
        database,
        7,
        0,
        60,
        name="Ride",
        sport_type="GravelRide",
        distance_m=20000.0,
        device_name="Computer",
    )
    database.refresh()
    row = database.one(DuplicateCandidate)._mapping
    assert (row["activity_id"], row["other_activity_id"], row["athlete_id"]) == (7, -5, 1)
    assert (row["name"], row["other_name"]) == ("Ride", "From the watch")
    assert (row["sport_type"], row["other_sport_type"]) == ("GravelRide", "Ride")
    assert (row["device_name"], row["other_device_name"]) == ("Computer", "Watch")
    assert (row["distance_m"], row["other_distance_m"]) == (20000.0, 20100.0)
    assert (row["elapsed_time_s"], row["other_elapsed_time_s"]) == (3600.0, 3000.0)
    assert row["start_time_utc"] == NOON.replace(tzinfo=UTC)
    assert row["other_start_time_utc"] == NOON.replace(tzinfo=UTC) + timedelta(minutes=1)
    assert row["local_date"] == row["other_local_date"] == NOON.date()
    assert (row["overlap_s"], row["overlap_fraction"]) == (3000.0, 1.0)
    assert row["is_same_device"] is None
    assert row["is_same_route"] is None
    assert row["certainty"] == "medium"


@pytest.mark.parametrize(
    ("minute", "minutes", "columns", "is_pair"),
    [
        (12, 60, {}, True),
        (12.1, 60, {}, False),
        (57, 10, {}, False),
        (50, 10, {}, True),
        (0, 60, {"sport_type": "TrailRun"}, True),
        (0, 60, {"sport_type": "Ride"}, False),
        (0, 60, {"sport_type": None}, True),
        (0, 60, {"vanished_at": NOON.replace(tzinfo=UTC)}, False),
        (0, 60, {"start_time_utc": None}, False),
        (0, 0, {}, False),
        (0, 60, {"elapsed_time_s": None}, False),
        (0, 60, {"elapsed_time_s": None, "moving_time_s": 600.0}, True),
        (0, 60, {"elapsed_time_s": 1e12}, False),
        (0, 60, {"athlete_id": 2}, False),
    ],
)
def test_pairs_overlap_by_most_of_the_shorter_and_are_of_one_sport(
    database: Database, minute: float, minutes: float, columns: dict[str, Any], is_pair: bool
) -> None:
    database.add(Athlete, athlete_id=2)
    add(database, 1, 0, 60)
    add(database, 2, minute, minutes, **columns)
    assert pairs(database) == ([(1, 2)] if is_pair else [])


def test_a_long_activity_is_a_pair_with_what_begins_days_later(database: Database) -> None:
    add(database, 1, 0, 3 * 24 * 60)
    for number, minute in ((2, 10), (3, 24 * 60), (4, 2 * 24 * 60 + 5), (5, 3 * 24 * 60)):
        add(database, number, minute, 30)
    assert pairs(database) == [(1, 2), (1, 3), (1, 4)]


def near(database: Database, **of_other: float) -> Any:
    """Whether the route is the same, and how sure that makes it."""
    route = {
        "start_latitude": 60.0,
        "start_longitude": 179.9999,
        "end_latitude": 60.0,
        "end_longitude": 8.0,
    }
    add(database, 1, 0, 60, **route)
    add(database, 2, 0, 60, **{**route, **of_other})
    database.refresh()
    row = database.one(DuplicateCandidate)
    return row.is_same_route, row.certainty


@pytest.mark.parametrize(
    ("of_other", "found"),
    [
        ({}, (True, "high")),
        # A degree is 111 km to the north, and half of that to the east.
        ({"start_latitude": 60.00089}, (True, "high")),
        ({"start_latitude": 60.00091}, (False, "low")),
        ({"end_longitude": 8.00178}, (True, "high")),
        ({"end_longitude": 8.00182}, (False, "low")),
        ({"start_longitude": -179.9990}, (True, "high")),
        ({"end_latitude": None}, (None, "medium")),
    ],
)
def test_the_route_is_the_same_if_its_ends_are(
    database: Database, of_other: dict[str, Any], found: Any
) -> None:
    assert near(database, **of_other) == found


@pytest.mark.parametrize(
    ("serial", "found"), [("A", (True, "high")), ("B", (False, "medium")), (None, (None, "medium"))]
)
def test_a_device_is_known_by_its_serial_number(
    database: Database, serial: str | None, found: Any
) -> None:
    for number, device in ((1, "A"), (2, serial)):
        add(database, number, 0, 60)
        facts = {"source": "file", "point_count": 0, "is_partial": False}
        database.add(Track, activity_id=number, device_serial_number=device, **_needed(facts))
    database.refresh()
    row = database.one(DuplicateCandidate)
    assert (row.is_same_device, row.certainty) == found


def _needed(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts, and false or zero in all other columns of ``tracks`` that must have a value."""
    others = {
        column.name: column.type.python_type()
        for column in Track.__table__.columns
        if not column.nullable and column.name != "activity_id"
    }
    return others | facts


def compared(rows: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """The pairs, by a comparison of each activity with all others."""
    for one, other in combinations(sorted(rows, key=lambda row: (row[1], row[0])), 2):
        (number, start, seconds, sport), (other_number, later, others, other_sport) = one, other
        end = min(start + timedelta(seconds=seconds), later + timedelta(seconds=others)) - max(
            start, later
        )
        is_alike = None in (sport, other_sport) or GROUPS[sport] == GROUPS[other_sport]
        if is_alike and end.total_seconds() >= 0.8 * min(seconds, others):
            yield number, other_number


@pytest.mark.parametrize("seed", range(5))
def test_no_pair_is_missed_in_a_crowd(database: Database, seed: int) -> None:
    dice = random.Random(seed)
    for number in range(-60, 60):
        add(
            database,
            number,
            dice.randrange(0, 2000, 3),
            dice.choice([5, 20, 20.5, 60, 400, 3000]),
            sport_type=dice.choice([*GROUPS, None]),
        )
    rows = database.connection.execute(
        sa.select(
            Activity.activity_id,
            Activity.start_time_utc,
            Activity.elapsed_time_s,
            Activity.sport_type,
        )
    ).all()
    expected = sorted(compared(rows))
    assert len(expected) > 100
    assert pairs(database) == expected


@pytest.mark.parametrize("last", [1, 2])
@pytest.mark.parametrize("hours", [-14, 0, 14])
def test_a_refill_finds_pairs_that_began_weeks_apart(
    database: Database, last: int, hours: int
) -> None:
    starts = {1: NOON, 2: NOON + timedelta(days=29, hours=20)}
    lengths = {1: timedelta(days=30), 2: timedelta(hours=4)}
    locals_ = {number: start + timedelta(hours=hours) for number, start in starts.items()}
    for number in (3 - last, last):
        database.activity(
            number,
            starts[number].isoformat(),
            elapsed_time_s=lengths[number].total_seconds(),
            start_time_local=locals_[number],
        )
        refill(database.connection, [Scope(athlete_id=1, days=frozenset({locals_[number].date()}))])
    found = database.rows(DuplicateCandidate.activity_id, DuplicateCandidate.other_activity_id)
    assert found == [(1, 2)]


def test_a_refill_of_the_first_and_last_days_there_are(database: Database) -> None:
    add(database, 1, 0, 60)
    database.refresh()
    for day in (date.min, date.max):
        refill(database.connection, [Scope(athlete_id=1, days=frozenset({day}))])
    assert database.rows(DuplicateCandidate.activity_id) == []
