"""Gathers cells that could not be read into one error for each column."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.errors import BadTable, IngestError

_LONGEST = 60


@dataclass(slots=True)
class _Column:
    row: int
    count: int = 0
    #: The first different cells, as many as the issue shows.
    cells: dict[str, None] = field(default_factory=dict)
    why: str = ""


class ColumnErrors:
    """Counts unreadable cells by column and remembers the first of each.

    Ten thousand rows must not give ten thousand issues.
    """

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._columns: dict[str, _Column] = {}

    def add(
        self, what: str, row: int, cell: str | None = None, *, shown: int = 1, why: str = ""
    ) -> None:
        """Note that a cell of column ``what`` could not be read.

        ``shown`` is how many of its cells the error shows, ``why`` what it says after them.
        """
        column = self._columns.setdefault(what, _Column(row, why=why))
        column.count += 1
        if cell is not None and len(column.cells) < shown:
            column.cells[cell] = None

    def errors(self) -> list[IngestError]:
        """One error per column."""
        return [
            BadTable(self._origin, _reason(label, column))
            for label, column in self._columns.items()
        ]


def _reason(label: str, column: _Column) -> str:
    rows = (
        f"row {column.row}" if column.count == 1 else f"{column.count} rows, first row {column.row}"
    )
    if not column.cells:
        return f"{rows}: no {label}"
    return (
        f"column {label!r}: {rows}: cannot read "
        f"{', '.join(map(shortened, column.cells))}{column.why}"
    )


def shortened(text: str) -> str:
    """The text in quotes, short enough for a message."""
    return repr(text if len(text) <= _LONGEST else text[:_LONGEST] + "...")
