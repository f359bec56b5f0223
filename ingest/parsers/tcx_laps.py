"""Texts of TCX laps and activities in, ``LapRow`` and ``SessionRow`` out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from ingest.parsers.point_columns import Clock, number
from ingest.parsers.tcx_reader import RawActivity, RawLap
from ingest.parsers.times import parse_time
from ingest.rows import FloatArray, LapRow, SessionRow

#: Some programs write MaximumSpeed in km/h: then the highest of a file is so many times its fastest point (3.6, give or take).
_KMH: Final = (2.4, 4.8)


def lap_rows(laps: Sequence[RawLap], columns: Mapping[str, FloatArray | None], times: Clock) -> tuple[LapRow, ...]:
    """The laps of a file; its points tell the unit of the maximum speeds."""
    speeds = [_number(lap, "maximumspeed") for lap in laps]
    with np.errstate(all="ignore"):  # a file may state any number
        scale = _scale(speeds, columns, times)
    return tuple(
        _lap_row(index, lap, None if speed is None else speed / scale)
        for index, (lap, speed) in enumerate(zip(laps, speeds, strict=True))
    )


def session_rows(activities: Sequence[RawActivity], laps: Sequence[LapRow]) -> tuple[SessionRow, ...]:
    """One row per Activity, with the totals of its laps."""
    rows = []
    for index, activity in enumerate(activities):
        end = activities[index + 1].first_lap if index + 1 < len(activities) else len(laps)
        rows.append(_session_row(index, activity, laps[activity.first_lap : end]))
    return tuple(rows)


def without_zone(laps: Sequence[RawLap]) -> bool:
    """Whether laps state their start, and none of them with a zone."""
    starts = [start for lap in laps if (start := parse_time(lap.started))]
    return bool(starts) and not any(zoned for _, zoned in starts)


def _lap_row(index: int, lap: RawLap, max_speed_mps: float | None) -> LapRow:
    started = parse_time(lap.started)
    cadence = _number(lap, "cadence")
    return LapRow(
        lap_index=index,
        start_time_utc=started[0] if started else None,
        elapsed_time_s=_number(lap, "totaltimeseconds"),
        distance_m=_number(lap, "distancemeters"),
        average_speed_mps=_number(lap, "avgspeed"),
        max_speed_mps=max_speed_mps,
        average_heartrate_bpm=_number(lap, "averageheartratebpm"),
        max_heartrate_bpm=_number(lap, "maximumheartratebpm"),
        average_cadence_rpm=cadence if cadence is not None else _number(lap, "avgruncadence"),
        max_cadence_rpm=_number(lap, "maxbikecadence", "maxruncadence"),
        average_power_w=_number(lap, "avgwatts"),
        max_power_w=_number(lap, "maxwatts"),
        calories_kcal=_number(lap, "calories"),
        trigger=_word(lap, "triggermethod"),
        intensity=_word(lap, "intensity"),
    )


def _session_row(index: int, activity: RawActivity, laps: Sequence[LapRow]) -> SessionRow:
    started = parse_time(activity.started)
    first = laps[0].start_time_utc if laps else None
    return SessionRow(
        session_index=index,
        sport=activity.sport,
        start_time_utc=first or (started[0] if started else None),
        elapsed_time_s=_total([lap.elapsed_time_s for lap in laps]),
        distance_m=_total([lap.distance_m for lap in laps]),
        calories_kcal=_total([lap.calories_kcal for lap in laps]),
        num_laps=len(laps),
        first_lap_index=activity.first_lap if laps else None,
    )


def _number(lap: RawLap, *names: str) -> float | None:
    return next((value for name in names if (value := number(lap.texts.get(name))) is not None), None)


def _word(lap: RawLap, name: str) -> str | None:
    return lap.texts.get(name, "").lower() or None


def _total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    total = sum(known)
    return total if known and math.isfinite(total) else None


def _scale(stated: Sequence[float | None], columns: Mapping[str, FloatArray | None], times: Clock) -> float:
    """3.6 when the stated speeds are in km/h; only the points can tell, and without them the file is believed."""
    speeds = columns.get("speed_mps")
    if speeds is None:
        speeds = _speed_of_distance(columns.get("distance_m"), times)
    known = speeds[np.isfinite(speeds)]
    fastest, highest = known.max(initial=0.0), max(filter(None, stated), default=0.0)
    return 3.6 if fastest > 0 and _KMH[0] <= highest / fastest <= _KMH[1] else 1.0


def _speed_of_distance(distance: FloatArray | None, times: Clock) -> FloatArray:
    if distance is None:
        return np.zeros(0)
    usable = times.known & ~np.isnan(distance)
    seconds, metres = np.diff(times.micros[usable]) / 1e6, np.diff(distance[usable])
    moving = seconds > 0
    return metres[moving] / seconds[moving]
