"""Draws the sections of the report for an athlete, sports and years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from exporters.report.data import Data
from exporters.report.page import lead, nothing, own_file
from exporters.report.reading import Drawing, read
from exporters.report.sections import made_sections
from exporters.selection import Selection
from ingest.web.pages.reading import config_of, database, page
from ingest.web.queries import report as report_queries


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the address asks for; what cannot be read of it is left out."""

    sports: tuple[str, ...]
    since: int | None
    until: int | None
    athlete: int | None

    @classmethod
    def of(cls, query: QueryParams) -> Wish:
        """The wish of an address."""
        athlete = query.get("athlete", "")
        return cls(
            sports=tuple(filter(None, query.getlist("sport"))),
            since=_year(query.get("since", "")),
            until=_year(query.get("until", "")),
            athlete=int(athlete) if athlete.isdecimal() and len(athlete) < 16 else None,
        )

    @property
    def problem(self) -> str:
        """Why nothing can be drawn of it."""
        if self.since and self.until and self.until < self.since:
            return f"The last year, {self.until}, is before the first, {self.since}."
        return ""

    def selection(self) -> Selection:
        """The activities of these sports and years."""
        return Selection(
            since=date(self.since, 1, 1) if self.since else None,
            until=date(self.until, 12, 31) if self.until else None,
            sports=self.sports or None,
        )


def show(request: Request) -> Response:
    """The form, and the sections of what it asks for."""
    wish, command = Wish.of(request.query_params), config_of(request).invocation.command
    with database(request) as connection:
        choices = report_queries.report_choices(connection)
        data = None if wish.problem else _data(connection, wish, choices)
    return page(
        request,
        "report.html",
        HTTPStatus.OK if data else HTTPStatus.BAD_REQUEST,
        wish=wish,
        choices=choices,
        command=command("report"),
        **(_drawn(data, command("run")) if data else _refused(wish)),
    )


def style(_: Request) -> Response:
    """The style sheet of the report's file, which counts inside of ``.report`` only.

    Its colours come first, so that those of the page, which have the same names, win.
    """
    text = f"{own_file('colours.css')}.report {{\n{own_file('style.css')}}}\n"
    return Response(text, media_type="text/css")


def script(_: Request) -> Response:
    """The script of the report's file."""
    return Response(own_file("tooltip.js"), media_type="text/javascript")


def _data(connection: sa.Connection, wish: Wish, choices: report_queries.ReportChoices) -> Data:
    known = wish.athlete if wish.athlete in dict(choices.athletes) else None
    return read(connection, wish.selection(), known, Drawing())[0]


def _drawn(data: Data, run: str) -> Mapping[str, Any]:
    return {
        "athlete": data.athlete_id,
        "name": data.athlete,
        "lead": lead(data),
        "nothing": "" if data.facts else nothing(data, run),
        "sections": made_sections(data) if data.facts else [],
    }


def _refused(wish: Wish) -> Mapping[str, Any]:
    return {
        "athlete": wish.athlete,
        "name": "",
        "lead": "",
        "nothing": wish.problem,
        "sections": [],
    }


def _year(text: str) -> int | None:
    return int(text) or None if text.isdecimal() and len(text) <= 4 else None
