"""Shows what is there, where it comes from, and the next sensible step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final, NamedTuple

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from db.environment import demo_database
from exporters.report.svg import drawing, rect, said
from exporters.report.units import Units, number
from ingest import clock
from ingest.commands import ledger_facts
from ingest.commands.api_facts import KEPT, Facts, api_facts, is_too_old
from ingest.load import ledger
from ingest.reporting.summary import REQUEST, aged
from ingest.web.pages.reading import config_of, database, page
from ingest.web.queries import listing, overview
from ingest.web.shown import is_demo

_WIDTH, _HEIGHT = 1040.0, 120.0
#: Part of a week's place in the chart that its bar takes.
_BAR: Final = 0.85
#: Age from which a newer export is the next step.
_OLD: Final = timedelta(days=30)


class Step(NamedTuple):
    """A page to go to next, and what the button says."""

    address: str
    text: str


_SEE: Final = Step("/activities", "See all activities")


def show(request: Request) -> Response:
    """The first page, or how to get an export where there is no activity yet."""
    config = config_of(request)
    with database(request) as connection:
        units, found = listing.units(connection), overview.overview(connection)
        runs, api = ledger_facts.runs(connection), api_facts(connection, config)
        issues, exports = ledger.count_issues(connection), ledger_facts.exports(connection)
    if not found.activities:
        return empty(request)
    command = config.invocation.command
    exported_at = exports[-1]["exported_at"] if exports else None
    oldest_at = api["oldest_at"]
    return page(
        request,
        "home.html",
        units=units,
        found=found,
        weeks=_chart(found.weeks, units),
        most=units.from_km(max((distance for _, distance in found.weeks), default=0.0) / 1000),
        export=None if exported_at is None else aged(exported_at),
        how_to=REQUEST,
        run=runs["last_run"],
        issues=issues,
        api=api,
        oldest=None if oldest_at is None else aged(oldest_at),
        kept_days=KEPT.days,
        is_too_old=is_too_old(api),
        purge=command(f"purge --source api --older-than {KEPT.days}d"),
        step=_SEE if is_demo(request) else next_step(exports, runs, api),
    )


def empty(request: Request) -> Response:
    """The first page of a database that holds nothing yet."""
    config = config_of(request)
    demo = demo_database(config.playground)
    return page(
        request,
        "empty.html",
        how_to=REQUEST,
        drop=config.drop.absolute(),
        run=config.invocation.command("run"),
        demo=config.invocation.command("demo"),
        serve=replace(config.invocation, database=str(demo)).command("serve"),
    )


def next_step(exports: Sequence[Facts], runs: Facts, api: Facts) -> Step:
    """What most helps now: to finish what was begun, then to get what is newer, then to look."""
    last = runs["last_run"]
    if last is not None and last["status"] == "failed":
        return Step("/import", "Import again")
    if api["connected_as"] and api["queue_left"] and api["resume_at"] is None:
        return Step("/import", "Fetch what waits")
    is_old = bool(exports) and clock.now() - exports[-1]["exported_at"] > _OLD
    if is_old and not api["connected_as"]:
        return Step("/import", "Import a newer export")
    return _SEE


def _chart(weeks: Sequence[tuple[date, float]], units: Units) -> Markup:
    """Bars of the distance of each week; they may be stretched, since there is no text in it."""
    step = _WIDTH / max(len(weeks), 1)
    most = max((distance for _, distance in weeks), default=0.0) or 1.0
    bars = [
        rect(
            place * step,
            _HEIGHT * (1 - distance / most),
            step * _BAR,
            _HEIGHT * distance / most,
            said(f"{monday:%Y-%m-%d}: {number(units.from_km(distance / 1000))} {units.distance}"),
            class_="bar",
        )
        for place, (monday, distance) in enumerate(weeks)
    ]
    total = number(units.from_km(sum(distance for _, distance in weeks) / 1000))
    label = f"Distance of the last {len(weeks)} weeks, {total} {units.distance} together"
    return drawing(_WIDTH, _HEIGHT, bars, label, class_="weeks", preserveAspectRatio="none")
