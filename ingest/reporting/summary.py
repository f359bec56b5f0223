"""Prints what the user reads at the end of a run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from db.url import shown_database
from ingest import clock
from ingest.config import Config
from ingest.reporting.report import Report

#: Unchanged exports that are named; a drop folder can hold years of them.
_NAMED = 5
#: How to get an export from Strava.
REQUEST: Final = (
    'on strava.com open Settings > My Account > "Download or Delete Your Account" > "Request Your '
    'Archive" (step 2 there; nothing is deleted)'
)
_HOW_TO: Final = f"""\
No export found in {{drop}}.

How to get yours: {REQUEST}. Within hours, Strava mails you a link to a file export_<your id>.zip.
Put that file into the folder above, without unpacking it, and run this command again. FIT, GPX and
TCX files of your watch or bike computer can be put there, too.

To look around first, with a synthetic athlete:"""

Say = Callable[[str], None]


def print_summary(report: Report, config: Config, console: Console, page: Path | None) -> None:
    """The summary for people.

    ``page`` is the page of charts that was drawn of the data, if any.
    """

    def say(text: str) -> None:
        console.print(text, soft_wrap=True)

    # The error at the end tells why exports failed, if that is why the run has.
    failed = [] if report.export_problem else report.exports_failed
    for note in (*failed, *report.notes):
        say(f"Note: {note}")
    if not report.has_read:
        _say_nothing_read(report, config, say)
        return
    _say_counts(report, config, say)
    _say_api(report, say)
    if config.dry_run:
        return
    _say_exports(report, say)
    if report.only_from_files:
        say(f"Activities that only device files tell of so far: {report.only_from_files:,}")
    if report.issues:
        say(
            f"Inputs that could not be read completely or were corrected: {report.issues:,}. To "
            "see the reasons:"
        )
        say(f"    {config.invocation.command('issues')}")
    if config.verify:
        say(f"Values that differ from fitparse, gpxpy or tcxreader: {report.differences:,}")
    say(f"Database, for any SQL or BI tool: {shown_database(config.database)}")
    if page is not None:
        say("A page of charts of it, to open in a browser:")
        say(f"    {page}")
    else:
        say("To draw a page of charts of it:")
        say(f"    {config.invocation.command('report')}")


def _say_nothing_read(report: Report, config: Config, say: Say) -> None:
    if not (report.exports_failed or report.notes or config.skip_export):
        if report.newest_export is None:
            for line in _HOW_TO.splitlines():
                say(line.format(drop=config.drop.absolute()))
            say(f"    {config.invocation.command('demo')}")
        else:
            say(f"No export lies in {config.drop.absolute()}.")
    _say_api(report, say)
    _say_exports(report, say)


def _say_counts(report: Report, config: Config, say: Say) -> None:
    counts = report.counts()
    activities = " · ".join(
        f"{count:,} {word}"
        for word in ("new", "changed", "unchanged", "vanished")
        if (count := counts[f"activities_{word}"])
    )
    verb = "Activities, if this were no dry run" if config.dry_run else "Activities"
    say(f"{verb}: {activities or 'none'}")
    if config.dry_run:
        say(f"Device files to read: {report.files_read:,}. Nothing was written.")
        if report.loose_files_read:
            say(
                f"Of these, {report.loose_files_read:,} lie in no export: their activities are not "
                "counted above, since only reading them tells"
            )
    elif report.files_read:
        rate = f" ({report.points_written / report.seconds:,.0f} points/s)"
        say(
            f"Read: {report.files_read:,} device files, {report.points_written:,} points in "
            f"{report.seconds:.1f} s{rate if report.points_written else ''}"
        )


def _say_api(report: Report, say: Say) -> None:
    """What the API half did, in one line."""
    if not report.api_requests and not report.queue_left and report.resume_at is None:
        return
    left = f", {report.queue_left:,} more wait for the next run" if report.queue_left else ""
    say(f"Strava API: {report.api_requests:,} requests made{left}")
    if report.purged:
        say(
            f"Not fetched again, since `purge` removed it: what the API says of "
            f"{len(report.purged):,} activities. To fetch it, name their days with --strava-begin"
        )
    if report.resume_at is not None:
        local = report.resume_at.astimezone()
        say(
            f"Strava's limit of requests is reached. Run again after {local:%Y-%m-%d %H:%M:%S} "
            f"({report.resume_at:%H:%M:%S} UTC), or use --wait"
        )


def _say_exports(report: Report, say: Say) -> None:
    if report.exports_unchanged:
        first, more = report.exports_unchanged[:_NAMED], len(report.exports_unchanged) - _NAMED
        say(
            f"Nothing new in: {', '.join(first)}{f' and {more:,} more exports' if more > 0 else ''}"
        )
    if report.newest_export is not None:
        say(f"Newest export: {aged(report.newest_export)}. To request the next: {REQUEST}")


def aged(exported_at: datetime) -> str:
    """A date with its age: ``of 2026-05-01, 12 days old``."""
    days = max(0, (clock.now() - exported_at).days)
    age = f"{days:,} day{'' if days == 1 else 's'} old" if days else "less than a day old"
    return f"of {exported_at:%Y-%m-%d}, {age}"
