"""Lists, filters and sorts activities."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ingest.web.filters import Filters
from ingest.web.pages.reading import database, page
from ingest.web.queries import listing as queries


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
    )
