"""Lists the figures of an activity that are known, as Strava shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from exporters.report.units import number
from ingest.web.activity.sport_units import SportUnits
from ingest.web.formats import duration


class Figure(NamedTuple):
    """A figure in words."""

    name: str
    value: str
    unit: str = ""


def figures(row: Any, sport: SportUnits) -> list[Figure]:
    """The figures of a row of ``activities``."""
    return [figure for figure in _figures(row, sport) if figure.value]


def _figures(row: Any, sport: SportUnits) -> Iterator[Figure]:
    yield Figure("Distance", sport.distance_text(row.distance_m or None), sport.distance_unit)
    yield Figure("Moving time", duration(row.moving_time_s))
    yield Figure("Elapsed time", duration(row.elapsed_time_s))
    speed = row.average_speed_mps or _per(row.distance_m, row.moving_time_s)
    yield Figure(f"Average {sport.speed_name.lower()}", sport.speed_text(speed), sport.speed_unit)
    yield Figure("Climb", _in_heights(row.total_elevation_gain_m, sport), sport.units.height)
    yield Figure("Average heart rate", _whole(row.average_heartrate_bpm), "bpm")
    yield Figure("Highest heart rate", _whole(row.max_heartrate_bpm), "bpm")
    yield Figure("Average power", _whole(row.average_power_w), "W")
    yield Figure("Weighted average power", _whole(row.weighted_average_power_w), "W")
    yield Figure("Highest power", _whole(row.max_power_w), "W")
    cadence = row.average_cadence_rpm
    doubled = None if cadence is None else cadence * sport.cadence_factor
    yield Figure("Average cadence", _whole(doubled), sport.cadence_unit)
    yield Figure("Energy", _whole(row.calories_kcal), "kcal")
    yield Figure("Relative effort", _whole(row.relative_effort))
    yield Figure("Training load", _whole(row.training_load))
    yield Figure("Steps", _whole(row.total_steps))
    is_metric = sport.units.is_metric
    degrees = "°C" if is_metric else "°F"
    yield Figure("Air temperature", _degrees(row.weather_temperature_c, is_metric), degrees)


def _per(metres: float | None, seconds: float | None) -> float | None:
    return metres / seconds if metres and seconds else None


def _whole(value: float | None) -> str:
    return "" if value is None else number(value)


def _in_heights(metres: float | None, sport: SportUnits) -> str:
    return "" if metres is None else number(sport.units.from_m(metres))


def _degrees(celsius: float | None, is_metric: bool) -> str:
    return "" if celsius is None else number(celsius if is_metric else celsius * 1.8 + 32)
