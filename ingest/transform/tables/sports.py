"""Translates a sport of an export, in any language, to the API's ``sport_type``."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from ingest.transform.tables.languages import LANGUAGES
from ingest.transform.tables.names import squeeze

_WORDS = """
    AlpineSki BackcountrySki Badminton Basketball Canoeing Cricket Crossfit Dance EBikeRide
    Elliptical EMountainBikeRide Golf GravelRide Handcycle HighIntensityIntervalTraining Hike
    IceSkate InlineSkate Kayaking Kitesurf MountainBikeRide NordicSki Padel PhysicalTherapy
    Pickleball Pilates Racquetball Ride RockClimbing RollerSki Rowing Run Sail Skateboard Snowboard
    Snowshoe Soccer Squash StairStepper StandUpPaddling Surfing Swim TableTennis Tennis TrailRun
    Velomobile VirtualRide VirtualRow VirtualRun Volleyball Walk WeightTraining Wheelchair Windsurf
    Workout Yoga
"""

#: Every ``sport_type`` of the API, as of 2026.
SPORT_TYPES: Final = frozenset(_WORDS.split())

_BY_LABEL: Final = {squeeze(word): word for word in SPORT_TYPES} | {
    squeeze(label): word
    for language in LANGUAGES
    for word, labels in language.sports.items()
    for label in labels
}


@lru_cache(maxsize=1024)
def sport_type(label: str) -> str | None:
    """The API's word for a sport, ``None`` if the label is not known.

    The export writes the older ``type``: a trail run is a ``Run`` there, a mountain bike ride a
    ``Ride``.
    """
    return _BY_LABEL.get(squeeze(label))
