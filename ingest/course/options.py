"""Reads what options of ``predict`` and fields of the page Course hold: times, paces, stops."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Final

from ingest.course.plan.plan import Stop
from ingest.errors import UsageError

_DURATION: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):([0-5]\d)")
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_STOP: Final = re.compile(r"(\d{1,4}(?:\.\d{1,2})?)@(\d{1,4}(?:\.\d{1,3})?)")
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
    """Seconds per kilometre of a pace like 5:30.

    Raises:
        UsageError: it is none.
    """
    found = _DURATION.fullmatch(text.strip())
    seconds = int(found[2]) * 60 + int(found[3]) if found and not found[1] else 0
    if not _PACES[0] <= seconds <= _PACES[1]:
        raise UsageError(
            f"{what} {text!r} is no pace; write minutes and seconds per kilometre, like 5:30"
        )
    return seconds


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
    """The stops of a text like 5@21,10@30.5: 5 minutes at km 21, 10 minutes at km 30.5.

    Raises:
        UsageError: it is none.
    """
    stops = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        found = _STOP.fullmatch(part)
        if found is None:
            raise UsageError(
                f"{what} {part!r} is no stop; write minutes@kilometre, several with commas: "
                "5@21,10@30.5"
            )
        stops.append(Stop(at_m=float(found[2]) * 1000, seconds=float(found[1]) * 60))
    return tuple(stops)
