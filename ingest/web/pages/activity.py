"""Shows one activity: figures, route, charts, tables, photos, and where each fact comes from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from db.export_bytes import Unreadable
from exporters.dropped_exports import DroppedExports
from ingest.web.activity.charts import make_charts
from ingest.web.activity.fact_sources import facts
from ingest.web.activity.figures import figures
from ingest.web.activity.sport_units import SportUnits
from ingest.web.activity.tables import tables
from ingest.web.pages.reading import config_of, database, page
from ingest.web.queries import activity as queries

#: Ids of Strava; those of PostgreSQL's BIGINT have up to 19 digits.
_ID: Final = re.compile(r"-?\d{1,18}", re.ASCII)
#: Begin of files that are shown as pictures. Anything else is only offered as a download, since a
#: browser could take it for a page.
_PICTURES: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
)
_BYTES: Final = "application/octet-stream"


def show(request: Request) -> Response:
    """The page of an activity."""
    with database(request) as connection:
        found = queries.find(connection, _activity_id(request))
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    row = found.activity
    sport = SportUnits(units=found.units, group=row.sport_group)
    points = found.points
    return page(
        request,
        "activity.html",
        row=row,
        track=found.track,
        figures=figures(row, sport),
        charts=None if points is None else make_charts(points, row.sport_type, sport),
        tables=tables(found, sport),
        media=found.media,
        facts=facts(row, found.observations),
        unit=sport.distance_unit,
    )


def original(request: Request) -> Response:
    """The device file as it lies in the export."""
    activity_id = _activity_id(request)
    with database(request) as connection:
        file = queries.device_file(connection, activity_id)
    if file is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    with DroppedExports(config_of(request).drop) as exports:
        try:
            content = exports.read(file.origin, file.name)
        except Unreadable as err:
            return _not_there(request, f"{file.origin}: {file.name}: {err}")
    suffix = "".join(PurePosixPath(file.name).suffixes[-2:])
    return _download(content, f"{activity_id}{suffix}")


def medium(request: Request) -> Response:
    """A photo; videos, and what is no picture that browsers show, as a download."""
    activity_id, place = _activity_id(request), int(request.path_params["place"])
    with database(request) as connection:
        media = [one for one in queries.media(connection, activity_id) if one.source == "export"]
        if place >= len(media):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        chosen = media[place]
        origins = queries.exports_of(connection, chosen.athlete_id)
    content = _first(request, origins, chosen.filename)
    if content is None:
        return _not_there(request, f"{chosen.filename}: no export of the drop folder holds it")
    kind = next((kind for begin, kind in _PICTURES if content.startswith(begin)), None)
    if kind is None:
        return _download(content, f"{activity_id}-{place}{PurePosixPath(chosen.filename).suffix}")
    return Response(content, media_type=kind)


def _activity_id(request: Request) -> int:
    text = request.path_params["activity_id"]
    if not _ID.fullmatch(text):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return int(text)


def _first(request: Request, origins: Iterable[str], name: str) -> bytes | None:
    """The bytes of a file in the first of the exports that holds it."""
    with DroppedExports(config_of(request).drop) as exports:
        for origin in origins:
            try:
                return exports.read(origin, name)
            except Unreadable:
                continue
    return None


def _download(content: bytes, name: str) -> Response:
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    headers = {"Content-Disposition": f'attachment; filename="{safe}"'}
    return Response(content, media_type=_BYTES, headers=headers)


def _not_there(request: Request, text: str) -> Response:
    heading = "The file is not there"
    return page(request, "problem.html", HTTPStatus.NOT_FOUND, heading=heading, text=text)
