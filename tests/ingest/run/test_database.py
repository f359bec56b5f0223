"""What every command that writes does to the database first: schema and data dictionary become
those of today.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from db import dictionary, migrate
from db.models import Base
from ingest.config import make_config
from ingest.run import database as opening

_OLDER = "20261121_0121"
_NAME = Base.metadata.tables["activities"].columns["name"]


@pytest.fixture
def opened(engine: sa.Engine, database_url: str, tmp_path: Path) -> Callable[[], None]:
    """Bring the database up to date, which it is already once."""

    def bring() -> None:
        opening.migrate(engine, make_config({}, playground=tmp_path, database=database_url))

    bring()
    return bring


def _execute(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _described(engine: sa.Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.exec_driver_sql("SELECT table_name FROM data_dictionary").scalars())


def test_a_view_of_somebody_else_does_not_hinder_an_upgrade(
    engine: sa.Engine, opened: Callable[[], None]
) -> None:
    migrate.downgrade(engine, _OLDER)
    _execute(
        engine,
        "DELETE FROM data_dictionary WHERE table_name = 'zone_times'",
        "DELETE FROM sync_state WHERE name = 'dictionary'",
        "CREATE VIEW my_view AS SELECT name FROM activities",
    )
    opened()
    assert "zone_times" in _described(engine)
    assert "my_view" not in _described(engine)


def test_another_comment_reaches_the_dictionary_without_a_migration(
    engine: sa.Engine, opened: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_NAME, "comment", "What the activity is called")
    opened()
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT description FROM data_dictionary "
            "WHERE table_name = 'activities' AND column_name = 'name'"
        )
        assert found.scalar() == "What the activity is called"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_another_comment_reaches_postgresql_without_a_migration(
    engine: sa.Engine, opened: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_NAME, "comment", "What the activity is called")
    opened()
    columns = {column["name"]: column for column in sa.inspect(engine).get_columns("activities")}
    assert columns["name"]["comment"] == "What the activity is called"


def test_a_run_whose_models_say_the_same_leaves_the_dictionary_alone(
    engine: sa.Engine, opened: Callable[[], None]
) -> None:
    _execute(engine, "UPDATE data_dictionary SET description = 'as it was left'")
    opened()
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT DISTINCT description FROM data_dictionary")
        assert found.scalars().all() == ["as it was left"]


def test_the_dictionary_is_filled_again_on_another_engine(
    engine: sa.Engine, opened: Callable[[], None]
) -> None:
    others = {"sqlite": "postgresql", "postgresql": "sqlite"}[engine.dialect.name]
    _execute(
        engine,
        "DELETE FROM data_dictionary",
        f"UPDATE sync_state SET value = '{dictionary.comments_digest(others)}' "
        "WHERE name = 'dictionary'",
    )
    opened()
    assert "activities" in _described(engine)
