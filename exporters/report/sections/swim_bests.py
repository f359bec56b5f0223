"""Lists the fastest swims over the distances of pools, for swimmers."""

from __future__ import annotations

from exporters.report.data import Data
from exporters.report.section import Cell, Link, Section, Table
from exporters.report.swimming import best_swims
from exporters.report.units import day, duration, pace


def section(data: Data) -> Section | None:
    """Make the table, for those to whom swimming matters."""
    if not data.matters("swim"):
        return None
    title, key = "Fastest swims", "swim-bests"
    bests = best_swims(data.pool_swims)
    if not bests:
        why = "No device file tells the lengths of a swim in a pool."
        return Section(key=key, title=title, is_wide=True, empty=why)
    rows: list[tuple[Cell, ...]] = []
    for one in bests:
        fact = data.by_id[one.activity_id]
        link = Link(words=day(fact.local_date), href=fact.strava_url)
        speed = pace(data.units.swim_pace(one.distance_m, one.seconds))
        rows.append((one.name, duration(one.seconds), speed, link, fact.name))
    header = ("Distance", "Time", f"min/{data.units.pool}", "Day", "Activity")
    lead = "The fastest lengths in a row inside a swim in a pool, rests at the wall included."
    table = Table(header=header, rows=tuple(rows), texts=frozenset({0, 4}))
    return Section(key=key, title=title, lead=lead, is_wide=True, table=table)
