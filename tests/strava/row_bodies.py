"""Rows of our database in, raw bodies as the API writes them out: activities, laps and the numbers
of gear.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.strava.synthetic_plan import iso, timezone_text
from tests.strava.synthetic_streams import encoded

Row = Mapping[Any, Any]

#: Column -> raw key, of values that are the same.
_PLAIN: Final = {
    "distance_m": "distance",
    "moving_time_s": "moving_time",
    "elapsed_time_s": "elapsed_time",
    "total_elevation_gain_m": "total_elevation_gain",
    "elev_high_m": "elev_high",
    "elev_low_m": "elev_low",
    "average_speed_mps": "average_speed",
    "max_speed_mps": "max_speed",
    "average_cadence_rpm": "average_cadence",
    "average_heartrate_bpm": "average_heartrate",
    "max_heartrate_bpm": "max_heartrate",
    "average_power_w": "average_watts",
    "weighted_average_power_w": "weighted_average_watts",
    "max_power_w": "max_watts",
    "average_temperature_c": "average_temp",
    "relative_effort": "suffer_score",
    "workout_type": "workout_type",
    "device_name": "device_name",
    "kudos_count": "kudos_count",
    "comment_count": "comment_count",
    "achievement_count": "achievement_count",
    "pr_count": "pr_count",
    "athlete_count": "athlete_count",
    "photo_count": "total_photo_count",
    "calories_kcal": "calories",
    "perceived_exertion": "perceived_exertion",
    "prefer_perceived_exertion": "prefer_perceived_exertion",
    "is_hidden_from_home": "hide_from_home",
}
_FLOATS: Final = (
    "average_heartrate",
    "max_heartrate",
    "suffer_score",
    "average_cadence",
    "calories",
    "perceived_exertion",
)
_LAPS: Final = {
    "elapsed_time_s": "elapsed_time",
    "moving_time_s": "moving_time",
    "distance_m": "distance",
    "total_elevation_gain_m": "total_elevation_gain",
    "average_speed_mps": "average_speed",
    "max_speed_mps": "max_speed",
    "average_cadence_rpm": "average_cadence",
    "average_heartrate_bpm": "average_heartrate",
    "max_heartrate_bpm": "max_heartrate",
    "average_power_w": "average_watts",
}
#: What the type is called for a sport that is younger than the field.
_TYPES: Final = {
    "TrailRun": "Run",
    "GravelRide": "Ride",
    "MountainBikeRide": "Ride",
    "EMountainBikeRide": "EBikeRide",
}


def activity_body(row: Row, gear_id: str | None) -> dict[str, Any]:
    """The detailed body of an activity, short of its laps; summaries follow from it."""
    is_private = bool(row["is_private"])
    sport = row["sport_type"] or "Workout"
    body: dict[str, Any] = {
        "resource_state": 2,
        "athlete": {"id": row["athlete_id"] or 1, "resource_state": 1},
        "name": row["name"] or "",
        "type": _TYPES.get(sport, sport),
        "sport_type": sport,
        "id": row["activity_id"],
        "has_heartrate": row["average_heartrate_bpm"] is not None,
        "trainer": bool(row["is_trainer"]),
        "commute": bool(row["is_commute"]),
        "manual": bool(row["is_manual"]),
        "private": is_private,
        "visibility": row["visibility"] or ("only_me" if is_private else "everyone"),
        "flagged": bool(row["is_flagged"]),
        "gear_id": gear_id,
        "upload_id": None if row["is_manual"] else row["upload_id"] or row["activity_id"] + 7,
        "external_id": row["external_id"],
        "description": row["description"],
        "private_note": row["private_note"] or "",
    }
    body |= _times(row) | _places(row) | _power(row)
    for column, key in _PLAIN.items():
        if row[column] is not None:
            body[key] = float(row[column]) if key in _FLOATS else strava_number(row[column])
    if body["upload_id"] is not None:
        body["upload_id_str"] = str(body["upload_id"])
    return body


def _times(row: Row) -> dict[str, Any]:
    start, offset = row["start_time_utc"], row["utc_offset_s"] or 0
    zone = row["timezone_name"]
    place = start.astimezone(ZoneInfo(zone)) if zone else None
    standard = (place.utcoffset() - place.dst()) if place else timedelta(seconds=offset)
    return {
        "start_date": iso(start),
        "start_date_local": iso(start + timedelta(seconds=offset)),
        "timezone": timezone_text(zone or "GMT", standard),
        "utc_offset": float(offset),
    }


def _places(row: Row) -> dict[str, Any]:
    start = [row["start_latitude"], row["start_longitude"]]
    end = [row["end_latitude"], row["end_longitude"]]
    start, end = (place if None not in place else [] for place in (start, end))
    line = encoded([tuple(start), tuple(end)]) if start and end else ""
    route = {
        "id": f"a{row['activity_id']}",
        "polyline": line,
        "summary_polyline": line,
        "resource_state": 3,
    }
    return {"map": route, "start_latlng": start, "end_latlng": end}


def _power(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if row["total_work_j"] is not None:
        found["kilojoules"] = row["total_work_j"] / 1000
    if row["average_power_w"] is not None:
        known = row["is_device_power"]
        found["device_watts"] = (
            row["weighted_average_power_w"] is not None if known is None else known
        )
    return found


def lap_body(row: Row, activity: Row) -> dict[str, Any]:
    """A lap."""
    number = row["lap_index"] + 1
    lap: dict[str, Any] = {
        "id": activity["activity_id"] * 7 + number,
        "resource_state": 2,
        "name": f"Lap {number}",
        "activity": {"id": activity["activity_id"], "resource_state": 1},
        "athlete": {"id": activity["athlete_id"], "resource_state": 1},
        "lap_index": number,
        "split": number,
    }
    if row["start_time_utc"] is not None:
        lap["start_date"] = iso(row["start_time_utc"])
        lap["start_date_local"] = iso(
            row["start_time_utc"] + timedelta(seconds=activity["utc_offset_s"] or 0)
        )
    return lap | {
        name: strava_number(row[column])
        for column, name in _LAPS.items()
        if row[column] is not None
    }


def gear_number(exported: Sequence[int], gear_id: int) -> int:
    """The number of a bike or shoes: any that float32 makes of it what stands in the export, where
    possible another one.
    """
    if not exported:
        return 5_550_000 + gear_id
    usual = Counter(map(_rounded, exported)).most_common(1)[0][0]
    alike = sorted({value for value in exported if _rounded(value) == usual})
    # An exact value is the number itself; of a rounded one the number beside it is as likely.
    exact = next((value for value in alike if not is_float32(value)), None)
    beside = alike[0] + 1
    return exact or (beside if is_same_float32(beside, alike[0]) else alike[0])


def is_float32(value: int) -> bool:
    """Whether a float32 can hold the number."""
    return _rounded(value) == value


def is_same_float32(one: int, other: int) -> bool:
    """Whether a float32 cannot tell the numbers apart."""
    return _rounded(one) == _rounded(other)


def _rounded(value: int) -> float:
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def strava_number(value: Any) -> Any:
    """A whole number without a fraction, as Strava writes it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
