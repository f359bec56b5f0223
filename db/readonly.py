"""A role of PostgreSQL in, that role able to read every table of ours, now and later, and to write none, out."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from db.engine import describe, make_engine, problem
from db.errors import DatabaseProblem

_MAY_WRITE: Final = """
SELECT rolsuper OR pg_has_role(rolname, current_user, 'MEMBER') FROM pg_roles WHERE rolname = :role
"""


def grant_readonly(database: str | URL, role: str) -> bool:
    """Let a role read; returns whether it was made, which happens where there is none of that name.

    A new role may log in but has no password, so no one can until the server's owner gives it one (or trusts its address).

    Raises:
        DatabaseProblem: the database is SQLite, the role can write anyway, or the user may not grant.
    """
    if make_url(database).get_backend_name() == "sqlite":  # opened for writing, a file that is not there would be made
        raise DatabaseProblem(
            f"{describe(database)}: SQLite has no roles; the permissions of the file decide. Let other users read the file and "
            "enter its folder (chmod o+r, chmod o+x), and they can open it, but not change it"
        )
    engine = make_engine(database)
    try:
        with engine.begin() as connection:
            return _grant(connection, role)
    except DBAPIError as err:
        raise problem(engine, err) from err
    finally:
        engine.dispose()


def _grant(connection: sa.Connection, role: str) -> bool:
    name = _quoted(connection, role)
    may_write = connection.scalar(sa.text(_MAY_WRITE), {"role": role})
    if may_write:
        raise DatabaseProblem(
            f"{describe(connection.engine.url)}: {role} is a superuser or owns what we write, so it can write; choose another name"
        )
    is_new = may_write is None
    if is_new:
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
        # Before version 15 everybody may make tables in the schema public.
        connection.exec_driver_sql(f"ALTER ROLE {name} SET default_transaction_read_only = on")
    database = _quoted(connection, str(connection.scalar(sa.text("SELECT current_database()"))))
    schema = _quoted(connection, str(connection.scalar(sa.text("SELECT current_schema()"))))
    for statement in (
        f"GRANT CONNECT ON DATABASE {database} TO {name}",
        f"GRANT USAGE ON SCHEMA {schema} TO {name}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {name}",
        # For the tables that migrations will make: they are made by this user.
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO {name}",
    ):
        connection.exec_driver_sql(statement)
    return is_new


def _quoted(connection: sa.Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
