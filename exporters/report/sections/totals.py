"""Shows the headline numbers and the table of years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from exporters.report.data import Data
from exporters.report.rows import Fact
from exporters.report.section import Section, Table, Tile
from exporters.report.units import Units, number


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    count: int
    km: float
    hours: float
    climb_m: float


def section(data: Data) -> Section:
    """Make the section: four numbers, and the same by year."""
    title, key = "In numbers", "totals"
    if not data.facts:
        return Section(
            key=key, title=title, is_wide=True, empty="There are no activities to count."
        )
    years: defaultdict[int, list[Fact]] = defaultdict(list)
    for day, fact in data.dated:
        years[day.year].append(fact)
    rows = tuple(_row(year, _sums(years[year]), data.units) for year in sorted(years, reverse=True))
    return Section(
        key=key,
        title=title,
        is_wide=True,
        tiles=_tiles(data),
        table=Table(header=_header(data.units), rows=rows),
    )


def _sums(facts: Iterable[Fact]) -> _Sums:
    some = list(facts)
    return _Sums(
        count=len(some),
        km=sum(fact.distance_km for fact in some),
        hours=sum(fact.moving_time_h for fact in some),
        climb_m=sum(fact.total_elevation_gain_m for fact in some),
    )


def _tiles(data: Data) -> tuple[Tile, ...]:
    sums, units = _sums(data.facts), data.units
    return (
        Tile(name="activities", words="Activities", value=number(sums.count)),
        Tile(
            name="distance",
            words="Distance",
            value=number(units.from_km(sums.km)),
            unit=units.distance,
        ),
        Tile(name="time", words="Moving time", value=number(sums.hours), unit="h"),
        Tile(
            name="climb", words="Climb", value=number(units.from_m(sums.climb_m)), unit=units.height
        ),
    )


def _header(units: Units) -> tuple[str, ...]:
    return (
        "Year",
        "Activities",
        f"Distance ({units.distance})",
        "Moving time (h)",
        f"Climb ({units.height})",
    )


def _row(year: int, sums: _Sums, units: Units) -> tuple[str, ...]:
    climb, km = number(units.from_m(sums.climb_m)), number(units.from_km(sums.km))
    return (str(year), number(sums.count), km, number(sums.hours), climb)
