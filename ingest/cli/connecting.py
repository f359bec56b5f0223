"""Defines the commands about the connection to the API: connect and disconnect."""

from __future__ import annotations

from pathlib import Path

import click

from ingest.cli.options import PLAYGROUND
from ingest.cli.program import app, exit_codes, read_config, to_copy


@app.command(epilog=to_copy("connect", "connect --paste", "connect --no-browser --port 0"))
@PLAYGROUND
@click.option(
    "--paste",
    is_flag=True,
    help="For a machine without a browser: agree on another machine, then paste the address that "
    "its browser shows at the end.",
)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=8723,
    show_default=True,
    help="Port of this machine that Strava sends the browser back to; 0 for any free port.",
)
@click.option(
    "--no-browser",
    is_flag=True,
    help="Print the address of Strava's page, and open no browser.",
)
def connect(*, playground: Path | None, paste: bool, port: int, no_browser: bool) -> None:
    """Let this program read your Strava account through the API."""
    with exit_codes():
        from ingest.commands.connect import connect as ask

        config = read_config(playground=playground)
        ask(config, paste=paste, port=port, open_browser=not no_browser)


@app.command(epilog=to_copy("disconnect"))
@PLAYGROUND
def disconnect(*, playground: Path | None) -> None:
    """Revoke the access at Strava and delete the tokens here; imported data stays."""
    with exit_codes():
        from ingest.commands.connect import disconnect as end

        end(read_config(playground=playground))
