"""Formats figures for people: durations, dates, and numbers in the athlete's units."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from exporters.report.units import number


def duration(seconds: float | None) -> str:
    """Hours, minutes and seconds; below an hour minutes and seconds."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def iso_day(at: datetime | None) -> str:
    """The date, as ISO 8601 writes it."""
    return "" if at is None else f"{at:%Y-%m-%d}"


def to_minute(at: datetime | None) -> str:
    """Date and time to the minute."""
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"


def by_this_clock(at: datetime) -> str:
    """Date and time to the minute by this machine's clock."""
    return to_minute(at.astimezone())


def figure(value: float | None, digits: int = 0) -> str:
    """A number with spaces between thousands; nothing for one that is not known."""
    return "" if value is None else number(value, digits)


def size(count: int) -> str:
    """A size of files: in whole kB below a MB, since only nothing has 0 kB."""
    if count < 1e6:
        return f"{number(math.ceil(count / 1e3))} kB"
    return f"{number(count / 1e6, 1)} MB" if count < 1e9 else f"{number(count / 1e9, 1)} GB"


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "day": iso_day,
    "duration": duration,
    "figure": figure,
    "by_this_clock": by_this_clock,
    "size": size,
    "to_minute": to_minute,
}
