"""Holds a row of activities.csv as text, and types its fields when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ingest.transform.tables.cells import parse_key, paths
from ingest.transform.tables.row_layout import RowLayout, is_readable


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityLine:
    """One activity as its row tells it.

    ``row`` is its number in the file; the header is row 1.
    """

    activity_id: int
    row: int
    cells: tuple[str, ...]
    layout: RowLayout
    #: Indexes of the cells that could not be read.
    bad: frozenset[int] = frozenset()

    @property
    def filename(self) -> str | None:
        """Path of the device file in the export, or ``#error#`` as Strava writes it."""
        return self._key(self.layout.filename)

    @property
    def media(self) -> tuple[str, ...]:
        """Paths of pictures and videos in the export."""
        cell = self._cell(self.layout.media)
        return paths(cell) if is_readable(cell, paths) else ()

    @property
    def gear_name(self) -> str | None:
        """The display name of bike or shoes."""
        return self._key(self.layout.gear)

    def fields(self) -> dict[str, Any]:
        """Columns of ``activities`` by name.

        What the row does not say is missing; texts that were cleared are ``None``.
        """
        return self.layout.convert(self.cells)[0]

    def fields_of(self, *names: str) -> dict[str, Any]:
        """Some of the fields, without converting the rest of the row: dates, numbers and sports,
        but no texts, and no distance that only the site's rounded column tells.
        """
        some = [column for column in self.layout.typed if column[0] in names]
        return self.layout.typed_fields(self.cells, some, set())

    def extra(self) -> dict[str, str]:
        """Cells that became no field, by label: of unknown columns, unreadable, or extra ones."""
        labels = self.layout.header.labels
        kept = [*self.layout.unread, *sorted(self.bad), *range(len(labels), len(self.cells))]
        extra: dict[str, str] = {}
        for index in kept:
            if index < len(self.cells) and self.cells[index].strip():
                label = (
                    labels[index]
                    if index < len(labels) and labels[index]
                    else f"column {index + 1}"
                )
                extra[f"{label} ({index + 1})" if label in extra else label] = self.cells[index]
        return extra

    def _key(self, index: int | None) -> str | None:
        try:
            return parse_key(self._cell(index))
        except ValueError:
            return None

    def _cell(self, index: int | None) -> str:
        return self.cells[index] if index is not None and index < len(self.cells) else ""
