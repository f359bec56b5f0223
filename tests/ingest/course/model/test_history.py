"""Runs are read from points, or from kilometres, on both engines; what is no run is left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from db.bulk import write_points
from db.migrate import upgrade
from db.models import BestEffort, Split, Track
from ingest.course.model.history import History, history_of
from tests.db.marts.conftest import Database

#: Every 10 s for an hour, at 10 km/h, 10 % uphill; a rest of 5 min after half an hour.
CLOCK = np.arange(361) * 10.0
POINTS = {
    "elapsed_s": np.where(CLOCK > 1800, CLOCK + 300, CLOCK),
    "distance_m": CLOCK / 0.36,
    "altitude_m": 500 + CLOCK / 3.6,
}


@pytest.fixture
def database(engine: sa.Engine) -> Iterator[Database]:
    upgrade(engine, None)
    with engine.begin() as connection:
        yield Database(connection)


def add_points(database: Database, number: int, points: Any = POINTS) -> None:
    """The points of an activity, and the row that describes them."""
    database.add(
        Track,
        activity_id=number,
        source="file",
        point_count=len(points["elapsed_s"]),
        is_partial=False,
        is_time_naive=False,
        is_distance_computed=False,
    )
    write_points(database.connection, [(number, points)])


def add_split(database: Database, number: int, index: int, **columns: Any) -> None:
    """A kilometre of the API: 1000 m in 300 s, and in 310 s with rests."""
    row = {
        "distance_m": 1000.0,
        "elevation_difference_m": 20.0,
        "moving_time_s": 300.0,
        "elapsed_time_s": 310.0,
    }
    database.add(
        Split,
        activity_id=number,
        source="api",
        unit="km",
        split_index=index,
        **(row | columns),
    )


def read(database: Database, **choice: Any) -> History:
    """The history of the athlete."""
    database.refresh()
    return history_of(database.connection, 1, **{"sport": "Run", **choice})


def test_a_run_with_points_is_cut_into_pieces(database: Database) -> None:
    database.activity(1, "2026-01-01T08:00:00", workout_type=1)
    add_points(database, 1)
    (run,) = read(database).runs
    assert (run.activity_id, run.day, run.is_race) == (1, date(2026, 1, 1), True)
    assert run.distance_m == pytest.approx(10_000.0)
    assert run.pieces.grade == pytest.approx(np.full(100, 0.1))
    assert run.time_s == pytest.approx(3590.0)  # without the 310 s of the rest's step
    assert run.elapsed_s[-1] == pytest.approx(3900.0)


def test_a_run_without_points_is_cut_into_kilometres(database: Database) -> None:
    database.activity(1, "2026-01-01T08:00:00")
    for index in range(5):
        add_split(database, 1, index)
    (run,) = read(database).runs
    assert run.pieces.border_m.tolist() == [0, 1000, 2000, 3000, 4000, 5000]
    assert run.pieces.rise_m.tolist() == [20.0] * 5
    assert (run.time_s, run.elapsed_s[-1]) == (1500.0, 1550.0)


@pytest.mark.parametrize("lacking", ["distance_m", "moving_time_s", "elapsed_time_s"])
def test_kilometres_without_time_or_distance_are_no_run(database: Database, lacking: str) -> None:
    database.activity(1, "2026-01-01T08:00:00")
    add_split(database, 1, 0)
    add_split(database, 1, 1, **{lacking: None})
    assert not read(database).runs


def test_points_without_altitude_are_a_flat_run(database: Database) -> None:
    database.activity(1, "2026-01-01T08:00:00")
    add_points(database, 1, {name: POINTS[name] for name in ("elapsed_s", "distance_m")})
    (run,) = read(database).runs
    assert not run.pieces.grade.any()


@pytest.mark.parametrize(
    "left_out",
    [
        {"sport_type": "Ride"},
        {"sport_type": "VirtualRun"},
        {"is_trainer": True},
        {"is_flagged": True},
    ],
    ids=lambda columns: "".join(columns),
)
def test_what_is_no_run_outdoors_is_left_out(database: Database, left_out: dict[str, Any]) -> None:
    database.activity(1, "2026-01-01T08:00:00", **left_out)
    add_points(database, 1)
    assert not read(database).runs


def test_what_is_too_fast_to_be_a_run_is_left_out(database: Database) -> None:
    database.activity(1, "2026-01-01T08:00:00")
    add_points(database, 1, {**POINTS, "distance_m": POINTS["distance_m"] * 3})
    assert not read(database).runs


def test_runs_are_in_order_of_time_and_between_two_days(database: Database) -> None:
    for number, day in ((1, "04"), (2, "01"), (3, "03"), (4, "02")):
        database.activity(number, f"2026-01-{day}T08:00:00")
        if number == 3:
            add_split(database, number, 0)
        else:
            add_points(database, number)
    history = read(database)
    assert [run.activity_id for run in history.runs] == [2, 4, 3, 1]
    assert history.as_of == date(2026, 1, 4)
    some = read(database, since=date(2026, 1, 2), until=date(2026, 1, 3))
    assert [run.activity_id for run in some.runs] == [4, 3]
    assert some.as_of == date(2026, 1, 3)
    assert [run.activity_id for run in history.before(date(2026, 1, 3)).runs] == [2, 4]


def add_effort(database: Database, number: int, day: str, **times: float) -> None:
    """A run with efforts over 5K and 10K."""
    database.activity(number, f"{day}T08:00:00")
    add_points(database, number)
    for name, seconds in times.items():
        database.add(
            BestEffort,
            activity_id=number,
            source="computed",
            name=name[1:],
            distance_m={"_5K": 5000.0, "_10K": 10_000.0}[name],
            elapsed_time_s=seconds,
        )


def test_where_none_is_marked_the_best_runs_of_their_time_are_races(database: Database) -> None:
    add_effort(database, 1, "2026-01-01", _5K=1500.0, _10K=3200.0)  # nothing to beat
    add_effort(database, 2, "2026-01-10", _5K=1490.0, _10K=3300.0)  # not over its longest distance
    add_effort(database, 3, "2026-01-20", _5K=1495.0, _10K=3100.0)
    add_effort(database, 4, "2026-02-20", _10K=3100.0)  # as fast is not faster
    add_effort(database, 5, "2026-05-20", _10K=3150.0)  # the better ones are 89 and 120 days old
    add_effort(database, 6, "2026-06-20", _10K=3140.0)
    assert [run.activity_id for run in read(database).races] == [3, 6]


def test_where_one_is_marked_only_marked_ones_are_races(database: Database) -> None:
    add_effort(database, 1, "2026-01-01", _10K=3200.0)
    add_effort(database, 2, "2026-01-20", _10K=3100.0)
    database.activity(3, "2026-02-01T08:00:00", workout_type=1)
    add_points(database, 3)
    history = read(database)
    assert [run.activity_id for run in history.races] == [3]
    assert [run.activity_id for run in history.before(date(2026, 2, 1)).races] == [2]
