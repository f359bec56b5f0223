"""Lists, filters and sorts activities, and gives the chosen ones as a CSV file."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from exporters.config import Config as ExportConfig
from exporters.job import Job
from exporters.registry import EXPORTERS
from exporters.selection import Selection
from ingest.web import queries
from ingest.web.filters import SORTS, Filters
from ingest.web.pages.reading import config_of, database, page


def show(request: Request) -> Response:
    """The table."""
    filters = Filters.of(request.query_params)
    with database(request) as connection:
        units = queries.units(connection)
        found = queries.listing(connection, filters, units)
        choices = queries.choices(connection)
    return page(
        request,
        "activities.html",
        filters=filters,
        found=found,
        choices=choices,
        units=units,
        sorts=SORTS,
    )


def csv(request: Request) -> Response:
    """The chosen activities as ``export csv --activities-only`` writes them.

    The file is written first and sent afterwards, so that a slow browser keeps no reader of the
    database open.
    """
    config, folder = config_of(request), Path(tempfile.mkdtemp(prefix="strava-ingest-"))
    file = folder / "activities.csv"
    try:
        with database(request) as connection:
            filters, units = Filters.of(request.query_params), queries.units(connection)
            ids = queries.chosen_ids(connection, filters, units)
            job = Job(
                connection=connection,
                out=file,
                config=ExportConfig(playground=config.playground, database=config.database),
                selection=Selection(ids=ids),
            )
            EXPORTERS["csv"].run(job, tables=(), activities_only=True, spreadsheet_safe=False)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    after = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(file, filename=file.name, media_type="text/csv", background=after)
