"""Bytes of activities.csv in, one ``ActivityLine`` per activity out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.errors import BadTable, IngestError
from ingest.tables.activity_lines import ActivityLine, Plan, make_plan
from ingest.tables.cells import activity_id
from ingest.tables.columnissues import ColumnIssues, shortened
from ingest.tables.csvfile import read_csv
from ingest.tables.dates import parse_date
from ingest.tables.headers import Header, match_header

__all__ = ["VERSION", "ActivityLine", "ActivityTable", "read_activities"]

#: Raised when rows are read otherwise than before; then known exports are read again.
VERSION = 1

_FILENAME = re.compile(r"(?:.*[/\\])?activities[/\\].+|#error#|", re.IGNORECASE)
Row = tuple[int, tuple[str, ...]]

_SAMPLE = 50
_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityTable:
    """All activities of one export.

    ``language`` is ``None`` when nobody knows the words of the header and the columns are known by their place. ``columns`` are the
    names that ``fields`` can give, ``unknown_columns`` the labels that only ``extra`` has.
    """

    language: str | None
    columns: frozenset[str]
    unknown_columns: tuple[str, ...]
    lines: list[ActivityLine]
    issues: list[IngestError]


def read_activities(data: bytes, origin: str) -> ActivityTable:
    """Read ``activities.csv`` of any year and language.

    An activity whose date cannot be read stays, without ``start_time_utc``. Of rows with the same id the last one counts.

    Raises:
        BadTable: no header, no column of ids, or not one row with an id.
    """
    table = read_csv(data, origin)
    header = match_header(table.header)
    if not header.indexes("activity_id"):
        raise BadTable(origin, f"no column holds activity ids: {shortened(', '.join(header.labels))}")
    if header.language is None:
        _check_places(table.rows, header, origin)
    plan, issues = make_plan(header), list[IngestError]()
    lines = _lines(table.rows, plan, origin, issues)
    if table.rows and not lines:
        raise BadTable(origin, f"not one of {len(table.rows)} rows has an activity id; {issues[0].reason}")
    lines = _last_of_each(lines, origin, issues)
    lines = _checked(lines, plan, origin, issues)
    return ActivityTable(
        language=header.language.code if header.language else None,
        columns=plan.columns,
        unknown_columns=tuple(header.labels[index] for index in header.unknown),
        lines=lines,
        issues=[*_header_issues(header, origin), *issues],
    )


def _check_places(rows: Sequence[Row], header: Header, origin: str) -> None:
    """A header that nobody can read is trusted only if ids, dates and file names are where they should be."""
    sample = [cells for _, cells in rows[:_SAMPLE] if len(cells) == len(header.columns)]
    fitting = sum(_fits(cells, header) for cells in sample)
    if sample and 2 * fitting < len(sample):
        words = shortened(", ".join(header.labels))
        raise BadTable(
            origin, f"the header is in an unknown language and its columns are not where they should be: {words}"
        )


def _fits(cells: Sequence[str], header: Header) -> bool:
    ids, dates, files = (cells[header.indexes(name)[0]] for name in ("activity_id", "activity_date", "filename"))
    try:
        return bool(activity_id(ids) and parse_date(dates)) and _FILENAME.fullmatch(files.strip()) is not None
    except ValueError:
        return False


def _lines(rows: Iterable[Row], plan: Plan, origin: str, issues: list[IngestError]) -> list[ActivityLine]:
    (place, *_) = plan.header.indexes("activity_id")
    lines = []
    for row, cells in rows:
        cell = cells[place] if place < len(cells) else ""
        try:
            lines.append(ActivityLine(activity_id=activity_id(cell), row=row, cells=cells, plan=plan))
        except ValueError:
            what = f"{shortened(cell)} is no activity id" if cell.strip() else "no activity id"
            issues.append(BadTable(origin, f"row {row}: {what}"))
    return lines


def _last_of_each(lines: list[ActivityLine], origin: str, issues: list[IngestError]) -> list[ActivityLine]:
    last = {line.activity_id: line for line in lines}
    if len(last) == len(lines):
        return lines
    earlier = [line for line in lines if last[line.activity_id] is not line]
    named = ", ".join(f"{x.activity_id} (row {x.row}, row {last[x.activity_id].row} counts)" for x in earlier[:_NAMED])
    more = f" and {len(earlier) - _NAMED} more" if len(earlier) > _NAMED else ""
    issues.append(BadTable(origin, f"activities that stand in several rows: {named}{more}"))
    return [line for line in lines if last[line.activity_id] is line]


def _checked(lines: list[ActivityLine], plan: Plan, origin: str, issues: list[IngestError]) -> list[ActivityLine]:
    """The lines, knowing their unreadable cells; one issue for each column that has some."""
    if plan.is_clean([line.cells for line in lines]):
        return lines
    found = ColumnIssues(origin)
    checked = []
    has_date = "start_time_utc" in plan.columns
    for line in lines:
        fields, bad = plan.convert(line.cells)
        for index in bad:
            found.add(plan.header.labels[index], line.row, line.cells[index])
        if has_date and "start_time_utc" not in fields and not _date_is_bad(bad, plan):
            found.add("start date", line.row)
        checked.append(replace(line, bad=frozenset(bad)) if bad else line)
    issues.extend(found.issues())
    return checked


def _date_is_bad(bad: set[int], plan: Plan) -> bool:
    return not bad.isdisjoint(plan.header.indexes("activity_date"))


def _header_issues(header: Header, origin: str) -> list[IngestError]:
    if header.language is None:
        count = len(header.columns)
        return [BadTable(origin, f"the header is in an unknown language; its {count} columns are read by their place")]
    return [
        BadTable(origin, f"column {header.labels[index]!r} is not known; by its place it is read as {known[0]}")
        for index in header.by_place
        if (known := header.columns[index])
    ]
