"""Names sport groups, and the CSS class that colours each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from exporters.report.rows import Fact
from exporters.report.section import Key

_NAMES: Final = {
    "run": "Run",
    "ride": "Ride",
    "swim": "Swim",
    "walk": "Walk & hike",
    "winter": "Winter",
    "water": "Water",
    "strength": "Strength",
    "fitness": "Fitness",
    "ball": "Ball games",
    "other": "Other",
    "all": "All sports",
}


def sport_name(group: str) -> str:
    """The name of a group."""
    return _NAMES.get(group, group.capitalize())


def sport_class(group: str) -> str:
    """The CSS class that colours a group."""
    return f"s-{group}" if group in _NAMES else "s-other"


def by_distance(facts: Iterable[Fact]) -> list[str]:
    """The groups that covered a distance, the longest first."""
    sums: defaultdict[str, float] = defaultdict(float)
    for fact in facts:
        sums[fact.sport_group] += fact.distance_km
    return [group for group, km in sorted(sums.items(), key=lambda item: -item[1]) if km > 0]


def legend(groups: Iterable[str]) -> tuple[Key, ...]:
    """One entry per group."""
    return tuple(Key(name=sport_class(group), words=sport_name(group)) for group in groups)
