"""Says how the rows under a header of activities.csv are read: made once for all rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ingest.transform.tables.activity_columns import (
    FIELDS,
    READ_APART,
    SECOND_FIRST,
    TEXTS,
    Convert,
)
from ingest.transform.tables.cells import parse_key, parse_number, paths
from ingest.transform.tables.date_column import PLAIN, DateFormat
from ingest.transform.tables.dates import parse_date
from ingest.transform.tables.distances import shown_metres
from ingest.transform.tables.headers import Header
from ingest.transform.tables.languages import EN_2018

#: Columns whose cells become keys of the database, and how they are read.
_KEYS: Final[dict[str, Convert]] = {
    "filename": parse_key,
    "activity_gear": parse_key,
    "media": paths,
}

#: A field's name, the indexes of its cells in order of preference, and its converter.
TypedColumn = tuple[str, tuple[int, ...], Convert]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLayout:
    """How to read the rows under one header; built once and shared by all lines.

    ``texts`` holds (name, index);
    ``keys`` (index, converter) of the cells that become keys of the database; ``shown`` is the
    distance as the web site shows it; ``dates`` is how the whole column of dates is written.
    """

    header: Header
    typed: tuple[TypedColumn, ...]
    texts: tuple[tuple[str, int], ...]
    keys: tuple[tuple[int, Convert], ...]
    shown: int | None
    filename: int | None
    gear: int | None
    media: int | None
    unread: tuple[int, ...]
    dates: DateFormat = PLAIN

    @property
    def columns(self) -> frozenset[str]:
        """The names that ``fields`` can give."""
        distance = ["distance_m"] if self.shown is not None else []
        return frozenset(
            [*distance, *(name for name, _, _ in self.typed), *(name for name, _ in self.texts)]
        )

    def convert(self, cells: Sequence[str]) -> tuple[dict[str, Any], set[int]]:
        """The typed fields of a row, and the indexes of the cells that could not be read."""
        bad: set[int] = set()
        fields = self.typed_fields(cells, self.typed, bad)
        count = len(cells)
        # A row that ends early says nothing of the texts that it lacks.
        fields.update({name: _text(cells[index]) for name, index in self.texts if index < count})
        long = {
            index
            for index, convert in self.keys
            if index < count and not is_readable(cells[index], convert)
        }
        if self.gear in long:
            del fields["gear_name"]
        bad |= long
        self._add_distance(fields, cells, bad)
        self._order_cadences(fields)
        return fields, {index for index in bad if not cells[index].isspace()}

    def typed_fields(
        self, cells: Sequence[str], typed: Iterable[TypedColumn], bad: set[int]
    ) -> dict[str, Any]:
        """The fields of some columns; adds the indexes of unreadable cells to ``bad``."""
        fields: dict[str, Any] = {}
        count = len(cells)
        for name, indexes, convert in typed:
            for index in indexes:
                if index < count and (cell := cells[index]):
                    try:
                        value = convert(cell)
                    except ValueError:
                        bad.add(index)
                        continue
                    if value is not None:
                        fields[name] = value
                        break
        return fields

    def doubtful(self, rows: Sequence[Sequence[str]]) -> set[int]:
        """The indexes of rows that may have an unreadable cell, or lack a date or a distance.

        It looks at whole columns, which takes a fraction of the time of converting rows. In most
        tables few rows are doubtful.
        """
        found = {i for i, row in enumerate(rows) if len(row) != len(self.header.labels)}
        whole = [i for i in range(len(rows)) if i not in found]
        columns = list(zip(*(rows[i] for i in whole), strict=True))
        needed = {"start_time_utc", "distance_m"} & self.columns
        if not columns or not needed <= {name for name, _, _ in self.typed}:
            return set(range(len(rows)))
        for name, indexes, convert in self.typed:
            if name in needed:
                needed.discard(name)
                found.update(
                    i for i, cell in zip(whole, columns[indexes[0]], strict=True) if not cell
                )
            for index in indexes:
                found.update(_unreadable(whole, columns[index], convert))
        for index, convert in self.keys:
            found.update(_unreadable(whole, columns[index], convert))
        return found

    def _add_distance(self, fields: dict[str, Any], cells: Sequence[str], bad: set[int]) -> None:
        """Add the distance that the site shows if the column of metres is missing or empty."""
        if (
            "distance_m" in fields
            or self.shown is None
            or self.shown >= len(cells)
            or not cells[self.shown]
        ):
            return
        language = self.header.language
        try:
            decimal = language.decimal if language else None
            sport = fields.get("sport_type") or fields.get("guessed_sport_type")
            fields["distance_m"] = shown_metres(cells[self.shown], sport, decimal)
        except ValueError:
            bad.add(self.shown)

    def _order_cadences(self, fields: dict[str, Any]) -> None:
        # Dutch exports of 2020 have the two names in the other order; whether the numbers moved
        # with the names is unknown.
        if len(self.header.columns) != 72:
            return
        highest, average = fields.get("max_cadence_rpm"), fields.get("average_cadence_rpm")
        if highest is not None and average is not None and average > highest:
            fields["max_cadence_rpm"], fields["average_cadence_rpm"] = average, highest


def _unreadable(rows: Iterable[int], column: Sequence[str], convert: Convert) -> Iterator[int]:
    """The rows whose cell of a column cannot be converted; empty cells can."""
    if not _converts(column, convert):
        for row, cell in zip(rows, column, strict=True):
            if cell and not is_readable(cell, convert):
                yield row


def _converts(column: Iterable[str], convert: Convert) -> bool:
    """Whether every cell of a column can be converted; blank cells also count as maybe not."""
    cells = set(column) - {""}
    try:
        if convert is parse_number:
            return "_" not in "".join(cells) and all(map(math.isfinite, map(float, cells)))
        for cell in cells:
            convert(cell)
    except (ValueError, OverflowError):
        return False
    return True


def row_layout(header: Header, dates: DateFormat = PLAIN) -> RowLayout:
    """How to read rows under this header, with dates in the format of the whole column."""
    metres = header.index("distance", 1)
    shown = header.index("distance", 0)
    if header.language is EN_2018:  # the first exports showed metres
        metres, shown = shown, None
    typed = [
        (name, _preferred(column, header), dates.read if convert is parse_date else convert)
        for column, outputs in FIELDS.items()
        if header.indexes(column)
        for name, convert in outputs
    ]
    if metres is not None:
        typed.append(("distance_m", (metres,), parse_number))
    filename, gear, media = (next(iter(header.indexes(name)), None) for name in _KEYS)
    return RowLayout(
        header=header,
        typed=tuple(typed),
        texts=tuple(
            (name, found[0]) for column, name in TEXTS.items() if (found := header.indexes(column))
        ),
        shown=shown,
        keys=tuple(
            (found[0], convert)
            for column, convert in _KEYS.items()
            if (found := header.indexes(column))
        ),
        filename=filename,
        gear=gear,
        media=media,
        unread=_unread(header),
        dates=dates,
    )


def _preferred(column: str, header: Header) -> tuple[int, ...]:
    found = header.indexes(column)
    return found[::-1] if column in SECOND_FIRST else found


def _unread(header: Header) -> tuple[int, ...]:
    read = {*FIELDS, *TEXTS, *READ_APART}
    return tuple(
        index for index, known in enumerate(header.columns) if known is None or known[0] not in read
    )


def is_readable(cell: str, convert: Convert) -> bool:
    """Whether a cell can be converted."""
    try:
        convert(cell)
    except ValueError:
        return False
    return True


def _text(cell: str) -> str | None:
    return cell if cell and not cell.isspace() else None
