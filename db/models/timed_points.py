"""Defines ``track_points_timed``, PostgreSQL's view of the points with their time of day.

SQLite has no twin of it, since it could not give ``time_utc`` a type.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

NAME: Final = "track_points_timed"
_VIEW: Final = f"""
CREATE VIEW {NAME} AS
SELECT p.activity_id, p.point_index,
       t.start_time_utc + p.elapsed_s * interval '1 second' AS time_utc, p.elapsed_s,
       p.latitude, p.longitude, p.altitude_m, p.distance_m, p.speed_mps, p.heartrate_bpm,
       p.cadence_rpm, p.power_w, p.temperature_c
FROM track_points p JOIN tracks t ON t.activity_id = p.activity_id
"""
_COMMENTS: Final = {
    "activity_id": "The activity",
    "point_index": "Order in the file, from 0",
    "time_utc": "Time of the point",
    "elapsed_s": "Time since tracks.start_time_utc",
    "latitude": "WGS 84 latitude",
    "longitude": "WGS 84 longitude",
    "altitude_m": "Altitude as the device recorded it",
    "distance_m": "Distance since the start",
    "speed_mps": "Speed",
    "heartrate_bpm": "Heart rate",
    "cadence_rpm": "Cadence",
    "power_w": "Power; zero is a value",
    "temperature_c": "Temperature by the device",
}


def statements() -> Iterator[str]:
    """What makes the view and its comments."""
    yield _VIEW
    for column, meaning in _COMMENTS.items():
        yield f"COMMENT ON COLUMN {NAME}.{column} IS '{meaning}'"
    yield f"COMMENT ON VIEW {NAME} IS 'Track points with their time of day in UTC'"
