"""Which tables a role with some athletes sees, by one rule for all, and who may be such a role."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from benchmarks.databases import fresh_database
from db import row_security
from db.engine import make_engine
from db.errors import DatabaseProblem
from db.migrate import downgrade, head, upgrade
from db.models import Base, timed_points
from db.readonly import grant_readonly, revoke_readonly
from db.row_security import OPEN, WITHHELD, condition, lifted, quoted
from tests.db.filled import fill


@pytest.fixture
def filled(pg_url: str) -> str:
    engine = make_engine(pg_url)
    upgrade(engine, None)
    with engine.begin() as connection:
        fill(connection)
    engine.dispose()
    return pg_url


@pytest.fixture
def role(pg_url: str) -> Iterator[str]:
    yield from _role(pg_url)


@pytest.fixture
def other(pg_url: str) -> Iterator[str]:
    yield from _role(pg_url)


def _role(url: str) -> Iterator[str]:
    name = f'coach 100%"{uuid.uuid4().hex[:8]}'
    yield name
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
            connection.execute(f"DROP OWNED BY {quoted(name)} CASCADE")
            connection.execute(f"DROP ROLE {quoted(name)}")


def _count(url: str, role: str, name: str) -> int:
    with psycopg.connect(url) as connection:
        connection.execute(f"SET ROLE {quoted(role)}")
        return len(connection.execute(f"SELECT * FROM {name}".encode()).fetchall())


def _execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@pytest.mark.parametrize("name", sorted(Base.metadata.tables))
def test_a_table_has_a_condition_or_a_reason_to_be_withheld(name: str) -> None:
    has_condition = condition(Base.metadata.tables[name]) is not None
    assert has_condition is (name not in WITHHELD), (
        f"{name} has neither athlete_id nor activity_id: say in db/row_security.py why it is OPEN "
        "or WITHHELD"
    )


@pytest.mark.parametrize("name", sorted({**OPEN, **WITHHELD}))
def test_a_reason_is_about_a_table_that_names_no_athlete(name: str) -> None:
    columns = Base.metadata.tables[name].c
    assert not {"athlete_id", "activity_id"} & set(columns.keys())


def test_a_table_that_nobody_thought_of_is_withheld() -> None:
    assert condition(sa.Table("secrets", sa.MetaData(), sa.Column("secret", sa.Text))) is None


def test_no_table_is_left_out(filled: str, role: str) -> None:
    grant_readonly(filled, role, [1])
    with psycopg.connect(filled) as connection:
        bare = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind = 'r' AND NOT relrowsecurity"
        ).fetchall()
        views = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind IN ('v', 'm') AND reloptions IS DISTINCT FROM "
            "ARRAY['security_invoker=true']"
        ).fetchall()
    assert (bare, views) == ([("alembic_version",)], [])


def test_tables_that_a_migration_makes_are_secured_too(filled: str, role: str, other: str) -> None:
    grant_readonly(filled, role, [1])
    grant_readonly(filled, other)
    engine = make_engine(filled)
    downgrade(engine, "20261129_0807")
    assert not sa.inspect(engine).has_table("duplicate_candidates")
    assert upgrade(engine, None).to_revision == head()
    with engine.begin() as connection:
        fill(connection, only=("duplicate_candidates",))
    engine.dispose()
    counts = [_count(filled, who, "duplicate_candidates") for who in (role, other)]
    assert counts == [2, 4]


def test_a_table_and_a_view_that_are_made_anew_are_secured(filled: str, role: str) -> None:
    grant_readonly(filled, role, [1])
    engine = make_engine(filled)
    with engine.begin() as connection, lifted(connection):
        for statement in (
            "DROP VIEW track_points_timed",
            "DROP TABLE goals",
            "ALTER TABLE import_issues ALTER athlete_id TYPE numeric",
            "ALTER TABLE import_issues ALTER athlete_id TYPE bigint",
            *timed_points.statements(),
        ):
            connection.exec_driver_sql(statement)
        Base.metadata.tables["goals"].create(connection)
        fill(connection, only=("goals",))
    engine.dispose()
    counts = [
        _count(filled, role, name) for name in ("goals", "import_issues", "track_points_timed")
    ]
    assert counts == [2, 2, 2]


def test_without_such_a_role_nothing_is_secured(filled: str, role: str) -> None:
    grant_readonly(filled, role)
    with psycopg.connect(filled) as connection:
        assert connection.execute("SELECT * FROM pg_policies").fetchall() == []


def test_a_role_that_was_granted_by_hand_before_keeps_what_it_had(
    filled: str, role: str, other: str
) -> None:
    _execute(
        filled, f"CREATE ROLE {quoted(other)}", f"GRANT SELECT (name) ON gear TO {quoted(other)}"
    )
    grant_readonly(filled, role, [1])
    with psycopg.connect(filled) as connection:
        connection.execute(f"SET ROLE {quoted(other)}")
        assert len(connection.execute("SELECT name FROM gear").fetchall()) == 4


def test_a_dump_restored_without_policies_shows_nothing_until_it_is_granted_again(
    filled: str, role: str, other: str, tmp_path: Path
) -> None:
    grant_readonly(filled, role, [1])
    grant_readonly(filled, other)
    dump, contents = tmp_path / "strava.dump", tmp_path / "contents"
    _call("pg_dump", "--format=custom", f"--file={dump}", filled)
    listed = _call("pg_restore", "--list", str(dump)).splitlines()
    contents.write_text("\n".join(line for line in listed if " POLICY " not in line))
    assert len(listed) > len(contents.read_text().splitlines())
    with fresh_database(filled, "strava_restored") as url:
        options = ("--exit-on-error", "--no-owner", f"--use-list={contents}", f"--dbname={url}")
        _call("pg_restore", *options, str(dump))
        assert [_count(url, who, "athletes") for who in (role, other)] == [0, 0]
        grant_readonly(url, other)
        assert [_count(url, who, "athletes") for who in (role, other)] == [1, 2]


def _call(*arguments: str) -> str:
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


def test_a_role_that_was_granted_by_hand_later_sees_nothing(
    filled: str, role: str, other: str
) -> None:
    grant_readonly(filled, role, [1])
    _execute(filled, f"CREATE ROLE {quoted(other)}", f"GRANT SELECT ON gear TO {quoted(other)}")
    assert _count(filled, other, "gear") == 0


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ("ALTER ROLE {role} BYPASSRLS", "it goes past row security (ALTER ROLE"),
        ("CREATE ROLE {other} BYPASSRLS; GRANT {other} TO {role}", "it goes past row security"),
        ("GRANT SELECT ON comments TO PUBLIC", "everybody reads tables (REVOKE SELECT ON ALL"),
        ("GRANT SELECT (comment) ON comments TO PUBLIC", "everybody reads tables"),
        ("GRANT pg_read_server_files TO {role}", "it reads files of the server"),
        ("GRANT pg_monitor TO {role}", "it sees everybody's queries"),
        ("GRANT pg_read_all_data TO {role}", "as a member of pg_read_all_data it reads all"),
        (
            "CREATE ROLE {other}; GRANT SELECT ON gear TO {other}; GRANT {other} TO {role}",
            "it reads all athletes (REVOKE",
        ),
    ],
)
def test_a_role_that_could_see_more_is_refused(
    filled: str, role: str, other: str, before: str, told: str
) -> None:
    statements = before.format(role=quoted(role), other=quoted(other)).split("; ")
    _execute(filled, f"CREATE ROLE {quoted(role)}", *statements)
    with pytest.raises(DatabaseProblem) as caught:
        grant_readonly(filled, role, [1])
    assert told in str(caught.value)
    with psycopg.connect(filled) as connection:
        assert connection.execute("SELECT * FROM pg_policies").fetchall() == []


def test_a_member_of_a_role_with_another_athlete_is_refused(
    filled: str, role: str, other: str
) -> None:
    grant_readonly(filled, other, [2])
    _execute(filled, f"CREATE ROLE {quoted(role)}", f"GRANT {quoted(other)} TO {quoted(role)}")
    with pytest.raises(DatabaseProblem, match="it reads other athletes"):
        grant_readonly(filled, role, [1])


def test_what_a_group_is_granted_does_not_reach_a_role_with_some_athletes(
    filled: str, role: str, other: str
) -> None:
    grant_readonly(filled, role, [1])
    _execute(filled, f"CREATE ROLE {quoted(other)}", f"GRANT {quoted(other)} TO {quoted(role)}")
    with pytest.raises(DatabaseProblem, match=r"is a member of .* and would see what it sees"):
        grant_readonly(filled, other)
    assert _count(filled, role, "athletes") == 1


def test_an_athlete_that_is_not_there_is_refused(filled: str, role: str) -> None:
    with pytest.raises(DatabaseProblem, match=r"there is no athlete 7; the athletes .* are 1, 2$"):
        grant_readonly(filled, role, [1, 7])
    with psycopg.connect(filled) as connection:
        assert not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).rowcount


def test_an_older_server_is_refused(
    filled: str, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_security, "OLDEST_SERVER", 99)
    with pytest.raises(DatabaseProblem, match="takes PostgreSQL 99 or newer, this is"):
        grant_readonly(filled, role, [1])


def test_a_role_that_is_not_there_cannot_lose_anything(filled: str, role: str) -> None:
    with pytest.raises(DatabaseProblem, match="there is no role"):
        revoke_readonly(filled, role)


def test_a_grant_ends_with_its_athlete(filled: str, role: str) -> None:
    _execute(filled, "INSERT INTO athletes (athlete_id) VALUES (9)")
    grant_readonly(filled, role, [9])
    _execute(filled, "DELETE FROM athletes WHERE athlete_id = 9")
    _execute(filled, "INSERT INTO athletes (athlete_id) VALUES (9)")
    assert _count(filled, role, "athletes") == 0
