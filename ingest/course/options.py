"""Reads what options of ``predict`` and fields of the page Course hold: times, lengths, stops.

Numbers without a unit are metric.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Final

from ingest.course.plan.plan import Stop
from ingest.errors import UsageError

_DURATION: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):([0-5]\d)")
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_STOP: Final = re.compile(r"(\d{1,4}(?:\.\d{1,2})?)@(.+)")
_LENGTH: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([a-z]*)", re.ASCII)
#: Metres of the units of lengths; of those of heights.
_LENGTHS_M: Final = {"": 1000.0, "km": 1000.0, "mi": 1609.344}
_HEIGHTS_M: Final = {"": 1.0, "m": 1.0, "ft": 0.3048}
#: Seconds per kilometre between which a pace lies.
_PACES: Final = (60, 3600)


def seconds_of(text: str, what: str = "--goal") -> float:
    """Seconds of a duration like 4:00:00, or 45:00 for 45 minutes.

    Raises:
        UsageError: it is none.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None or (found[1] and int(found[2]) > 59):
        raise UsageError(f"{what} {text!r} is no time; write it like 4:00:00, or 45:00")
    seconds = int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])
    if not seconds:
        raise UsageError(f"{what} {text!r} leaves no time; write it like 4:00:00, or 45:00")
    return seconds


def pace_of(text: str, what: str = "--pace") -> float:
    """Seconds per kilometre of a pace like 5:30, or 8:51/mi.

    Raises:
        UsageError: it is none.
    """
    pace, _, unit = text.strip().lower().partition("/")
    found = _DURATION.fullmatch(pace.strip())
    seconds = int(found[2]) * 60 + int(found[3]) if found and not found[1] else 0
    per_km = seconds * 1000.0 / _LENGTHS_M.get(unit.strip(), math.inf)
    if not _PACES[0] <= per_km <= _PACES[1]:
        raise UsageError(
            f"{what} {text!r} is no pace; write minutes and seconds per kilometre, like 5:30, or "
            "per mile, like 8:51/mi"
        )
    return per_km


def distance_of(text: str, what: str = "--distance") -> float:
    """Metres of a length like 25, which are kilometres, or 15.5mi.

    Raises:
        UsageError: it is none.
    """
    problem = f"{what} {text!r} is no length; write kilometres, like 25, or miles, like 15.5mi"
    return _metres(text, _LENGTHS_M, problem)


def climb_of(text: str, what: str = "--climb") -> float:
    """Metres of a height like 1200, or 4000ft.

    Raises:
        UsageError: it is none.
    """
    problem = f"{what} {text!r} is no climb; write metres, like 1200, or feet, like 4000ft"
    return _metres(text, _HEIGHTS_M, problem)


def _metres(text: str, units: Mapping[str, float], problem: str) -> float:
    found = _LENGTH.fullmatch(text.strip().lower())
    if found is None or found[2] not in units:
        raise UsageError(problem)
    return float(found[1]) * units[found[2]]


def clock_of(text: str, what: str = "--start") -> time:
    """The time of day of a text like 9:30.

    Raises:
        UsageError: it is none.
    """
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{what} {text!r} is no time of day; write it like 9:30")
    return time(int(found[1]), int(found[2]))


def day_of(text: str, what: str = "--date") -> date:
    """The day of a text like 2026-05-01.

    Raises:
        UsageError: it is none.
    """
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").date()
    except ValueError as err:
        raise UsageError(f"{what} {text!r} is no day; write it like 2026-05-01") from err


def stops_of(text: str, what: str = "--stops") -> tuple[Stop, ...]:
    """The stops of a text like 5@21,10@19mi: 5 minutes at km 21, 10 minutes at mile 19.

    Raises:
        UsageError: it is none.
    """
    stops = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        problem = (
            f"{what} {part!r} is no stop; write minutes@kilometre, several with commas: "
            "5@21,10@30.5, or minutes@miles: 10@19mi"
        )
        found = _STOP.fullmatch(part)
        if found is None:
            raise UsageError(problem)
        at_m = _metres(found[2], _LENGTHS_M, problem)
        stops.append(Stop(at_m=at_m, seconds=float(found[1]) * 60))
    return tuple(stops)
