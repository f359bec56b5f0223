"""Gives the speed that nobody exceeds in a sport: a position that would take more has jumped."""

from __future__ import annotations

from typing import Final

#: Metres per second, and the sports: Strava's words, and those that files use. A little above the
#: records, downhill included.
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
#: Of what nobody knows the sport of: faster than airliners with the wind behind them.
_ANYTHING_MPS: Final = 350.0
_BY_WORD: Final = {word: speed for speed, words in _FASTEST for word in words.split()}


def fastest_mps(sport: str | None) -> float:
    """The speed beyond all records of a sport, generous for one that is not known."""
    word = "".join(filter(str.isalpha, (sport or "").lower()))
    return _BY_WORD.get(word, _ANYTHING_MPS)
