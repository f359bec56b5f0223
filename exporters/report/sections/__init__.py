"""Lists the sections of the report in the order of the page.

Each is a function that makes one ``Section`` of what was read, or ``None`` if it is about a sport
that does not matter to the athlete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from exporters.report.data import Data
from exporters.report.section import Section
from exporters.report.sections import (
    calendar_map,
    climb_speed,
    efforts,
    gear,
    load,
    longest,
    milestones,
    power,
    route_map,
    routes,
    split_pace,
    swim_bests,
    swim_pace,
    totals,
    weekly,
    years,
    zones,
)

Make = Callable[[Data], Section | None]
_FIRST: Final[tuple[Make, ...]] = (
    totals.section,
    weekly.section,
    years.section,
    calendar_map.section,
    milestones.section,
    gear.section,
)
#: Sections of a sport; the sport that the athlete spends most time on comes first.
_OF_SPORTS: Final[dict[str, tuple[Make, ...]]] = {
    "run": (split_pace.section, efforts.section, longest.longest_runs),
    "ride": (power.section, climb_speed.section, longest.longest_rides),
    "swim": (swim_pace.section, swim_bests.section, longest.longest_swims),
}
_LAST: Final[tuple[Make, ...]] = (zones.section, load.section, route_map.section, routes.section)
SECTION_COUNT: Final = len(_FIRST) + len(_LAST) + sum(map(len, _OF_SPORTS.values()))


def made_sections(data: Data, advance: Callable[[], object] = lambda: None) -> list[Section]:
    """The sections of the page; ``advance`` is called ``SECTION_COUNT`` times."""
    found = []
    for make in _ordered(data):
        found.append(make(data))
        advance()
    return [one for one in found if one]


def _ordered(data: Data) -> Iterator[Make]:
    yield from _FIRST
    sports = sorted(
        _OF_SPORTS, key=lambda group: -sum(fact.moving_time_h for fact in data.of_sport(group))
    )
    for group in sports:
        yield from _OF_SPORTS[group]
    yield from _LAST
