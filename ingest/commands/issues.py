"""Lists the inputs that were not read whole or were corrected, and the activities that vanished."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from db.opening import snapshot
from db.terminal import PlainConsole
from ingest.commands.issue_facts import LISTED, IssueGroup, Row, grouped, open_issues, vanished
from ingest.config import Config
from ingest.reporting.json_result import say_result
from ingest.run.database import database_errors


def show_issues(config: Config, *, as_json: bool, every: bool) -> None:
    """Print what could not be read whole, by reason, and what is no longer on Strava.

    ``every`` prints all inputs of each reason.
    """
    with database_errors(), snapshot(config.database) as connection:
        found, gone = open_issues(connection), vanished(connection)
    if as_json:
        say_result(issues=found, vanished=gone)
        return
    console, limit = PlainConsole(), None if every else LISTED
    groups = grouped(found)
    for line in _lines(groups, gone, limit):
        console.print(line, soft_wrap=True)
    if limit is not None and max(len(gone), *(len(group.rows) for group in groups), 0) > limit:
        console.print("To list all of them:", soft_wrap=True)
        console.print(f"    {config.invocation.command('issues --all')}", soft_wrap=True)


def _lines(groups: Sequence[IssueGroup], gone: Sequence[Row], limit: int | None) -> Iterator[str]:
    count = sum(len(group.rows) for group in groups)
    if not count:
        yield "All inputs were read completely, and nothing was corrected."
    else:
        one = "1 input that could not be read completely or was corrected:"
        many = f"{count:,} inputs that could not be read completely or were corrected:"
        yield one if count == 1 else many
    for group in groups:
        yield ""
        yield f"{len(group.rows):,} × {group.kind}: {group.reason}"
        yield from filter(None, [group.advice])
        lines = [_issue_line(row, with_reason=group.has_reasons) for row in group.rows]
        yield from _listed(lines, limit)
    if gone:
        yield ""
        one = "1 activity that is no longer on Strava; it is kept here:"
        many = f"{len(gone):,} activities that are no longer on Strava; they are kept here:"
        yield one if len(gone) == 1 else many
        yield from _listed([_vanished_line(row) for row in gone], limit)


def _listed(lines: Sequence[str], limit: int | None) -> Iterator[str]:
    yield from (f"  {line}" for line in lines[:limit])
    if limit is not None and len(lines) > limit:
        yield f"  and {len(lines) - limit:,} more"


def _issue_line(row: Row, *, with_reason: bool) -> str:
    parts = [
        row["name"],
        row["title"],
        _day(row["started_at"]),
        row["url"],
        row["reason"] if with_reason else None,
    ]
    return " · ".join(part for part in parts if part)


def _vanished_line(row: Row) -> str:
    parts = [row["title"], _day(row["started_at"]), f"vanished by {row['vanished_at']:%Y-%m-%d}"]
    return " · ".join(part for part in parts if part)


def _day(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%d}"
