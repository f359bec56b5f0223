"""Prints the result of a command as one JSON object on standard output, however it ended.

``docs/json.md`` tells what the keys mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from db.invocation import Invocation
from db.terminal import json_line, say
from ingest.errors import Unfinished
from ingest.reporting.report import Report

#: Counts of a run that `import_runs` does not keep.
OF_FILES: Final = ("loose_files_read", "only_from_files")
#: Keys of a command's object that are not known after an error, and those that are then empty.
_UNKNOWN: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "run": ((*Report().counts(), *OF_FILES), ("exports", "notes")),
    "demo": ((*Report().counts(), *OF_FILES), ("exports", "notes")),
    "fleet": ((*Report().counts(), *OF_FILES), ("exports", "notes")),
    "issues": ((), ("issues", "vanished")),
    "forget": (
        (
            "athlete_id",
            "activities_before",
            "activities_after",
            "was_connected",
            "backup",
            "is_done",
        ),
        ("exports", "files", "imported_again", "lost", "still_there", "files_still_there"),
    ),
}


def say_result(status: str = "done", error: str | None = None, **facts: Any) -> None:
    """Print ``status``, ``error`` and the facts; times become texts of ISO 8601."""
    say(json_line({"status": status, "error": error, **facts}, _text))


def say_report(report: Report, invocation: Invocation) -> None:
    """Print what a run did."""
    error = None if report.problem is None else invocation.sentence(report.problem)
    files = {name: getattr(report, name) for name in OF_FILES}
    notes, exports = report.notes, list(_exports(report))
    say_result(_status(report), error, **report.counts(), **files, exports=exports, notes=notes)


def failure(name: str | None, error: str) -> dict[str, Any]:
    """The object of a command that an error ended, when nobody knows what it has done."""
    unknown, empty = _UNKNOWN.get(name or "", ((), ()))
    lists: dict[str, list[Any]] = {key: [] for key in empty}
    return {"status": "failed", "error": error, **dict.fromkeys(unknown), **lists}


def _status(report: Report) -> str:
    if report.problem is not None:
        return "partial" if report.has_read else "failed"
    if report.resume_at is not None:
        return "come_back"
    return "partial" if report.exports_failed else "done"


def _exports(report: Report) -> Iterator[Mapping[str, str | None]]:
    """What became of each export, and of what lay there and is none."""
    for status, names in (("imported", report.exports), ("unchanged", report.exports_unchanged)):
        yield from ({"name": name, "status": status, "reason": None} for name in names)
    for err in report.exports_failed:
        status = "waiting" if isinstance(err, Unfinished) else "failed"
        name, _, table = err.origin.partition(": ")
        yield {
            "name": name,
            "status": status,
            "reason": f"{table}: {err.reason}" if table else err.reason,
        }


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
