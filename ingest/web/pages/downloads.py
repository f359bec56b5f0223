"""Gives the chosen activities as files: what the exporters of the same names write.

Files are written first and sent afterwards, so that a slow browser keeps no reader of the database
open.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from db.opening import copied
from exporters.config import Config as ExportConfig
from exporters.job import Job
from exporters.registry import EXPORTERS
from exporters.selection import Selection
from ingest.web.filters import Filters
from ingest.web.pages.reading import config_of, database, page
from ingest.web.queries import listing as queries
from ingest.web.zip_stream import zipped

#: Begin of the names of folders that downloads are written into.
_PREFIX: Final = ".download-"
#: Seconds after which a folder of a download was left by a page that was killed.
_LEFT_S: Final = 24 * 60 * 60
_EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv(request: Request) -> Response:
    """What ``export csv --activities-only`` writes.

    It reads the database itself: even for ten thousand activities, a run has to wait for it about a
    second.
    """
    with _scratch(request) as folder, database(request) as connection:
        job = _job(request, connection, folder / "activities.csv")
        EXPORTERS["csv"].run(job, tables=(), activities_only=True, spreadsheet_safe=False)
    return _sent(job.out, "text/csv")


def xlsx(request: Request) -> Response:
    """What ``export xlsx`` writes."""
    with _scratch(request) as folder, _copied(request, folder) as connection:
        job = _job(request, connection, folder / "activities.xlsx")
        EXPORTERS["xlsx"].run(job)
    return _sent(job.out, _EXCEL)


def gpx(request: Request) -> Response:
    """What ``export gpx`` writes, as one ZIP that is made while it is sent."""
    with _scratch(request) as folder:
        with _copied(request, folder) as connection:
            job = _job(request, connection, folder / "gpx")
            outcome = EXPORTERS["gpx"].run(job)
        if not outcome.files:
            shutil.rmtree(folder)
            return _no_gpx(request)
    return StreamingResponse(
        zipped((path.name, path) for path in sorted(job.out.iterdir())),
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="activities.gpx.zip"'},
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )


@contextmanager
def _copied(request: Request, folder: Path) -> Iterator[sa.Connection]:
    """A copy of the database, since reading takes long and a run would give up waiting for it."""
    with copied(config_of(request).database, folder) as connection:
        yield queries.fold_all_letters(connection)


def _job(request: Request, connection: sa.Connection, out: Path) -> Job:
    config, filters = config_of(request), Filters.of(request.query_params)
    ids = queries.chosen_ids(connection, filters, queries.units(connection))
    return Job(
        connection=connection,
        out=out,
        config=ExportConfig(playground=config.playground, database=config.database),
        selection=Selection(ids=ids),
    )


@contextmanager
def _scratch(request: Request) -> Iterator[Path]:
    """A folder for one download; after an error it is removed.

    It is in the playground, where there is room: the system's own may be in memory.
    """
    playground = config_of(request).playground
    place = playground if playground.is_dir() else None
    for left in playground.glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError):  # another download has just removed its own
            if time.time() - left.stat().st_mtime > _LEFT_S:
                shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _no_gpx(request: Request) -> Response:
    return page(
        request,
        "problem.html",
        HTTPStatus.NOT_FOUND,
        heading="There is no GPX file of these activities",
        text="None of the chosen activities has positions.",
    )


def _sent(file: Path, media_type: str) -> Response:
    after = BackgroundTask(shutil.rmtree, file.parent, ignore_errors=True)
    return FileResponse(file, filename=file.name, media_type=media_type, background=after)
