"""Runs an import for the command line: with progress, a log, and a summary at the end."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from db.terminal import PlainConsole, warn
from ingest.config import Config
from ingest.errors import AbortRun
from ingest.reporting.json_result import say_report
from ingest.reporting.logs import logging_to
from ingest.reporting.progress import make_progress
from ingest.reporting.report import Report
from ingest.reporting.summary import print_summary
from ingest.run.pipeline import run

log = logging.getLogger("ingest")

#: Exit codes: the run failed, and Strava's limit of requests is reached.
_FAILED: Final = 1
COME_BACK: Final = 3


def import_new(
    config: Config, *, quiet: bool, verbose: bool, json_progress: bool = False
) -> Report:
    """Import what is new, with progress and a log; says what was done.

    ``json_progress`` writes the progress as lines of JSON.

    Raises:
        AbortRun: the run cannot go on.
    """
    # Progress and messages go to standard error: standard output holds results only.
    console = PlainConsole(stderr=True, quiet=quiet)
    with logging_to(None if config.dry_run else config.log_file, verbose, console):
        return _logged(config, console, quiet, json_progress)


def tell(
    report: Report, config: Config, *, quiet: bool, as_json: bool, page: Path | None = None
) -> int:
    """Print what a run did, and why it failed; return the exit code.

    ``page`` is the page of charts that was drawn of the data, if any.
    """
    if as_json:
        console = PlainConsole(stderr=True, quiet=quiet)
        for note in (*report.exports_failed, *report.notes):
            console.print(f"Note: {note}", soft_wrap=True)
        say_report(report, config.invocation)
    elif not quiet:
        print_summary(report, config, PlainConsole(), page)
    if report.problem is not None:
        for line in config.invocation.lines(report.problem):
            warn(line)
        return _FAILED
    if config.strict and (report.issues or report.differences):
        for line in config.invocation.lines(_strict(report)):
            warn(line)
        return _FAILED
    return 0 if report.resume_at is None else COME_BACK


def _strict(report: Report) -> AbortRun:
    """Why ``--strict`` ends a run with an error."""
    if not report.issues:
        return AbortRun(f"--strict: {report.differences:,} values differ from another library")
    return AbortRun(
        f"--strict: {report.issues:,} inputs were not read completely or were corrected; to see "
        "them",
        "issues",
    )


def _logged(config: Config, console: PlainConsole, quiet: bool, json_progress: bool) -> Report:
    """Run, and put into the log what cron's mail may not show."""
    try:
        with make_progress(console, quiet, json_progress) as progress:
            report = run(config, progress)
    except AbortRun as err:
        log.error("%s", err)
        raise
    if config.verify and not config.dry_run:
        from ingest.commands.verify import verify_exports

        report.add(verify_exports(config, console))
    if report.api_problem:
        log.error("%s", report.api_problem)
    for note in report.notes:
        log.info("%s", note)
    return report
