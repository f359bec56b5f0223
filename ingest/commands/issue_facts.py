"""Reads what could not be read whole or has vanished, for ``issues`` and the local page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from db.models import Activity, ImportIssue

#: Inputs that are listed of one reason, unless all are asked for.
LISTED: Final = 10
_NUMBER: Final = re.compile(r"\d[\d.,]*")
_NEW_EXPORT: Final = "Request a new export, whose copy may be whole."
#: What to do about issues of a kind.
ADVICE: Final[Mapping[str, str]] = {
    "api": "The next run asks again, unless the reason says that it does not.",
    "corrected": "There is nothing to do: the reason says what was corrected.",
    "corrupt": f"{_NEW_EXPORT} Without its device file, an activity has its summary, but no track.",
    "duplicate": "There is nothing to do: two devices recorded one activity, which has the points "
    "of one of them.",
    "empty": "There is nothing to do: the file holds nothing that could be shown.",
    "error": "Run again; if that does not help, request a new export.",
    "foreign": "There is nothing to do: data of somebody or something else was left out.",
    "lost": "There is nothing to do, but a newer export may hold the file.",
    "missing": "Import the export as Strava sent it, and whole; if the file is not in it, request "
    "a new export.",
    "missing-track": "Put an export that holds its device file into the drop folder; run again.",
    "not-an-export": "Put in its place what it should be, the ZIP that Strava sent or the file of "
    "your device, or take it away.",
    "partial": f"The track ends early. {_NEW_EXPORT}",
    "permission": "Let the user who runs this read it; on Windows, close the program that holds it "
    "open.",
    "table": "Import the export as Strava sent it; another program may have changed this file.",
    "too-large": "It is not read, to protect this machine; an activity keeps its summary.",
    "too-slow": "Run with --jobs 0, which reads without time limits.",
    "unfinished": "Wait until it is whole, then run again.",
    "unknown": "There is nothing to do; a newer version of strava-ingest may know it.",
    "unsupported": "There is nothing to do: no program of ours reads such files. An activity keeps "
    "its summary.",
}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueGroup:
    """Issues of one kind and reason; there is at least one."""

    rows: Sequence[Row]

    @property
    def kind(self) -> str:
        """What kind of problem it is."""
        return str(self.rows[0]["kind"])

    @property
    def reason(self) -> str:
        """What all have in common: the reason, without its figures if these differ."""
        return _about(self.rows[0]) if self.has_reasons else str(self.rows[0]["reason"])

    @property
    def has_reasons(self) -> bool:
        """Whether each input has a reason of its own."""
        return len({row["reason"] for row in self.rows}) > 1

    @property
    def advice(self) -> str:
        """What to do."""
        return ADVICE.get(self.kind, "")


def open_issues(connection: sa.Connection) -> Sequence[Row]:
    """The inputs that were not read whole or were corrected, each with its activity."""
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


def vanished(connection: sa.Connection) -> Sequence[Row]:
    """The activities that are no longer on Strava."""
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


def grouped(rows: Sequence[Row]) -> Sequence[IssueGroup]:
    """The issues by kind and reason, the most frequent reason first."""

    def key(row: Row) -> tuple[str, str]:
        return row["kind"], _about(row)

    groups = [IssueGroup(rows=list(group)) for _, group in groupby(sorted(rows, key=key), key)]
    return sorted(groups, key=lambda group: len(group.rows), reverse=True)


def _about(row: Row) -> str:
    """A reason without its figures, which differ from input to input."""
    return _NUMBER.sub("…", row["reason"])


def _url(activity_id: int | None) -> str | None:
    """The page on Strava; none of an activity whose id is provisional, so negative."""
    if activity_id is None or activity_id < 0:
        return None
    return f"https://www.strava.com/activities/{activity_id}"
