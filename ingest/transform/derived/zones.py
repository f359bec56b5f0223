"""Computes the time that was spent in each of the athlete's zones."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Final, Literal

import numpy as np

from ingest.transform.derived.course import Course
from ingest.transform.detail_records import ZoneTimeRow

#: Upper bounds of all zones but the last, in percent of the highest heart rate: with 185 bpm they
#: give the 120, 149, 164 and 179 that Strava answered for an athlete without zones of their own.
HEARTRATE_PCT: Final = (65, 81, 89, 97)
#: What Strava takes for the maximum where it knows neither that nor the age.
ASSUMED_MAX_BPM: Final = 190.0
#: The same of functional threshold power: Coggan's seven levels.
POWER_PCT: Final = (55, 75, 90, 105, 120, 150)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """Upper bounds of all zones but the open last one, ascending, in bpm and W; empty where they
    are not known.

    The sources are "api" for the athlete's zones as Strava has them, "default" for percentages.
    """

    heartrate: tuple[float, ...] = ()
    power: tuple[float, ...] = ()
    heartrate_source: str = "default"
    power_source: str = "default"


def default_zones(max_heartrate_bpm: float | None, ftp_w: float | None) -> Zones:
    """Strava's zones of an athlete who set none: percentages, cut to whole beats and watts; of
    power none without FTP.
    """
    heartrate = _bounds(max_heartrate_bpm, HEARTRATE_PCT) or _bounds(ASSUMED_MAX_BPM, HEARTRATE_PCT)
    return Zones(heartrate=heartrate, power=_bounds(ftp_w, POWER_PCT))


def zone_times(course: Course, zones: Zones) -> tuple[ZoneTimeRow, ...]:
    """Seconds in each zone, zones without any included; none for a sensor or for zones that are not
    known.

    ``Course.held`` says how long a value counts.
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
    # A value on a bound belongs to the zone below it; NaN sorts behind all bounds and stands for no
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
