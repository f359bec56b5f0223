"""Makes up the weather columns that Strava adds to some outdoor activities."""

from __future__ import annotations

import math
from datetime import datetime
from random import Random

from ingest.demo.athlete import Plan
from ingest.demo.csv_text import Cell
from ingest.demo.season import summer

_DAY_S = 86_400
_LUNATION_DAYS = 29.530588


def weather_cells(plan: Plan) -> dict[str, Cell]:
    """The weather at the start, with sun and moon of that day."""
    rng = Random(plan.noise)
    warm, damp = plan.temperature_c, rng.uniform(0.35, 0.95)
    wind, rain = rng.uniform(0.5, 9.0), max(0.0, round(rng.gauss(-0.6, 0.6), 2))
    sunrise, sunset = _sun(plan)
    return {
        "Weather Observation Time": float(plan.start.timestamp() // 3600 * 3600),
        "Weather Condition": float(rng.randrange(5, 7) if rain else rng.randrange(1, 5)),
        "Weather Temperature": round(warm, 2),
        "Apparent Temperature": round(warm - 0.35 * wind, 2),
        "Dewpoint": round(warm - (1 - damp) * 20, 2),
        "Humidity": round(damp, 2),
        "Weather Pressure": round(rng.gauss(1014, 8), 1),
        "Wind Speed": round(wind, 1),
        "Wind Gust": round(wind * rng.uniform(1.2, 2), 1),
        "Wind Bearing": float(rng.randrange(360)),
        "Precipitation Intensity": rain,
        "Precipitation Probability": round(min(1.0, 0.1 + rain), 2),
        "Precipitation Type": 5.0 if rain else 1.0,
        "Sunrise Time": float(sunrise),
        "Sunset Time": float(sunset),
        "Moon Phase": round(_moon(plan.start), 2),
        "Cloud Cover": round(rng.random(), 2),
        "Weather Visibility": 16093.0,
        "UV Index": float(max(0, round(4 + 4 * summer(plan.start.date()) + rng.gauss(0, 1)))),
        "Weather Ozone": round(rng.gauss(320, 20), 1),
    }


def _sun(plan: Plan) -> tuple[int, int]:
    """Sunrise and sunset to within some minutes, enough for demo data."""
    start = int(plan.start.timestamp())
    midnight = (start + plan.utc_offset_s) // _DAY_S * _DAY_S
    noon = midnight + _DAY_S // 2 - round(plan.place.longitude * 240)
    tilt = math.radians(23.44 * summer(plan.start.date()))
    half = math.acos(
        max(-1.0, min(1.0, -math.tan(math.radians(plan.place.latitude)) * math.tan(tilt)))
    )
    width = round(half / math.tau * _DAY_S)
    return noon - width, noon + width


def _moon(moment: datetime) -> float:
    """The phase of the moon: 0 and 1 are new moon, counted from that of 2000-01-06 18:14 UTC."""
    return (moment.timestamp() - 947_182_440) / _DAY_S / _LUNATION_DAYS % 1
