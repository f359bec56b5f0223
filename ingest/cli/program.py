"""Defines the program that the commands belong to, and turns how they end into exit codes.

0 done, 1 the run failed, 2 wrong usage, 3 Strava's limit of requests is reached.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from db import invocation
from db.errors import Advised
from db.interrupts import keep_ctrl_c
from db.invocation import Invocation, program
from db.json_usage import JsonCommand, JsonGroup
from db.terminal import fail, failed_output, json_line, prepare_streams, say
from ingest import __version__
from ingest.reporting.json_result import failure

if TYPE_CHECKING:
    from ingest.config import Config

#: How messages name this program.
_NAME: Final = "strava-ingest"


def to_copy(*commands: str) -> str:
    """Commands to copy, for the end of a command's help."""
    return invocation.examples(program(), *commands)


class _Command(JsonCommand):
    failure = staticmethod(failure)


class _Program(JsonGroup):
    """Has the commands of this package, and the exporters, which are loaded when wanted."""

    command_class = _Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "export", "report"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ("export", "report"):
            return super().get_command(ctx, cmd_name)
        from exporters.cli import app as exporters

        return exporters if cmd_name == "export" else exporters.commands["report"]


@click.group(
    cls=_Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=to_copy("demo", "run", "report", "export csv", "run --help"),
)
@click.version_option(__version__, message="strava-ingest %(version)s")
def app() -> None:
    """Import your Strava account export, and newer activities from the API, into a SQL database.

    To look around first, use `demo`. To import your own data, put an export ZIP into
    "Playground/Strava Export/" and use `run`. To fetch what is newer than the export, use
    `connect`.
    """


def read_config(**options: Any) -> Config:
    """What the command is to do, by its options, the environment and ``.env``."""
    from db.environment import load_environment
    from ingest.config import make_config

    return make_config(load_environment(), **options)


@contextmanager
def exit_codes() -> Iterator[None]:
    """End the program as its errors say, with their advice."""
    try:
        yield
    except Advised as err:
        called = Invocation.of(click.get_current_context().params)
        _tell_failure(called.sentence(err))
        fail(err.exit_code, *called.lines(err))
    except KeyboardInterrupt:
        _tell_failure("interrupted")
        fail(1, f"{_NAME}: interrupted")
    except OSError:  # of standard output
        raise
    except Exception as err:  # an error of ours: Python shows where it is
        _tell_failure(f"unexpected error: {err!r}")
        raise


def _tell_failure(error: str) -> None:
    """Print the failure as JSON, too, if that was asked for."""
    context = click.get_current_context()
    if context.params.get("as_json"):
        say(json_line(failure(context.info_name, error)))


def main() -> None:
    """The console script."""
    prepare_streams()
    keep_ctrl_c()
    try:
        app(prog_name=program())
    except OSError as err:
        sys.exit(failed_output(_NAME, err))
