"""Describes the columns of one small CSV file, and reads the file as typed rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.errors import BadTable, IngestError
from ingest.transform.tables.column_errors import ColumnErrors, shortened
from ingest.transform.tables.csvfile import CsvFile, read_csv
from ingest.transform.tables.dates import parse_date
from ingest.transform.tables.headers import plain_label
from ingest.transform.tables.names import normalize_label

Row = dict[str, Any]
Convert = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the database, how its cells are read, and its labels.

    The English label comes first.
    """

    name: str
    convert: Convert
    labels: tuple[str, ...]


def csv_column(name: str, convert: Convert, *labels: str) -> Column:
    """Build a ``Column`` in one line."""
    return Column(name, convert, labels)


def _dated(place: Column | str | None, read_date: Convert) -> Column | str | None:
    """Read a column of dates in the format of the export's other dates."""
    return (
        replace(place, convert=read_date)
        if isinstance(place, Column) and place.convert is parse_date
        else place
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRows:
    """The rows of a table and its issues.

    Rows have every column, ``None`` where it is not known. Issues never stop the run.
    """

    rows: list[Row]
    errors: list[IngestError]


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvTable:
    """One CSV of the export, and the table of the database that its rows are for.

    ``layouts`` are the English headers that it has had: if its words are unknown and the number of
    columns fits one of them, the place tells the column. ``ignored`` are known labels that are
    never read. ``constants`` are set in every row. ``finish`` adds what depends on whole rows.
    """

    filename: str
    table: str
    columns: tuple[Column, ...]
    layouts: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)
    finish: Callable[[list[Row]], list[Row]] | None = None

    def read(self, data: bytes, origin: str, read_date: Convert = parse_date) -> TableRows:
        """The rows of the file, with dates in the export's format.

        Rows without any known cell are left out.
        """
        try:
            file = read_csv(data, origin)
        except BadTable as err:
            return TableRows(rows=[], errors=[err])
        places = [_dated(place, read_date) for place in self._places(file.header)]
        found = ColumnErrors(origin)
        rows = list(self._rows(file, places, found))
        errors = [*self._unknown(file, places, origin), *found.errors()]
        return TableRows(rows=self.finish(rows) if self.finish else rows, errors=errors)

    def _rows(
        self, file: CsvFile, places: Sequence[Column | str | None], found: ColumnErrors
    ) -> Iterator[Row]:
        blank = {**self.constants, **dict.fromkeys(column.name for column in self.columns)}
        for number, cells in file.rows:
            values: Row = {}
            for place, cell in zip(places, cells, strict=False):
                if (
                    not isinstance(place, Column)
                    or not cell
                    or cell.isspace()
                    or place.name in values
                ):
                    continue
                try:
                    values[place.name] = place.convert(cell)
                except ValueError:
                    found.add(place.labels[0], number, cell)
            if None in values.values():
                values = {name: value for name, value in values.items() if value is not None}
            if values:
                yield {**blank, **values}

    def _places(self, header: Sequence[str]) -> list[Column | str | None]:
        """What each place of the header is: a column, an ignored label (as text), or ``None``."""
        known = self._known()
        words = [known.get(normalize_label(plain_label(cell))) for cell in header]
        for layout in self.layouts:
            expected = [known[normalize_label(label)] for label in layout.split(",")]
            if len(expected) == len(words) and all(
                w in (None, e) for w, e in zip(words, expected, strict=True)
            ):
                return list(expected)
        return list(words)

    def _known(self) -> dict[str, Column | str]:
        ignored: dict[str, Column | str] = {normalize_label(label): label for label in self.ignored}
        return ignored | {
            normalize_label(label): column for column in self.columns for label in column.labels
        }

    def _unknown(
        self, file: CsvFile, places: Sequence[Column | str | None], origin: str
    ) -> list[IngestError]:
        labels = [
            label
            for label, place in zip(file.header, places, strict=True)
            if place is None and label.strip()
        ]
        if not labels:
            return []
        return [BadTable(origin, f"unknown columns, not imported: {shortened(', '.join(labels))}")]
