"""Lets a PostgreSQL role read all of our tables, those of today and of later, and write none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from db.dictionary import VIEWS
from db.engine import make_engine, problem
from db.errors import DatabaseProblem
from db.models import Base
from db.url import parsed, shown_database

#: Largest length of a name in bytes. PostgreSQL cuts longer names and would create another role.
_LONGEST_NAME: Final = 63
_OURS: Final = """
SELECT c.oid, c.relname::text AS name, c.relowner AS owner
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relname = ANY(:ours)
"""
_OWNS: Final = "owns what we write"
#: Ways in which a role can write: by itself, as a member of other roles, or like everybody. Where
#: several roles have the same power, the one listed last is reported: a role has the powers of its
#: groups and of everybody, too.
_POWERS: Final = f"""
WITH ours AS ({_OURS}),
owners AS (
  SELECT owner FROM ours
  UNION SELECT datdba FROM pg_database WHERE datname = current_database()
  UNION SELECT nspowner FROM pg_namespace WHERE nspname = current_schema()
),
holders AS (
  SELECT rolname::text AS name, oid, rolcreaterole,
         CASE rolname WHEN CAST(:role AS name) THEN 0 ELSE 1 END AS place
  FROM pg_roles
  -- The owner of a database is in pg_database_owner by being that; nobody can be taken out of it.
  WHERE pg_has_role(CAST(:role AS name), oid, 'MEMBER') AND rolname <> 'pg_database_owner'
  UNION ALL SELECT 'public', 0, false, 2
)
SELECT power, name
FROM holders CROSS JOIN LATERAL (VALUES
  ('{_OWNS}', oid IN (SELECT owner FROM owners)),
  ('makes roles', rolcreaterole),
  ('writes files of the server', name IN ('pg_write_server_files', 'pg_execute_server_program')),
  ('makes tables', has_schema_privilege(CAST(name AS name), current_schema(), 'CREATE')),
  ('writes tables', EXISTS (
    SELECT 1 FROM ours
    WHERE has_any_column_privilege(CAST(holders.name AS name), ours.oid, 'INSERT, UPDATE')
      OR has_table_privilege(CAST(holders.name AS name), ours.oid,
                             'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
  ))
) AS powers (power, has)
WHERE has
ORDER BY place, name
"""
#: Statements that take a power away from a role, or from everybody.
_REMEDIES: Final = {
    _OWNS: "choose another name",
    "writes files of the server": "choose another name",
    "makes roles": "ALTER ROLE {holder} NOCREATEROLE",
    # Before version 15, the importer may create tables only because everybody (PUBLIC) may.
    "makes tables": "GRANT CREATE ON SCHEMA {schema} TO {owners}; REVOKE CREATE ON SCHEMA "
    "{schema} FROM {holder}",
    "writes tables": "REVOKE INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER ON ALL TABLES IN SCHEMA "
    "{schema} FROM {holder}",
}


def grant_readonly(database: str | URL, role: str) -> bool:
    """Let a role read; returns whether it was created, which happens if it does not exist.

    A new role may log in but has no password, so no one can until the server's owner gives it one
    (or trusts its address).

    Raises:
        DatabaseProblem: the database is SQLite or empty, the role can write in spite of this, or
            the user may not grant. Nothing is changed then.
    """
    if parsed(database).get_backend_name() == "sqlite":  # writing would create the file
        raise DatabaseProblem(
            f"{shown_database(database)}: SQLite has no roles, only the permissions of its "
            "file. To let other users read it and not change it: chmod o+r for the file, chmod "
            "o+x for its folder"
        )
    if not 0 < len(role.encode()) <= _LONGEST_NAME:
        raise DatabaseProblem(
            f"the name of a role has 1 to {_LONGEST_NAME} bytes, {role!r} has {len(role.encode())}"
        )
    engine = make_engine(database)
    try:
        with engine.begin() as connection:
            schema = quoted(str(connection.scalar(sa.text("SELECT current_schema()"))))
            return _Granting(connection=connection, role=role, schema=schema).grant()
    except DBAPIError as err:
        raise problem(engine, err) from err
    finally:
        engine.dispose()


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Granting:
    """Grants one role access to one database.

    Any problem ends the transaction, and so undoes everything.
    """

    connection: sa.Connection
    role: str
    #: Name quoted for SQL.
    schema: str

    def grant(self) -> bool:
        ours = self._ask(_OURS).all()
        if not ours:
            raise self._problem("there are no tables of strava-ingest yet; to make them", "migrate")
        is_new = self._make()
        for statement, has_effect in self._grants({table.name: table.oid for table in ours}):
            self._execute(statement)
            # The server only warns users who may not grant, so ask whether the grant had an effect.
            if not self._ask(f"SELECT {has_effect}").scalar():
                raise self._problem(
                    f"let the owner of the database execute this, then run again: {statement}"
                )
        for owner in self._owners():
            self._foresee(owner)
        self._refuse_writer()
        return is_new

    def _make(self) -> bool:
        is_superuser = self._ask("SELECT rolsuper FROM pg_roles WHERE rolname = :role").scalar()
        if is_superuser:
            raise self._problem(f"{self.role} is a superuser, so it can write; choose another name")
        if is_superuser is not None:
            return False
        if not self._ask(
            "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).scalar():
            raise self._problem(
                f"your user may not create roles; let a superuser CREATE ROLE {self._name} LOGIN, "
                "then run again"
            )
        self._execute(f"CREATE ROLE {self._name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
        # The role cannot write anyway; read-only transactions keep tools from trying. Temporary
        # tables need this setting to be switched off.
        self._execute(f"ALTER ROLE {self._name} SET default_transaction_read_only = on")
        return True

    def _grants(self, ours: dict[str, int]) -> Iterator[tuple[str, str]]:
        """Statements, each with a condition by which the server tells whether it had an effect."""
        database = quoted(str(self._ask("SELECT current_database()").scalar()))
        yield (
            f"GRANT CONNECT ON DATABASE {database} TO {self._name}",
            "has_database_privilege(CAST(:role AS name), current_database(), 'CONNECT')",
        )
        yield (
            f"GRANT USAGE ON SCHEMA {self.schema} TO {self._name}",
            "has_schema_privilege(CAST(:role AS name), current_schema(), 'USAGE')",
        )
        for name, oid in sorted(ours.items()):
            yield (
                f"GRANT SELECT ON {self.schema}.{quoted(name)} TO {self._name}",
                f"has_table_privilege(CAST(:role AS name), {oid}, 'SELECT')",
            )

    def _foresee(self, owner: str) -> None:
        """Grant for later tables: migrations create them as the owner of today's tables."""
        self._execute(
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {self.schema} GRANT SELECT ON "
            f"TABLES TO {self._name}"
        )

    def _refuse_writer(self) -> None:
        holders = {row.power: row.name for row in self._ask(_POWERS)}
        if _OWNS in holders:  # an owner has all other powers by that, and needs them to write
            holders = {_OWNS: holders[_OWNS]}
        if holders:
            left = "; ".join(self._advice(power, holder) for power, holder in holders.items())
            raise self._problem(
                f"{self.role} could still write, so nothing was granted; first remove what lets it "
                f"write, then run again: {left}"
            )

    def _advice(self, power: str, holder: str) -> str:
        if holder not in (self.role, "public"):
            return f"as a member of {holder} it {power} (REVOKE {quoted(holder)} FROM {self._name})"
        who, name = ("everybody", "PUBLIC") if holder == "public" else ("it", self._name)
        owners = ", ".join(self._owners())
        remedy = _REMEDIES[power].format(holder=name, schema=self.schema, owners=owners)
        return f"{who} {power} ({remedy})"

    def _owners(self) -> list[str]:
        names = self._ask(
            f"SELECT DISTINCT pg_get_userbyid(owner)::text FROM ({_OURS}) AS ours ORDER BY 1"
        ).scalars()
        return [quoted(name) for name in names]

    @property
    def _name(self) -> str:
        return quoted(self.role)

    def _ask(self, sql: str) -> sa.Result[Any]:
        return self.connection.execute(
            sa.text(sql), {"role": self.role, "ours": [*Base.metadata.tables, *VIEWS]}
        )

    def _execute(self, statement: str) -> None:
        self.connection.exec_driver_sql(statement.replace("%", "%%"))

    def _problem(self, reason: str, *commands: str) -> DatabaseProblem:
        return DatabaseProblem(f"{shown_database(self.connection.engine.url)}: {reason}", *commands)
