"""Writes a plan as one HTML page that loads nothing: figures, profile, paces, map, history, table.

It is made of the same parts as the report.
"""

from __future__ import annotations

from exporters.report.page import make_page
from exporters.report.section import Section, Table, Tile
from exporters.report.units import duration, number, pace
from ingest.course.plan.drawings import map_section, pace_section, profile_section
from ingest.course.plan.pace_scatter import history_section
from ingest.course.plan.planned import Planned
from ingest.course.plan.words import (
    clock_text,
    header,
    plan_table,
    record_line,
    sentence,
    total_line,
)


def html_text(planned: Planned) -> str:
    """The page."""
    plan = planned.plan
    return make_page(
        title=plan.course.name,
        lead="Prediction" if plan.wish.goal_s is None else "Plan",
        sections=sections(planned),
        source="Made from the course and the database",
    )


def sections(planned: Planned) -> list[Section]:
    """The parts of the page."""
    plan, units = planned.plan, planned.known.units
    drawn = (
        profile_section(plan, units),
        pace_section(plan, units),
        map_section(plan, units),
        history_section(planned.known),
    )
    return [_figures(planned), *(one for one in drawn if one is not None), _table(planned)]


def _figures(planned: Planned) -> Section:
    plan, units = planned.plan, planned.known.units
    course, distance, height = plan.course, units.distance, units.height
    paced = pace(units.pace(course.length_m, plan.moving_s))
    tiles = [
        Tile(name="total", words="Time", value=duration(plan.total_s)),
        Tile(name="pace", words="Mean pace", value=paced, unit=f"min/{distance}"),
        Tile(
            name="distance",
            words="Distance",
            value=number(course.length_m / units.metres, 1),
            unit=distance,
        ),
        Tile(name="climb", words="Climb", value=number(units.from_m(course.climb_m)), unit=height),
        Tile(
            name="flat",
            words="As flat distance",
            value=number(plan.flat_m / units.metres, 1),
            unit=distance,
            note="What costs as much on flat ground.",
        ),
    ]
    if plan.wish.start is not None:
        finish = clock_text(plan, plan.total_s)
        tiles.insert(1, Tile(name="finish", words="Finish at", value=finish))
    words = (
        f"{total_line(plan)}.",
        record_line(planned.known.record),
        *map(sentence, (*course.notes, *plan.prediction.notes)),
    )
    return Section(key="plan", title="Time", lead=" ".join(words), is_wide=True, tiles=tuple(tiles))


def _table(planned: Planned) -> Section:
    plan, units = planned.plan, planned.known.units
    word = "kilometre" if units.is_metric else "mile"
    rows = tuple(tuple(row) for row in plan_table(plan, units))
    return Section(
        key="parts",
        title=f"Each {word}",
        is_wide=True,
        table=Table(header=tuple(header(plan, units)), rows=rows, texts=frozenset()),
    )
