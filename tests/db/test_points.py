"""Track points as columns: in the order that was asked for, whatever the database does."""

from __future__ import annotations

import numpy as np
import pytest
import sqlalchemy as sa

from db.engine import make_engine
from db.models import Activity, Athlete, TrackPoint
from db.opening import snapshot
from db.points import Points, by_index, read_points
from exporters.selection import Chosen
from tests.exporters.conftest import made_empty

#: Activities 2 and 1, in this order.
WANTED = [
    Chosen(activity_id=activity_id, start_time_utc=None, name=None, sport_type=None, point_count=3)
    for activity_id in (2, 1)
]


@pytest.fixture
def written(database_url: str) -> str:
    """A database with both activities, of which the points were written from the last to the
    first.
    """
    engine = make_engine(made_empty(database_url))
    with engine.begin() as connection:
        connection.execute(sa.insert(Athlete), {"athlete_id": 7})
        for activity_id in (1, 2):
            activity = {
                "activity_id": activity_id,
                "athlete_id": 7,
                "timezone_source": "unknown",
                "has_track": True,
            }
            connection.execute(sa.insert(Activity), activity)
            for index in (2, 1, 0):
                row = {
                    "activity_id": activity_id,
                    "point_index": index,
                    "elapsed_s": 10.0 * activity_id + index,
                }
                connection.execute(sa.insert(TrackPoint), row)
    engine.dispose()
    return database_url


@pytest.fixture
def points(written: str) -> list[Points]:
    """All columns of both activities."""
    with snapshot(written) as connection:
        return list(read_points(connection, WANTED))


def test_activities_come_in_the_order_that_was_asked_for(points: list[Points]) -> None:
    assert [one.activity_id for one in points] == [2, 1]


def test_points_come_by_their_index(points: list[Points]) -> None:
    assert [one.column("elapsed_s").tolist() for one in points] == [[20, 21, 22], [10, 11, 12]]


def test_what_is_not_known_is_nan(points: list[Points]) -> None:
    assert np.isnan(points[0].column("power_w")).all()


def test_only_the_wanted_columns_are_read(written: str) -> None:
    with snapshot(written) as connection:
        two, one = read_points(connection, WANTED, ("power_w", "elapsed_s"))
    assert set(two.columns) == {"point_index", "power_w", "elapsed_s"}
    assert two.column("elapsed_s").tolist() == [20, 21, 22]
    assert {name: values.tolist() for name, values in one.known_columns().items()} == {
        "elapsed_s": [10, 11, 12]
    }


def test_arrays_that_lost_their_order_get_it_back() -> None:
    columns = by_index(
        {"point_index": np.array([1, 2, 0]), "elapsed_s": np.array([11.0, 12.0, 10.0])}
    )
    assert columns["elapsed_s"].tolist() == [10, 11, 12]
