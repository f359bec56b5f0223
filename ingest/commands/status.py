"""Shows what the database holds and what could not be read, for people and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from rich.table import Table
from rich.text import Text

from db.models import Activity, Athlete, Gear, ImportFile, ImportIssue, ImportRun, QueueItem, Track
from db.opening import snapshot
from db.terminal import PlainConsole, json_line, printable, say
from db.url import shown_database
from ingest import clock
from ingest.config import Config
from ingest.errors import NotAuthorized
from ingest.extract.api.rate_limits import Budget
from ingest.extract.api.tokens import TokenFile
from ingest.load import fetch_queue as queue
from ingest.load.sync_state import API_BUDGET
from ingest.run.database import database_errors


def show_status(config: Config, as_json: bool) -> None:
    """Print what is in the database, when it got there and from where."""
    with database_errors(), snapshot(config.database) as connection:
        status: dict[str, Any] = {
            **_status(connection),
            "api": _api(connection, config),
            "database": shown_database(config.database),
        }
    if as_json:
        say(json_line(status, _text))
        return
    console = PlainConsole()
    for name, value in status.items():
        shown = f"{value:,}" if isinstance(value, int) else value
        if name == "exports":
            for export in value:
                console.print(
                    f"export: {export['name']} of {export['exported_at']:%Y-%m-%d %H:%M} UTC, "
                    f"{export['activities']:,} activities, athlete {export['athlete_id']}",
                    soft_wrap=True,
                )
        elif name == "api":
            console.print(f"Strava API: {_api_text(value)}", soft_wrap=True)
        elif name == "last_run" and value:
            console.print(
                f"last run: {value['started_at']:%Y-%m-%d %H:%M} UTC, {value['status']}, version "
                f"{value['version']}",
                soft_wrap=True,
            )
        else:
            console.print(
                f"{name.replace('_', ' ')}: {'-' if value is None else shown}", soft_wrap=True
            )


def show_issues(config: Config, as_json: bool) -> None:
    """Print every input that could not be read whole."""
    with database_errors(), snapshot(config.database) as connection:
        query = sa.select(
            ImportIssue.origin,
            ImportIssue.name,
            ImportIssue.activity_id,
            ImportIssue.kind,
            ImportIssue.reason,
            ImportIssue.found_at,
        ).order_by(ImportIssue.origin, ImportIssue.name, ImportIssue.activity_id)
        rows = [dict(row) for row in connection.execute(query).mappings()]
    if as_json:
        say(json_line(rows, _text))
        return
    console = PlainConsole()
    if not rows:
        console.print("All inputs were read completely, and nothing was corrected.")
        return
    table = Table(
        "input",
        "activity",
        "kind",
        "reason",
        title=f"{len(rows):,} inputs that could not be read completely or were corrected",
        title_justify="left",
    )
    for row in rows:
        cells = (row["name"], row["activity_id"] or "", row["kind"], row["reason"])
        table.add_row(*(Text(printable(cell)) for cell in cells))
    console.print(table)


def _status(connection: sa.Connection) -> Mapping[str, Any]:
    def rows(model: Any, *where: Any) -> int:
        return connection.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0

    first, last = connection.execute(
        sa.select(sa.func.min(Activity.start_time_utc), sa.func.max(Activity.start_time_utc))
    ).one()
    points = connection.scalar(sa.select(sa.func.sum(Track.point_count))) or 0
    exports = sa.select(
        ImportFile.origin.label("name"),
        ImportFile.exported_at,
        ImportFile.row_count.label("activities"),
        ImportFile.athlete_id,
    ).where(ImportFile.file_kind == "export")
    run = (
        connection.execute(
            sa.select(ImportRun.started_at, ImportRun.status, ImportRun.version)
            .order_by(ImportRun.run_id.desc())
            .limit(1)
        )
        .mappings()
        .first()
    )
    return {
        "athletes": rows(Athlete),
        "activities": rows(Activity),
        "vanished": rows(Activity, Activity.vanished_at.is_not(None)),
        "with_track": rows(Activity, Activity.has_track),
        "track_points": int(points),
        "gear": rows(Gear),
        "first_activity": first,
        "last_activity": last,
        "issues": rows(ImportIssue),
        "exports": [
            dict(row)
            for row in connection.execute(exports.order_by(ImportFile.exported_at)).mappings()
        ],
        "last_run": dict(run) if run else None,
    }


def _api(connection: sa.Connection, config: Config) -> Mapping[str, Any]:
    """The connection to the API, and what is left to fetch through it."""
    now = clock.now()
    left = queue.count_waiting(connection)
    parked = sa.select(sa.func.count()).select_from(QueueItem).where(QueueItem.is_parked)
    try:
        tokens = TokenFile(config.token_file).load()
        athlete = None if tokens is None else f"{tokens.athlete_name} ({tokens.athlete_id})"
    except NotAuthorized as err:
        tokens, athlete = None, str(err)
    known = None if tokens is None else API_BUDGET.get(connection, tokens.client_id)
    budget = Budget.from_json(known)
    today = budget.left_today(now)
    return {
        "connected_as": athlete,
        "queue_left": left,
        "queue_parked": connection.scalar(parked) or 0,
        "requests_left_today": today,
        "days_left": 0 if left == 0 else 1 + max(0, -(-(left - today) // budget.per_day)),
    }


def _api_text(api: Mapping[str, Any]) -> str:
    """The same for people."""
    if api["connected_as"] is None and not api["queue_left"]:
        return "not connected (to connect: `python -m ingest connect`)"
    parts = [f"connected as {api['connected_as']}" if api["connected_as"] else "not connected"]
    if api["queue_left"]:
        days = "today" if api["days_left"] == 1 else f"in {api['days_left']:,} days"
        parts.append(
            f"{api['queue_left']:,} requests left to make (Strava's limit allows them {days}; "
            f"today it still allows {api['requests_left_today']:,})"
        )
    else:
        parts.append("nothing left to fetch")
    if api["queue_parked"]:
        parts.append(
            f"{api['queue_parked']:,} requests failed too often and are not tried again (reasons: "
            "`python -m ingest issues`)"
        )
    return "; ".join(parts)


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
