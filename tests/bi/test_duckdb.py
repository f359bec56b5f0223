"""DuckDB attaches the SQLite file: every table with its types,
and the answers that SQLite gives.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa
from duckdb_extensions import import_extension
from sqlalchemy.dialects import sqlite

from db.models import Base

#: What the declared type of a column becomes. SQLite has no boolean of its own, so DuckDB's scanner
#: makes it a number.
TYPES = {
    "BIGINT": "BIGINT",
    "INTEGER": "BIGINT",
    "BOOLEAN": "BIGINT",
    "DOUBLE": "DOUBLE",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP",
    "VARCHAR": "VARCHAR",
    "TEXT": "VARCHAR",
}
#: A plain count(*) reads ROWID of every table; when DuckDB no longer does, docs/bi.md need not say
#: so either.
WITHOUT_ROWID = ["track_points"]


@pytest.fixture(scope="module")
def attached(
    demo_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")  # DuckDB keeps its extensions in the home directory
        patch.setenv("HOME", str(home))
        with duckdb.connect(config={"home_directory": str(home)}) as connection:
            import_extension("sqlite_scanner", con=connection)
            connection.execute(
                f"ATTACH '{demo_file.as_posix()}' AS strava (TYPE sqlite, READ_ONLY)"
            )
            yield connection


def test_every_column_of_every_table_has_its_type(attached: duckdb.DuckDBPyConnection) -> None:
    found = {
        (table, column): kind
        for table, column, kind in attached.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name "
            "= 'strava'"
        ).fetchall()
    }
    for table in Base.metadata.tables.values():
        for column in table.columns:
            declared = column.type.compile(dialect=sqlite.dialect())
            assert found[table.name, column.name] == TYPES[declared], f"{table.name}.{column.name}"


def test_every_table_and_view_can_be_read_whole(
    attached: duckdb.DuckDBPyConnection, demo_file: Path
) -> None:
    with sqlite3.connect(demo_file) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE "
                "'sqlite_%'"
            )
        ]
        counted = {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in names
        }
    connection.close()
    assert len(names) > 40
    for name in names:
        everything = "activity_id" if name in WITHOUT_ROWID else "*"
        rows = attached.execute(
            f'SELECT count({everything}), count(COLUMNS(*)) FROM strava."{name}"'
        ).fetchone()
        assert rows is not None
        assert rows[0] == counted[name], name


def test_only_points_cannot_be_counted_by_star(attached: duckdb.DuckDBPyConnection) -> None:
    refused = [name for name in Base.metadata.tables if not _is_counted(attached, name)]
    assert refused == WITHOUT_ROWID


def _is_counted(attached: duckdb.DuckDBPyConnection, name: str) -> bool:
    try:
        return bool(attached.execute(f'SELECT count(*) FROM strava."{name}"').fetchone())
    except duckdb.Error:
        return False


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT sport_group, year, count(*), sum(distance_km) FROM activity_facts GROUP BY "
        "sport_group, year ORDER BY 1, 2",
        "SELECT week_start, sum(moving_time_h) FROM activity_facts WHERE is_weekend GROUP BY "
        "week_start ORDER BY 1",
        "SELECT name, min(elapsed_time_s), avg(elapsed_time_s) FROM best_efforts GROUP BY name "
        "ORDER BY 1",
        "SELECT gear.name, sum(activities.distance_m) / 1000.0 FROM activities JOIN gear ON "
        "gear.gear_id = activities.gear_id GROUP BY gear.name ORDER BY 1",
        "SELECT activity_id, count(*), max(heartrate_bpm), avg(altitude_m) FROM track_points "
        "GROUP BY activity_id ORDER BY 1",
        "SELECT start_time_local, local_date, name FROM activity_facts ORDER BY start_time_utc, "
        "activity_id",
        "SELECT date, ctl, sum(load) OVER (ORDER BY date ROWS 6 PRECEDING) FROM daily_load ORDER "
        "BY date",
    ],
)
def test_its_answers_are_those_of_sqlite(
    attached: duckdb.DuckDBPyConnection, demo_file: Path, sql: str
) -> None:
    engine = sa.create_engine(f"sqlite:///{demo_file.as_posix()}")
    with engine.connect() as connection:
        expected = [list(row) for row in connection.execute(sa.text(sql))]
    engine.dispose()
    attached.execute("USE strava")
    found = [[_plain(value) for value in row] for row in attached.execute(sql).fetchall()]
    assert expected
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours == [
            pytest.approx(value) if isinstance(value, float) else value for value in theirs
        ]


def _plain(value: object) -> object:
    """Days and times as SQLite stores them."""
    return value if value is None or isinstance(value, int | float | str) else str(value)
