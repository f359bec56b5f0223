"""The points of one activity in, what can be computed from them alone out: splits, best efforts, power curve, zone times, route.

Pure functions; docs/definitions.md says what each figure is and where its definition comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ingest.derived.course import course_of
from ingest.derived.efforts import best_efforts
from ingest.derived.power import power_curve
from ingest.derived.route import Bounds, route_of
from ingest.derived.splits import splits_of
from ingest.derived.zones import Zones, default_zones, zone_times
from ingest.effort_rows import BestEffortRow, PowerPoint, SplitRow, ZoneTime
from ingest.rows import FloatArray

__all__ = ["NOTHING", "NO_ZONES", "Derived", "Zones", "default_zones", "derive"]

NO_ZONES = default_zones(None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What the points of one activity give; empty or ``None`` where they lack what it takes."""

    splits: tuple[SplitRow, ...] = ()
    best_efforts: tuple[BestEffortRow, ...] = ()
    power_curve: tuple[PowerPoint, ...] = ()
    zone_times: tuple[ZoneTime, ...] = ()
    #: The simplified route, Google's encoding of five decimals.
    polyline: str | None = None
    #: South, west, north and east of all positions, in degrees.
    bounds: Bounds | None = None


NOTHING = Derived()


def derive(
    points: Mapping[str, FloatArray], *, sport_type: str | None, zones: Zones, start_time_utc: datetime | None
) -> Derived:
    """All figures of one activity.

    ``points`` are those of a ``Recording``: columns of one length by name, NaN for unknown. ``sport_type`` is Strava's word;
    ``start_time_utc`` is the moment that ``elapsed_s`` counts from. Any numbers are accepted and none raises an error; what
    cannot be a measurement is taken for unknown.
    """
    with np.errstate(all="ignore"):
        polyline, bounds = route_of(points)
        track = course_of(points, sport_type)
        if track is None:
            return Derived(polyline=polyline, bounds=bounds)
        return Derived(
            splits=splits_of(track),
            best_efforts=best_efforts(track, sport_type, start_time_utc),
            power_curve=power_curve(track),
            zone_times=zone_times(track, zones),
            polyline=polyline,
            bounds=bounds,
        )
