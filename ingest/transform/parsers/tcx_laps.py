"""Builds ``LapRow`` and ``SessionRow`` from the texts of TCX laps and activities."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ingest.transform.parsers.point_columns import finite_number
from ingest.transform.parsers.tcx_reader import RawActivity, RawLap
from ingest.transform.parsers.times import parse_time
from ingest.transform.records import DeviceFigures, LapRow, SessionRow


def session_rows(
    activities: Sequence[RawActivity], laps: Sequence[LapRow]
) -> tuple[SessionRow, ...]:
    """One row per Activity, with the totals of its laps."""
    rows = []
    for index, activity in enumerate(activities):
        end = activities[index + 1].first_lap if index + 1 < len(activities) else len(laps)
        rows.append(_session_row(index, activity, laps[activity.first_lap : end]))
    return tuple(rows)


def figures_of(laps: Sequence[LapRow]) -> DeviceFigures:
    """The timer's time, as the sum of all laps: Garmin leaves pauses out of their total times."""
    seconds = [lap.elapsed_time_s for lap in laps]
    return DeviceFigures(timer_time_s=None if None in seconds else _total(seconds))


def without_zone(laps: Sequence[RawLap]) -> bool:
    """Whether laps have start times, and all of these lack a zone."""
    starts = [start for lap in laps if (start := parse_time(lap.started))]
    return bool(starts) and not any(zoned for _, zoned in starts)


def lap_row(index: int, lap: RawLap) -> LapRow:
    """A lap of a file; its units are still those of the file."""
    started = parse_time(lap.started)
    cadence = _number(lap, "cadence")
    return LapRow(
        lap_index=index,
        start_time_utc=started[0] if started else None,
        elapsed_time_s=_number(lap, "totaltimeseconds"),
        distance_m=_number(lap, "distancemeters"),
        average_speed_mps=_number(lap, "avgspeed"),
        max_speed_mps=_number(lap, "maximumspeed"),
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
    return next(
        (value for name in names if (value := finite_number(lap.texts.get(name))) is not None), None
    )


def _word(lap: RawLap, name: str) -> str | None:
    return lap.texts.get(name, "").lower() or None


def _total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    total = sum(known)
    return total if known and math.isfinite(total) else None
