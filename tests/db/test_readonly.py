"""The role for BI tools: it reads what is there and what comes, and writes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from db.engine import make_engine
from db.errors import DatabaseProblem
from db.migrate import upgrade
from db.readonly import grant_readonly


@pytest.fixture
def role(pg_url: str) -> Iterator[str]:
    """A name that nobody has, with characters that want quotes; whoever has it at the end is dropped."""
    name = f'bi 100%"{uuid.uuid4().hex[:8]}'
    yield name
    engine = make_engine(pg_url)
    quoted = engine.dialect.identifier_preparer.quote_identifier(name)
    with engine.begin() as connection:
        if connection.scalar(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}):
            connection.exec_driver_sql(f"DROP OWNED BY {quoted}")
            connection.exec_driver_sql(f"DROP ROLE {quoted}")
    engine.dispose()


@pytest.fixture
def reader(pg_url: str, role: str) -> Iterator[sa.Connection]:
    engine = make_engine(pg_url)
    upgrade(engine, None)
    assert grant_readonly(pg_url, role)
    quoted = engine.dialect.identifier_preparer.quote_identifier(role)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE later (x INTEGER)")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SET ROLE {quoted}")
        connection.commit()
        yield connection
    engine.dispose()


def test_it_reads_every_table_and_view_and_those_to_come(reader: sa.Connection) -> None:
    inspector = sa.inspect(reader)
    for name in [*inspector.get_table_names(), *inspector.get_view_names()]:
        assert reader.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() is not None
    assert "later" in inspector.get_table_names()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO athletes (athlete_id) VALUES (1)",
        "UPDATE activities SET name = 'x'",
        "DELETE FROM activity_facts",
        "TRUNCATE period_summary",
        "DROP TABLE activities",
        "CREATE TABLE mine (x INTEGER)",
        "ALTER TABLE activities ADD COLUMN x INTEGER",
    ],
)
def test_it_writes_nothing(reader: sa.Connection, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner|read-only"):
        reader.exec_driver_sql(statement)


def test_it_can_be_granted_again(pg_url: str, role: str) -> None:
    assert [grant_readonly(pg_url, role), grant_readonly(pg_url, role)] == [True, False]


def test_whoever_writes_cannot_be_made_a_reader(pg_url: str) -> None:
    with pytest.raises(DatabaseProblem, match="can write; choose another name"):
        grant_readonly(pg_url, str(make_url(pg_url).username))


def test_sqlite_says_that_the_permissions_of_the_file_decide(sqlite_url: str) -> None:
    with pytest.raises(DatabaseProblem, match="permissions of the file"):
        grant_readonly(sqlite_url, "bi")
    assert not Path(str(make_url(sqlite_url).database)).exists()
