"""The schema that people see: migrations equal the models, types that BI tools read, a meaning for
every column.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from db import dictionary, revision
from db.engine import make_engine
from db.errors import DatabaseProblem
from db.migrate import downgrade, schema_differences, upgrade
from db.migrations import versions
from db.models import Base
from db.new_schema import make_if_new
from db.schema_docs import schema_markdown

BI_TYPES = {"INTEGER", "BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR", "TEXT", "DATE", "TIMESTAMP"}
DOCS = Path(__file__).parents[2] / "docs" / "schema.md"


def test_the_migrations_make_what_the_models_say(database_url: str) -> None:
    engine = make_engine(database_url)
    upgrade(engine, None)
    assert schema_differences(engine) == []
    engine.dispose()


def test_a_new_database_is_what_the_migrations_make(database_url: str) -> None:
    engine = make_engine(database_url)
    assert make_if_new(engine)
    assert not make_if_new(engine)
    assert schema_differences(engine) == []
    made = shape(engine)
    downgrade(engine, "base")
    upgrade(engine, None, versions=Path(versions.__file__).parent)
    assert shape(engine) == made
    engine.dispose()


def shape(engine: sa.Engine) -> dict[object, object]:
    """Everything that the engine tells of its tables and views; columns in any order."""
    inspector = sa.inspect(engine)
    found: dict[object, object] = {}
    for name in (*inspector.get_table_names(), *inspector.get_view_names()):
        found[name] = {
            "columns": sorted(str(column) for column in inspector.get_columns(name)),
            "key": inspector.get_pk_constraint(name),
            "references": sorted(str(key) for key in inspector.get_foreign_keys(name)),
            "indexes": sorted(str(index) for index in inspector.get_indexes(name)),
            "unique": sorted(str(one) for one in inspector.get_unique_constraints(name)),
            "checks": sorted(str(check) for check in inspector.get_check_constraints(name)),
            "options": inspector.get_table_options(name),
        }
        if engine.dialect.name == "postgresql":
            found[name, "comment"] = inspector.get_table_comment(name)
    for name in inspector.get_view_names():
        found[name, "view"] = inspector.get_view_definition(name)
    return found


def test_the_revision_is_known_without_alembic(database_url: str) -> None:
    engine = make_engine(database_url)
    assert revision.current(engine) is None
    upgrade(engine, None)
    assert revision.current(engine) == revision.head()  # the one that Alembic came to
    engine.dispose()


def test_a_database_of_several_revisions_is_refused(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    upgrade(engine, None)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('another')")
    with pytest.raises(DatabaseProblem, match="several revisions; restore a backup"):
        revision.current(engine)
    engine.dispose()


def test_the_migrations_can_be_undone(database_url: str) -> None:
    engine = make_engine(database_url)
    upgrade(engine, None)
    downgrade(engine, "base")
    assert set(sa.inspect(engine).get_table_names()) <= {"alembic_version"}
    assert sa.inspect(engine).get_view_names() == []
    engine.dispose()


def test_points_of_older_databases_are_counted(database_url: str) -> None:
    engine = make_engine(database_url)
    upgrade(engine, None)
    downgrade(engine, "20261124_2229")
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO athletes (athlete_id) VALUES (4)")
        connection.exec_driver_sql(
            "INSERT INTO activities (activity_id, athlete_id, has_track, timezone_source) VALUES "
            "(6, 4, true, 'unknown')"
        )
        connection.exec_driver_sql(
            "INSERT INTO tracks (activity_id, source, point_count, is_partial, is_time_naive, "
            "is_distance_computed) VALUES (6, 'file', 3, false, false, false)"
        )
        connection.exec_driver_sql(
            "INSERT INTO track_points (activity_id, point_index, latitude, longitude, power_w, "
            "distance_m)"
            " VALUES (6, 0, 1, 2, 0, NULL), (6, 1, NULL, 2, 9, 5), (6, 2, NULL, NULL, 9, NULL)"
        )
    upgrade(engine, None)
    with engine.connect() as connection:
        counts = "SELECT position_count, heartrate_count, power_count, distance_count FROM tracks"
        assert connection.exec_driver_sql(counts).one() == (1, 0, 3, 1)
    engine.dispose()


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=lambda table: table.name)
def test_sqlite_declares_only_types_that_bi_tools_read(table: sa.Table) -> None:
    declared = {column.name: column.type.compile(sqlite.dialect()) for column in table.columns}
    assert set(declared.values()) <= BI_TYPES


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=lambda table: table.name)
def test_every_table_and_column_says_what_it_means(table: sa.Table) -> None:
    assert table.comment
    assert [column.name for column in table.columns if not column.comment] == []


def test_postgresql_carries_the_comments_and_the_timed_view(pg_url: str) -> None:
    engine = make_engine(pg_url)
    upgrade(engine, None)
    inspector = sa.inspect(engine)
    assert (
        inspector.get_table_comment("activities")["text"]
        == Base.metadata.tables["activities"].comment
    )
    columns = {column["name"]: column for column in inspector.get_columns("track_points_timed")}
    assert str(columns["time_utc"]["type"]) == "TIMESTAMP"
    assert columns["time_utc"]["comment"]
    engine.dispose()


def test_another_comment_needs_no_migration(pg_url: str) -> None:
    engine = make_engine(pg_url)
    upgrade(engine, None)
    downgrade(engine, "20261120_2244")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "COMMENT ON COLUMN activities.name IS 'What it was called before'"
        )
    upgrade(engine, None)
    assert schema_differences(engine) == []
    engine.dispose()


def test_the_data_dictionary_holds_every_column(database_url: str) -> None:
    engine = make_engine(database_url)
    upgrade(engine, None)
    with engine.begin() as connection:
        dictionary.rewrite(connection)
        dictionary.rewrite(connection)
        rows = connection.execute(
            sa.text("SELECT table_name, column_name, unit, description FROM data_dictionary")
        ).all()
    expected = {(t.name, c.name) for t in Base.metadata.sorted_tables for c in t.columns}
    views = {"track_points_timed"} if engine.dialect.name == "postgresql" else set()
    expected |= {(view, c["name"]) for view in views for c in sa.inspect(engine).get_columns(view)}
    assert views <= {row.table_name for row in rows if not row.column_name}
    assert {(row.table_name, row.column_name) for row in rows if row.column_name} == expected
    assert next(row.unit for row in rows if row.column_name == "weather_pressure_hpa") == "hPa"
    assert all(row.description for row in rows)
    engine.dispose()


def test_the_page_about_the_schema_is_that_of_the_models() -> None:
    assert DOCS.read_text(encoding="utf-8") == schema_markdown()
