"""Defines the commands that import: run and demo."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from db.invocation import Invocation
from db.progress import PROGRESS, ProgressView, progress_view
from db.terminal import PlainConsole
from ingest.cli.options import DATABASE, JSON, PLAYGROUND, QUIET, VERBOSE, of_run
from ingest.cli.program import app, exit_codes, read_config, to_copy

if TYPE_CHECKING:
    from ingest.config import Config


@app.command(
    epilog=to_copy(
        "run",
        "run --dry-run",
        "run ~/Downloads/export_12345.zip",
        "run --database postgresql://me@localhost/strava --timezone Europe/Berlin",
        "run --quiet --strict",
        "run --sweep --wait",
        "run --watch",
    )
)
@click.argument(
    "exports", metavar="[EXPORT]...", nargs=-1, type=click.Path(path_type=Path), required=False
)
@DATABASE
@PLAYGROUND
@of_run
@click.option(
    "--watch",
    "is_watching",
    is_flag=True,
    help="Keep running, and import whatever arrives in the folder of exports, until Ctrl-C or "
    "SIGTERM.",
)
@QUIET
@JSON
@VERBOSE
def run(
    *,
    progress: str,
    is_watching: bool,
    quiet: bool,
    as_json: bool,
    verbose: bool,
    **options: Any,
) -> None:
    """Import new exports and device files, then newer activities from the API.

    Exports, and FIT, GPX and TCX files of your devices, are read from the folder "Strava Export" in
    the playground. With EXPORT, a ZIP, a folder or a device file, only that one is read, from where
    it lies; several can be given. The API is asked only after `connect`.
    """
    options |= {name: day.date() for name in ("begin", "end") if (day := options[name]) is not None}
    with exit_codes():
        from ingest.commands.run import import_new, tell

        config = read_config(**options)
        is_json = progress == "json"
        if is_watching:
            _watch(config, quiet, verbose, as_json, is_json)
            return
        report = import_new(config, quiet=quiet, verbose=verbose, json_progress=is_json)
        code = tell(report, config, quiet=quiet, as_json=as_json)
    sys.exit(code)


def _watch(config: Config, quiet: bool, verbose: bool, as_json: bool, json_progress: bool) -> None:
    from ingest.commands.watch import watch
    from ingest.errors import UsageError

    if config.exports or config.skip_export or config.dry_run or config.strict:
        raise UsageError(
            "--watch imports what arrives in the folder of exports, so it goes with none of "
            "EXPORT, --skip-export, --dry-run and --strict; leave them out"
        )
    watch(config, quiet=quiet, verbose=verbose, as_json=as_json, json_progress=json_progress)


@app.command(epilog=to_copy("demo", "demo --activities 2000"))
@PLAYGROUND
@click.option(
    "--activities",
    metavar="N",
    type=click.IntRange(min=1),
    default=240,
    show_default=True,
    help="Number of activities to make.",
)
@PROGRESS
@QUIET
@JSON
@VERBOSE
def demo(
    *,
    playground: Path | None,
    activities: int,
    progress: str,
    quiet: bool,
    as_json: bool,
    verbose: bool,
) -> None:
    """Import the export of a synthetic athlete into demo.db, and draw a page of charts of it.

    Your own database is not touched.
    """
    is_json = progress == "json"
    with exit_codes():
        from db.environment import demo_database
        from ingest.commands.run import import_new, tell
        from ingest.folders import make_folder

        config = read_config(playground=playground)
        database = str(demo_database(config.playground))
        config = replace(
            config,
            database=database,
            skip_api=True,
            timezone=None,
            invocation=Invocation(database=database),
        )
        make_folder(config.drop)
        is_silent = quiet or (as_json and not is_json)
        view = progress_view(PlainConsole(stderr=True), is_silent, is_json)
        _build_demo(config.drop, activities, view)
        report = import_new(config, quiet=quiet, verbose=verbose, json_progress=is_json)
        page = config.playground.absolute() / "demo.html"
        _draw_report(config, page)
        code = tell(report, config, quiet=quiet, as_json=as_json, page=page)
    sys.exit(code)


def _build_demo(drop: Path, activities: int, view: ProgressView) -> None:
    from ingest.demo import EXPORT_NAME, build_export

    with view:
        view.say(f"Building a synthetic export of {activities:,} activities in {drop} ...")
        view.begin(EXPORT_NAME, activities, "activities")
        build_export(drop / EXPORT_NAME, activities=activities, progress=lambda _: view.advance())


def _draw_report(config: Config, page: Path) -> None:
    from exporters.cli import app as exporters

    database = ["--database", str(config.database), "--out", str(page)]
    exporters.commands["report"].main(
        [*database, "--overwrite", "--quiet"], prog_name="strava-ingest", standalone_mode=False
    )
