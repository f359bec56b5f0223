"""Gives pages a connection to the database, and what every page shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from db.opening import snapshot
from ingest.config import Config


def config_of(request: Request) -> Config:
    """The configuration that the page was started with."""
    config: Config = request.app.state.config
    return config


@contextmanager
def database(request: Request) -> Iterator[sa.Connection]:
    """A read-only connection for one request; all that it reads is of one moment.

    Raises:
        DatabaseProblem: it cannot be opened, or its schema is not today's.
    """
    with snapshot(config_of(request).database) as connection:
        yield connection


def page(request: Request, template: str, **values: Any) -> Response:
    """A page made from its template."""
    templates: Jinja2Templates = request.app.state.templates
    return templates.TemplateResponse(request, template, {"path": request.url.path, **values})
