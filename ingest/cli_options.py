"""Defines options that commands share, and those of ``run``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Final

import click

from db.progress import PROGRESS

DATABASE = click.option(
    "--database",
    metavar="PATH|URL",
    help="The database: the path of a SQLite file, or postgresql://user@host/name; default "
    "$DATABASE_URL, else strava.db in the playground.",
)
PLAYGROUND = click.option(
    "--playground",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help='Folder ("the playground") that holds the exports, the database and the log; default '
    "$STRAVA_PLAYGROUND, else Playground.",
)
JSON = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON object on standard output that says how the command ended, also after an "
    "error (docs/json.md); messages go to standard error.",
)


class _Age(click.ParamType[timedelta]):
    """36h, 7d or 2w."""

    name = "age"
    _UNITS: ClassVar = {"h": "hours", "d": "days", "w": "weeks"}

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """The text as a span of time."""
        number, unit = str(value)[:-1], str(value)[-1:]
        if not number.isdecimal() or unit not in self._UNITS or len(number) > 4:
            self.fail(f"{value!r} is no age; write it like 36h, 7d or 2w", param, ctx)
        return timedelta(**{self._UNITS[unit]: int(number)})


AGE = _Age()
DATE = click.DateTime(formats=["%Y-%m-%d"])
QUIET = click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
VERBOSE = click.option("--verbose", "-v", is_flag=True, help="Also print the lines of the log.")

_OF_EXPORTS: Final = (
    click.option(
        "--timezone",
        metavar="ZONE",
        help="Your home time zone, such as Europe/Berlin, for activities whose local time is not "
        "known from the device file, the position or the activity before; default "
        "$STRAVA_TIMEZONE.",
    ),
    click.option(
        "--jobs",
        metavar="N",
        type=int,
        help="Number of extra processes that read device files. With 0 the main process reads "
        "them, without a time limit per file.",
    ),
    click.option("--dry-run", is_flag=True, help="Say what would be imported; write nothing."),
    click.option(
        "--strict",
        is_flag=True,
        help="Exit with 1 when `issues` lists anything, or --verify finds a difference.",
    ),
    click.option(
        "--verify",
        is_flag=True,
        help="Read every device file a second time with another library (fitparse, gpxpy or "
        "tcxreader) and show the differences (slow).",
    ),
    click.option(
        "--accept-vanished",
        is_flag=True,
        help="Mark activities that are no longer on Strava as vanished even when these are more "
        "than 10 % of all at once.",
    ),
)
_OF_API: Final = (
    click.option(
        "--skip-api", "--skip-reload", is_flag=True, help="Read exports only; do not ask the API."
    ),
    click.option("--skip-export", is_flag=True, help="Ask the API only; do not read exports."),
    click.option(
        "--strava-begin",
        "--begin",
        "begin",
        metavar="DATE",
        type=DATE,
        help="Fetch the activities since this day (2026-05-01) from the API again, instead of the "
        "new ones.",
    ),
    click.option(
        "--strava-end",
        "--end",
        "end",
        metavar="DATE",
        type=DATE,
        help="Fetch the activities up to and including this day from the API again.",
    ),
    click.option(
        "--sport",
        "sports",
        metavar="TYPE",
        multiple=True,
        help="Fetch from the API only details and streams (track points) of this sport_type, such "
        "as Run or Ride; to choose several sports, repeat the option.",
    ),
    click.option(
        "--sweep",
        is_flag=True,
        help="Ask the API for the list of all activities now, instead of once a week; this finds "
        "late uploads, edits and deletions.",
    ),
    click.option(
        "--enrich",
        is_flag=True,
        help="Also fetch details of activities that exports hold, such as segment efforts and "
        "kudos; later runs go on if Strava's limit is reached.",
    ),
    click.option(
        "--limit",
        metavar="N",
        type=click.IntRange(min=0),
        help="Fetch details and streams of at most N activities from the API.",
    ),
    click.option(
        "--max-requests",
        metavar="N",
        type=click.IntRange(min=0),
        help="Make at most N requests to the API.",
    ),
    click.option(
        "--wait",
        is_flag=True,
        help="When Strava's limit of requests is reached, wait and go on, instead of exiting with "
        "3.",
    ),
)


def of_run(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give ``run`` the options of its own, in their order."""
    for option in reversed((*_OF_EXPORTS, *_OF_API, PROGRESS)):
        command = option(command)
    return command
