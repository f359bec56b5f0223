"""Lets a PostgreSQL role read our tables, all or those rows of some athletes, and write none.

A role that reads all reads later tables, too; one that reads some athletes reads those that a
migration makes, by the same rule.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from db import row_security
from db.engine import make_engine, problem
from db.errors import DatabaseProblem
from db.models import Athlete
from db.reader_powers import OURS, Powers, ours
from db.row_security import quoted
from db.url import parsed, shown_database

#: Largest length of a name in bytes. PostgreSQL cuts longer names and would create another role.
_LONGEST_NAME: Final = 63
#: Number of athletes that a message names.
_NAMED: Final = 10


def grant_readonly(database: str | URL, role: str, athletes: Collection[int] | None = None) -> bool:
    """Let a role read; returns whether it was created, which happens if it does not exist.

    It sees the rows of ``athletes``, of all without them; what an earlier grant said does not count
    any more. A new role may log in but has no password, so no one can until the server's owner
    gives it one (or trusts its address).

    Raises:
        DatabaseProblem: the database is SQLite, empty or lacks an athlete, the server is too old,
            the role can do more in spite of this, or the user may not grant. Nothing is changed
            then.
    """
    with _granting(database, role) as granting:
        return granting.grant(athletes)


def revoke_readonly(database: str | URL, role: str) -> None:
    """Take back what ``grant_readonly`` granted; the role itself stays.

    Raises:
        DatabaseProblem: there is no such role, or the user may not revoke. Nothing is changed then.
    """
    with _granting(database, role) as granting:
        granting.revoke()


@contextmanager
def _granting(database: str | URL, role: str) -> Iterator[_Granting]:
    """One transaction."""
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
            # Policies lock each table for a moment; who waits longer would keep readers waiting.
            connection.exec_driver_sql("SET LOCAL lock_timeout = '30s'")
            schema = quoted(str(connection.scalar(sa.text("SELECT current_schema()"))))
            yield _Granting(connection=connection, role=role, schema=schema)
    except DBAPIError as err:
        raise problem(engine, err) from err
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Granting:
    """Grants one role access to one database.

    Any problem ends the transaction, and so undoes everything.
    """

    connection: sa.Connection
    role: str
    #: Name quoted for SQL.
    schema: str

    def grant(self, athletes: Collection[int] | None) -> bool:
        tables = self._ours()
        see_all, on = row_security.see_all(self.connection), row_security.is_on(self.connection)
        if athletes is not None:
            self._check(athletes)
        is_new = self._make()
        if athletes is not None:
            self._take_back(tables)
            row_security.switch_on(self.connection, see_all - {self.role})
            row_security.set_athletes(self.connection, self.role, athletes)
        elif on:
            row_security.switch_on(self.connection, see_all | {self.role})
            row_security.set_athletes(self.connection, self.role, ())
        wanted = tables
        if athletes is not None:
            wanted = {name: tables[name] for name in row_security.visible() if name in tables}
        for statement, has_effect in self._grants(wanted):
            self._execute(statement)
            # The server only warns users who may not grant, so ask whether the grant had an effect.
            if not self._ask(f"SELECT {has_effect}").scalar():
                raise self._problem(
                    f"let the owner of the database execute this, then run again: {statement}"
                )
        if athletes is None:
            for owner in self._powers.owners():
                self._foresee(owner)
        self._refuse_more(athletes is not None)
        return is_new

    def revoke(self) -> None:
        if self._ask("SELECT 1 FROM pg_roles WHERE rolname = :role").scalar() is None:
            raise self._problem(f"there is no role {self.role} on this server")
        self._take_back(self._ours())
        database = quoted(str(self._ask("SELECT current_database()").scalar()))
        self._execute(f"REVOKE USAGE ON SCHEMA {self.schema} FROM {self._name}")
        self._execute(f"REVOKE CONNECT ON DATABASE {database} FROM {self._name}")
        if row_security.is_on(self.connection):
            see_all = row_security.see_all(self.connection)
            row_security.switch_on(self.connection, see_all - {self.role})
            row_security.set_athletes(self.connection, self.role, ())

    def _ours(self) -> dict[str, int]:
        found = self._ask(OURS).all()
        if not found:
            raise self._problem("there are no tables of strava-ingest yet; to make them", "migrate")
        return {table.name: table.oid for table in found}

    def _check(self, athletes: Collection[int]) -> None:
        """Raise unless the server can keep athletes apart and has all of these."""
        version = int(str(self._ask("SHOW server_version_num").scalar())) // 10_000
        if version < row_security.OLDEST_SERVER:
            raise self._problem(
                f"to show a role some athletes only takes PostgreSQL {row_security.OLDEST_SERVER} "
                f"or newer, this is {version}; import those athletes into a database of their own"
            )
        known = set(self.connection.scalars(sa.select(Athlete.athlete_id)))
        if unknown := sorted(set(athletes) - known):
            some = ", ".join(map(str, sorted(known)[:_NAMED])) or "none"
            raise self._problem(
                f"there is no athlete {unknown[0]}; the athletes of this database are {some}"
                f"{' and more' if len(known) > _NAMED else ''}"
            )

    def _take_back(self, tables: dict[str, int]) -> None:
        """Revoke every right to tables, those to come included."""
        for owner in self._powers.owners():
            self._execute(
                f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {self.schema} REVOKE ALL ON "
                f"TABLES FROM {self._name}"
            )
        for name in sorted(tables):
            self._execute(f"REVOKE ALL ON {self.schema}.{quoted(name)} FROM {self._name}")

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

    def _grants(self, tables: dict[str, int]) -> Iterator[tuple[str, str]]:
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
        for name, oid in sorted(tables.items()):
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

    def _refuse_more(self, is_for_some: bool) -> None:
        """Raise if the role can do more than it was granted, or lets another role do so."""
        if writes := self._powers.to_write():
            raise self._problem(
                f"{self.role} could still write, so nothing was granted; first remove what lets it "
                f"write, then run again: {writes}"
            )
        readers = set(row_security.athletes_by_role(self.connection))
        see_all = row_security.see_all(self.connection)
        if is_for_some and (sees := self._powers.to_see_more(see_all, readers)):
            raise self._problem(
                f"{self.role} could still see other athletes, so nothing was granted; first remove "
                f"what shows it more, then run again: {sees}"
            )
        for member in sorted(readers - {self.role}):
            if self.connection.scalar(
                sa.text("SELECT pg_has_role(CAST(:member AS name), CAST(:role AS name), 'MEMBER')"),
                {"member": member, "role": self.role},
            ):
                raise self._problem(
                    f"{member}, which reads some athletes only, is a member of {self.role} and "
                    "would see what it sees, so nothing was granted; first REVOKE "
                    f"{self._name} FROM {quoted(member)}, then run again"
                )

    @property
    def _powers(self) -> Powers:
        return Powers(connection=self.connection, role=self.role, schema=self.schema)

    @property
    def _name(self) -> str:
        return quoted(self.role)

    def _ask(self, sql: str) -> sa.Result[Any]:
        return self.connection.execute(sa.text(sql), {"role": self.role, "ours": ours()})

    def _execute(self, statement: str) -> None:
        self.connection.exec_driver_sql(statement.replace("%", "%%"))

    def _problem(self, reason: str, *commands: str) -> DatabaseProblem:
        return DatabaseProblem(f"{shown_database(self.connection.engine.url)}: {reason}", *commands)
