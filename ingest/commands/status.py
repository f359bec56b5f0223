"""Shows what the database holds, when it got there and from where, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from db.opening import snapshot
from db.terminal import PlainConsole
from db.url import shown_database
from ingest.commands import ledger_facts
from ingest.commands.api_facts import KEPT, Facts, api_facts, is_too_old
from ingest.config import Config
from ingest.reporting.json_result import say_result
from ingest.reporting.summary import REQUEST, aged
from ingest.run.database import database_errors


def show_status(config: Config, as_json: bool) -> None:
    """Print what is in the database, when it got there and from where."""
    with database_errors(), snapshot(config.database) as connection:
        facts: Facts = {
            **ledger_facts.counts(connection),
            "exports": ledger_facts.exports(connection),
            **ledger_facts.runs(connection),
            "api": api_facts(connection, config),
            "database": shown_database(config.database),
        }
    if as_json:
        say_result(**facts)
        return
    console = PlainConsole()
    for line in _lines(facts, config):
        console.print(line, soft_wrap=True)


def _lines(facts: Facts, config: Config) -> Iterator[str]:
    """The facts for people."""
    for name, value in facts.items():
        if name == "exports":
            yield from _export_lines(value)
        elif name == "api":
            yield from _api_lines(value, config)
        elif name == "last_run" and value:
            yield (
                f"last run: {value['started_at']:%Y-%m-%d %H:%M} UTC, {value['status']}, version "
                f"{value['version']}"
            )
        elif name == "last_failure":
            if value:
                yield (
                    f"last failure: {value['started_at']:%Y-%m-%d %H:%M} UTC: "
                    f"{value['error'] or 'the reason is in the log'}"
                )
        else:
            shown = f"{value:,}" if isinstance(value, int) else value
            yield f"{name.replace('_', ' ')}: {'-' if value is None else shown}"
            if name == "issues" and value:
                yield f"    {config.invocation.command('issues')}"


def _export_lines(exports: list[Facts]) -> Iterator[str]:
    for export in exports:
        yield (
            f"export: {export['name']} of {export['exported_at']:%Y-%m-%d %H:%M} UTC, "
            f"{export['activities']:,} activities, athlete {export['athlete_id']}"
        )
    if exports:
        yield f"newest export: {aged(exports[-1]['exported_at'])}. To request the next: {REQUEST}"


def _api_lines(api: Facts, config: Config) -> Iterator[str]:
    command = config.invocation.command
    if api["connected_as"] is None:
        waiting = f"; {api['queue_left']:,} requests are left to make" if api["queue_left"] else ""
        yield (
            f"Strava API: {api['trouble']}:"
            if api["trouble"]
            else f"Strava API: not connected{waiting}. To fetch what is newer than the export:"
        )
        yield f"    {command('connect')}"
    elif api["asked_at"] is None:
        yield f"Strava API: connected as {api['connected_as']}; not asked yet. To ask it:"
        yield f"    {command('run')}"
    else:
        yield f"Strava API: {_api_text(api)}"
    if api["queue_parked"]:
        yield (
            f"Strava API: {api['queue_parked']:,} requests failed too often and are not tried again"
        )
    if api["purged"]:
        yield (
            f"Strava API: `purge` removed what it said of {api['purged']:,} activities; that is "
            "not fetched again, unless `run --strava-begin` asks for their days"
        )
    if is_too_old(api):
        yield (
            f"Strava API: its oldest data in the database are {aged(api['oldest_at'])}; Strava "
            f"lets an app keep them for {KEPT.days} days. To remove what is older:"
        )
        yield f"    {command(f'purge --source api --older-than {KEPT.days}d')}"


def _api_text(api: Facts) -> str:
    parts = [f"connected as {api['connected_as']}"]
    if api["queue_left"]:
        days = "today" if api["days_left"] == 1 else f"in {api['days_left']:,} days"
        parts.append(
            f"{api['queue_left']:,} requests left to make (Strava's limit allows them {days}; "
            f"today it still allows {api['requests_left_today']:,})"
        )
    else:
        parts.append(f"nothing left to fetch, asked last on {api['asked_at']:%Y-%m-%d %H:%M} UTC")
    if api["resume_at"] is not None:
        parts.append(f"run again after {api['resume_at'].astimezone():%Y-%m-%d %H:%M:%S}")
    return "; ".join(parts)
