"""Streams the rows of a query through the driver's own cursor, and always closes it.

The cursor is also closed when the caller stops reading early.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa


def stream(
    connection: sa.Connection, query: sa.Executable, chunk: int = 5_000
) -> Iterator[Sequence[sa.Row[Any]]]:
    """Lists of at most ``chunk`` rows."""
    with connection.execution_options(yield_per=chunk).execute(query) as result:
        yield from result.partitions()
