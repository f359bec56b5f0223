"""Computes the fields of an activity that is known from a device file alone.

Strava has no row of it yet, so its figures are those that Strava would show, as far as
docs/definitions.md defines them, else the totals that the device wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any, Final

import numpy as np

from ingest.transform.derived import Derived
from ingest.transform.recording_fields import file_fields
from ingest.transform.records import FloatArray, Recording
from ingest.transform.sessions import recordings_of
from ingest.transform.speeds import fastest_mps
from ingest.transform.sport_guess import guessed_sport

__all__ = ["guessed_sport", "loose_fields", "recordings_of"]

#: Columns that are sums over splits, or over the device's sessions or laps.
_SUMS: Final = (
    "distance_m",
    "elapsed_time_s",
    "moving_time_s",
    "total_elevation_gain_m",
    "elevation_loss_m",
)
#: Columns that are means over time -> the column of points.
_MEANS: Final = {
    "average_heartrate_bpm": "heartrate_bpm",
    "average_cadence_rpm": "cadence_rpm",
    "average_power_w": "power_w",
}
#: Columns that are the highest value of a column of points.
_HIGHEST: Final = {
    "max_heartrate_bpm": "heartrate_bpm",
    "max_cadence_rpm": "cadence_rpm",
    "max_temperature_c": "temperature_c",
    "max_speed_mps": "speed_mps",
    "elev_high_m": "altitude_m",
}
#: Lowest and highest value that a sensor can give, as for derived figures.
_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "heartrate_bpm": (1.0, 300.0),
    "cadence_rpm": (0.0, 1000.0),
    "power_w": (0.0, 10_000.0),
    "temperature_c": (-100.0, 100.0),
    "altitude_m": (-15_000.0, 100_000.0),
}
#: Columns in which devices write zero if they have no such sensor.
_ABOVE_ZERO: Final = frozenset(
    f"{kind}_{sensor}"
    for kind in ("average", "max")
    for sensor in ("heartrate_bpm", "cadence_rpm", "power_w")
)
#: Columns of whole seconds, as Strava has them.
_WHOLE: Final = ("elapsed_time_s", "moving_time_s")
_DIGITS: Final = 3


def loose_fields(recording: Recording, derived: Derived, sport_type: str) -> dict[str, Any]:
    """What an activity's ``file`` observation says if Strava has no row of it.

    ``recording`` is of one activity (``recordings_of``), ``derived`` was computed from its points
    for ``sport_type``. Names are columns of ``activities`` and the few that ``merge`` documents;
    what is unknown is left out. If the file names no sport, ``sport_type`` is marked as a guess.
    """
    said = file_fields(recording, derived).items()
    found = {"is_manual": False, **{name: value for name, value in said if value is not None}}
    if "file_sport_type" not in found:
        found["guessed_sport_type"] = sport_type
    if (start := recording.start_time_utc) is not None and not _has_no_clock(recording):
        found["start_time_utc"] = start.replace(microsecond=0)
    # Later dictionaries win.
    figures = _of_device(recording) | _of_points(recording, sport_type) | _of_splits(derived)
    figures |= _told_by_fit(recording)
    if "highest_power_w" in found:
        figures["max_power_w"] = found["highest_power_w"]
    found |= _rounded(figures)
    return found | _rounded(_rates(found, derived))


def _has_no_clock(recording: Recording) -> bool:
    """Whether times count from when the device was switched on."""
    return recording.naive_time and recording.format == "fit"


def _of_splits(derived: Derived) -> dict[str, float | None]:
    """Totals and means as Strava computes them from points; empty without a distance."""
    splits = [split for split in derived.splits if split.unit == "km"]
    if not splits:
        return {}
    sums = {name: _sum(getattr(split, name) for split in splits) for name in _SUMS}
    means = {
        name: _mean((getattr(split, name), split.moving_time_s) for split in splits)
        for name in _MEANS
    }
    return _known_only(sums | means)


def _of_points(recording: Recording, sport_type: str) -> dict[str, float | None]:
    """Highest and lowest values of the points, and how long they last."""
    found: dict[str, float | None] = {}
    if recording.point_count > 1:
        elapsed = recording.points["elapsed_s"]
        found["elapsed_time_s"] = float(elapsed.max() - elapsed[0])
    for name, column in _HIGHEST.items():
        values = _measured(recording, column, fastest_mps(sport_type))
        found[name] = float(values.max()) if len(values) else None
    altitude = _measured(recording, "altitude_m")
    found["elev_low_m"] = float(altitude.min()) if len(altitude) else None
    temperature = _measured(recording, "temperature_c")
    found["average_temperature_c"] = float(temperature.mean()) if len(temperature) else None
    return _known_only(found)


def _measured(recording: Recording, column: str, fastest: float = np.inf) -> FloatArray:
    """The values of a column of points that its sensor can give."""
    values = recording.points.get(column)
    if values is None:
        return np.empty(0)
    low, high = _RANGES.get(column, (0.0, fastest))
    return values[(values >= low) & (values <= high)]


def _of_device(recording: Recording) -> dict[str, float | None]:
    """The totals that the device wrote, else means of the points.

    Without a distance, moving time is the time that the timer ran.
    """
    efforts = recording.sessions or recording.laps
    lasting = [row.elapsed_time_s or row.moving_time_s for row in efforts]
    timer = recording.figures.timer_time_s
    found: dict[str, float | None] = {"timer_time_s": timer, "moving_time_s": timer}
    for name in (*_SUMS, "calories_kcal"):
        found[name] = _sum(getattr(row, name) for row in efforts) or found.get(name)
    for name, column in _MEANS.items():
        told = _mean(zip((getattr(row, name) for row in efforts), lasting, strict=True))
        values = _measured(recording, column)
        found[name] = float(values.mean()) if told is None and len(values) else told
    for name in (*_HIGHEST, "max_power_w"):
        highest = [getattr(row, name, None) for row in efforts]
        found[name] = max((value for value in highest if value is not None), default=None)
    temperatures = zip((row.average_temperature_c for row in efforts), lasting, strict=True)
    found["average_temperature_c"] = _mean(temperatures)
    pools = [s.pool_length_m for s in recording.sessions if s.pool_length_m]
    found["pool_length_m"] = pools[0] if pools else None
    return _known_only(found)


def _told_by_fit(recording: Recording) -> dict[str, float | None]:
    """Distance, climb and descent of a FIT file, which Strava shows as the device counted them."""
    if recording.format != "fit":
        return {}
    figures = recording.figures
    distance = _sum(session.distance_m for session in recording.sessions)
    return _known_only(
        {
            "distance_m": distance or None,
            "total_elevation_gain_m": figures.ascent_m,
            "elevation_loss_m": figures.descent_m,
        }
    )


def _rates(found: Mapping[str, Any], derived: Derived) -> dict[str, float | None]:
    """What follows from distance and time."""
    distance, elapsed = found.get("distance_m"), found.get("elapsed_time_s")
    moving = found.get("moving_time_s", elapsed)
    if elapsed is not None and moving is not None:
        # Devices round the two in different ways.
        moving = min(moving, elapsed)
    rates: dict[str, float | None] = {"moving_time_s": moving}
    if distance and moving:
        rates["average_speed_mps"] = distance / moving
    if distance and elapsed:
        rates["average_elapsed_speed_mps"] = distance / elapsed
    rise = _sum(split.elevation_difference_m for split in derived.splits if split.unit == "km")
    if distance and rise is not None:
        rates["average_grade_pct"] = 100 * rise / distance
    return _known_only(rates)


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _mean(weighted: Iterable[tuple[float | None, float | None]]) -> float | None:
    """The mean of values by weight; unknown values, and those of no weight, do not count."""
    known = [(value, weight) for value, weight in weighted if value is not None and weight]
    total = sum(weight for _, weight in known)
    return sum(value * weight for value, weight in known) / total if total else None


def _known_only(figures: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: value for name, value in figures.items() if value is not None}


def _rounded(figures: Mapping[str, float | None]) -> dict[str, float]:
    """Finite figures that were measured, as numbers of Python; adding zero makes 0.0 of -0.0."""
    return {
        name: float(round(value)) if name in _WHOLE else round(float(value), _DIGITS) + 0.0
        for name, value in figures.items()
        if value is not None and isfinite(value) and (value > 0 or name not in _ABOVE_ZERO)
    }
