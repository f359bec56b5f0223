"""Shows Eddington numbers and streaks as numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from exporters.report.data import Data
from exporters.report.rows import EddingtonNumber, StreakSpan
from exporters.report.section import Section, Table, Tile
from exporters.report.sports import sport_name
from exporters.report.units import day, number


def section(data: Data) -> Section:
    """Make the section of the whole account: both figures need all days."""
    title, key = "Eddington number and streaks", "milestones"
    if not data.eddington and not data.streaks:
        return Section(key=key, title=title, empty="No activity has a day, so there is neither.")
    unit = data.units.distance
    lead = f"The Eddington number E: on E days the distance was E {unit} or more.{data.everything}"
    header = ("Sport", "E", "Next", "Days to go")
    rows = tuple(_row(one) for one in data.eddington)
    table = Table(header=header, rows=rows) if rows else None
    return Section(key=key, title=title, lead=lead, tiles=tuple(_tiles(data)), table=table)


def _row(one: EddingtonNumber) -> tuple[str, ...]:
    return (
        sport_name(one.sport_group),
        number(one.number),
        number(one.next_target),
        number(one.days_needed),
    )


def _tiles(data: Data) -> Iterator[Tile]:
    for one in data.eddington:
        if one.sport_group == "all":
            yield Tile(
                name="eddington",
                words="Eddington, all sports",
                value=number(one.number),
                unit=data.units.distance,
            )
    for period in ("day", "week"):
        yield from (
            _tile(s, "longest") for s in data.streaks if s.period == period and s.is_longest
        )
    yield from (
        _tile(s, "current" if goes_on(s, data) else "last")
        for s in data.streaks
        if s.period == "week" and s.is_current
    )


def goes_on(one: StreakSpan, data: Data) -> bool:
    """Whether a streak could still go on when the newest export was made.

    It can if its last day or week is that of this day, or the one before. The marts only know
    whether it was unbroken at the athlete's last activity.
    """
    period = timedelta(days=1 if one.period == "day" else 7)
    return data.source_day is None or one.end + period >= data.source_day


def _tile(one: StreakSpan, which: str) -> Tile:
    words = f"{which.capitalize()} streak"
    unit = one.period if one.length == 1 else f"{one.period}s"
    # A week goes on to its Sunday, which can be after the export.
    note = (
        f"since {day(one.start)}" if which == "current" else f"{day(one.start)} to {day(one.end)}"
    )
    return Tile(
        name=f"streak-{one.period}-{which}",
        words=words,
        value=number(one.length),
        unit=unit,
        note=note,
    )
