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
    """The numbers, and the same by year."""
    title, key = "In numbers", "totals"
    if not data.facts:
        return Section(
            key=key, title=title, is_wide=True, empty="There are no activities to count."
        )
    years: defaultdict[int, list[Fact]] = defaultdict(list)
    for day, fact in data.dated:
        years[day.year].append(fact)
    every = _sums(data.facts)
    has_climb = every.climb_m > 0  # swimmers have none
    tiles = _tiles(every, data.units, has_climb=has_climb)
    header = (
        "Year",
        *(f"{tile.words} ({tile.unit})" if tile.unit else tile.words for tile in tiles),
    )
    rows = []
    for year in sorted(years, reverse=True):
        of_year = _tiles(_sums(years[year]), data.units, has_climb=has_climb)
        rows.append((str(year), *(tile.value for tile in of_year)))
    table = Table(header=header, rows=tuple(rows))
    return Section(key=key, title=title, is_wide=True, tiles=tiles, table=table)


def _sums(facts: Iterable[Fact]) -> _Sums:
    some = list(facts)
    return _Sums(
        count=len(some),
        km=sum(fact.distance_km for fact in some),
        hours=sum(fact.moving_time_h for fact in some),
        climb_m=sum(fact.total_elevation_gain_m for fact in some),
    )


def _tiles(sums: _Sums, units: Units, *, has_climb: bool) -> tuple[Tile, ...]:
    km, climb = number(units.from_km(sums.km)), number(units.from_m(sums.climb_m))
    tiles = (
        Tile(name="activities", words="Activities", value=number(sums.count)),
        Tile(name="distance", words="Distance", value=km, unit=units.distance),
        Tile(name="time", words="Moving time", value=number(sums.hours), unit="h"),
        Tile(name="climb", words="Climb", value=climb, unit=units.height),
    )
    return tiles if has_climb else tiles[:-1]
