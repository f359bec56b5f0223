"""Finds what lets a role do more than it is granted, and says what takes that away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from db.dictionary import VIEWS
from db.models import Base
from db.row_security import quoted

#: Our tables and views in the current schema; ``:ours`` has their names.
OURS: Final = """
SELECT c.oid, c.relname::text AS name, c.relowner AS owner
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relname = ANY(:ours)
"""
_OWNS: Final = "owns what we write"
#: Ways in which a role can do more: by itself, as a member of other roles, or like everybody. Where
#: several roles have the same power, the one listed last is reported: a role has the powers of its
#: groups and of everybody, too.
_POWERS: Final = """
WITH ours AS ({ours}),
owners AS (
  SELECT owner FROM ours
  UNION SELECT datdba FROM pg_database WHERE datname = current_database()
  UNION SELECT nspowner FROM pg_namespace WHERE nspname = current_schema()
),
holders AS (
  SELECT rolname::text AS name, oid, rolcreaterole, rolsuper, rolbypassrls,
         CASE rolname WHEN CAST(:role AS name) THEN 0 ELSE 1 END AS place
  FROM pg_roles
  -- The owner of a database is in pg_database_owner by being that; nobody can be taken out of it.
  WHERE pg_has_role(CAST(:role AS name), oid, 'MEMBER') AND rolname <> 'pg_database_owner'
  UNION ALL SELECT 'public', 0, false, false, false, 2
)
SELECT power, name
FROM holders CROSS JOIN LATERAL (VALUES {powers}) AS powers (power, has)
WHERE has
ORDER BY place, name
"""
_WRITING: Final = {
    _OWNS: "oid IN (SELECT owner FROM owners)",
    "makes roles": "rolcreaterole",
    "writes files of the server": "name IN ('pg_write_server_files', 'pg_execute_server_program')",
    "makes tables": "has_schema_privilege(CAST(name AS name), current_schema(), 'CREATE')",
    "writes tables": """EXISTS (
    SELECT 1 FROM ours
    WHERE has_any_column_privilege(CAST(holders.name AS name), ours.oid, 'INSERT, UPDATE')
      OR has_table_privilege(CAST(holders.name AS name), ours.oid,
                             'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
  )""",
}
#: What would show a role more than its athletes.
_SEEING: Final = {
    "goes past row security": "rolsuper OR rolbypassrls",
    "reads files of the server": "name = 'pg_read_server_files'",
    "sees everybody's queries": "name = 'pg_read_all_stats'",
    "reads all athletes": "name = ANY(:see_all)",
    "reads other athletes": "name = ANY(:readers) AND place > 0",
    "reads tables": """place = 2 AND EXISTS (
    SELECT 1 FROM ours WHERE has_any_column_privilege('public', ours.oid, 'SELECT')
  )""",
}
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
    "goes past row security": "ALTER ROLE {holder} NOBYPASSRLS",
    "reads files of the server": "choose another name",
    "sees everybody's queries": "choose another name",
    "reads all athletes": "choose another name",
    "reads other athletes": "choose another name",
    "reads tables": "REVOKE SELECT ON ALL TABLES IN SCHEMA {schema} FROM {holder}",
}


def ours() -> list[str]:
    """The names of our tables and views."""
    return [*Base.metadata.tables, *VIEWS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Powers:
    """What a role can do in one database beside what it is granted."""

    connection: sa.Connection
    role: str
    #: Name quoted for SQL.
    schema: str

    def to_write(self) -> str:
        """What lets it write and how to change that; empty if nothing does."""
        return self._told(_WRITING)

    def to_see_more(self, see_all: set[str], readers: set[str]) -> str:
        """What shows it more than its athletes; ``see_all`` and ``readers`` are roles."""
        return self._told(
            _SEEING, see_all=sorted(see_all - {self.role}), readers=sorted(readers - {self.role})
        )

    def owners(self) -> list[str]:
        """The owners of our tables, quoted."""
        names = self.connection.execute(
            sa.text(
                f"SELECT DISTINCT pg_get_userbyid(owner)::text FROM ({OURS}) AS ours ORDER BY 1"
            ),
            {"ours": ours()},
        ).scalars()
        return [quoted(name) for name in names]

    def _told(self, powers: dict[str, str], **values: Any) -> str:
        return "; ".join(self._advice(*each) for each in self._held(powers, values))

    def _held(self, powers: dict[str, str], values: dict[str, Any]) -> Iterator[tuple[str, str]]:
        listed = ", ".join(
            f"('{power.replace(chr(39), chr(39) * 2)}', {has})" for power, has in powers.items()
        )
        rows = self.connection.execute(
            sa.text(_POWERS.format(ours=OURS, powers=listed)),
            {"role": self.role, "ours": ours(), **values},
        )
        holders = {row.power: row.name for row in rows}
        if _OWNS in holders:  # an owner has all other powers by that, and needs them to write
            holders = {_OWNS: holders[_OWNS]}
        yield from holders.items()

    def _advice(self, power: str, holder: str) -> str:
        name = quoted(self.role)
        if holder not in (self.role, "public"):
            return f"as a member of {holder} it {power} (REVOKE {quoted(holder)} FROM {name})"
        who, name = ("everybody", "PUBLIC") if holder == "public" else ("it", name)
        remedy = _REMEDIES[power].format(
            holder=name, schema=self.schema, owners=", ".join(self.owners())
        )
        return f"{who} {power} ({remedy})"
