"""Defines a command for each exporter, and turns how it ends into exit codes.

Exit codes: 0 done, 1 the export failed, 2 wrong usage.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from db.errors import Advised
from db.interrupts import keep_ctrl_c
from db.invocation import Invocation, examples, program
from db.json_usage import JsonCommand, JsonGroup
from db.progress import progress_view
from db.terminal import PlainConsole, fail, failed_output, json_line, prepare_streams, say
from exporters.options import SHARED, out_option
from exporters.registry import EXPORTERS, Exporter
from exporters.summary import of_failure, of_outcome

if TYPE_CHECKING:
    from exporters.job import Outcome

#: Missing items that a terminal shows: without an export, a thousand are missing.
_MISSING_SHOWN: Final = 10


class _Command(JsonCommand):
    failure = staticmethod(of_failure)


class _Program(JsonGroup):
    command_class = _Command


@click.group(
    cls=_Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=examples(
        program("exporters"),
        "parquet",
        "gpx --sport Run --since 2026-01-01",
        "csv --activities-only --out mine.csv",
    ),
)
def app() -> None:
    """Write files from the database: tables, tracks, device files, a report, or a copy of it.

    Files go to Exports/<name> in the playground, or to --out. A file is written completely or not
    at all. An existing file is replaced only with --overwrite, or if it is an older report.
    """


def _add(name: str, exporter: Exporter) -> None:
    def run(**options: Any) -> None:
        _run(name, exporter, **options)

    command: Callable[..., None] = run
    out = out_option(exporter.place, exporter.out or name)
    for option in reversed((out, *exporter.choices, *SHARED)):
        command = option(command)
    app.command(name, help=exporter.help)(command)


for _name, _exporter in EXPORTERS.items():
    _add(_name, _exporter)


def _run(
    name: str,
    exporter: Exporter,
    *,
    out: Path | str | None,
    database: str | None,
    playground: Path | None,
    quiet: bool,
    as_json: bool,
    progress: str,
    **options: Any,
) -> None:
    console = PlainConsole(stderr=True, quiet=quiet)
    target: Path | str = out or Path(exporter.out or name)
    try:
        # What reads the database is loaded when a command runs, so that help is there at once.
        from db.environment import load_environment
        from exporters.config import make_config
        from exporters.one_export import export

        config = make_config(load_environment(), playground=playground, database=database)
        target = out or config.exports / (exporter.out or name)
        began = time.perf_counter()
        view = progress_view(console, quiet, progress == "json")
        outcome = export(exporter, config, target, view, options)
        seconds = time.perf_counter() - began
    except Advised as err:
        invocation = Invocation(database=database, playground=playground)
        _fail(err.exit_code, err.message, *map(invocation.command, err.commands))
    except UnicodeEncodeError:
        _fail(
            1,
            f"{target}: a name in this path is not UTF-8; choose another place with --out or "
            "--playground",
        )
    except PermissionError as err:  # for example a folder that may not be listed
        place = err.filename or target
        _fail(
            1,
            f"{place} may not be used (permission denied); check who owns it, or choose another "
            "place",
        )
    except OSError as err:
        place = err.filename or target
        _fail(1, f"{place} cannot be used ({err.strerror or err}); choose another --out")
    except KeyboardInterrupt:
        _fail(1, "interrupted; the files written so far are complete. Run again with --overwrite")
    except Exception as err:  # an error of ours: Python shows where it is
        if as_json:
            say(json_line(of_failure(name, f"unexpected error: {err!r}")))
        raise
    commands = [config.invocation.command(each) for each in outcome.commands]
    summary = of_outcome(name, target, outcome, seconds, commands)
    if not as_json:
        _print(summary, outcome, commands, console)
    if outcome.error:
        _fail(1, outcome.error, summary=summary)
    if as_json:
        say(json_line(summary))


def _print(
    summary: Mapping[str, Any], outcome: Outcome, commands: Sequence[str], console: PlainConsole
) -> None:
    missing = [f"missing: {item}" for item in outcome.missing[:_MISSING_SHOWN]]
    if more := len(outcome.missing) - len(missing):
        missing.append(f"missing: {more:,} more; --json names them all")
    for line in (*outcome.notes, *missing):
        console.print(line, soft_wrap=True)
    for command in commands:
        console.print(f"    {command}", soft_wrap=True)
    if not console.quiet and outcome.files:
        counts = [_counted(summary[unit], unit) for unit in ("files", "rows") if summary[unit]]
        said = f"{summary['exporter']}: {', '.join(counts)} in {summary['out']}"
        say(f"{said} ({summary['seconds']:,.1f} s)")


def _counted(count: int, unit: str) -> str:
    return f"{count:,} {unit.removesuffix('s') if count == 1 else unit}"


def _fail(
    code: int, message: str, *commands: str, summary: Mapping[str, Any] | None = None
) -> NoReturn:
    context = click.get_current_context()
    if context.params["as_json"]:
        say(json_line(summary or of_failure(context.command.name, message, commands)))
    started = context.find_root().info_name or ""
    name = "strava-ingest" if started.endswith("ingest") else "strava-export"
    fail(code, f"{name}: {message}{':' if commands else ''}", *(f"    {one}" for one in commands))


def main() -> None:
    """Run the command line."""
    prepare_streams()
    keep_ctrl_c()
    try:
        app(prog_name=program("exporters"))
    except OSError as err:
        sys.exit(failed_output("strava-export", err))
