"""Draws the pace of the best efforts over distance, and the table of records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from markupsafe import Markup

from exporters.report.data import Data
from exporters.report.frame import Frame, Size, curve, frame
from exporters.report.rows import RunEffort
from exporters.report.scales import paces
from exporters.report.section import Cell, Key, Link, Section, Table, plot
from exporters.report.svg import drawing, group, said, tag
from exporters.report.units import day, duration, pace

_YEAR: Final = 365
_TICKS: Final = (
    (400, "400 m"),
    (1000, "1 km"),
    (5000, "5 km"),
    (10_000, "10 km"),
    (21_097.5, "half"),
    (42_195, "marathon"),
)
_IMPERIAL: Final = (
    (400, "400 m"),
    (1609.344, "1 mi"),
    (8046.72, "5 mi"),
    (21_097.5, "half"),
    (42_195, "marathon"),
)


def section(data: Data) -> Section | None:
    """All time and the last year, of those to whom running matters."""
    title, key = "Best efforts", "efforts"
    if not data.matters("run"):
        return None
    ever = fastest_efforts(data.efforts)
    if not ever:
        return Section(
            key=key,
            title=title,
            is_wide=True,
            empty="No run has best efforts: they are made from device files or come from the API.",
        )
    recent = fastest_efforts(one for one in data.efforts if data.within(one.activity_id, _YEAR))
    keys = [
        Key(name="c0", words="all time"),
        *([Key(name="c1", words=data.last_days(_YEAR))] if recent else []),
    ]
    drawn = plot(
        lambda size: _draw(size, data, ever, recent),
        height=340,
        title="Pace over distance",
        keys=keys,
    )
    lead = "The fastest stretch of each distance inside a run, by elapsed time; lower is faster."
    return Section(
        key=key, title=title, lead=lead, is_wide=True, plots=(drawn,), table=_table(data, ever)
    )


def fastest_efforts(efforts: Iterable[RunEffort]) -> list[RunEffort]:
    """The fastest effort per distance; of two equal ones the earlier, which set the record."""
    found: dict[str, RunEffort] = {}
    for one in efforts:
        if one.name not in found or one.seconds < found[one.name].seconds:
            found[one.name] = one
    return sorted(found.values(), key=lambda one: one.distance_m)


def _draw(size: Size, data: Data, ever: Sequence[RunEffort], recent: Sequence[RunEffort]) -> Markup:
    units = data.units
    minutes = [units.pace(one.distance_m, one.seconds) for one in (*ever, *recent)]
    fast, slow, up = paces(min(minutes), max(minutes), 6)
    longest = max(one.distance_m for one in ever)
    base = frame(
        size, (min(one.distance_m for one in ever) * 0.9, longest * 1.1), (fast, slow), log_x=True
    )
    names = dict(_TICKS if units.is_metric else _IMPERIAL)
    across = [metres for metres in names if base.x.holds(metres)]
    if size.is_narrow and longest > 30_000:
        across = [metres for metres in across if names[metres] != "half"]
    axis = base.x_axis(across, lambda v: names[v], "distance (log scale)")
    lines = [_line(base, data, some, name) for some, name in ((ever, "c0"), (recent, "c1")) if some]
    marks = [base.x_grid(across), base.y_axis(up, pace, f"min/{units.distance}"), axis, *lines]
    return drawing(size.width, size.height, marks, "Lines of best pace over distance")


def _line(base: Frame, data: Data, some: Sequence[RunEffort], name: str) -> Markup:
    places = [
        (base.x(one.distance_m), base.y(data.units.pace(one.distance_m, one.seconds)))
        for one in some
    ]
    marks = [
        tag("circle", said(_words(data, one)), cx=x, cy=y, r=4)
        for one, (x, y) in zip(some, places, strict=True)
    ]
    return group([curve(places, name), *marks], class_=f"points {name}")


def _words(data: Data, one: RunEffort) -> str:
    fact, units = data.by_id[one.activity_id], data.units
    minutes = pace(units.pace(one.distance_m, one.seconds))
    return (
        f"{one.name}: {duration(one.seconds)} ({minutes} min/{units.distance}) · "
        f"{fact.name[:60]}, {day(fact.local_date)}"
    )


def _table(data: Data, ever: Sequence[RunEffort]) -> Table:
    header = ("Distance", "Time", f"min/{data.units.distance}", "Day", "Activity")
    rows: list[tuple[Cell, ...]] = []
    for one in ever:
        fact = data.by_id[one.activity_id]
        minutes = pace(data.units.pace(one.distance_m, one.seconds))
        link = Link(words=day(fact.local_date), href=fact.strava_url)
        rows.append((one.name, duration(one.seconds), minutes, link, fact.name))
    return Table(header=header, rows=tuple(rows), texts=frozenset({0, 4}))
