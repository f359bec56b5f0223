"""Reads database URLs, and shows them without secrets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from db.errors import DatabaseProblem

_SCHEMES: Final = "sqlite:///path/to/file.db or postgresql://user@host/database"

_HOW_TO_WRITE: Final = (
    f"write it like {_SCHEMES}; in a password write %40 for @, %2F for /, %3A for : and %25 for %"
)

#: Text shown instead of a URL that must not be shown.
_UNSHOWN: Final = "the database (--database or DATABASE_URL)"

#: Characters that no host's name has, and no database's name that we accept.
_NO_HOST: Final = re.compile(r"[@/=?#\s]")

_NO_NAME: Final = re.compile(r"[@/=]")

#: Text in a SQLite path that shows it is another address, which may hold a password.
_NO_FILE: Final = re.compile(r"://|password\s*=", re.IGNORECASE)


def redacted_url(url: str | URL) -> str:
    """The URL for messages and logs, without password and without options, which can hold one.

    A URL that cannot be read, or would be read differently than it was meant, is not shown at all:
    any part of it may belong to a password.
    """
    try:
        shown = parsed(url)
    except DatabaseProblem:
        return _UNSHOWN
    if is_sqlite(shown):
        return (
            _UNSHOWN
            if shown.host or shown.username
            else str(URL.create("sqlite", database=shown.database))
        )
    return str(
        URL.create("postgresql", shown.username, None, shown.host, shown.port, shown.database)
    )


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite database, ``None`` for one in memory."""
    return None if url.database in (None, "", ":memory:") else Path(str(url.database)).resolve()


def without_secrets(url: URL, text: str) -> str:
    """A driver's message with *** for the passwords of the URL."""
    given = (url.password, *(url.query.get(name) for name in ("password", "sslpassword")))
    for secret in (str(each) for each in given if each):
        for written in (secret, quote(secret), quote_plus(secret)):
            text = text.replace(written, "***")
    return text


def parsed(url: str | URL) -> URL:
    """The parts of a database URL.

    Raises:
        DatabaseProblem: it is no URL, or not of a supported database; the message shows nothing of
            it.
    """
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        # Not chained: the cause may quote the URL, and with it a password.
        raise DatabaseProblem(f"{_UNSHOWN} is not a database URL; {_HOW_TO_WRITE}") from None
    if read.drivername not in (
        "sqlite",
        "sqlite+pysqlite",
        "postgres",
        "postgresql",
        "postgresql+psycopg",
    ):
        raise DatabaseProblem(f"{_UNSHOWN} is neither SQLite nor PostgreSQL; use {_SCHEMES}")
    # An @ or / inside a password ends it early; the rest is then taken for host or database.
    refused = _NO_FILE if is_sqlite(read) else _NO_NAME
    if refused.search(read.database or "") or (
        not is_sqlite(read) and _NO_HOST.search(read.host or "")
    ):
        raise DatabaseProblem(f"{_UNSHOWN} is not a database URL; {_HOW_TO_WRITE}")
    return read


def is_sqlite(url: URL) -> bool:
    """Whether it is a SQLite database's URL; all others are PostgreSQL's."""
    return url.get_backend_name() == "sqlite"
