"""Makes PostgreSQL show a role the rows of some athletes only, by policies on our tables.

It is off until a role is granted some athletes. Then ``reader_athletes`` says which role sees which
athletes, and each table has two policies: one shows everybody the rows of the athletes that this
table names for ``current_user``; one shows all rows to the roles that may read everything. Owners
and superusers are not asked, so imports and backups stay as they are.

PostgreSQL's manual, *Row Security Policies*, says who is asked and when.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa

from db.dictionary import VIEWS
from db.models import Base

#: The first version whose views can read as the role that asks (``security_invoker``).
OLDEST_SERVER: Final = 15
#: The table that says which role sees which athletes.
READERS: Final = "reader_athletes"
#: Tables that tell of no athlete; everybody who may read at all sees them whole.
OPEN: Final = {
    "data_dictionary": "describes columns",
    "dates": "is a calendar; it tells the first and last year of all athletes together",
}
#: Tables that are nobody's, and why a role with some athletes may not read them.
WITHHELD: Final = {
    "import_runs": "counts the activities of all athletes; its errors name anybody's files",
    "sync_state": "keeps values of all athletes, some in texts",
}
#: Names end in a version: after a change of the conditions, another name makes them anew.
_OWN: Final = "strava_own_1"
_ALL: Final = "strava_all_1"
#: Who reads every table by PostgreSQL's own roles.
_READ_ALL: Final = ("pg_read_all_data", "pg_write_all_data")
#: What the server has of our tables and views; ``:ours`` are their names.
_HERE: Final = (
    "pg_class WHERE relnamespace = to_regnamespace(quote_ident(current_schema())) "
    "AND relname = ANY(:ours)"
)
_OURS: Final = "strava\\_%"


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


def condition(table: sa.Table, schema: str = "") -> str | None:
    """Which rows of a table a role with some athletes sees; ``None`` for a withheld table.

    A table has the athlete of its rows, or their activity. Every other table is withheld, unless
    ``OPEN`` names it. ``schema`` is quoted.

    Lists are made once per query (``ARRAY``, not ``IN`` or ``EXISTS``), so that the server can look
    them up in an index: a query of all points reads those of the athletes, not those of everybody.
    """
    place = f"{schema}." if schema else ""
    own = (
        f"athlete_id = ANY (ARRAY(SELECT r.athlete_id FROM {place}{READERS} AS r "
        "WHERE r.role_name = current_user))"
    )
    if table.name in OPEN:
        return "true"
    if "athlete_id" in table.c:
        return own
    if "activity_id" in table.c:
        return (
            f"activity_id = ANY (ARRAY(SELECT a.activity_id FROM {place}activities AS a "
            f"WHERE a.{own}))"
        )
    return None


def visible() -> tuple[str, ...]:
    """The tables and views that a role with some athletes may read, each by its condition."""
    tables = (table for table in Base.metadata.sorted_tables if condition(table))
    return (*(table.name for table in tables), *VIEWS)


def is_on(connection: sa.Connection) -> bool:
    """Whether our tables show rows by policies only; a restored dump may lack these."""
    return bool(
        connection.scalar(
            sa.text(f"SELECT EXISTS (SELECT 1 FROM {_HERE} AND relrowsecurity)"), {"ours": _names()}
        )
    )


def see_all(connection: sa.Connection) -> set[str]:
    """The roles that see all rows: by policy, or, where it is off, by their grants."""
    owners = "SELECT pg_get_userbyid(relowner)::text FROM " + _HERE
    if is_on(connection):
        others = (
            "SELECT unnest(roles)::text FROM pg_policies WHERE schemaname = current_schema() "
            f"AND policyname = '{_ALL}'"
        )
    else:
        others = f"""
        SELECT pg_get_userbyid(grants.grantee)::text
        FROM (SELECT oid, relacl FROM {_HERE}) AS c
        LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid
        CROSS JOIN LATERAL (
          SELECT grantee FROM aclexplode(c.relacl) UNION SELECT grantee FROM aclexplode(a.attacl)
        ) AS grants
        WHERE grants.grantee <> 0
        """
    found = connection.scalars(sa.text(f"{owners} UNION {others}"), {"ours": _names()})
    return {*found, *_READ_ALL}


def athletes_by_role(connection: sa.Connection) -> dict[str, list[int]]:
    """The athletes that each role sees; not of roles that see all, or that were dropped."""
    if not sa.inspect(connection).has_table(READERS):
        return {}
    rows = connection.exec_driver_sql(
        f"SELECT role_name::text, array_agg(athlete_id ORDER BY athlete_id) FROM {READERS} "
        "JOIN pg_roles ON rolname = role_name GROUP BY role_name ORDER BY role_name"
    )
    return {role: list(athletes) for role, athletes in rows}


def set_athletes(connection: sa.Connection, role: str, athletes: Collection[int]) -> None:
    """Say which athletes a role sees, in place of those before; it counts from its next query."""
    connection.execute(
        sa.text(f"DELETE FROM {READERS} WHERE role_name = CAST(:role AS name)"), {"role": role}
    )
    if athletes:
        connection.execute(
            sa.text(f"INSERT INTO {READERS} VALUES (CAST(:role AS name), :athlete)"),
            [{"role": role, "athlete": athlete} for athlete in sorted(set(athletes))],
        )


def switch_on(connection: sa.Connection, see_all_rows: Collection[str]) -> None:
    """Put the policies on every table, and let these roles see all rows.

    Nothing is locked where this is so already.
    """
    if _is_in_place(connection, see_all_rows):
        return
    _switch_on(connection, see_all_rows)


@contextmanager
def lifted(connection: sa.Connection) -> Iterator[None]:
    """Take the policies away while a migration changes tables; put them on all tables then.

    PostgreSQL changes no column that a policy uses. In between, tables show nothing: they stay
    under row security, and the transaction is not committed.
    """
    if connection.dialect.name != "postgresql" or not is_on(connection):
        yield
        return
    roles = see_all(connection)
    _execute(connection, _drops(connection))
    yield
    _switch_on(connection, roles)
    there, schema = _there(connection), _schema(connection)
    _execute(
        connection,
        [
            f"GRANT SELECT ON {schema}.{quoted(name)} TO {quoted(role)}"
            for role in athletes_by_role(connection)
            for name in visible()
            if name in there
        ],
    )


def _switch_on(connection: sa.Connection, see_all_rows: Collection[str]) -> None:
    schema = _schema(connection)
    roles = ", ".join(map(quoted, sorted(see_all_rows)))
    statements = [
        f"CREATE TABLE IF NOT EXISTS {schema}.{READERS} (role_name name NOT NULL, "
        f"athlete_id bigint NOT NULL REFERENCES {schema}.athletes (athlete_id) ON DELETE CASCADE, "
        "PRIMARY KEY (role_name, athlete_id))",
        f"COMMENT ON TABLE {schema}.{READERS} IS 'One row per athlete whose rows a role of the "
        "server may read, for roles that may not read all; each role sees its own rows of it'",
        # Policies read it as the role that asks; its own policy shows each role only itself.
        f"GRANT SELECT ON {schema}.{READERS} TO PUBLIC",
        *_drops(connection),
        f"ALTER TABLE {schema}.{READERS} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY {_OWN} ON {schema}.{READERS} FOR SELECT USING (role_name = current_user)",
    ]
    there = _there(connection)
    for table in _tables(there):
        name = f"{schema}.{quoted(table.name)}"
        shown = condition(table, schema)
        statements.append(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
        if shown:
            statements.append(f"CREATE POLICY {_OWN} ON {name} FOR SELECT USING ({shown})")
        statements.append(
            f"CREATE POLICY {_ALL} ON {name} TO {roles} USING (true) WITH CHECK (true)"
        )
    statements += [
        f"ALTER VIEW {schema}.{quoted(view)} SET (security_invoker = true)"
        for view in VIEWS
        if view in there
    ]
    _execute(connection, statements)


def _is_in_place(connection: sa.Connection, see_all_rows: Collection[str]) -> bool:
    expected = {(READERS, _OWN)}
    for table in _tables(_there(connection)):
        expected |= {(table.name, _ALL)} | ({(table.name, _OWN)} if condition(table) else set())
    return _policies(connection) == expected and see_all(connection) == set(see_all_rows)


def _there(connection: sa.Connection) -> set[str]:
    """Our tables and views that are there; a migration may not have brought them up to date."""
    found = connection.scalars(sa.text(f"SELECT relname::text FROM {_HERE}"), {"ours": _names()})
    return set(found)


def _tables(there: Collection[str]) -> list[sa.Table]:
    return [table for table in Base.metadata.sorted_tables if table.name in there]


def _policies(connection: sa.Connection) -> set[tuple[str, str]]:
    """Our policies that are there, by table and name."""
    rows = connection.execute(
        sa.text(
            "SELECT tablename::text, policyname::text FROM pg_policies "
            "WHERE schemaname = current_schema() AND policyname LIKE :ours"
        ),
        {"ours": _OURS},
    )
    return {(table, policy) for table, policy in rows}


def _drops(connection: sa.Connection) -> list[str]:
    return [
        f"DROP POLICY {quoted(policy)} ON {_schema(connection)}.{quoted(table)}"
        for table, policy in sorted(_policies(connection))
    ]


def _schema(connection: sa.Connection) -> str:
    return quoted(str(connection.scalar(sa.text("SELECT current_schema()"))))


def _names() -> list[str]:
    return [*Base.metadata.tables, *VIEWS]


def _execute(connection: sa.Connection, statements: Collection[str]) -> None:
    """All statements as one script; one after the other they take longer."""
    if statements:
        connection.exec_driver_sql(
            ";\n".join(statements), execution_options={"no_parameters": True}
        )
