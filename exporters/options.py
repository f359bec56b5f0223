"""Defines the command line options that exporters share, and those that only some have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

from db.progress import PROGRESS

Option = Callable[[Callable[..., Any]], Callable[..., Any]]

_DATE: Final = click.DateTime(formats=["%Y-%m-%d"])


class _Many(click.ParamType[tuple[Any, ...]]):
    """An option that takes a list, separated by commas."""

    def __init__(self, name: str, kind: Callable[[str], Any]) -> None:
        self.name, self._kind = name, kind

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Any, ...]:
        """The parts of the text.

        An empty text (an unset variable of a script) gives an empty list, which must not mean all.
        """
        if isinstance(value, tuple):
            return value
        try:
            parts = tuple(
                self._kind(part.strip()) for part in str(value).split(",") if part.strip()
            )
        except ValueError:
            parts = ()
        return parts or self.fail(f"{value!r} is not a list of {self.name}", param, ctx)


OVERWRITE: Final[Option] = click.option("--overwrite", is_flag=True, help="Replace existing files.")
#: What says where things are, and how the command tells of them.
SHARED: Final[tuple[Option, ...]] = (
    click.option(
        "--database",
        metavar="PATH|URL",
        help="The database: the path of a SQLite file, or postgresql://user@host/name; default "
        "$DATABASE_URL, else strava.db in the playground.",
    ),
    click.option(
        "--playground",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help='Folder ("the playground") that holds the exports and the database; default '
        "$STRAVA_PLAYGROUND, else Playground.",
    ),
    click.option(
        "--copy-first",
        is_flag=True,
        help="Copy a SQLite database first and read the copy, so that an import at the same time "
        "does not have to wait for the export.",
    ),
    click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors."),
    click.option(
        "--json",
        "as_json",
        is_flag=True,
        help="Print one JSON object on standard output that says how the export ended, also after "
        "an error (docs/json.md); messages go to standard error.",
    ),
    PROGRESS,
)
CHOICE: Final[tuple[Option, ...]] = (
    click.option(
        "--since",
        metavar="DATE",
        type=_DATE,
        help="Only activities since this day (2026-05-01), local time.",
    ),
    click.option(
        "--until",
        metavar="DATE",
        type=_DATE,
        help="Only activities up to and including this day, local time.",
    ),
    click.option(
        "--sport",
        "sports",
        metavar="TYPE",
        multiple=True,
        help="Only activities of this sport_type, such as Run or Ride; to choose several sports, "
        "repeat the option.",
    ),
    click.option(
        "--ids",
        metavar="1,2,...",
        type=_Many("ids", int),
        help="Only the activities with these ids.",
    ),
)


def parameters(options: Sequence[Option]) -> Sequence[click.Option]:
    """What these options take, for who shows them otherwise than a command line."""

    def command() -> None:
        """Only has the options."""

    holder: Callable[..., None] = command
    for option in reversed(options):
        holder = option(holder)
    found = click.command(holder).params
    return [option for option in found if isinstance(option, click.Option)]


TABLES: Final = click.option(
    "--tables",
    metavar="A,B",
    type=_Many("tables", str),
    default=(),
    help="Write only these tables; default all.",
)
ACTIVITIES_ONLY: Final = click.option(
    "--activities-only",
    is_flag=True,
    help="Write only activities.csv: one row per activity, with the name of its gear.",
)
SPREADSHEET_SAFE: Final = click.option(
    "--spreadsheet-safe",
    is_flag=True,
    help="Put an apostrophe before texts that a spreadsheet would run as formulas: those that "
    "begin with = + - @, tab or carriage return.",
)
PER_ACTIVITY: Final = click.option(
    "--per-activity", is_flag=True, help="Write one file per activity, instead of one for all."
)
SOURCE: Final = click.option(
    "--source",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder that holds the Strava exports; default 'Strava Export' in the playground.",
)
STRIP_LOCATION: Final = click.option(
    "--strip-location",
    is_flag=True,
    help="Remove positions from JPEG, PNG and WebP pictures, without encoding them anew. Videos "
    "and other pictures are then not written but listed.",
)
TO: Final = click.option(
    "--to",
    metavar="PATH|URL",
    help="The database to write to: the path of a SQLite file, or postgresql://user@host/name; "
    "default the file of --out.",
)
ATHLETE: Final = click.option(
    "--athlete",
    metavar="ID",
    type=int,
    help="Athlete that the page is about, if the database holds several; default the one with the "
    "most chosen activities.",
)
ROUTES: Final = click.option(
    "--routes",
    metavar="N",
    type=click.IntRange(min=0),
    default=48,
    show_default=True,
    help="Draw pictures of the newest N routes, and a map of all; with 0 no route is drawn.",
)
HIDE_AROUND: Final = click.option(
    "--hide-around",
    metavar="METRES",
    type=click.IntRange(0, 20_000),
    help="Cut out of routes what lies within so many metres of the places where most activities "
    "begin or end, such as your home; default 500 with --public, else 0, which cuts nothing.",
)
PUBLIC: Final = click.option(
    "--public",
    is_flag=True,
    help="Make a page for others to see: hide the surroundings of your usual starts, and leave "
    "out activities that are private on Strava, as far as the API has told.",
)


class _Place(click.Path):
    """A path, or the URL of object storage, which stays a text."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; two slashes of a URL would become one in it."""
        if isinstance(value, str) and "://" in value:
            return value
        return super().convert(value, param, ctx)


def out_option(place: str, default: str) -> Option:
    """``--out``, with the kind of place and the default that an exporter has."""
    return click.option(
        "--out",
        metavar="PATH",
        type=_Place(path_type=Path),
        help=f"{place} to write to; default Exports/{default} in the playground.",
    )
