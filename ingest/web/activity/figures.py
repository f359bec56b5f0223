"""Lists the figures of an activity that are known, as Strava shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ingest.web.activity.sport_units import SportUnits
from ingest.web.formats import duration, figure


class Figure(NamedTuple):
    """A figure in words."""

    name: str
    value: str
    unit: str = ""


def figures(row: Any, sport: SportUnits) -> list[Figure]:
    """The figures of a row of ``activities``."""
    return [one for one in _figures(row, sport) if one.value]


def _figures(row: Any, sport: SportUnits) -> Iterator[Figure]:
    yield Figure("Distance", sport.distance_text(row.distance_m or None), sport.distance_unit)
    yield Figure("Moving time", duration(row.moving_time_s))
    yield Figure("Elapsed time", duration(row.elapsed_time_s))
    speed = row.average_speed_mps or _per(row.distance_m, row.moving_time_s)
    yield Figure(f"Average {sport.speed_name.lower()}", sport.speed_text(speed), sport.speed_unit)
    yield Figure("Climb", sport.height_text(row.total_elevation_gain_m), sport.units.height)
    yield Figure("Average heart rate", figure(row.average_heartrate_bpm), "bpm")
    yield Figure("Highest heart rate", figure(row.max_heartrate_bpm), "bpm")
    yield Figure("Average power", figure(row.average_power_w), "W")
    yield Figure("Weighted average power", figure(row.weighted_average_power_w), "W")
    yield Figure("Highest power", figure(row.max_power_w), "W")
    cadence = sport.cadence_text(row.average_cadence_rpm)
    yield Figure("Average cadence", cadence, sport.cadence_unit)
    yield Figure("Energy", figure(row.calories_kcal), "kcal")
    yield Figure("Relative effort", figure(row.relative_effort))
    yield Figure("Training load", figure(row.training_load))
    yield Figure("Steps", figure(row.total_steps))
    air = sport.temperature_text(row.weather_temperature_c)
    yield Figure("Air temperature", air, sport.temperature_unit)


def _per(metres: float | None, seconds: float | None) -> float | None:
    return metres / seconds if metres and seconds else None
