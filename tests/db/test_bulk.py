"""db.bulk: what goes in as columns comes out as rows, on both engines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from db.bulk import Columns, delete_points, insert_rows, write_points
from db.engine import make_engine
from db.errors import DatabaseProblem
from db.models import TrackPoint
from db.models.base import UtcTimestamp
from db.points import POINT_COLUMNS
from ingest.transform import records as rows

NAN, INF = math.nan, math.inf


@pytest.fixture
def connection(database_url: str) -> Iterator[sa.Connection]:
    metadata = sa.MetaData()
    sa.Table(
        "track_points",
        metadata,
        sa.Column("activity_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("point_index", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Double) for name in POINT_COLUMNS),
        sqlite_with_rowid=False,
    )
    engine = make_engine(database_url)
    metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_the_columns_are_those_of_the_table_and_of_a_recording() -> None:
    assert [column.name for column in TrackPoint.__table__.columns] == [
        "activity_id",
        "point_index",
        *POINT_COLUMNS,
    ]
    assert POINT_COLUMNS == rows.POINT_COLUMNS


@pytest.mark.parametrize("count", [1, 29, 30, 31, 95])
def test_every_value_comes_back_as_it_went_in(connection: sa.Connection, count: int) -> None:
    columns = _full(count)
    assert write_points(connection, [(7, columns)]) == count
    assert _stored(connection) == _expected([(7, columns)])


def test_nan_and_infinities_are_null_wherever_they_stand(connection: sa.Connection) -> None:
    columns = _full(200)
    for place, name in enumerate(POINT_COLUMNS[1:], 1):
        columns[name][place :: place + 1] = NAN
    columns["power_w"][::7] = INF
    columns["speed_mps"][3::11] = -INF
    write_points(connection, [(7, columns)])
    assert _stored(connection) == _expected([(7, columns)])


def test_a_column_that_is_left_out_is_null(connection: sa.Connection) -> None:
    columns = {"elapsed_s": np.arange(40.0), "power_w": np.zeros(40)}
    write_points(connection, [(7, columns)])
    assert _stored(connection) == _expected([(7, columns)])


def test_many_activities_with_different_columns_go_in_one_call(connection: sa.Connection) -> None:
    batch = [
        (
            17_000_000_000 + number,
            {name: values for name, values in _full(count).items() if name in {"elapsed_s", *kept}},
        )
        for number, (count, kept) in enumerate(
            [
                (100, ("latitude", "longitude")),
                (1, ()),
                (61, POINT_COLUMNS),
                (30, ("temperature_c", "altitude_m")),
            ]
        )
    ]
    assert write_points(connection, batch) == 192
    assert _stored(connection) == _expected(batch)


def test_the_order_in_which_columns_are_named_does_not_matter(connection: sa.Connection) -> None:
    columns = dict(reversed(_full(35).items()))
    write_points(connection, [(7, columns)])
    assert _stored(connection) == _expected([(7, columns)])


def test_a_recording_longer_than_one_slice_keeps_its_order(
    connection: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.bulk_sqlite._SLICE", 60)
    columns = _full(151)
    write_points(connection, [(7, columns)])
    assert _stored(connection) == _expected([(7, columns)])


def test_arrays_that_are_views_or_of_another_byte_order_are_fine(connection: sa.Connection) -> None:
    columns = {
        "elapsed_s": np.arange(90.0)[::3],
        "power_w": np.arange(30.0).astype(">f8"),
        "speed_mps": np.arange(30),
    }
    write_points(connection, [(7, columns)])
    assert _stored(connection) == _expected([(7, columns)])


def test_extreme_numbers_survive(connection: sa.Connection) -> None:
    columns = {
        "elapsed_s": np.array([0.0, -0.0, 5e-324, 1.7976931348623157e308, 2.0**53 + 2, -(2.0**63)])
    }
    write_points(connection, [(2**53, columns)])
    assert _stored(connection) == _expected([(2**53, columns)])


@pytest.mark.parametrize("batch", [[], [(7, {})], [(7, {"elapsed_s": np.array([])})]])
def test_nothing_to_write_is_not_an_error(
    connection: sa.Connection, batch: list[tuple[int, Columns]]
) -> None:
    assert write_points(connection, batch) == 0
    assert _stored(connection) == []


def test_points_are_lost_with_the_transaction_that_wrote_them(connection: sa.Connection) -> None:
    write_points(connection, [(7, _full(50))])
    connection.rollback()
    assert _stored(connection) == []


def test_points_are_kept_by_the_commit_of_their_caller(connection: sa.Connection) -> None:
    connection.execute(sa.text("SELECT 1"))
    write_points(connection, [(7, _full(50))])
    connection.commit()
    with connection.engine.connect() as other:
        assert len(_stored(other)) == 50


def test_whole_numbers_of_the_key_are_stored_as_integers(connection: sa.Connection) -> None:
    kind = "typeof" if connection.dialect.name == "sqlite" else "pg_typeof"
    write_points(connection, [(17_000_000_000, _full(31))])
    query = (
        f"SELECT DISTINCT CAST({kind}(activity_id) AS TEXT), CAST({kind}(point_index) AS "
        "TEXT) FROM track_points"
    )
    assert all("int" in name for row in connection.exec_driver_sql(query) for name in row)


def test_a_point_that_is_already_there_is_an_integrity_error(connection: sa.Connection) -> None:
    write_points(connection, [(7, _full(5))])
    with pytest.raises(Exception, match=r"(?i)unique"):
        write_points(connection, [(7, _full(5))])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"elapsed_s": np.arange(2.0), "power_w": np.arange(3.0)}, "different lengths"),
        ({"power_w": np.arange(3.0)}, "not the columns"),
        ({"elapsed_s": np.arange(2.0), "watts": np.arange(2.0)}, "watts"),
    ],
)
def test_columns_that_do_not_fit_are_refused(
    connection: sa.Connection, columns: Columns, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        write_points(connection, [(7, columns)])


def test_deleting_removes_the_points_of_these_activities_only(connection: sa.Connection) -> None:
    write_points(connection, [(number, _full(10)) for number in (1, 2, 3)])
    assert delete_points(connection, [1, 3, 99]) == 20
    assert {row[0] for row in _stored(connection)} == {2}
    assert delete_points(connection, []) == 0


def _full(count: int) -> dict[str, Any]:
    """All ten columns, every value different."""
    random = np.random.default_rng(count)
    return {
        "elapsed_s": np.arange(float(count)),
        **{name: random.normal(100, 50, count) for name in POINT_COLUMNS[1:]},
    }


def _expected(batch: list[tuple[int, dict[str, Any]]]) -> list[tuple[Any, ...]]:
    """The rows by plain Python."""
    found = []
    for activity_id, columns in batch:
        for index in range(len(columns["elapsed_s"])):
            values = [
                float(columns[name][index]) if name in columns else NAN for name in POINT_COLUMNS
            ]
            found.append(
                (activity_id, index, *(value if math.isfinite(value) else None for value in values))
            )
    return found


def _stored(connection: sa.Connection) -> list[tuple[Any, ...]]:
    query = (
        f"SELECT activity_id, point_index, {', '.join(POINT_COLUMNS)} FROM track_points "
        "ORDER BY 1, 2"
    )
    return [tuple(row) for row in connection.exec_driver_sql(query)]


GOAL = {
    "athlete_id": 1,
    "goal_index": 0,
    "goal_type": "a\tb\\N\nc",
    "target": None,
    "is_active": True,
}


@pytest.fixture
def goals(connection: sa.Connection) -> sa.Connection:
    """The same with a table of all kinds of columns, without what it refers to."""
    columns = {
        "athlete_id": sa.BigInteger,
        "goal_index": sa.Integer,
        "goal_type": sa.String,
        "target": sa.Double,
        "is_active": sa.Boolean,
        "day": sa.Date,
        "made_at": UtcTimestamp,
    }
    table = sa.Table(
        "goals_copy",
        sa.MetaData(),
        *(sa.Column(n, t, primary_key=i < 2) for i, (n, t) in enumerate(columns.items())),
    )
    table.create(connection)
    connection.info["model"] = type("Model", (), {"__table__": table})
    return connection


def test_rows_of_any_kind_come_back_as_they_went_in(goals: sa.Connection) -> None:
    made_at = datetime(2026, 5, 1, 7, 12, 33, 999_999, tzinfo=UTC)
    made = {"day": date(2026, 2, 28), "made_at": made_at}
    rows_in = [
        {**GOAL, **made},
        {**GOAL, "goal_index": 1, "goal_type": "", "target": 0.1 + 0.2, "is_active": None, **made},
    ]
    insert_rows(goals, goals.info["model"], rows_in)
    found = goals.execute(sa.select(goals.info["model"].__table__)).mappings().all()
    seconds = {"made_at": made_at.replace(microsecond=0)}
    assert [dict(row) for row in found] == [{**row, **seconds} for row in rows_in]


def test_no_rows_are_no_error(goals: sa.Connection) -> None:
    insert_rows(goals, goals.info["model"], [])


def test_a_row_that_is_there_is_an_error_of_the_database(goals: sa.Connection) -> None:
    insert_rows(goals, goals.info["model"], [GOAL])
    with pytest.raises((DatabaseProblem, sa.exc.IntegrityError)):
        insert_rows(goals, goals.info["model"], [GOAL])
