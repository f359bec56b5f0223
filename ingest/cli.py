"""The command line: arguments -> ``Config`` -> one function call -> exit code (0 done, 1 the run failed, 2 wrong usage)."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from ingest.config import Config, load_environment, make_config, make_folder
from ingest.errors import AbortRun
from ingest.sources.looks import first_look

app = typer.Typer(
    name="strava-ingest",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Your Strava account export in a SQL database of your own.",
    epilog="Begin with: `python -m ingest demo`, or drop an export ZIP into `Playground/Strava Export/` and `python -m ingest run`.",
)

Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="sqlite:///path or postgresql://user@host/name; default $DATABASE_URL, else strava.db in the playground.",
    ),
]
Playground = Annotated[
    Path | None,
    typer.Option(
        "--playground",
        metavar="DIR",
        help="Folder of exports, database and log; default $STRAVA_PLAYGROUND, else Playground.",
    ),
]
Timezone = Annotated[
    str | None,
    typer.Option(
        "--timezone",
        metavar="ZONE",
        help="Home zone (Europe/Berlin) for activities that neither tell where they were nor follow one that does.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", metavar="N", help="Parser processes beside the writer; 0 for none.", show_default=False),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Also show what the log file gets.")]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print the summary as one JSON object on standard output, and nothing else there."),
]


def _version(wanted: bool) -> None:
    if wanted:
        from ingest import __version__

        typer.echo(f"strava-ingest {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None: ...


@app.command(
    epilog="Examples: `python -m ingest run` · `python -m ingest run --database postgresql://me@localhost/strava --timezone Europe/Berlin` · `python -m ingest run --dry-run`"
)
def run(
    database: Database = None,
    playground: Playground = None,
    timezone: Timezone = None,
    jobs: Jobs = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be imported; write nothing.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when any input cannot be read whole.")] = False,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Read every device file again with fitparse, gpxpy and tcxreader and report differences (slow).",
        ),
    ] = False,
    accept_vanished: Annotated[
        bool,
        typer.Option(
            "--accept-vanished",
            help="Mark activities as vanished even when the newest export lacks more than 10 % of them.",
        ),
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Import every export of the drop folder that is new or has changed."""
    with _errors_to_exit_codes():
        config = make_config(
            load_environment(),
            playground=playground,
            database=database,
            timezone=timezone,
            jobs=jobs,
            dry_run=dry_run,
            strict=strict,
            verify=verify,
            accept_vanished=accept_vanished,
        )
        _run(config, quiet=quiet, as_json=as_json, verbose=verbose)


@app.command(epilog="Examples: `python -m ingest demo` · `python -m ingest demo --activities 2000`")
def demo(
    playground: Playground = None,
    activities: Annotated[
        int, typer.Option("--activities", metavar="N", min=1, help="Size of the synthetic account.")
    ] = 240,
    quiet: Quiet = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Build a synthetic athlete's export and import it into demo.db, apart from your own data."""
    from ingest.demo import EXPORT_NAME, build_export

    with _errors_to_exit_codes():
        folder = playground or make_config(load_environment()).playground
        drop = folder / "Demo Export"
        config = make_config({}, playground=folder, database_name="demo.db", drop_folder=drop)
        make_folder(drop)
        console = _console(quiet or as_json)
        console.print(f"Building a synthetic export of {activities:,} activities in {drop} ...", soft_wrap=True)
        build_export(drop / EXPORT_NAME, activities=activities)
        _run(config, quiet=quiet, as_json=as_json, verbose=verbose)


@app.command(epilog="Example: `python -m ingest status --database postgresql://me@localhost/strava`")
def status(database: Database = None, playground: Playground = None, as_json: Json = False) -> None:
    """Show what is in the database, since when, and from where."""
    from ingest.status import show_status

    with _errors_to_exit_codes():
        show_status(make_config(load_environment(), playground=playground, database=database), as_json)


@app.command(epilog="Example: `python -m ingest issues --json`")
def issues(database: Database = None, playground: Playground = None, as_json: Json = False) -> None:
    """List every input that could not be read whole, with the reason."""
    from ingest.status import show_issues

    with _errors_to_exit_codes():
        show_issues(make_config(load_environment(), playground=playground, database=database), as_json)


@app.command(epilog="Example: `python -m ingest migrate`")
def migrate(database: Database = None, playground: Playground = None) -> None:
    """Bring the database's schema up to date; `run` does so by itself."""
    from ingest.pipeline import migrate_only

    with _errors_to_exit_codes():
        for line in migrate_only(make_config(load_environment(), playground=playground, database=database)):
            typer.echo(line)


def _run(config: Config, *, quiet: bool, as_json: bool, verbose: bool) -> None:
    look = first_look(config.drop)
    from ingest.logs import logging_to
    from ingest.pipeline import run as run_pipeline  # the heavy half of the program, loaded between the two looks
    from ingest.progress import make_progress
    from ingest.report import Report
    from ingest.summary import print_json, print_summary

    console, report = _console(quiet), Report()
    with logging_to(None if config.dry_run else config.log_file, verbose, console):
        try:
            with make_progress(console, quiet) as progress:
                run_pipeline(config, progress, report, look)
        except AbortRun as err:
            logging.getLogger("ingest").error("%s", err)  # cron's output may go nowhere
            raise
        if config.verify and not config.dry_run:
            from ingest.verify import verify_exports

            verify_exports(config, report, console)
        for note in report.notes:
            logging.getLogger("ingest").info("%s", note)
    if as_json:
        for note in report.notes:
            console.print(f"Note: {note}", soft_wrap=True, markup=False)
        print_json(report)
    elif not quiet:
        print_summary(report, config, Console())
    if config.strict and (report.issues or report.differences):
        raise typer.Exit(1)


def _console(quiet: bool) -> Console:
    """Progress and messages go to standard error, so that standard output holds results only."""
    return Console(stderr=True, quiet=quiet, highlight=False)


@contextmanager
def _errors_to_exit_codes() -> Iterator[None]:
    try:
        yield
    except AbortRun as err:
        _fail(str(err), err.exit_code)
    except KeyboardInterrupt:
        _fail("interrupted; what was read is stored, run again to go on", 1)


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(f"strava-ingest: {message}", err=True)
    sys.exit(code)


def main() -> None:
    """The console script."""
    # Rows by the ten thousand, hardly a cycle among them: looking for cycles at every 700th costs a tenth of a short run.
    gc.set_threshold(100_000, 50, 50)
    app()
