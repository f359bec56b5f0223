"""Defines the command that imports the exports of many athletes at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from db.progress import PROGRESS, progress_view
from db.terminal import PlainConsole, warn
from ingest.cli.options import DATABASE, JSON, PLAYGROUND, QUIET, VERBOSE
from ingest.cli.program import app, exit_codes, read_config, to_copy

_FILE = click.Path(path_type=Path)


@app.command(
    epilog=to_copy(
        "fleet exports/ --database postgresql://me@localhost/club",
        "fleet 's3://club/exports/*.zip'",
        "fleet s3://club/exports/ --scheduler tls://head:8786 --tls-ca ca.pem --tls-cert me.pem "
        "--tls-key me.key",
    )
)
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@DATABASE
@PLAYGROUND
@click.option(
    "--timezone",
    metavar="ZONE",
    help="Home time zone of all athletes, as in `run`; default $STRAVA_TIMEZONE.",
)
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(min=1),
    help="Processes of this machine that import; default one for each core.",
)
@click.option(
    "--jobs",
    metavar="N",
    type=int,
    help="Most extra processes of each worker that read device files; with 0 the worker reads them "
    "itself, without a time limit per file; default 1.",
)
@click.option(
    "--retries",
    metavar="N",
    type=click.IntRange(min=0),
    default=2,
    show_default=True,
    help="How often an export is tried again whose failure may pass: the network, the database, a "
    "killed worker.",
)
@click.option(
    "--scheduler",
    metavar="URL",
    help="Use the workers of this dask scheduler, tls://host:8786, instead of own processes.",
)
@click.option("--tls-ca", metavar="FILE", type=_FILE, help="Certificate of the scheduler's CA.")
@click.option("--tls-cert", metavar="FILE", type=_FILE, help="Own certificate for the scheduler.")
@click.option("--tls-key", metavar="FILE", type=_FILE, help="Its key.")
@click.option(
    "--insecure",
    is_flag=True,
    help="Allow a tcp:// scheduler, which is not encrypted: whoever reaches it can run any code.",
)
@PROGRESS
@QUIET
@JSON
@VERBOSE
def fleet(
    *,
    sources: tuple[str, ...],
    workers: int | None,
    jobs: int | None,
    retries: int,
    scheduler: str | None,
    tls_ca: Path | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    insecure: bool,
    progress: str,
    quiet: bool,
    as_json: bool,
    verbose: bool,
    **options: Any,
) -> None:
    """Import exports of many athletes at once into a PostgreSQL database.

    SOURCE is a ZIP, an unpacked export, a folder of these, a pattern, or a URL such as
    s3://club/exports/. Exports that were imported from there before are not read again. Needs
    `pip install "strava-ingest[fleet]"`; docs/scale.md tells about clusters.
    """
    with exit_codes():
        from ingest.fleet.cluster import Workers
        from ingest.fleet.command import Fleet, import_fleet
        from ingest.fleet.result import print_fleet, say_json
        from ingest.reporting.logs import logging_to

        config = read_config(jobs=1 if jobs is None else jobs, **options)
        wanted = Fleet(
            places=sources,
            workers=Workers(
                count=workers,
                scheduler=scheduler,
                tls_ca=tls_ca,
                tls_cert=tls_cert,
                tls_key=tls_key,
                insecure=insecure,
                deaths=retries,
            ),
            retries=retries,
        )
        console = PlainConsole(stderr=True, quiet=quiet)
        with (
            logging_to(config.log_file, verbose, console),
            progress_view(console, quiet, progress == "json") as view,
        ):
            report = import_fleet(config, wanted, view)
        if as_json:
            say_json(report, config.invocation)
        elif not quiet:
            print_fleet(report, config)
        if report.problem is not None:
            for line in config.invocation.lines(report.problem):
                warn(line)
    sys.exit(0 if report.problem is None else 1)
