"""Lists the longest activities of the sports that matter to the athlete."""

from __future__ import annotations

from typing import Final

from exporters.report.data import Data
from exporters.report.rows import Fact
from exporters.report.section import Cell, Link, Section, Table
from exporters.report.units import Units, day, duration, number, pace

_MOST: Final = 10


def longest_rides(data: Data) -> Section | None:
    """Make the table of rides."""
    return _section(data, "ride", "Longest rides")


def longest_runs(data: Data) -> Section | None:
    """Make the table of runs."""
    return _section(data, "run", "Longest runs")


def longest_swims(data: Data) -> Section | None:
    """Make the table of swims."""
    return _section(data, "swim", "Longest swims")


def _section(data: Data, sport: str, title: str) -> Section | None:
    """The table of a sport; one that does not matter, or has no distances, has none."""
    some = [fact for fact in data.of_sport(sport) if fact.distance_km > 0]
    if not some or not data.matters(sport):
        return None
    longest = sorted(some, key=lambda fact: -fact.distance_km)[:_MOST]
    units = data.units
    has_climb = any(fact.total_elevation_gain_m for fact in longest)
    pace_words = f"min/{units.pool if sport == 'swim' else units.distance}"
    header = ["Day", f"Distance ({units.distance})", "Moving time"]
    header.append(units.speed if sport == "ride" else pace_words)
    header += [f"Climb ({units.height})"] if has_climb else []
    rows = tuple(_row(sport, fact, units, has_climb=has_climb) for fact in longest)
    table = Table(header=(*header, "Activity"), rows=rows, texts=frozenset({0, len(header)}))
    return Section(key=f"longest-{sport}", title=title, is_wide=True, table=table)


def _row(sport: str, fact: Fact, units: Units, *, has_climb: bool) -> tuple[Cell, ...]:
    seconds = fact.moving_time_h * 3600
    cells: list[Cell] = [
        Link(words=day(fact.local_date), href=fact.strava_url),
        number(units.from_km(fact.distance_km), 2 if sport == "swim" else 1),
        duration(seconds) if seconds else "",
        _speed(sport, fact, units) if seconds else "",
    ]
    if has_climb:
        cells.append(number(units.from_m(fact.total_elevation_gain_m)))
    return (*cells, fact.name)


def _speed(sport: str, fact: Fact, units: Units) -> str:
    metres, seconds = fact.distance_km * 1000, fact.moving_time_h * 3600
    if sport == "ride":
        return number(units.from_km(fact.distance_km) / fact.moving_time_h, 1)
    return pace(
        units.swim_pace(metres, seconds) if sport == "swim" else units.pace(metres, seconds)
    )
