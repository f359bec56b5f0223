"""Shows what is there, and the next sensible step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from exporters.report.svg import drawing, rect, said
from exporters.report.units import Units, number
from ingest.load import ledger
from ingest.reporting.summary import REQUEST, aged
from ingest.web import queries
from ingest.web.pages.reading import database, page

_WIDTH, _HEIGHT = 520.0, 90.0
_GAP: Final = 4.0


def show(request: Request) -> Response:
    """The first page, or how to get an export where there is no activity yet."""
    with database(request) as connection:
        units, found = queries.units(connection), queries.overview(connection)
        exported_at = ledger.newest_of_all(connection)
    if not found.activities:
        return empty(request)
    return page(
        request,
        "home.html",
        units=units,
        found=found,
        weeks=_chart(found.weeks, units),
        export="" if exported_at is None else aged(exported_at),
        how_to=REQUEST,
    )


def empty(request: Request) -> Response:
    """The first page of a database that holds nothing yet."""
    return page(request, "empty.html", how_to=REQUEST)


def _chart(weeks: Sequence[tuple[date, float]], units: Units) -> Markup:
    """Bars of the distance of each week."""
    step = _WIDTH / max(len(weeks), 1)
    most = max((distance for _, distance in weeks), default=0.0) or 1.0
    bars = [
        rect(
            place * step,
            _HEIGHT * (1 - distance / most),
            step - _GAP,
            _HEIGHT * distance / most,
            said(f"{monday:%Y-%m-%d}: {number(units.from_km(distance / 1000))} {units.distance}"),
            class_="bar",
        )
        for place, (monday, distance) in enumerate(weeks)
    ]
    total = number(units.from_km(sum(distance for _, distance in weeks) / 1000))
    label = f"Distance of the last {len(weeks)} weeks, {total} {units.distance} together"
    return drawing(_WIDTH, _HEIGHT, bars, label, class_="weeks")
