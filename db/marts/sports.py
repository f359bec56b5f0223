"""Maps Strava's ``sport_type`` to one of ten sport groups; the only place that does."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

_WORDS: Final = {
    "run": "Run TrailRun VirtualRun",
    "ride": """Ride EBikeRide EMountainBikeRide GravelRide Handcycle MountainBikeRide Velomobile
        VirtualRide""",
    "swim": "Swim",
    "walk": "Walk Hike",
    "winter": "AlpineSki BackcountrySki IceSkate NordicSki Snowboard Snowshoe",
    "water": "Canoeing Kayaking Kitesurf Rowing Sail StandUpPaddling Surfing VirtualRow Windsurf",
    "strength": "Crossfit WeightTraining",
    "fitness": "Dance Elliptical HighIntensityIntervalTraining PhysicalTherapy Pilates "
    "StairStepper Workout Yoga",
    "ball": """Badminton Basketball Cricket Padel Pickleball Racquetball Soccer Squash
        TableTennis Tennis Volleyball""",
    "other": "Golf InlineSkate RockClimbing RollerSki Skateboard Wheelchair",
}

OTHER: Final = "other"
#: Name of the group that stands for all sports together.
ALL: Final = "all"


_GROUPS: Final = {word: group for group, words in _WORDS.items() for word in words.split()}


def group_of(sport_type: str | None) -> str | None:
    """The group of one sport; ``None`` where it is unknown."""
    return None if sport_type is None else _GROUPS.get(sport_type, OTHER)


def sport_group(sport_type: Any) -> sa.ColumnElement[str]:
    """The group of a sport; ``other`` for unknown sports, and for those that Strava may add."""
    groups = [
        (sport_type.in_(words.split()), group) for group, words in _WORDS.items() if group != OTHER
    ]
    return sa.case(*groups, else_=OTHER)
