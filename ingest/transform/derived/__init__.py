"""Computes from points alone: splits, best efforts, power curve, heart rate, route.

Pure functions. docs/definitions.md says what each figure is and where its definition comes from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from ingest.transform.derived.course import Course, course_of
from ingest.transform.derived.efforts import best_efforts
from ingest.transform.derived.heartrate import decoupling, heartrate_bands
from ingest.transform.derived.moving import NOTHING_TOLD, RUNS, Told
from ingest.transform.derived.power import power_curve
from ingest.transform.derived.route import NO_ROUTE, DrawnRoute, route_of
from ingest.transform.derived.splits import splits_of
from ingest.transform.derived.zones import Zones, default_zones, zone_times
from ingest.transform.detail_records import (
    BestEffortRow,
    DecouplingRow,
    HeartrateBandRow,
    PowerPoint,
    SplitRow,
    ZoneTimeRow,
)
from ingest.transform.grade import Pieces, pieces_of
from ingest.transform.pool_lengths import swum
from ingest.transform.records import FloatArray, LengthRow

__all__ = [
    "ASSUMED_ZONES",
    "NOTHING",
    "NOTHING_TOLD",
    "POINTS_ALONE",
    "Derived",
    "Told",
    "Zones",
    "default_zones",
    "derive",
    "is_current",
]

#: Zones of an athlete of whom neither zones nor maximum heart rate nor FTP are known.
ASSUMED_ZONES = default_zones(None, None)
#: Version of the computations. Raise it when a figure comes out differently than before: the next
#: run then computes what databases hold anew.
_VERSION: Final = 6
#: Separator of the parts of a basis.
_AND: Final = "; "
#: Part of the basis of figures computed without what the file said beside its points, because the
#: database does not hold that.
POINTS_ALONE: Final = "points alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """The figures computed from one activity's points; empty or ``None`` where data is missing."""

    splits: tuple[SplitRow, ...] = ()
    best_efforts: tuple[BestEffortRow, ...] = ()
    power_curve: tuple[PowerPoint, ...] = ()
    zone_times: tuple[ZoneTimeRow, ...] = ()
    heartrate_bands: tuple[HeartrateBandRow, ...] = ()
    #: One row, or none where it means nothing.
    decoupling: tuple[DecouplingRow, ...] = ()
    route: DrawnRoute = NO_ROUTE
    #: What the figures depend on besides the points; ``is_current`` compares it.
    basis: str | None = None


NOTHING = Derived()


def derive(
    points: Mapping[str, FloatArray],
    *,
    sport_type: str | None,
    zones: Zones,
    start_time_utc: datetime | None,
    told: Told | None = NOTHING_TOLD,
    lengths: Sequence[LengthRow] = (),
) -> Derived:
    """All figures of one activity.

    ``points`` are those of a ``Recording``: columns of one length by name, NaN for unknown.
    ``sport_type`` is the API's word. ``start_time_utc`` is the moment that ``elapsed_s`` counts
    from. ``lengths`` are pool lengths from the file of the points. ``told`` is what the source says
    beside the points; ``None`` means that it said more than the database holds, and marks the
    figures as made from points alone. Values that no sensor can give count as unknown; no input
    raises an error.
    """
    basis = _basis(points, sport_type, zones, is_whole=told is not None)
    told = told or NOTHING_TOLD
    with np.errstate(all="ignore"):
        route = route_of(points)
        track = course_of(
            points,
            sport_type,
            told,
            swum(lengths, start_time_utc) if lengths and start_time_utc else None,
        )
        if track is None:
            return Derived(route=route, basis=basis)
        pieces = _pieces(track) if sport_type in RUNS else None
        return Derived(
            splits=splits_of(track, told, pieces),
            best_efforts=best_efforts(track, sport_type, start_time_utc),
            power_curve=power_curve(track),
            zone_times=zone_times(track, zones),
            heartrate_bands=heartrate_bands(track),
            decoupling=decoupling(track, sport_type, pieces),
            route=route,
            basis=basis,
        )


def _pieces(course: Course) -> Pieces | None:
    altitude = course.sensors.get("altitude_m")
    if altitude is None or course.distance_m is None:
        return None
    return pieces_of(course.distance_m, altitude)


def is_current(basis: str | None, sport_type: str | None, zones: Zones) -> bool:
    """Whether computing figures of this basis again, for this sport and zones, changes nothing."""
    if basis is None:
        return False
    made, *with_zones = basis.split(_AND)
    now, *zones_now = _rests_on(sport_type, zones)
    return made == now and set(with_zones) - {POINTS_ALONE} <= set(zones_now)


def _basis(
    points: Mapping[str, FloatArray], sport_type: str | None, zones: Zones, *, is_whole: bool
) -> str:
    """What figures depend on: version, kind of sport, zones, and whether only points were known.

    Only the zones that the points have values for are part of it.
    """
    made, heartrate, power = _rests_on(sport_type, zones)
    used = (("heartrate_bpm", heartrate), ("power_w", power))
    alone = () if is_whole else (POINTS_ALONE,)
    return _AND.join((made, *(zone for column, zone in used if column in points), *alone))


def _rests_on(sport_type: str | None, zones: Zones) -> tuple[str, str, str]:
    kind = sport_type if sport_type == "Swim" else "run" if sport_type in RUNS else "other"
    of_heartrate, of_power = (
        " ".join(f"{bound:g}" for bound in bounds) for bounds in (zones.heartrate, zones.power)
    )
    return (
        f"version {_VERSION}, {kind}",
        f"heart rate {zones.heartrate_source} {of_heartrate}",
        f"power {zones.power_source} {of_power}",
    )
