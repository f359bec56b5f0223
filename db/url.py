"""Reads database URLs and paths, and shows them without secrets."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from db.errors import DatabaseProblem

_SCHEMES: Final = "path/to/file.db, or postgresql://user@host/database"

_HOW_TO_WRITE: Final = (
    f"write it like {_SCHEMES}; in a password write %40 for @, %2F for /, %3A for : and %25 for %"
)

#: Text shown instead of a database that must not be shown.
_UNSHOWN: Final = "the database (--database or DATABASE_URL)"

#: Begin of a URL; its scheme has at least two letters, since ``C:`` begins a path of Windows.
_SCHEME: Final = re.compile(r"([A-Za-z][\w+.-]+):")

#: Databases that may be named in an error; any other text before ``://`` may be part of a password.
_OTHERS: Final = ("cockroachdb", "duckdb", "mariadb", "mssql", "mysql", "oracle", "redshift")

#: Characters that no host's name has, and no database's name that we accept.
_NO_HOST: Final = re.compile(r"[@/=?#\s]")

_NO_NAME: Final = re.compile(r"[@/=]")

#: Text in a SQLite path that shows it is another address, which may hold a password.
_NO_FILE: Final = re.compile(r"://|password\s*=", re.IGNORECASE)

#: Options of a PostgreSQL URL that hold secrets.
_SECRETS: Final = ("password", "sslpassword")


def shown_database(url: str | URL) -> str:
    """The database for messages and logs: the path of a SQLite file, or a URL without secrets.

    The URL has no password and no options, which can hold one. A URL that cannot be read, or would
    be read differently than it was meant, is not shown at all: any part of it may belong to a
    password.
    """
    try:
        read = parsed(url)
    except DatabaseProblem:
        return _UNSHOWN
    if is_sqlite(read):
        file = sqlite_file(read)
        return _UNSHOWN if read.host or read.username else str(file or "sqlite://")
    return str(URL.create("postgresql", read.username, None, read.host, read.port, read.database))


def pasteable(url: str | URL) -> str:
    """The database for ``--database`` in a hint: as it was given, but without secrets."""
    read = parsed(url)
    if is_sqlite(read):
        return str(read.database or "sqlite://")
    query = {name: value for name, value in read.query.items() if name not in _SECRETS}
    return str(
        URL.create("postgresql", read.username, None, read.host, read.port, read.database, query)
    )


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite database, ``None`` for one in memory."""
    return None if url.database in (None, "", ":memory:") else Path(str(url.database)).resolve()


def without_secrets(url: URL, text: str) -> str:
    """A driver's message with *** for the passwords of the URL."""
    given = (url.password, *(url.query.get(name) for name in _SECRETS))
    for secret in (str(each) for each in given if each):
        for written in (secret, quote(secret), quote_plus(secret)):
            text = text.replace(written, "***")
    return text


def parsed(given: str | URL) -> URL:
    """The parts of a database URL; a text without a scheme is the path of a SQLite file.

    Any driver's URL of PostgreSQL is accepted, and read with psycopg 3.

    Raises:
        DatabaseProblem: it is no URL, or not of a supported database; the message shows nothing of
            it but the driver's name.
    """
    read = _url(given)
    kind = read.drivername.partition("+")[0].lower()
    kind = "postgresql" if kind == "postgres" else kind
    if kind not in ("sqlite", "postgresql"):
        named = f" ({kind})" if kind in _OTHERS else ""
        raise DatabaseProblem(
            f"{_UNSHOWN} is neither SQLite nor PostgreSQL{named}; write it like {_SCHEMES}"
        )
    # An @ or / inside a password ends it early; the rest is then taken for host or database.
    refused = _NO_FILE if kind == "sqlite" else _NO_NAME
    if refused.search(read.database or "") or (
        kind != "sqlite" and _NO_HOST.search(read.host or "")
    ):
        raise DatabaseProblem(f"{_UNSHOWN} is not a database URL; {_HOW_TO_WRITE}")
    if kind == "postgresql" and not (read.database or {"dbname", "service"} & set(read.query)):
        raise DatabaseProblem(f"{_UNSHOWN} names a server but no database; {_HOW_TO_WRITE}")
    return read.set(drivername=kind)


def _url(given: str | URL) -> URL:
    if isinstance(given, str) and not _SCHEME.match(given):
        if re.search("@|=", given):  # perhaps user:password@host, or dbname=...
            raise DatabaseProblem(f"{_UNSHOWN} is not a database URL; {_HOW_TO_WRITE}")
        return URL.create("sqlite", database=os.path.expanduser(given))
    try:
        return make_url(given)
    except (ArgumentError, ValueError):
        # Not chained: the cause may quote the URL, and with it a password.
        raise DatabaseProblem(f"{_UNSHOWN} is not a database URL; {_HOW_TO_WRITE}") from None


def is_sqlite(url: URL) -> bool:
    """Whether it is a SQLite database's URL; all others are PostgreSQL's."""
    return url.get_backend_name() == "sqlite"
