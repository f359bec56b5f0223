"""Converts distances and speeds of an XML file to metres and metres per second.

A unit is believed if other data of the file agrees with it: positions and laps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ingest.transform.positions import steps_m
from ingest.transform.records import FloatArray, LapRow

#: Longest distance (m) and highest speed (m/s) that are believed; more is damage.
_FURTHEST_M: Final = 10_000_000.0
_FASTEST_MPS: Final = 350.0
_M_PER_KM: Final = 1000.0
_KMH_PER_MPS: Final = 3.6
#: Factor within which two statements of one distance agree.
_AGREE: Final = 1.25
#: Metres below which a distance does not show its unit.
_EVIDENCE_M: Final = 5.0
#: Speed (m/s) below anything that moves, and duration (s) above anything that stands: a distance
#: that is this slow for this long is in kilometres.
_CRAWLING_MPS: Final = 0.05
_LASTING_S: Final = 300.0
#: Least metres, and least share of the furthest distance, from which a fall to half means that the
#: distance starts again at zero; the smaller of the two counts.
_FALL_M: Final = 1.0
_FALL: Final = 0.02
#: Seconds between two points above which a speed does not count until the next point.
_HOLD_S: Final = 60.0
#: Metres by which a single value must differ from both neighbours to be damage.
_LEAP_M: Final = 100.0
#: Number of positions that are enough to see whether a distance is in metres.
_COARSE: Final = 100
#: Range of the laps' highest speed in km/h divided by the fastest point's in m/s: around 3.6.
_HIGHEST_KMH: Final = (2.4, 4.8)

IN_KM: Final = "distances of points are in kilometres: converted"
LAPS_IN_KM: Final = "distances of laps are in kilometres: converted"
ADDED_UP: Final = "distances of points start again at zero: added up"
IN_KMH: Final = "speeds of points are in km/h: converted"
LAPS_IN_KMH: Final = "speeds of laps are in km/h: converted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """What else a file says of the distance of its points, in metres.

    ``path_m`` is the length of the way along its positions, ``laps_m`` the total of its laps.
    """

    path_m: float | None = None
    laps_m: float | None = None

    def known(self) -> list[float]:
        """Those that say something, the more reliable first."""
        return [
            metres
            for metres in (self.path_m, self.laps_m)
            if metres is not None and metres > _EVIDENCE_M
        ]


def sane_distances(distance: FloatArray) -> FloatArray:
    """NaN for negative or absurd distances, and for single values far from both neighbours."""
    if distance.min() >= 0 and distance.max() <= _FURTHEST_M:  # NaN compares false
        if (distance[1:] >= distance[:-1]).all():
            return distance
    else:
        distance = np.where((distance >= 0) & (distance <= _FURTHEST_M), distance, np.nan)
    known = np.flatnonzero(~np.isnan(distance))
    values = distance[known]
    if len(values) < 3 or (values[1:] - values[:-1]).min() >= 0:
        return distance
    before, value, after = values[:-2], values[1:-1], values[2:]
    odd = (before <= after) & ((value > after + _LEAP_M) | (value < before - _LEAP_M))
    distance = distance.copy()
    distance[known[1:-1][odd]] = np.nan
    return distance


def in_metres(
    distance: FloatArray, elapsed_s: FloatArray, witnesses: Witnesses
) -> tuple[FloatArray, tuple[str, ...]]:
    """The distances in metres since the start of the file, and what was converted."""
    said: tuple[str, ...] = ()
    added = _added_up(distance, witnesses)
    if added is not None:
        distance, said = added, (ADDED_UP,)
    total = _range(distance)
    seconds = float(elapsed_s[-1] - elapsed_s[0]) if len(elapsed_s) else 0.0
    if total and _is_in_km(total, seconds, witnesses.known()):
        distance, said = distance * _M_PER_KM, (*said, IN_KM)
    return distance, said


def in_mps(
    speed: FloatArray, elapsed_s: FloatArray, distance: FloatArray | None
) -> tuple[FloatArray, tuple[str, ...]]:
    """Speeds of points in metres per second, and whether they were in km/h.

    They were if they lead 3.6 times as far as the distance.
    """
    if distance is None or len(elapsed_s) < 2:
        return speed, ()
    seconds, metres = np.diff(elapsed_s), np.diff(distance)
    led = (speed[1:] + speed[:-1]) / 2 * seconds
    counts = (seconds > 0) & (seconds <= _HOLD_S) & ~np.isnan(led) & ~np.isnan(metres)
    if not _is_kmh(float(led[counts].sum()), float(metres[counts].sum())):
        return speed, ()
    return speed / _KMH_PER_MPS, (IN_KMH,)


def lap_units(
    laps: tuple[LapRow, ...], points: Mapping[str, FloatArray]
) -> tuple[tuple[LapRow, ...], tuple[str, ...]]:
    """Laps in metres and metres per second, without absurd distances; points show their units."""
    laps = tuple(replace(lap, distance_m=_sane_lap(lap)) for lap in laps)
    said = list[str]()
    total, seconds = (
        _sum([lap.distance_m for lap in laps]),
        _sum([lap.elapsed_time_s for lap in laps]),
    )
    of_points = _range(points["distance_m"]) if "distance_m" in points else 0.0
    if total and _is_in_km(total, seconds, [of_points] if of_points > _EVIDENCE_M else []):
        laps = tuple(
            replace(lap, distance_m=lap.distance_m and lap.distance_m * _M_PER_KM) for lap in laps
        )
        said.append(LAPS_IN_KM)
    if _has_average_kmh(laps):
        laps = tuple(replace(lap, average_speed_mps=_slower(lap.average_speed_mps)) for lap in laps)
        said.append(LAPS_IN_KMH)
    if _has_highest_kmh(laps, points):
        laps = tuple(replace(lap, max_speed_mps=_slower(lap.max_speed_mps)) for lap in laps)
        said.append(LAPS_IN_KMH)
    return laps, tuple(dict.fromkeys(said))


def _slower(speed: float | None) -> float | None:
    return None if speed is None else speed / _KMH_PER_MPS


def _has_average_kmh(laps: Sequence[LapRow]) -> bool:
    known = [lap for lap in laps if lap.average_speed_mps and lap.elapsed_time_s and lap.distance_m]
    led = _sum([(lap.average_speed_mps or 0.0) * (lap.elapsed_time_s or 0.0) for lap in known])
    return _is_kmh(led, _sum([lap.distance_m for lap in known]))


def _has_highest_kmh(laps: Sequence[LapRow], points: Mapping[str, FloatArray]) -> bool:
    """Whether the highest speed of the laps is that of the fastest point, but in km/h.

    Without points the file is believed.
    """
    highest = max((lap.max_speed_mps or 0.0 for lap in laps), default=0.0)
    if highest <= 0 or not points:
        return False
    speeds = points.get("speed_mps")
    if speeds is None:
        speeds = _speed_of_distance(points)
    fastest = float(speeds.max(initial=0.0))
    if np.isnan(fastest):
        fastest = float(speeds[~np.isnan(speeds)].max(initial=0.0))
    return fastest > 0 and _HIGHEST_KMH[0] <= highest / fastest <= _HIGHEST_KMH[1]


def _speed_of_distance(points: Mapping[str, FloatArray]) -> FloatArray:
    distance = points.get("distance_m")
    if distance is None:
        return np.zeros(0)
    known = ~np.isnan(distance)
    seconds, metres = np.diff(points["elapsed_s"][known]), np.diff(distance[known])
    moving = seconds > 0
    return np.asarray(metres[moving] / seconds[moving], np.float64)


def agrees(laps_m: float | None, distance: FloatArray, elapsed_s: FloatArray) -> bool:
    """Whether laps and points agree on a distance; positions need not be measured then.

    A distance too slow for anything that moves is no agreement.
    """
    total = _range(distance)
    if (
        not laps_m
        or total <= _EVIDENCE_M
        or total < _CRAWLING_MPS * float(elapsed_s[-1] - elapsed_s[0])
    ):
        return False
    return laps_m / _AGREE <= total <= laps_m * _AGREE


def way_along(latitude: FloatArray, longitude: FloatArray, distance: FloatArray) -> float | None:
    """The length of a path in metres, measured only roughly if that agrees with the distance."""
    total_m = _range(distance)
    for stride in (max(1, len(latitude) // _COARSE), 1):
        north, east = latitude[::stride], longitude[::stride]
        known = ~np.isnan(north)
        length = float(steps_m(north[known], east[known]).sum())
        if total_m / 3 <= length <= total_m * 3:
            break
    return length or None


def lap_total(laps: Sequence[LapRow]) -> float | None:
    """The distance of all laps; ``None`` if one of them has none."""
    distances = [_sane_lap(lap) for lap in laps]
    return None if not distances or None in distances else _sum(distances)


def _sane_lap(lap: LapRow) -> float | None:
    distance = lap.distance_m
    if distance is None or not 0 <= distance <= _FURTHEST_M:
        return None
    is_possible = (
        not lap.elapsed_time_s or distance <= _FASTEST_MPS * lap.elapsed_time_s + _M_PER_KM
    )
    return distance if is_possible else None


def _sum(values: Sequence[float | None]) -> float:
    return float(sum(value for value in values if value is not None))


def _range(distance: FloatArray) -> float:
    extent = distance.max() - distance.min() if len(distance) else np.nan
    if np.isnan(extent):
        known = distance[~np.isnan(distance)]
        extent = known.max() - known.min() if len(known) else 0.0
    return float(extent)


def _added_up(distance: FloatArray, witnesses: Witnesses) -> FloatArray | None:
    """Distances that start again at zero in each lap or segment, added up.

    ``None`` if they do not start again, or if positions or laps contradict the sum.
    """
    known = np.flatnonzero(~np.isnan(distance))
    values = distance[known]
    if len(values) < 2 or (values[1:] - values[:-1]).min() >= 0:
        return None
    falls = (values[1:] <= values[:-1] / 2) & (
        values[:-1] > min(_FALL_M, _FALL * float(values.max()))
    )
    if not falls.any():
        return None
    added = distance.copy()
    added[known[1:]] += np.cumsum(np.where(falls, values[:-1], 0.0))
    total, stated = _range(added), _range(distance)
    for told in witnesses.known():
        scaled = min((told, told / _M_PER_KM), key=lambda metres: abs(np.log(metres / total)))
        return added if abs(np.log(scaled / total)) <= abs(np.log(scaled / stated)) else None
    return added


def _is_in_km(total: float, seconds: float, others: Sequence[float]) -> bool:
    """Whether a total is in kilometres.

    It is if it agrees with the others only as kilometres, or if there are no others and it would be
    too slow as metres.
    """
    for other in others:
        if other / _AGREE <= total * _M_PER_KM <= other * _AGREE:
            return True
        if other / _AGREE <= total <= other * _AGREE and total / max(seconds, 1.0) >= _CRAWLING_MPS:
            return False
    slow = seconds >= _LASTING_S and total / seconds < _CRAWLING_MPS
    return slow and not others and total * _M_PER_KM / seconds <= _KMH_PER_MPS * 10


def _is_kmh(led: float, metres: float) -> bool:
    return metres > _EVIDENCE_M and metres / _AGREE <= led / _KMH_PER_MPS <= metres * _AGREE
