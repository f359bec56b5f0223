"""Lists the inputs that were not read whole or were corrected, and the activities that vanished."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from db.models import Activity, ImportIssue
from db.opening import snapshot
from db.terminal import PlainConsole
from ingest.config import Config
from ingest.reporting.json_result import say_result
from ingest.run.database import database_errors

#: Inputs that are listed of one reason, unless all are asked for.
_LISTED: Final = 10
_NUMBER: Final = re.compile(r"\d[\d.,]*")

Row = Mapping[str, Any]


def show_issues(config: Config, *, as_json: bool, every: bool) -> None:
    """Print what could not be read whole, by reason, and what is no longer on Strava.

    ``every`` prints all inputs of each reason.
    """
    with database_errors(), snapshot(config.database) as connection:
        issues, vanished = _issues(connection), _vanished(connection)
    if as_json:
        say_result(issues=issues, vanished=vanished)
        return
    console, limit = PlainConsole(), None if every else _LISTED
    groups = _grouped(issues)
    for line in _lines(groups, vanished, limit):
        console.print(line, soft_wrap=True)
    if limit is not None and max(map(len, (*groups, vanished))) > limit:
        console.print("To list all of them:", soft_wrap=True)
        console.print(f"    {config.invocation.command('issues --all')}", soft_wrap=True)


def _issues(connection: sa.Connection) -> Sequence[Row]:
    query = (
        sa.select(
            ImportIssue.origin,
            ImportIssue.name,
            ImportIssue.activity_id,
            ImportIssue.kind,
            ImportIssue.reason,
            ImportIssue.found_at,
            Activity.name.label("title"),
            Activity.start_time_local.label("started_at"),
        )
        .outerjoin(Activity, Activity.activity_id == ImportIssue.activity_id)
        .order_by(ImportIssue.origin, ImportIssue.name, ImportIssue.activity_id)
    )
    return [
        {**row, "url": _url(row["activity_id"])} for row in connection.execute(query).mappings()
    ]


def _vanished(connection: sa.Connection) -> Sequence[Row]:
    query = (
        sa.select(
            Activity.activity_id,
            Activity.name.label("title"),
            Activity.start_time_local.label("started_at"),
            Activity.vanished_at,
        )
        .where(Activity.vanished_at.is_not(None))
        .order_by(Activity.start_time_utc, Activity.activity_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _url(activity_id: int | None) -> str | None:
    return None if activity_id is None else f"https://www.strava.com/activities/{activity_id}"


def _lines(
    groups: Sequence[Sequence[Row]], vanished: Sequence[Row], limit: int | None
) -> Iterator[str]:
    count = sum(map(len, groups))
    if not count:
        yield "All inputs were read completely, and nothing was corrected."
    else:
        one = "1 input that could not be read completely or was corrected:"
        many = f"{count:,} inputs that could not be read completely or were corrected:"
        yield one if count == 1 else many
    for group in groups:
        first, is_one = group[0], len({row["reason"] for row in group}) == 1
        yield ""
        yield f"{len(group):,} × {first['kind']}: {first['reason'] if is_one else _about(first)}"
        yield from _listed([_issue_line(row, with_reason=not is_one) for row in group], limit)
    if vanished:
        yield ""
        one = "1 activity that is no longer on Strava; it is kept here:"
        many = f"{len(vanished):,} activities that are no longer on Strava; they are kept here:"
        yield one if len(vanished) == 1 else many
        yield from _listed([_vanished_line(row) for row in vanished], limit)


def _grouped(issues: Sequence[Row]) -> Sequence[Sequence[Row]]:
    """The issues by kind and reason, the most frequent reason first."""

    def key(row: Row) -> tuple[str, str]:
        return row["kind"], _about(row)

    groups = [list(group) for _, group in groupby(sorted(issues, key=key), key)]
    return sorted(groups, key=len, reverse=True)


def _about(row: Row) -> str:
    """A reason without its figures, which differ from input to input."""
    return _NUMBER.sub("…", row["reason"])


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
