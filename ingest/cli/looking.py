"""Defines the commands that only look at the data: status, issues, serve and predict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ingest.cli.options import DATABASE, JSON, PLAYGROUND, of_predict
from ingest.cli.program import app, exit_codes, read_config, to_copy


@app.command(
    epilog=to_copy("status", "status --database postgresql://me@localhost/strava", "status --json")
)
@DATABASE
@PLAYGROUND
@JSON
def status(*, as_json: bool, **options: Any) -> None:
    """Show what is in the database, when it was imported, and from where."""
    with exit_codes():
        from ingest.commands.status import show_status

        show_status(read_config(**options), as_json)


@app.command(epilog=to_copy("issues", "issues --all", "issues --json"))
@DATABASE
@PLAYGROUND
@click.option("--all", "every", is_flag=True, help="List all inputs, not only ten of each reason.")
@JSON
def issues(*, every: bool, as_json: bool, **options: Any) -> None:
    """List inputs that were not read completely or were corrected, by reason.

    Activities that are no longer on Strava are listed, too.
    """
    with exit_codes():
        from ingest.commands.issues import show_issues

        config = read_config(**options)
        show_issues(config, as_json=as_json, every=every)


@app.command(
    epilog=to_copy(
        "serve",
        "serve --no-browser --port 0",
        "serve --host 0.0.0.0 --password-file Playground/page-password.txt",
    )
)
@DATABASE
@PLAYGROUND
@click.option(
    "--host",
    metavar="HOST",
    default="127.0.0.1",
    show_default=True,
    help="Address or name of this machine to serve the page on; 0.0.0.0 for all of them. Beyond "
    "127.0.0.1, other machines reach the page, so it needs --password-file.",
)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=8724,
    show_default=True,
    help="Port of this machine to serve the page on; 0 for any free port.",
)
@click.option(
    "--password-file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="File whose first line is a password of at least 12 characters; only you may read it "
    "(chmod 600). The page then asks for the password.",
)
@click.option(
    "--allowed-host",
    "allowed_hosts",
    metavar="NAME",
    multiple=True,
    help="Name under which a reverse proxy on this machine serves the page, such as "
    "strava.example.org; for several names, repeat the option.",
)
@click.option("--no-browser", is_flag=True, help="Print the address only, and open no browser.")
@click.option(
    "--on-exit",
    type=click.Choice(["interrupt", "continue"]),
    default="interrupt",
    show_default=True,
    help="What becomes of an import or export that goes on when the page is ended. What was "
    "imported is kept in any case.",
)
def serve(
    *,
    host: str,
    port: int,
    password_file: Path | None,
    allowed_hosts: tuple[str, ...],
    no_browser: bool,
    on_exit: str,
    **options: Any,
) -> None:
    """Show your data in a browser, on a page of this machine, until Ctrl-C.

    The address that is printed opens the page once; nobody else on the machine can. Other machines
    come in only with --host and a password.
    """
    with exit_codes():
        from ingest.web.server import serve as run_server

        config = read_config(**options)
        run_server(
            config,
            host=host,
            port=port,
            password_file=password_file,
            allowed_hosts=allowed_hosts,
            open_browser=not no_browser,
            interrupt_on_exit=on_exit == "interrupt",
        )


@app.command(
    epilog=to_copy(
        "predict course.gpx",
        "predict course.gpx --date 2026-10-04 --start 9:00 --stops 2@10,5@21 --out plan.html",
        "predict course.gpx --goal 4:00:00 --out plan.gpx",
        "predict --distance 25 --climb 1200",
        "predict --activity 12345678901 --json",
        "predict --backtest",
    )
)
@click.argument("course", required=False, type=click.Path(path_type=Path))
@DATABASE
@PLAYGROUND
@of_predict
@JSON
def predict(
    *,
    course: Path | None,
    database: str | None,
    playground: Path | None,
    backtest: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Predict how long a course will take you, by your own past runs.

    COURSE is a GPX route or track, or a TCX or FIT course or activity. The prediction is a table
    of each kilometre (or mile, if you see miles on Strava) and a total, which four times of five
    lies in the interval beside it. How well past races would have been predicted is told, too.
    """
    with exit_codes():
        from ingest.course.command import predict_course, predict_past_races
        from ingest.course.request import make_request

        config = read_config(database=database, playground=playground)
        request = make_request(file=course, **options)
        if backtest:
            predict_past_races(config, request, as_json=as_json)
        else:
            predict_course(config, request, as_json=as_json)
