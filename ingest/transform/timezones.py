"""Finds time zones by place or name, and local time by zone."""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.errors import UsageError

#: First and last year of the times that are kept. Clocks that were never set tell the year 1 or
#: 9999, whose local time may not exist.
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199


@functools.lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo | None:
    """The zone of an IANA name, ``None`` where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def home_zone(name: str) -> str:
    """Check the name that ``--timezone`` gives.

    Raises:
        UsageError: no such zone.
    """
    if zone(name) is None:
        raise UsageError(
            f"--timezone {name!r} is no IANA time zone; it looks like Europe/Berlin or "
            "America/New_York"
        )
    return name


def zone_at(latitude: float, longitude: float) -> str | None:
    """The IANA zone of a position."""
    import tzfpy  # imported late: its data takes memory that only files with positions need

    return tzfpy.get_tz(longitude, latitude) or None


def offset_at(name: str, moment: datetime) -> int | None:
    """Local time minus UTC in seconds, in the zone ``name`` at an aware moment.

    ``None`` where the zone is not known, or its local time would be outside of the calendar.
    """
    place = zone(name)
    if place is None:
        return None
    try:
        offset = moment.astimezone(place).utcoffset()
    except OverflowError:
        return None
    return None if offset is None else round(offset.total_seconds())


def wall_time(moment: datetime, offset_s: int) -> datetime | None:
    """The naive local time of an aware moment; ``None`` before the year 1 and after 9999."""
    try:
        return (moment.astimezone(UTC) + timedelta(seconds=offset_s)).replace(tzinfo=None)
    except OverflowError:
        return None
