"""Gives the highest speed possible in a sport; a position that needs more has jumped."""

from __future__ import annotations

from typing import Final

#: Metres per second -> sports that are never faster, as Strava and as files call them. Each speed
#: is a little above the record, downhill included.
_FASTEST: Final[tuple[tuple[float, str], ...]] = (
    (5.0, "swim swimming openwaterswimming openwaterswim lapswimming poolswim"),
    (
        12.5,
        """run running trailrun trailrunning virtualrun treadmillrunning streetrunning
            trackrunning walk walking hike hiking mountaineering snowshoe snowshoeing
            rockclimbing climbing golf soccer football tennis""",
    ),
    (
        12.5,
        """rowing virtualrow canoeing kayaking paddling standuppaddling standuppaddleboarding
            elliptical stairstepper""",
    ),
    (25.0, "nordicski crosscountryskiing rollerski iceskate iceskating wheelchair"),
    (
        35.0,
        "inlineskate inlineskating skateboard surfing windsurf windsurfing kitesurf kitesurfing "
        "sail sailing",
    ),
    (
        45.0,
        """ride biking cycling bike roadbiking roadcycling virtualride gravelride gravelcycling
            mountainbikeride mountainbiking ebikeride emountainbikeride ebiking velomobile
            handcycle""",
    ),
    (
        75.0,
        "alpineski alpineskiing downhillskiing backcountryski backcountryskiing snowboard "
        "snowboarding skiing",
    ),
)
#: Limit for an unknown sport: faster than an airliner with a tail wind.
_ANYTHING_MPS: Final = 350.0
_BY_WORD: Final = {word: speed for speed, words in _FASTEST for word in words.split()}


def fastest_mps(sport: str | None) -> float:
    """Metres per second that nobody exceeds in a sport; a generous limit if it is not known."""
    word = "".join(filter(str.isalpha, (sport or "").lower()))
    return _BY_WORD.get(word, _ANYTHING_MPS)
