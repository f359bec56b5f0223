"""The role for BI tools: it reads what is there and what comes, and writes nothing; or it is told
why it could.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from db.engine import make_engine
from db.errors import DatabaseProblem
from db.migrate import upgrade
from db.models import Base
from db.readonly import grant_readonly
from db.row_security import quoted


@pytest.fixture
def names(pg_url: str) -> Iterator[Callable[[str], str]]:
    """Names that nobody has, with characters that want quotes; whoever has them
    at the end is dropped.
    """
    made = []

    def name(what: str) -> str:
        made.append(f'{what} 100%"{uuid.uuid4().hex[:8]}')
        return made[-1]

    yield name
    with psycopg.connect(pg_url, autocommit=True) as connection:
        for one in made:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [one]).fetchone():
                connection.execute(f"DROP OWNED BY {quoted(one)} CASCADE")
        for one in made:
            connection.execute(f"DROP ROLE IF EXISTS {quoted(one)}")


@pytest.fixture
def role(names: Callable[[str], str]) -> str:
    return names("bi")


@pytest.fixture
def migrated(pg_url: str) -> str:
    _upgraded(pg_url)
    return pg_url


def _upgraded(url: str) -> None:
    engine = make_engine(url)
    upgrade(engine, None)
    engine.dispose()


def _execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def _asked(url: str, sql: str, *values: Any) -> Any:
    with psycopg.connect(url) as connection:
        row = connection.execute(sql, values).fetchone()
        return row[0] if row else None


def _as(url: str, user: str) -> str:
    """The same database for another user; the server that tests use trusts everybody."""
    return (
        make_url(url)
        .set(username=user, password=None)
        .render_as_string(hide_password=False)
        .replace(" ", "%20")
    )


@pytest.fixture
def reader(migrated: str, role: str) -> Iterator[sa.Connection]:
    """The role itself, logged in."""
    assert grant_readonly(migrated, role)
    engine = make_engine(_as(migrated, role))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_it_reads_every_table_and_view(reader: sa.Connection) -> None:
    for name in [*Base.metadata.tables, "track_points_timed"]:
        assert reader.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() is not None


def test_its_transactions_read_only(reader: sa.Connection) -> None:
    assert reader.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"


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
def test_it_has_no_right_to_write(reader: sa.Connection, statement: str) -> None:
    reader.exec_driver_sql("SET TRANSACTION READ WRITE")
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        reader.exec_driver_sql(statement)


def test_it_can_be_granted_again(migrated: str, role: str) -> None:
    assert [grant_readonly(migrated, role), grant_readonly(migrated, role)] == [True, False]


def test_a_table_of_somebody_else_is_not_granted(migrated: str, role: str) -> None:
    _execute(migrated, "CREATE TABLE diary (entry TEXT)")
    grant_readonly(migrated, role)
    assert _asked(migrated, "SELECT has_table_privilege(%s, 'diary', 'SELECT')", role) is False


def test_tables_to_come_are_read_whoever_granted(pg_url: str, names: Callable[[str], str]) -> None:
    owner, role = names("owner"), names("bi")
    _execute(
        pg_url,
        f"CREATE ROLE {quoted(owner)} LOGIN",
        f"GRANT CREATE ON SCHEMA public TO {quoted(owner)}",
    )
    _upgraded(_as(pg_url, owner))
    grant_readonly(pg_url, role)
    _execute(_as(pg_url, owner), "CREATE TABLE later (x INTEGER)")
    assert _asked(pg_url, "SELECT has_table_privilege(%s, 'later', 'SELECT')", role) is True


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ("GRANT INSERT ON activities TO {role}", "it writes tables (REVOKE INSERT,"),
        ("GRANT UPDATE (name) ON activities TO {role}", "it writes tables (REVOKE INSERT,"),
        ("GRANT DELETE ON activities TO PUBLIC", "everybody writes tables (REVOKE INSERT,"),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", 'REVOKE CREATE ON SCHEMA "public" FROM PUBLIC'),
        ("ALTER ROLE {role} CREATEROLE", "it makes roles (ALTER ROLE"),
        (
            "GRANT {group} TO {role}; GRANT ALL ON activities TO {group}",
            "as a member of group 100%",
        ),
        (
            "ALTER ROLE {role} NOINHERIT; GRANT {group} TO {role}; GRANT ALL ON gear TO {group}",
            "as a member of group 100%",
        ),
        (
            "GRANT pg_write_all_data TO {role}",
            "as a member of pg_write_all_data it writes tables (REVOKE",
        ),
        (
            "GRANT pg_execute_server_program TO {role}",
            "as a member of pg_execute_server_program it writes files",
        ),
        ("ALTER TABLE goals OWNER TO {role}", "it owns what we write (choose another name)"),
        ("ALTER ROLE {role} SUPERUSER", "is a superuser, so it can write; choose another name"),
    ],
    ids=lambda text: text.split(" (")[0].replace("{", "").replace("}", ""),
)
def test_a_role_that_could_write_is_refused(
    migrated: str, names: Callable[[str], str], before: str, told: str
) -> None:
    role, group = names("bi"), names("group")
    _execute(migrated, f"CREATE ROLE {quoted(role)} LOGIN", f"CREATE ROLE {quoted(group)}")
    _execute(migrated, *before.format(role=quoted(role), group=quoted(group)).split("; "))
    with pytest.raises(DatabaseProblem) as caught:
        grant_readonly(migrated, role)
    assert told in str(caught.value)


def test_an_owner_is_not_told_to_give_its_own_rights_away(
    pg_url: str, names: Callable[[str], str]
) -> None:
    owner = names("owner")
    _execute(
        pg_url,
        f"CREATE ROLE {quoted(owner)} LOGIN",
        f"GRANT CREATE ON SCHEMA public TO {quoted(owner)}",
    )
    _upgraded(_as(pg_url, owner))
    with pytest.raises(DatabaseProblem) as caught:
        grant_readonly(pg_url, owner)
    assert "REVOKE" not in str(caught.value)


def test_nothing_is_granted_to_a_role_that_is_refused(migrated: str, role: str) -> None:
    _execute(migrated, "GRANT CREATE ON SCHEMA public TO PUBLIC")
    with pytest.raises(DatabaseProblem):
        grant_readonly(migrated, role)
    assert _asked(migrated, "SELECT count(*) FROM pg_roles WHERE rolname = %s", role) == 0


def _follow_advice(url: str, role: str) -> None:
    with pytest.raises(DatabaseProblem) as caught:
        grant_readonly(url, role)
    advice = re.search(r"\((.*)\)$", str(caught.value))
    assert advice
    _execute(url, *advice[1].split("; "))


def test_the_advice_to_a_role_that_could_write_helps(migrated: str, role: str) -> None:
    _execute(
        migrated,
        f"CREATE ROLE {quoted(role)} LOGIN",
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {quoted(role)}",
    )
    _follow_advice(migrated, role)
    assert grant_readonly(migrated, role) is False


def test_when_not_everybody_makes_tables_any_more_the_owner_does(
    pg_url: str, names: Callable[[str], str]
) -> None:
    owner, role = names("owner"), names("bi")
    _execute(
        pg_url, f"CREATE ROLE {quoted(owner)} LOGIN", "GRANT CREATE ON SCHEMA public TO PUBLIC"
    )
    _upgraded(_as(pg_url, owner))
    _follow_advice(pg_url, role)
    _execute(_as(pg_url, owner), "CREATE TABLE later (x INTEGER)")
    assert grant_readonly(pg_url, role) is True


def test_a_database_without_our_tables_is_refused(pg_url: str, role: str) -> None:
    with pytest.raises(DatabaseProblem, match="python -m ingest migrate"):
        grant_readonly(pg_url, role)


def test_who_may_not_let_the_role_connect_is_told(pg_url: str, names: Callable[[str], str]) -> None:
    owner, role = names("owner"), names("bi")
    database = make_url(pg_url).database
    _execute(
        pg_url,
        f"CREATE ROLE {quoted(owner)} LOGIN",
        f"CREATE ROLE {quoted(role)} LOGIN",
        f"GRANT CREATE ON SCHEMA public TO {quoted(owner)}",
        f"REVOKE CONNECT ON DATABASE {database} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {database} TO {quoted(owner)}",
    )
    _upgraded(_as(pg_url, owner))
    with pytest.raises(
        DatabaseProblem,
        match=r"let the owner of the database execute this.*GRANT CONNECT ON DATABASE",
    ):
        grant_readonly(_as(pg_url, owner), role)


def test_who_may_not_make_roles_is_told_who_can(migrated: str, names: Callable[[str], str]) -> None:
    owner, role = names("owner"), names("bi")
    _execute(migrated, f"CREATE ROLE {quoted(owner)} LOGIN")
    with pytest.raises(DatabaseProblem) as caught:
        grant_readonly(_as(migrated, owner), role)
    assert f"let a superuser CREATE ROLE {quoted(role)} LOGIN, then run again" in str(caught.value)


@pytest.mark.parametrize("role", ["", "ü" * 32], ids=["empty", "of 64 bytes"])
def test_a_name_that_no_role_can_have_is_refused(pg_url: str, role: str) -> None:
    with pytest.raises(DatabaseProblem, match="has 1 to 63 bytes"):
        grant_readonly(pg_url, role)


def test_sqlite_says_that_the_permissions_of_the_file_decide(sqlite_url: str) -> None:
    with pytest.raises(DatabaseProblem, match="permissions of its file"):
        grant_readonly(sqlite_url, "bi")
    assert not Path(str(make_url(sqlite_url).database)).exists()
