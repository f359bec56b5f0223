"""Imports whatever arrives in the drop folder, until it is told to end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from db.terminal import say, warn
from ingest.commands.run import import_new, tell
from ingest.config import Config
from ingest.errors import AbortRun, Interrupted
from ingest.extract.folder_watch import LOOK_S, folder_state, wait_for_change
from ingest.folders import make_folder
from ingest.reporting.json_result import say_report
from ingest.reporting.report import Report

_KINDS: Final = ("new", "changed", "vanished")


def watch(
    config: Config, *, quiet: bool, verbose: bool, as_json: bool, json_progress: bool = False
) -> None:
    """Import what is new, and again whenever the drop folder changes, until SIGTERM or Ctrl-C.

    What an export or a file lacks is told, and costs only itself. A later run that fails as a whole
    is told, too, and tried again a minute later.

    Raises:
        AbortRun: the first run cannot go on.
    """
    make_folder(config.drop)
    seen = folder_state(config.drop)
    report = import_new(config, quiet=quiet, verbose=verbose, json_progress=json_progress)
    tell(report, config, quiet=quiet, as_json=as_json)
    if not (quiet or as_json):
        say(f"Watching {config.drop.absolute()}. To end, press Ctrl-C.")
    try:
        while True:
            seen = wait_for_change(config.drop, seen)
            # Bars would stand between the lines that tell of the runs.
            is_silent = quiet or not json_progress
            report = _imported(config, is_silent, verbose, json_progress)
            _tell(report, config, quiet=quiet, as_json=as_json)
    except KeyboardInterrupt:
        return
    except Interrupted as err:
        warn(err)


def _imported(config: Config, quiet: bool, verbose: bool, json_progress: bool) -> Report:
    """Import until a run comes to its end."""
    while True:
        try:
            return import_new(config, quiet=quiet, verbose=verbose, json_progress=json_progress)
        except Interrupted:
            raise
        except AbortRun as err:
            for line in config.invocation.lines(err):
                warn(line)
            time.sleep(LOOK_S)


def _tell(report: Report, config: Config, *, quiet: bool, as_json: bool) -> None:
    if as_json:
        say_report(report, config.invocation)
    elif not quiet:
        say(_line(report))
        for note in report.notes:
            say(f"Note: {note}")
    for problem in (*report.exports_failed, *filter(None, [report.api_problem])):
        warn(problem)


def _line(report: Report) -> str:
    """What a run did, in one line."""
    counts = report.counts()
    found = ", ".join(
        f"{count:,} {kind}" for kind in _KINDS if (count := counts[f"activities_{kind}"])
    )
    what = [*report.exports, *_loose_files(report.loose_files_read)]
    about = f"{', '.join(what)}: " if what else ""
    return f"{datetime.now():%Y-%m-%d %H:%M:%S}  {about}{found or 'nothing new'}"


def _loose_files(count: int) -> Iterator[str]:
    """The loose device files that a run read, in words."""
    if count:
        yield "1 device file" if count == 1 else f"{count:,} device files"
