"""Decides whether two recordings are of one activity: by time, sport, and device or route."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

import numpy as np

from ingest.transform.derived.polyline import places_of
from ingest.transform.records import FloatArray

#: Most seconds between the two starts.
_START_S: Final = 60.0
#: Share of the longer one that both last together, and share of positions that lie near the other's
#: route.
_SHARE: Final = 0.8
_NEAR_M: Final = 100.0
#: How many positions of a route are looked at, evenly along it.
_POSITIONS: Final = 100
_M_PER_DEGREE: Final = 111_195.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingOutline:
    """What tells whether a recording is of the same activity as another one."""

    start_time_utc: datetime
    elapsed_time_s: float | None = None
    #: A group of sports that devices and athletes take for one another; ``None`` if unknown.
    sport_group: str | None = None
    device_serial_number: str | None = None
    route_polyline: str | None = None

    @property
    def made_by(self) -> tuple[str, datetime] | None:
        """The device and the second: no two activities of different people share both."""
        serial = self.device_serial_number
        return None if serial is None else (serial, self.start_time_utc)


def minute_of(start: datetime) -> int:
    """Number of the minute of a start: those of one activity lie at most one apart."""
    return int(start.timestamp() // _START_S)


def is_same_activity(one: RecordingOutline, other: RecordingOutline) -> bool:
    """Whether both are of one activity: it starts within 60 s, has sports of one group, lasts
    together for 80 % of the longer one, and the device or the route agrees.
    """
    return (
        abs((one.start_time_utc - other.start_time_utc).total_seconds()) <= _START_S
        and (None in (groups := {one.sport_group, other.sport_group}) or len(groups) == 1)
        and _last_together(one, other)
        and (_same_device(one, other) or _same_route(one.route_polyline, other.route_polyline))
    )


def _last_together(one: RecordingOutline, other: RecordingOutline) -> bool:
    if one.elapsed_time_s is None or other.elapsed_time_s is None:
        return True  # nothing speaks against it
    offset = (other.start_time_utc - one.start_time_utc).total_seconds()
    together = min(one.elapsed_time_s, offset + other.elapsed_time_s) - max(0.0, offset)
    return together >= _SHARE * max(one.elapsed_time_s, other.elapsed_time_s)


def _same_device(one: RecordingOutline, other: RecordingOutline) -> bool:
    return one.device_serial_number is not None and (
        one.device_serial_number == other.device_serial_number
    )


def _same_route(one: str | None, other: str | None) -> bool:
    """Whether 80 % of each route's positions lie within 100 m of the other route."""
    if not one or not other:
        return False
    return _share_near(one, other) >= _SHARE and _share_near(other, one) >= _SHARE


def _share_near(positions_of: str, route: str) -> float:
    """The share of the positions of one route that lie near another one."""
    places = _even_places(positions_of)
    line = _metres(route, *_origin(positions_of))
    begin, step = line[:-1], np.diff(line, axis=0)
    if not len(begin):
        begin, step = line, np.zeros_like(line)
    # The nearest place of each piece of the line: how far along it, from 0 to 1.
    length = np.maximum((step**2).sum(axis=1), 1e-9)
    along = (((places[:, None] - begin) * step).sum(axis=2) / length).clip(0.0, 1.0)
    away = places[:, None] - (begin + along[..., None] * step)
    return float((np.hypot(away[..., 0], away[..., 1]).min(axis=1) <= _NEAR_M).mean())


@lru_cache(maxsize=256)
def _even_places(route: str) -> FloatArray:
    """Positions at equal distances along a route, in metres from its own beginning."""
    line = _metres(route, *_origin(route))
    steps = np.diff(line, axis=0)
    covered = np.concatenate([[0.0], np.hypot(steps[:, 0], steps[:, 1]).cumsum()])
    at = np.linspace(0.0, covered[-1], _POSITIONS)
    places: FloatArray = np.stack(
        [np.interp(at, covered, line[:, axis]) for axis in (0, 1)], axis=1
    )
    return places


def _origin(route: str) -> tuple[float, float]:
    latitude, longitude = places_of(route)
    return float(latitude[0]), float(longitude[0])


def _metres(route: str, latitude_0: float, longitude_0: float) -> FloatArray:
    """The corners of a route in metres north and east of a place, on a flat map around it."""
    latitude, longitude = places_of(route)
    # The shorter way around the globe.
    east = (longitude - longitude_0 + 180.0) % 360.0 - 180.0
    scale = _M_PER_DEGREE * np.cos(np.radians(latitude_0))
    metres: FloatArray = np.stack([(latitude - latitude_0) * _M_PER_DEGREE, east * scale], axis=1)
    return metres
