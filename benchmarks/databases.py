"""Creates an empty PostgreSQL database for a benchmark, and drops it at the end."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.engine import make_url


@contextmanager
def fresh_database(server: str, name: str, template: str = "template0") -> Iterator[str]:
    """Create a database whose name begins with ``name``, and give its URL.

    It is empty, or a copy of ``template``, to which nobody may be connected. The rest of the name
    is random, so that two benchmarks at a time do not meet. Whoever is still connected at the end
    is disconnected.
    """
    database = f"{name}_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database} ENCODING 'UTF8' TEMPLATE {template}")
        try:
            yield (
                make_url(server)
                .set(drivername="postgresql", database=database)
                .render_as_string(hide_password=False)
            )
        finally:
            connection.execute(f"DROP DATABASE {database} WITH (FORCE)")
