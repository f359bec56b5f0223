"""Prints what the user reads at the end of a run, as text or as one JSON object."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rich.console import Console

from db import terminal
from db.url import redacted_url
from ingest.config import Config
from ingest.reporting.report import Report

#: Unchanged exports that are named; a drop folder can hold years of them.
_NAMED = 5
_HOW_TO = """\
No export found in {drop}.

How to get yours: on strava.com open Settings > My Account > "Download or Delete Your Account" >
"Request Your Archive" (step 2 there; nothing is deleted). Within hours, Strava mails you a link to
a file export_<your id>.zip. Put that file into the folder above, without unpacking it, and run this
command again.

To look around first, with a synthetic athlete:  python -m ingest demo   (or: make demo)"""


def print_json(report: Report) -> None:
    """The summary as one JSON object on standard output."""
    terminal.say(terminal.json_line(report.counts(), _iso))


def _iso(value: datetime) -> str:
    return value.isoformat()


def _say_api(report: Report, say: Callable[[str], None]) -> None:
    """What the API half did, in one line."""
    if report.api_line is not None:
        say(f"Strava API: {report.api_line}")
        return
    if not report.api_requests and not report.queue_left and report.resume_at is None:
        return
    left = f", {report.queue_left:,} more wait for the next run" if report.queue_left else ""
    say(f"Strava API: {report.api_requests:,} requests made{left}")
    if report.resume_at is not None:
        local = report.resume_at.astimezone()
        say(
            f"Strava's limit of requests is reached. Run again after {local:%Y-%m-%d %H:%M:%S} "
            f"({report.resume_at:%H:%M:%S} UTC), or use --wait"
        )


def print_summary(report: Report, config: Config, console: Console) -> None:
    """The summary for people."""

    def say(text: str) -> None:
        console.print(text, soft_wrap=True)

    for note in report.notes:
        say(f"Note: {note}")
    if not (report.exports or report.exports_unchanged or report.api_requests or report.resume_at):
        if not report.notes and not config.skip_export:
            for line in _HOW_TO.splitlines():
                say(line.format(drop=config.drop))
        _say_api(report, say)
        return
    counts = report.counts()
    activities = " · ".join(
        f"{counts[f'activities_{word}']:,} {word}"
        for word in ("new", "changed", "unchanged", "vanished")
    )
    verb = "Activities, if this were no dry run" if config.dry_run else "Activities"
    say(f"{verb}: {activities}")
    if config.dry_run:
        say(f"Device files to read: {report.files_read:,}. Nothing was written.")
        _say_api(report, say)
        return
    rate = (
        f" ({report.points_written / report.seconds:,.0f} points/s)"
        if report.points_written
        else ""
    )
    say(
        f"Read: {report.files_read:,} device files, {report.points_written:,} points in "
        f"{report.seconds:.1f} s{rate}"
    )
    _say_api(report, say)
    if report.exports_unchanged:
        first, more = report.exports_unchanged[:_NAMED], len(report.exports_unchanged) - _NAMED
        say(
            f"Nothing new in: {', '.join(first)}{f' and {more:,} more exports' if more > 0 else ''}"
        )
    if report.issues:
        say(
            f"Inputs that could not be read completely or were corrected: {report.issues:,}. The "
            "activities themselves are kept. To see the reasons: `python -m ingest issues`"
        )
    if config.verify:
        say(f"Values that differ from fitparse, gpxpy or tcxreader: {report.differences:,}")
    say(f"Database: {redacted_url(config.database)}")
    say(
        "Next: open it with any SQL or BI tool, for example  SELECT sport_type, count(*) FROM "
        "activities GROUP BY 1"
    )
