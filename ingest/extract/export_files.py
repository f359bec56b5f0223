"""Reads the small tables of an export, and notes problems of its files."""

from __future__ import annotations

import html
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from db.export_names import ACTIVITIES as ACTIVITIES
from ingest.errors import IngestError
from ingest.extract.archive import MAX_TABLE, Archive, Member
from ingest.transform.parsers import parser_version
from ingest.transform.records import Issue
from ingest.transform.tables import IGNORED, TABLES
from ingest.transform.tables.activities import VERSION, ActivityLine, ActivityTable
from ingest.transform.tables.date_column import PLAIN, DateFormat

LOST: Final = "#error#"
#: Bytes of a route's GPX that are searched for its name, which is the first name in it.
_TITLE_WITHIN: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallTable:
    """One of the CSVs beside activities.csv."""

    member: Member
    rows: list[dict[str, Any]]


def reader_version() -> int:
    """A number that changes when exports are read differently; known ones are then read again."""
    return parser_version(None) + VERSION


def small_tables(
    archive: Archive, dates: DateFormat = PLAIN
) -> tuple[dict[str, SmallTable], list[Issue]]:
    """Read every CSV that has a parser, with dates as activities.csv writes them.

    CSVs that cannot be read or are unknown become issues.
    """
    tables: dict[str, SmallTable] = {}
    issues: list[Issue] = []
    for name in TABLES:
        member = archive.find(name)
        if member is None:
            continue
        try:
            data = archive.read(member, MAX_TABLE)
            found = TABLES[name].read(data, archive.origin(name), dates.read)
        except IngestError as err:
            issues.append(as_issue(err))
            continue
        issues += map(as_issue, found.errors)
        known = Member(
            name=name, size=member.size, crc32=zlib.crc32(data), modified_at=member.modified_at
        )
        tables[name] = SmallTable(member=known, rows=found.rows)
    return tables, issues


def unknown_files(archive: Archive) -> Iterator[Issue]:
    """Issues about tables that no one parses and no one ignores on purpose."""
    for name in sorted(archive.members):
        plain = name.lower()
        if "/" in plain or not plain.endswith((".csv", ".json")) or plain == ACTIVITIES:
            continue
        if plain not in TABLES and plain not in IGNORED:
            yield Issue(
                origin=archive.origin(name),
                kind="unknown",
                reason="no one knows this table, so it was not imported",
            )


def route_names(archive: Archive, rows: list[dict[str, Any]]) -> None:
    """Fill in the names that the GPX files of routes hold."""
    for row in rows:
        member = archive.find(row["filename"]) if row.get("filename") else None
        row["gpx_name"] = None
        if member is not None:
            try:
                row["gpx_name"] = _gpx_title(archive.head(member, _TITLE_WITHIN))
            except IngestError:
                continue  # the route's own name stays


def _gpx_title(data: bytes) -> str | None:
    _, begun, rest = data.decode("utf-8", "replace").partition("<name>")
    title, ended, _ = rest.partition("</name>")
    if not begun or not ended:
        return None
    title = title.strip()
    if title.startswith("<![CDATA["):
        title = title.removeprefix("<![CDATA[").removesuffix("]]>")
    else:
        title = html.unescape(title)
    return title.replace("\0", "").strip() or None  # PostgreSQL stores no NUL


def as_issue(err: IngestError, activity_id: int | None = None) -> Issue:
    """An error as an issue of the ledger."""
    return Issue(origin=err.origin, kind=err.kind, reason=err.reason, activity_id=activity_id)


def file_problem(archive: Archive, line: ActivityLine) -> Issue | None:
    """Why a row that names a device file gets none, if the archive alone shows it."""
    if line.filename is None:
        return None
    if line.filename == LOST:
        reason = (
            "Strava wrote #error# in place of a file name: it could not export this file; "
            "the summary is kept"
        )
        return Issue(
            origin=archive.origin(LOST), kind="lost", reason=reason, activity_id=line.activity_id
        )
    if archive.find(line.filename) is None:
        return as_issue(archive.missing(line.filename), line.activity_id)
    return None


def media_of(table: ActivityTable) -> Mapping[int, tuple[str, ...]]:
    """Media paths by activity."""
    return {line.activity_id: line.media for line in table.lines if line.media}
