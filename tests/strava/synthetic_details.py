"""The plan of an activity in, what only its detailed body has out: laps, splits, efforts, photos
and the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from tests.strava.synthetic_plan import Plan, iso, position
from tests.strava.synthetic_streams import polyline_of

_MILE: Final = 1609.344
_BEST: Final = {
    "400m": 400,
    "1/2 mile": 805,
    "1K": 1000,
    "1 mile": 1609,
    "2 mile": 3219,
    "5K": 5000,
    "10K": 10000,
}
#: Ids of efforts are larger than a double can hold exactly.
_EFFORTS: Final = 2**53 + 100_000_000_000_001
_ZONES: Final = {"heartrate": "has_heart", "pace": "has_gps", "power": "has_meter"}


def details(plan: Plan, summary: Mapping[str, Any]) -> dict[str, Any]:
    """The keys beside those of the summary."""
    rng = plan.rng("details")
    runs = plan.kind.type == "Run"
    route = polyline_of(plan, 160) if plan.has_gps else ""
    return {
        "description": rng.choice((None, None, "", "Felt good.\nWind from the north.")),
        "calories": round(plan.moving_s * rng.uniform(0.11, 0.19), 1),
        "perceived_exertion": rng.choice((None, None, 3.0, 7.0)),
        "prefer_perceived_exertion": rng.choice((None, False)),
        "map": {**summary["map"], "polyline": route, "resource_state": 3},
        "segment_efforts": _segments(plan),
        **(
            {"splits_metric": _splits(plan, 1000.0), "splits_standard": _splits(plan, _MILE)}
            if plan.has_gps
            else {}
        ),
        "laps": _laps(plan) if not plan.manual else [],
        **({"best_efforts": _bests(plan)} if runs and plan.has_gps else {}),
        "photos": _photos(plan, int(summary["total_photo_count"])),
        "stats_visibility": [
            {"type": name, "visibility": "everyone"}
            for name in ("heart_rate", "pace", "power", "speed", "calories")
        ],
        "hide_from_home": False,
        "embed_token": f"{plan.rng('embed').getrandbits(160):040x}",
        "similar_activities": _similar(plan),
        "available_zones": [
            name for name, sensor in _ZONES.items() if getattr(plan, sensor) and not plan.manual
        ],
        "private_note": rng.choice(("", "", "Left knee.")),
        "x_unknown_detail": {"made_up": True},
    }


def _piece(plan: Plan, first: float, last: float) -> dict[str, Any]:
    """Times and distance of a stretch, given as shares of the whole."""
    start = plan.start + timedelta(seconds=int(plan.elapsed_s * first))
    elapsed = int(plan.elapsed_s * last) - int(plan.elapsed_s * first)
    return {
        "elapsed_time": elapsed,
        "moving_time": min(elapsed, max(1, round(plan.moving_s * (last - first)))),
        "start_date": iso(start),
        "start_date_local": iso(start + timedelta(seconds=plan.utc_offset)),
        "distance": round(plan.distance * (last - first), 1),
        "start_index": int(240 * first),
        "end_index": int(240 * last),
    }


def _meta(plan: Plan) -> dict[str, Any]:
    return {
        "activity": {"id": plan.activity_id, "visibility": "everyone", "resource_state": 1},
        "athlete": {"id": plan.athlete_id, "resource_state": 1},
    }


def _laps(plan: Plan) -> list[dict[str, Any]]:
    metres = {"Run": 1000.0, "Ride": 5000.0}.get(plan.kind.type, plan.distance or 1.0)
    count = min(60, max(1, round(plan.distance / metres)))
    return [_lap(plan, index, index / count, (index + 1) / count) for index in range(count)]


def _lap(plan: Plan, index: int, first: float, last: float) -> dict[str, Any]:
    piece = _piece(plan, first, last)
    speed = round(piece["distance"] / piece["moving_time"], 2)
    return {
        "id": plan.activity_id * 7 + index,
        "resource_state": 2,
        "name": f"Lap {index + 1}",
        **_meta(plan),
        **piece,
        "total_elevation_gain": round(plan.climb * (last - first), 1),
        "average_speed": speed,
        "max_speed": round(speed * 1.4, 2),
        **({"average_cadence": plan.cadence} if plan.has_cadence else {}),
        "device_watts": plan.has_meter,
        **({"average_watts": plan.watts} if plan.kind.type in ("Ride", "VirtualRide") else {}),
        **(
            {"average_heartrate": plan.heart, "max_heartrate": float(round(plan.heart + 12))}
            if plan.has_heart
            else {}
        ),
        "lap_index": index + 1,
        "split": index + 1,
        "pace_zone": 2,
    }


def _splits(plan: Plan, metres: float) -> list[dict[str, Any]]:
    count = max(1, -int(-plan.distance // metres))
    found = []
    for index in range(count):
        first, last = index * metres / plan.distance, min(1.0, (index + 1) * metres / plan.distance)
        piece = _piece(plan, first, last)
        speed = round(piece["distance"] / piece["moving_time"], 2)
        found.append(
            {
                **{key: piece[key] for key in ("distance", "elapsed_time", "moving_time")},
                "elevation_difference": round(plan.hill * (-1) ** index, 1),
                "split": index + 1,
                "average_speed": speed,
                "average_grade_adjusted_speed": speed,
                **({"average_heartrate": plan.heart} if plan.has_heart else {}),
                "pace_zone": 2,
            }
        )
    return found


def _bests(plan: Plan) -> list[dict[str, Any]]:
    fitting = ((name, metres) for name, metres in _BEST.items() if metres < plan.distance)
    return [
        {
            "id": _EFFORTS + plan.activity_id * 16 + index,
            "resource_state": 2,
            "name": name,
            **_meta(plan),
            **_piece(plan, 0.0, metres / plan.distance),
            "distance": metres,
            "pr_rank": 3 if index == 2 else None,
            "achievements": [],
        }
        for index, (name, metres) in enumerate(fitting)
    ]


def _segments(plan: Plan) -> list[dict[str, Any]]:
    if not plan.has_gps:
        return []
    count = plan.rng("segments").choice((0, 1, 3))
    return [_segment(plan, index) for index in range(count)]


def _segment(plan: Plan, index: int) -> dict[str, Any]:
    first, last = 0.1 + 0.25 * index, 0.2 + 0.25 * index
    return {
        "id": _EFFORTS + plan.activity_id * 16 + 8 + index,
        "resource_state": 2,
        "name": f"Made-up Climb {index + 1}",
        **_meta(plan),
        **_piece(plan, first, last),
        **({"average_cadence": plan.cadence} if plan.has_cadence else {}),
        "device_watts": plan.has_meter,
        **(
            {"average_heartrate": plan.heart, "max_heartrate": float(round(plan.heart + 9))}
            if plan.has_heart
            else {}
        ),
        "segment": {
            "id": 5_000_000 + index,
            "resource_state": 2,
            "name": f"Made-up Climb {index + 1}",
            "activity_type": "Run" if plan.kind.type == "Run" else "Ride",
            "distance": round(plan.distance * (last - first), 1),
            "average_grade": 2.1,
            "maximum_grade": 8.4,
            "elevation_high": round(plan.altitude + plan.hill, 1),
            "elevation_low": plan.altitude,
            "start_latlng": list(position(plan, first)),
            "end_latlng": list(position(plan, last)),
            "elevation_profile": None,
            "climb_category": 0,
            "city": None,
            "state": None,
            "country": "Neverland",
            "private": False,
            "hazardous": False,
            "starred": index == 0,
        },
        "pr_rank": None,
        "achievements": [],
        "visibility": "everyone",
        "kom_rank": None,
        "hidden": index == 2,
    }


def _photos(plan: Plan, count: int) -> dict[str, Any]:
    if not count:
        return {"primary": None, "count": 0}
    urls = {
        size: f"https://photos.example.invalid/{plan.activity_id}-{size}.jpg"
        for size in ("100", "600")
    }
    unique = f"00000000-0000-4000-8000-{plan.activity_id * 100:012d}"
    primary = {"unique_id": unique, "urls": urls, "source": 1, "media_type": 1}
    return {"primary": primary, "use_primary_photo": False, "count": count}


def _similar(plan: Plan) -> dict[str, Any]:
    speed = round(plan.distance / plan.moving_s, 3)
    return {
        "effort_count": 1,
        "average_speed": speed,
        "min_average_speed": speed,
        "mid_average_speed": speed,
        "max_average_speed": speed,
        "pr_rank": None,
        "frequency_milestone": None,
        "trend": {"speeds": [speed], "current_activity_index": 0, "direction": 0},
        "resource_state": 2,
    }
