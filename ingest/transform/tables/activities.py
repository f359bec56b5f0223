"""Reads activities.csv as one ``ActivityLine`` per activity."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ingest.errors import BadTable, IngestError
from ingest.transform.tables.activity_lines import ActivityLine
from ingest.transform.tables.cells import parse_activity_id
from ingest.transform.tables.column_errors import ColumnErrors, shortened
from ingest.transform.tables.csvfile import read_csv
from ingest.transform.tables.date_column import PLAIN, DateFormat, decide
from ingest.transform.tables.headers import Header, match_header
from ingest.transform.tables.row_layout import RowLayout, row_layout
from ingest.transform.tables.sport_labels import unknown_labels

__all__ = ["VERSION", "ActivityLine", "ActivityTable", "read_activities"]

#: Version of the reader. Raise it when rows are read differently than before: the next run then
#: reads known exports again.
VERSION = 2

_FILENAME = re.compile(r"(?:.*[/\\])?activities[/\\].+|#error#|", re.IGNORECASE)
Row = tuple[int, tuple[str, ...]]

#: Pattern of a date with a time, in any order.
_DATE = re.compile(r"\d{4}.*\d\d?[:.]\d\d|\d\d?[:.]\d\d.*\d{4}")

_SAMPLE = 50
_NAMED = 5
#: Cells of dates that an issue shows; and labels of sports that get an issue each.
_SHOWN_DATES = 3
_LABELS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityTable:
    """All activities of one export.

    ``language`` is ``None`` if the words of the header are unknown and the columns are known by
    their place. ``columns`` are the names that ``fields`` can give, ``unknown_columns`` the labels
    that are only in ``extra``; ``dates`` is how the dates are written.
    """

    language: str | None
    columns: frozenset[str]
    unknown_columns: tuple[str, ...]
    lines: list[ActivityLine]
    dates: DateFormat
    errors: list[IngestError]


def read_activities(
    data: bytes, origin: str, starts: Mapping[int, datetime] | None = None
) -> ActivityTable:
    """Read ``activities.csv`` of any year and language.

    An activity whose date cannot be read is kept without ``start_time_utc``. If an id has several
    rows, the last one counts. ``starts`` by activity help where ``dates.is_doubtful``, that is
    where the cells alone do not tell day from month.

    Raises:
        BadTable: no header, no column of ids, or not one row with an id.
    """
    table = read_csv(data, origin)
    header = match_header(table.header)
    if not header.indexes("activity_id"):
        raise BadTable(
            origin, f"no column holds activity ids: {shortened(', '.join(header.labels))}"
        )
    if header.language is None:
        _check_places(table.rows, header, origin)
    dates = _dates(table.rows, header, starts or {})
    layout, errors = row_layout(header, dates), list[IngestError]()
    lines = _lines(table.rows, layout, origin, errors)
    if table.rows and not lines:
        raise BadTable(
            origin, f"none of {len(table.rows)} rows has an activity id; {errors[0].reason}"
        )
    lines = _last_of_each(lines, origin, errors)
    lines = _checked(lines, layout, origin, errors)
    return ActivityTable(
        language=header.language.code if header.language else None,
        columns=layout.columns,
        unknown_columns=tuple(header.labels[index] for index in header.unknown),
        lines=lines,
        dates=dates,
        errors=[*_header_errors(header, origin), *errors, *_label_errors(lines, header, origin)],
    )


def _check_places(rows: Sequence[Row], header: Header, origin: str) -> None:
    """Refuse an unknown header if ids, dates or file names are not in their columns.

    Dates that cannot be read are no reason to refuse it.
    """
    sample = [cells for _, cells in rows[:_SAMPLE] if len(cells) == len(header.columns)]
    fitting = sum(_fits(cells, header) for cells in sample)
    if sample and 2 * fitting < len(sample):
        words = shortened(", ".join(header.labels))
        raise BadTable(
            origin,
            "the header is in an unknown language and its columns are not where they should be: "
            f"{words}",
        )


def _fits(cells: Sequence[str], header: Header) -> bool:
    ids, dates, files = (
        cells[header.indexes(name)[0]] for name in ("activity_id", "activity_date", "filename")
    )
    # A cell without a digit is no date in any language. But the columns have moved only if another
    # cell is a date.
    is_moved = not any(c.isdigit() for c in dates) and any(map(_DATE.search, cells))
    return _is_id(ids) and not is_moved and _FILENAME.fullmatch(files.strip()) is not None


def _is_id(cell: str) -> bool:
    try:
        return bool(parse_activity_id(cell))
    except ValueError:
        return False


def _dates(rows: Sequence[Row], header: Header, starts: Mapping[int, datetime]) -> DateFormat:
    ids, date = header.index("activity_id", 0), header.index("activity_date", 0)
    if ids is None or date is None:
        return PLAIN
    dated = [cells for _, cells in rows if len(cells) > max(ids, date) and cells[date]]
    return decide([cells[ids] for cells in dated], [cells[date] for cells in dated], starts)


def _lines(
    rows: Iterable[Row], layout: RowLayout, origin: str, errors: list[IngestError]
) -> list[ActivityLine]:
    (place, *_) = layout.header.indexes("activity_id")
    lines = []
    for row, cells in rows:
        cell = cells[place] if place < len(cells) else ""
        try:
            lines.append(
                ActivityLine(
                    activity_id=parse_activity_id(cell), row=row, cells=cells, layout=layout
                )
            )
        except ValueError:
            what = f"{shortened(cell)} is not an activity id" if cell.strip() else "no activity id"
            errors.append(BadTable(origin, f"row {row}: {what}"))
    return lines


def _last_of_each(
    lines: list[ActivityLine], origin: str, errors: list[IngestError]
) -> list[ActivityLine]:
    last = {line.activity_id: line for line in lines}
    if len(last) == len(lines):
        return lines
    earlier = [line for line in lines if last[line.activity_id] is not line]
    named = ", ".join(
        f"{x.activity_id} (row {x.row}; row {last[x.activity_id].row} is used)"
        for x in earlier[:_NAMED]
    )
    more = f" and {len(earlier) - _NAMED} more" if len(earlier) > _NAMED else ""
    errors.append(BadTable(origin, f"activities that have several rows: {named}{more}"))
    return [line for line in lines if last[line.activity_id] is line]


def _checked(
    lines: list[ActivityLine], layout: RowLayout, origin: str, errors: list[IngestError]
) -> list[ActivityLine]:
    """Note in each line which cells cannot be read; adds one issue for each column with some."""
    doubtful = layout.doubtful([line.cells for line in lines])
    found = ColumnErrors(origin)
    checked, has_starts = list(lines), "start_time_utc" in layout.columns
    for index in sorted(doubtful):
        line = lines[index]
        fields, bad = layout.convert(line.cells)
        if bad:
            _note(found, line, bad)
        if (
            has_starts
            and "start_time_utc" not in fields
            and bad.isdisjoint(layout.header.indexes("activity_date"))
        ):
            found.add("start date", line.row)
        if bad:
            checked[index] = replace(line, bad=frozenset(bad))
    errors.extend(found.errors())
    return checked


def _note(found: ColumnErrors, line: ActivityLine, bad: set[int]) -> None:
    layout = line.layout
    dates = layout.header.indexes("activity_date")
    for index in bad.difference(dates):
        found.add(layout.header.labels[index], line.row, line.cells[index])
    for index in bad.intersection(dates):
        why = "; nothing tells which of the numbers is the day" if layout.dates.is_undecided else ""
        found.add(
            layout.header.labels[index], line.row, line.cells[index], shown=_SHOWN_DATES, why=why
        )


def _header_errors(header: Header, origin: str) -> list[IngestError]:
    if header.language is None:
        count = len(header.columns)
        return [
            BadTable(
                origin,
                f"the header is in an unknown language; its {count} columns are recognised by "
                "their position",
            )
        ]
    return [
        BadTable(
            origin,
            f"column {header.labels[index]!r} is not known; by its position it is read as "
            f"{known[0]}",
        )
        for index in header.by_place
        if (known := header.columns[index])
    ]


def _label_errors(lines: Sequence[ActivityLine], header: Header, origin: str) -> list[IngestError]:
    """One issue for each unknown sport, up to a number; the rest share one.

    In a damaged table every row may have another one.
    """
    place = next(iter(header.indexes("activity_type")), None)
    if place is None:
        return []
    unknown = unknown_labels(line.cells[place] for line in lines if place < len(line.cells))
    column = header.labels[place]
    errors: list[IngestError] = [
        BadTable(
            origin, f"column {column!r}: {_rows(count)}: no sport is known as {shortened(label)}"
        )
        for label, count in unknown[:_LABELS]
    ]
    if rest := unknown[_LABELS:]:
        rows = _rows(sum(count for _, count in rest))
        errors.append(
            BadTable(
                origin, f"column {column!r}: {rows}: no sport is known as {len(rest)} other labels"
            )
        )
    return errors


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
