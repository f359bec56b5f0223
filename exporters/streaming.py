"""A query in, its rows out, some at a time by the driver's own cursor, which is closed also when nobody reads on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa


def stream(connection: sa.Connection, query: sa.Executable, chunk: int = 5_000) -> Iterator[Sequence[sa.Row[Any]]]:
    """Lists of at most ``chunk`` rows."""
    with connection.execution_options(yield_per=chunk).execute(query) as result:
        yield from result.partitions()
