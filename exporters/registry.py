"""Lists every exporter: its name, its module and what it accepts.

A module has ``export(job: Job, **options) -> Outcome``. It is loaded only when it runs, so that no
exporter waits for the libraries of another.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

from exporters.extras import needs
from exporters.options import (
    ACTIVITIES_ONLY,
    ATHLETE,
    CHOICE,
    HIDE_AROUND,
    OVERWRITE,
    PER_ACTIVITY,
    PUBLIC,
    ROUTES,
    SOURCE,
    SPREADSHEET_SAFE,
    STRIP_LOCATION,
    TABLES,
    TO,
    Option,
)

if TYPE_CHECKING:
    from exporters.job import Job, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """One exporter.

    ``out`` is its folder inside ``Playground/Exports``, by default its own name.
    """

    module: str
    help: str
    options: tuple[Option, ...] = ()
    #: What ``--out`` can be.
    place: str = "Folder"
    out: str | None = None
    #: Extra of pyproject.toml that installs its libraries; the base install has all others.
    extra: str = ""
    #: Whether there is nothing to do when no activity is selected.
    of_activities: bool = True
    #: Whether activities can be chosen.
    chooses: bool = True
    #: Whether ``--out`` can be object storage.
    takes_url: bool = False

    @property
    def choices(self) -> tuple[Option, ...]:
        """The options that say what is written; the others say where, and how it is told."""
        return (*self.options, *(CHOICE if self.chooses else ()), OVERWRITE)

    def run(self, job: Job, **options: object) -> Outcome:
        """Write the files."""
        with needs(self.extra):
            module = import_module(self.module)
        outcome: Outcome = module.export(job, **options)
        return outcome


EXPORTERS: Final[dict[str, Exporter]] = {
    "csv": Exporter(
        module="exporters.csv_tables",
        help="Write each table as a CSV file.",
        options=(TABLES, ACTIVITIES_ONLY, SPREADSHEET_SAFE),
        place="Folder (with --activities-only also a .csv file)",
    ),
    "json": Exporter(
        module="exporters.json_list",
        help="Write all activities as one JSON list, oldest first.",
        place="File (.json) or folder",
    ),
    "json-files": Exporter(
        module="exporters.json_files",
        help="Write one JSON file per activity, with laps, splits and track points.",
    ),
    "parquet": Exporter(
        module="exporters.parquet_files",
        help="Write each table as Parquet, the track points in one folder per year.",
        options=(TABLES,),
        place="Folder or s3://bucket/folder",
        extra="parquet",
        takes_url=True,
    ),
    "delta": Exporter(
        module="exporters.delta_lake",
        help="Write each table as a Delta table; later only the rows of athletes that changed.",
        options=(TABLES,),
        place="Folder or s3://bucket/folder",
        extra="lake",
        of_activities=False,
        chooses=False,
        takes_url=True,
    ),
    "gpx": Exporter(
        module="exporters.gpx_files", help="Write one GPX file per activity that has positions."
    ),
    "tcx": Exporter(
        module="exporters.tcx_files", help="Write one TCX file per activity that has a track."
    ),
    "geojson": Exporter(
        module="exporters.geojson_files",
        help="Write the route of each activity as a GeoJSON line.",
        options=(PER_ACTIVITY,),
        place="File (.geojson) or folder",
    ),
    "xlsx": Exporter(
        module="exporters.xlsx_book",
        help="Write an Excel file with activities, laps, splits and summaries.",
        place="File (.xlsx) or folder",
    ),
    "originals": Exporter(
        module="exporters.originals",
        help="Copy the device files out of the Strava exports, named by start and title.",
        options=(SOURCE,),
    ),
    "media": Exporter(
        module="exporters.media",
        help="Copy photos and videos out of the Strava exports, named by start and title.",
        options=(SOURCE, STRIP_LOCATION),
    ),
    "sqlite": Exporter(
        module="exporters.sqlite_copy",
        help="Copy the whole database into a SQLite file or another database.",
        options=(TO,),
        place="File (.db, .sqlite, .sqlite3) or folder",
        of_activities=False,
        chooses=False,
    ),
    "report": Exporter(
        module="exporters.report.page",
        help="Write one HTML page of charts; an older one is replaced.",
        options=(ATHLETE, ROUTES, HIDE_AROUND, PUBLIC),
        place="File (.html) or folder",
        out="report.html",
        of_activities=False,
    ),
}
