"""Writes the address of the database as each kind of tool wants it, without its password."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL

from db.url import is_sqlite, parsed, sqlite_file

#: The role that ``grant-readonly`` of our examples makes.
ROLE: Final = "bi"
#: Where PostgreSQL listens, if this program reaches it through a socket.
_HERE: Final = "localhost"


class Address(NamedTuple):
    """What to type into a field of some tools."""

    tools: str
    text: str


def addresses(connection: sa.Connection, database: str | URL) -> Sequence[Address]:
    """The addresses of a database that is open."""
    url = parsed(database)
    if is_sqlite(url):
        return _of_file(sqlite_file(url))
    driver: Any = connection.connection.driver_connection
    info = driver.info
    host = _HERE if info.host.startswith(("/", "@")) else info.host or _HERE
    return _of_server(host, info.port, info.dbname)


def _of_file(file: Path | None) -> Sequence[Address]:
    if file is None:  # it is in memory, where no other program finds it
        return ()
    return (
        Address("Datasette, DuckDB, Metabase, Grafana: the file", str(file)),
        Address("Superset, pandas: an address of SQLAlchemy", f"sqlite:///{file.as_posix()}"),
    )


def _of_server(host: str, port: int, name: str) -> Sequence[Address]:
    url = URL.create("postgresql", ROLE, None, host, port, name)
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    superset = url.set(drivername="postgresql+psycopg2")
    return (
        Address("Metabase: host", host),
        Address("Metabase: port", str(port)),
        Address("Metabase, Grafana: database", name),
        Address("Metabase, Grafana: user", ROLE),
        Address("Grafana: host", place),
        Address("Superset: an address of SQLAlchemy", str(superset)),
        Address("DuckDB, pandas, psql: an address of PostgreSQL", str(url)),
        Address("Java programs: an address of JDBC", f"jdbc:postgresql://{place}/{quote(name)}"),
    )
