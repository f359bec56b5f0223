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

#: The largest number that a database stores as an id.
_MAX_ID: Final = 2**63 - 1

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
        help="Most extra processes that read device files; there is one, and more while the "
        "database waits for them. With 0 the main process reads them, without a time limit per "
        "file.",
    ),
    click.option(
        "--athlete",
        "athlete_id",
        metavar="ID",
        type=click.IntRange(min=1, max=_MAX_ID),
        help="Whose FIT, GPX and TCX files are that lie in no folder named by an athlete's id: the "
        "number in the address of the profile on Strava; default the only athlete of the "
        "database.",
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
        "--skip-api",
        "--skip-reload",
        is_flag=True,
        help="Read exports and device files only; do not ask the API.",
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


_OF_PREDICT: Final = (
    click.option(
        "--activity",
        "activity_id",
        metavar="ID",
        type=int,
        help="Take the course of this activity of the database, instead of a file.",
    ),
    click.option(
        "--distance",
        metavar="KM",
        help="Length of the course in kilometres, or in miles (15.5mi), if there is no file.",
    ),
    click.option(
        "--climb",
        metavar="M",
        help="Climb of the course in metres, or in feet (4000ft), with --distance; it is spread "
        "evenly over hills that go up and down.",
    ),
    click.option(
        "--sport",
        type=click.Choice(["Run", "TrailRun", "Ride"], case_sensitive=False),
        default="Run",
        show_default=True,
        help="The sport_type whose races are looked at. Rides are not predicted yet.",
    ),
    click.option(
        "--since",
        metavar="DATE",
        type=DATE,
        help="Look at activities since this day (2026-05-01); default two years before the newest.",
    ),
    click.option(
        "--date",
        "day",
        metavar="DATE",
        type=DATE,
        help="Day of the race. Only what was known the day before is looked at.",
    ),
    click.option("--start", metavar="H:MM", help="Time of the start, for a column with the clock."),
    click.option(
        "--goal",
        metavar="H:MM:SS",
        help="Plan for this time, stops included, with even effort from start to finish.",
    ),
    click.option(
        "--stops",
        metavar="MIN@KM,...",
        default="",
        help="Stops: 5@21,10@30.5 are 5 minutes at kilometre 21 and 10 at kilometre 30.5; 5@13mi "
        "are 5 at mile 13.",
    ),
    click.option(
        "--pace",
        metavar="M:SS",
        help="Your pace on flat ground, per kilometre or per mile (8:51/mi), instead of that of "
        "your runs.",
    ),
    click.option(
        "--athlete",
        "athlete_id",
        metavar="ID",
        type=int,
        help="Athlete whose runs are looked at, if the database holds several; default the one "
        "with most activities.",
    ),
    click.option(
        "--backtest",
        is_flag=True,
        help="Instead of a course, predict each past race from what was known the day before, and "
        "show the errors of this model and of rules of thumb.",
    ),
    click.option(
        "--out",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Also write the plan to a file: .html (a page to print, with profile and map), .csv, "
        ".json, or .gpx (for a watch, with the time at each kilometre).",
    ),
    click.option("--overwrite", is_flag=True, help="Replace the file of --out if it is there."),
)


def of_predict(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give ``predict`` the options of its own, in their order."""
    for option in reversed(_OF_PREDICT):
        command = option(command)
    return command


def of_run(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give ``run`` the options of its own, in their order."""
    for option in reversed((*_OF_EXPORTS, *_OF_API, PROGRESS)):
        command = option(command)
    return command
