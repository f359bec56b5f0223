"""A role that was granted one athlete tries to see the rows of another, in every way of SQL."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.engine import make_url

from benchmarks.databases import fresh_database
from db.dictionary import VIEWS
from db.engine import make_engine
from db.migrate import upgrade
from db.models import Base
from db.readonly import grant_readonly, revoke_readonly
from db.row_security import OPEN, WITHHELD, condition, quoted
from tests.db.filled import SECRET, activity, fill

TABLES = sorted(Base.metadata.tables)
FILTERED = [name for name in TABLES if condition(Base.metadata.tables[name]) and name not in OPEN]
MINE, OTHER = 1, 2
_REFUSED = r"permission denied|must be (owner|superuser|member)|row-level security"


@pytest.fixture(scope="module")
def url(_server: str) -> Iterator[str]:
    """A database that has rows of two athletes in every table."""
    with fresh_database(_server, "strava_rows") as url:
        engine = make_engine(url)
        upgrade(engine, None)
        with engine.begin() as connection:
            fill(connection)
        engine.dispose()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ANALYZE")
        yield url


@pytest.fixture(scope="module")
def roles(url: str) -> Iterator[dict[str, str]]:
    """Roles by what they may see; ``earlier`` was granted everything before rows were secured."""
    names = {what: f"strava {what} {uuid.uuid4().hex[:8]}" for what in ("earlier", "one", "coach")}
    names["later"] = f"strava later {uuid.uuid4().hex[:8]}"
    grant_readonly(url, names["earlier"])
    grant_readonly(url, names["one"], [MINE])
    grant_readonly(url, names["coach"], [MINE, OTHER])
    grant_readonly(url, names["later"])
    yield names
    with psycopg.connect(url, autocommit=True) as connection:
        for name in names.values():
            connection.execute(f"DROP OWNED BY {quoted(name)} CASCADE")
            connection.execute(f"DROP ROLE {quoted(name)}")


@pytest.fixture
def attacker(url: str, roles: dict[str, str]) -> Iterator[psycopg.Connection]:
    """The role that may see one athlete, with nothing that keeps its session from writing."""
    with psycopg.connect(_as(url, roles["one"]), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        yield connection


def _as(url: str, role: str) -> str:
    return (
        make_url(url)
        .set(username=role, password=None)
        .render_as_string(hide_password=False)
        .replace(" ", "%20")
    )


def _rows(url: str, role: str, name: str) -> int:
    with psycopg.connect(_as(url, role)) as connection:
        found = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name)))
        return len(found.fetchall())


def _seen(connection: psycopg.Connection, query: str) -> str:
    return repr(connection.execute(query.encode()).fetchall())


@pytest.mark.parametrize("name", FILTERED)
def test_a_table_shows_the_rows_of_the_athlete_and_no_other(
    attacker: psycopg.Connection, url: str, name: str
) -> None:
    with psycopg.connect(url) as owner:
        key = "athlete_id" if "athlete_id" in Base.metadata.tables[name].c else "activity_id"
        ids = [MINE] if key == "athlete_id" else [activity(MINE, 0), activity(MINE, 1)]
        query = sql.SQL("SELECT * FROM {} AS t WHERE {} = ANY(%s) ORDER BY t::text").format(
            sql.Identifier(name), sql.Identifier(key)
        )
        expected = owner.execute(query, [ids]).fetchall()
    seen = attacker.execute(
        sql.SQL("SELECT * FROM {} AS t ORDER BY t::text").format(sql.Identifier(name))
    ).fetchall()
    assert seen == expected != []


@pytest.mark.parametrize("name", sorted(WITHHELD))
def test_a_table_of_nobody_is_withheld(attacker: psycopg.Connection, name: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        attacker.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name)))


@pytest.mark.parametrize("name", [*TABLES, *VIEWS])
def test_who_was_granted_everything_before_or_after_sees_everything(
    url: str, roles: dict[str, str], name: str
) -> None:
    with psycopg.connect(url) as owner:
        found = owner.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name)))
        every = len(found.fetchall())
    assert [_rows(url, roles[who], name) for who in ("earlier", "later")] == [every, every]


@pytest.mark.parametrize("name", FILTERED)
def test_a_coach_sees_the_rows_of_each_of_its_athletes(
    url: str, roles: dict[str, str], name: str
) -> None:
    assert _rows(url, roles["coach"], name) == _rows(url, roles["earlier"], name)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM track_points_timed WHERE activity_id IN (20, 21)",
        "SELECT * FROM comments WHERE athlete_id = 2",
        "SELECT * FROM comments WHERE (athlete_id = 1 OR true) AND athlete_id <> 1",
        "SELECT * FROM activities WHERE activity_id = 20",
        "SELECT * FROM import_issues WHERE reason LIKE '%athlete 2%'",
        "SELECT p.* FROM track_points p RIGHT JOIN generate_series(20, 21) id "
        "ON id = p.activity_id WHERE p.activity_id IS NOT NULL",
        "SELECT s.* FROM segments s JOIN activities a ON a.athlete_id <> s.athlete_id",
        "SELECT * FROM activities TABLESAMPLE SYSTEM (100) WHERE athlete_id = 2",
        "SELECT a FROM activities a WHERE a::text LIKE '%athlete 2%'",
        "SELECT * FROM activities WHERE ctid IN (SELECT ctid FROM activities) AND athlete_id = 2",
        "WITH RECURSIVE w AS (SELECT * FROM laps UNION SELECT * FROM laps) "
        "SELECT * FROM w WHERE activity_id IN (20, 21)",
        "SELECT * FROM reader_athletes WHERE role_name <> current_user",
        "SELECT query FROM pg_stat_activity WHERE usename <> current_user "
        "AND query <> '<insufficient privilege>' AND query <> ''",
        "SELECT * FROM pg_stats WHERE tablename IN "
        "(SELECT tablename FROM pg_policies) AND schemaname = 'public'",
    ],
)
def test_a_query_finds_nothing_of_the_other(
    attacker: psycopg.Connection, url: str, query: str
) -> None:
    assert _seen(attacker, query) == "[]"
    with psycopg.connect(url) as owner:  # who may see it finds it, so the query is no empty threat
        assert _seen(owner, query) != "[]"


@pytest.mark.parametrize(
    "statement",
    [
        "SET row_security = off; SELECT * FROM activities",
        "SET SESSION AUTHORIZATION postgres",
        "SELECT * FROM pg_statistic",
        "SELECT * FROM pg_authid",
        "SELECT pg_read_file('pg_hba.conf')",
        "SELECT lo_import('/etc/passwd')",
        "COPY activities TO PROGRAM 'cat'",
        "ALTER TABLE activities DISABLE ROW LEVEL SECURITY",
        "DROP POLICY strava_own_1 ON activities",
        "CREATE POLICY mine ON activities USING (true)",
        "INSERT INTO reader_athletes VALUES (current_user, 2)",
        "UPDATE reader_athletes SET athlete_id = 2",
        "INSERT INTO comments (athlete_id, comment_index) VALUES (1, 9)",
        "UPDATE activities SET name = 'x'",
        "UPDATE activities SET athlete_id = 1",
        "DELETE FROM activities",
        "TRUNCATE comments",
        "SELECT * FROM activities FOR UPDATE",
        "MERGE INTO goals USING athletes ON true WHEN MATCHED THEN DELETE",
        "CREATE TABLE mine AS SELECT * FROM activities",
        "CREATE TRIGGER t BEFORE INSERT ON activities EXECUTE FUNCTION "
        "suppress_redundant_updates_trigger()",
        "CREATE RULE r AS ON SELECT TO activities DO INSTEAD SELECT 1",
        "ALTER VIEW track_points_timed RESET (security_invoker)",
        "ALTER FUNCTION pg_catalog.int8eq(bigint, bigint) COST 1",
    ],
)
def test_a_way_around_is_refused(attacker: psycopg.Connection, statement: str) -> None:
    with pytest.raises(
        psycopg.Error,
        match=_REFUSED,
    ):
        attacker.execute(statement.encode())


def test_no_other_role_is_taken_on(attacker: psycopg.Connection, roles: dict[str, str]) -> None:
    for other in ("earlier", "later", "coach"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            attacker.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(roles[other])))


def test_a_cheap_function_of_the_attacker_is_not_called_with_rows_of_others(
    attacker: psycopg.Connection,
) -> None:
    told: list[str] = []
    attacker.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
    attacker.execute(
        "CREATE FUNCTION pg_temp.leak(text) RETURNS boolean COST 0.0000001 LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$"
    )
    for name in ("name", "athlete_id::text"):
        attacker.execute(f"SELECT 1 FROM activities WHERE pg_temp.leak({name})".encode())
    attacker.execute("SELECT 1 FROM comments WHERE pg_temp.leak(comment) AND athlete_id = 2")
    attacker.execute(
        "SELECT 1 FROM track_points p JOIN activities a USING (activity_id) "
        "WHERE pg_temp.leak(p.activity_id::text) AND pg_temp.leak(a.name)"
    )
    attacker.execute("SELECT 1 FROM track_points_timed WHERE pg_temp.leak(activity_id::text)")
    mine = {str(MINE), str(activity(MINE, 0)), str(activity(MINE, 1))}
    assert told
    assert [text for text in told if text not in mine and f"{SECRET} {MINE}" not in text] == []


def test_an_error_does_not_tell_of_rows_of_others(attacker: psycopg.Connection) -> None:
    attacker.execute("SELECT 1 / (activity_id - 20) FROM activities")
    attacker.execute("SELECT 1 FROM activities WHERE 1 / (activity_id - 20) > 5")


def test_a_temporary_view_and_a_shadow_table_show_no_more(attacker: psycopg.Connection) -> None:
    attacker.execute("CREATE TEMP VIEW copied AS SELECT * FROM comments")
    attacker.execute("CREATE TEMP TABLE reader_athletes (role_name name, athlete_id bigint)")
    attacker.execute("INSERT INTO reader_athletes VALUES (current_user, 2)")
    attacker.execute("CREATE TEMP TABLE activities (activity_id bigint, athlete_id bigint)")
    attacker.execute("INSERT INTO activities VALUES (20, 1)")
    assert _seen(attacker, "SELECT * FROM copied WHERE athlete_id = 2") == "[]"
    assert _seen(attacker, "SELECT * FROM laps WHERE activity_id = 20") == "[]"


def test_an_executed_plan_counts_only_rows_that_are_seen(attacker: psycopg.Connection) -> None:
    plan = _seen(attacker, "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) SELECT * FROM comments")
    assert re.findall(r"Seq Scan on comments.*?actual rows=(\d+)", plan) in (["2"], [])


def test_copy_writes_only_rows_that_are_seen(attacker: psycopg.Connection) -> None:
    with attacker.cursor().copy("COPY comments TO STDOUT") as copy:
        text = b"".join(bytes(part) for part in copy).decode()
    assert f"{SECRET} {MINE}" in text
    assert f"{SECRET} {OTHER}" not in text


def test_a_second_grant_replaces_the_first_for_open_sessions_too(
    url: str, roles: dict[str, str], attacker: psycopg.Connection
) -> None:
    try:
        grant_readonly(url, roles["one"], [OTHER])
        assert _seen(attacker, "SELECT athlete_id FROM athletes") == "[(2,)]"
    finally:
        grant_readonly(url, roles["one"], [MINE])
    assert _seen(attacker, "SELECT athlete_id FROM athletes") == "[(1,)]"


def test_what_was_revoked_is_seen_no_more(url: str, roles: dict[str, str]) -> None:
    for who, granted in (("coach", [MINE, OTHER]), ("later", None)):
        revoke_readonly(url, roles[who])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            _rows(url, roles[who], "athletes")
        with psycopg.connect(url) as owner:
            held = owner.execute("SELECT roles FROM pg_policies").fetchall()
            assert roles[who] not in repr(held)
        grant_readonly(url, roles[who], granted)
        assert _rows(url, roles[who], "athletes") == 2


def test_a_reader_of_all_becomes_one_of_some_and_back(url: str, roles: dict[str, str]) -> None:
    grant_readonly(url, roles["later"], [MINE])
    try:
        assert _rows(url, roles["later"], "athletes") == 1
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute("CREATE TABLE diary (entry TEXT)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            _rows(url, roles["later"], "diary")
    finally:
        grant_readonly(url, roles["later"])
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute("DROP TABLE diary")
    assert _rows(url, roles["later"], "athletes") == 2


def test_the_importer_writes_rows_of_all(url: str, roles: dict[str, str]) -> None:
    engine = make_engine(url)
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(sa.text("UPDATE activities SET name = 'new'"))
        named = connection.scalar(sa.text("SELECT count(*) FROM activities WHERE name = 'new'"))
        transaction.rollback()
    engine.dispose()
    assert named == 4
