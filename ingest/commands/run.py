"""Runs an import for the command line: with progress, a log, and a summary at the end."""

from __future__ import annotations

import logging
from typing import Final

from db.terminal import PlainConsole
from ingest.config import Config
from ingest.errors import AbortRun
from ingest.reporting.logs import logging_to
from ingest.reporting.progress import make_progress
from ingest.reporting.report import Report
from ingest.reporting.summary import print_json, print_summary
from ingest.run.pipeline import run

log = logging.getLogger("ingest")

#: Exit codes: the run failed, and Strava's limit of requests is reached.
_FAILED: Final = 1
_COME_BACK: Final = 3


def import_and_tell(config: Config, *, quiet: bool, as_json: bool, verbose: bool) -> int:
    """Import what is new, print what was done, and return the exit code.

    Raises:
        AbortRun: the run cannot go on.
    """
    # Progress and messages go to standard error: standard output holds results only.
    console = PlainConsole(stderr=True, quiet=quiet)
    with logging_to(None if config.dry_run else config.log_file, verbose, console):
        report = _logged(config, console, quiet)
    if as_json:
        for note in report.notes:
            console.print(f"Note: {note}", soft_wrap=True)
        print_json(report)
    elif not quiet:
        print_summary(report, config, PlainConsole())
    if problem := report.api_problem or report.export_problem:
        raise AbortRun(problem)
    if config.strict and (report.issues or report.differences):
        return _FAILED
    return 0 if report.resume_at is None else _COME_BACK


def _logged(config: Config, console: PlainConsole, quiet: bool) -> Report:
    """Run, and put into the log what cron's mail may not show."""
    try:
        with make_progress(console, quiet) as progress:
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
