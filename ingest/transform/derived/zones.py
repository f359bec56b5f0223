"""Computes the time that was spent in each of the athlete's zones."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Final, Literal

import numpy as np

from ingest.transform.derived.course import Course
from ingest.transform.detail_records import ZoneTimeRow

#: Upper bounds of all heart-rate zones but the last, in percent of the maximum. With 185 bpm they
#: give 120, 149, 164 and 179, which Strava answered for an athlete without zones of their own.
HEARTRATE_PCT: Final = (65, 81, 89, 97)
#: Maximum heart rate that Strava assumes where it knows neither that nor the age.
ASSUMED_MAX_BPM: Final = 190.0
#: Upper bounds of all power zones but the last, in percent of FTP: Coggan's seven levels.
POWER_PCT: Final = (55, 75, 90, 105, 120, 150)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """Upper bounds of all zones but the last, which is open: ascending, in bpm and W.

    They are empty where they are not known. The sources are "api" for the athlete's zones as Strava
    has them, "default" for percentages.
    """

    heartrate: tuple[float, ...] = ()
    power: tuple[float, ...] = ()
    heartrate_source: str = "default"
    power_source: str = "default"


def default_zones(max_heartrate_bpm: float | None, ftp_w: float | None) -> Zones:
    """Strava's zones for an athlete who set none: percentages, cut to whole beats and watts.

    Without FTP there are no power zones.
    """
    heartrate = _bounds(max_heartrate_bpm, HEARTRATE_PCT) or _bounds(ASSUMED_MAX_BPM, HEARTRATE_PCT)
    return Zones(heartrate=heartrate, power=_bounds(ftp_w, POWER_PCT))


def zone_times(course: Course, zones: Zones) -> tuple[ZoneTimeRow, ...]:
    """Seconds spent in each zone, also in those where it is 0.

    A sensor that was not recorded, or whose zones are not known, gives no rows. ``Course.held``
    says for how long a value counts.
    """
    return (
        *_times("heartrate", course, "heartrate_bpm", zones.heartrate, zones.heartrate_source),
        *_times("power", course, "power_w", zones.power, zones.power_source),
    )


def _bounds(of: float | None, percents: tuple[int, ...]) -> tuple[float, ...]:
    if of is None or not isfinite(of) or of <= 0:
        return ()
    return tuple(float(of * percent // 100) for percent in percents)


def _times(
    zone_type: Literal["heartrate", "power"],
    course: Course,
    column: str,
    bounds: tuple[float, ...],
    source: str,
) -> list[ZoneTimeRow]:
    if column not in course.sensors or not bounds:
        return []
    values, held = course.held(course.sensors[column])
    # A value on a bound belongs to the zone below it. NaN sorts behind all bounds, but holds for no
    # time.
    zone = np.searchsorted(np.array(bounds), values)
    times = np.bincount(zone, held, len(bounds) + 1)
    edges = (0.0, *bounds, None)
    return [
        ZoneTimeRow(
            zone_type=zone_type,
            zone_index=index + 1,
            lower_bound=edges[index] or 0.0,
            upper_bound=edges[index + 1],
            time_s=round(time, 3),
            source=source,
        )
        for index, time in enumerate(times.tolist())
    ]
