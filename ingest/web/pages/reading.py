"""Gives pages a connection to the database, forms, and what every page shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final

import sqlalchemy as sa
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from db.opening import snapshot
from ingest.config import Config
from ingest.web.access.security import Door
from ingest.web.queries import listing as queries
from ingest.web.shown import is_demo, shown_config

#: A path can be long, and each of its bytes takes three in a form.
_MAX_FORM_BYTES: Final = 16_384


def config_of(request: Request) -> Config:
    """The configuration that the page was started with, but the database that is shown."""
    return shown_config(request)


def door_of(request: Request) -> Door:
    """Who may come in."""
    door: Door = request.app.state.door
    return door


@contextmanager
def database(request: Request) -> Iterator[sa.Connection]:
    """A read-only connection for one request; all that it reads is of one moment.

    Raises:
        DatabaseProblem: it cannot be opened, or its schema is not today's.
    """
    with snapshot(config_of(request).database) as connection:
        yield queries.fold_all_letters(connection)


async def form_of(request: Request) -> Mapping[str, str]:
    """The fields of a form.

    Raises:
        HTTPException: it is larger than any form of ours.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return QueryParams(body.decode("utf-8", "replace"))


def page(
    request: Request, template: str, status: HTTPStatus = HTTPStatus.OK, **values: Any
) -> Response:
    """A page made from its template."""
    templates: Jinja2Templates = request.app.state.templates
    door = door_of(request)
    can_log_out = door.password is not None and door.knows(request)
    shown = {
        "path": request.url.path,
        "can_log_out": can_log_out,
        "is_demo": is_demo(request),
        **values,
    }
    return templates.TemplateResponse(request, template, shown, status_code=status)
