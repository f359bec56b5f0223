"""An activity in, what its small endpoints answer out: zones, comments, kudos, photos; and the
athlete's zones and totals.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from tests.strava.account import Account, Activity
from tests.strava.messages import Request

_HEART: Final = (0, 115, 152, 171, 190)
_WATTS: Final = (0, 0, 50, 100, 150, 200, 250, 300, 350, 400, 450)
_PACE: Final = (0.0, 2.3, 2.7, 3.0, 3.2, 3.5)
_FIRST: Final = ("Ada", "Bela", "Cleo", "Dario", "Enno", "Fay")


def zones(activity: Activity, request: Request) -> list[dict[str, Any]]:
    """Time in zones; the last one has no end (``max`` -1)."""
    moving, streams = float(activity.base.get("moving_time") or 0), activity.streams
    found = []
    if "heartrate" in streams:
        found.append(
            _zone("heartrate", _HEART, moving)
            | {"score": 42, "points": 17, "custom_zones": False, "max": 190}
        )
    if "watts" in streams:
        found.append(_zone("power", _WATTS, moving))
    if activity.base.get("type") == "Run" and streams:
        found.append(_zone("pace", _PACE, moving) | {"score": 42})
    return found


def _zone(kind: str, edges: Sequence[float], moving: float) -> dict[str, Any]:
    ranges = [*pairwise(edges), (edges[-1], -1)]
    share = round(moving / len(ranges), 1)
    buckets = [{"min": low, "max": high, "time": share} for low, high in ranges]
    return {
        "distribution_buckets": buckets,
        "type": kind,
        "resource_state": 3,
        "sensor_based": True,
    }


def comments(activity: Activity, request: Request) -> list[dict[str, Any]]:
    """Comments: of who wrote them only the first name and an initial."""
    return [
        {
            "id": activity.id * 10 + index,
            "activity_id": activity.id,
            "post_id": None,
            "resource_state": 2,
            "text": f"Well done, number {index + 1}!",
            "mentions_metadata": None,
            "created_at": activity.base["start_date"],
            "athlete": _someone(index),
            "cursor": f"c{index}",
            "reaction_count": 0,
            "has_reacted": False,
        }
        for index in _page(int(activity.base.get("comment_count") or 0), request)
    ]


def kudos(activity: Activity, request: Request) -> list[dict[str, Any]]:
    """Who gave kudos, without ids."""
    return [_someone(index) for index in _page(int(activity.base.get("kudos_count") or 0), request)]


def photos(activity: Activity, request: Request) -> list[dict[str, Any]]:
    """Photos of the activity (undocumented)."""
    size = request.query.get("size", "100")
    return [
        {
            "unique_id": f"00000000-0000-4000-8000-{activity.id * 100 + index:012d}",
            "athlete_id": activity.base.get("athlete", {}).get("id"),
            "activity_id": activity.id,
            "resource_state": 2,
            "source": 1,
            "type": 1,
            "caption": "",
            "urls": {size: f"https://photos.example.invalid/{activity.id}-{index}-{size}.jpg"},
            "created_at": activity.base["start_date"],
            "created_at_local": activity.base["start_date_local"],
            "sizes": {size: [1024, 768]},
            "default_photo": index == 0,
        }
        for index in range(int(activity.base.get("total_photo_count") or 0))
    ]


def athlete_zones() -> dict[str, Any]:
    """Heart rate and power zones of the athlete."""

    def ranges(edges: Sequence[float]) -> list[dict[str, float]]:
        return [{"min": low, "max": high} for low, high in [*pairwise(edges), (edges[-1], -1)]]

    return {
        "heart_rate": {"custom_zones": False, "zones": ranges(_HEART)},
        "power": {"zones": ranges(_WATTS[1:])},
    }


def stats(account: Account, now: datetime) -> dict[str, Any]:
    """Totals; only of what everyone may see."""
    public = [
        one for one in account.activities.values() if one.base.get("visibility") == "everyone"
    ]
    periods = {
        "recent": [one for one in public if one.start > now - timedelta(weeks=4)],
        "ytd": [one for one in public if one.start.year == now.year],
        "all": public,
    }
    rides = [one.base.get("distance") or 0.0 for one in public if one.base.get("type") == "Ride"]
    climbs = [one.base.get("total_elevation_gain") or 0.0 for one in public]
    body: dict[str, Any] = {
        "biggest_ride_distance": max(rides, default=None),
        "biggest_climb_elevation_gain": max(climbs, default=None),
    }
    for period, chosen in periods.items():
        for kind in ("Ride", "Run", "Swim"):
            of_kind = [one for one in chosen if one.base.get("type") == kind]
            body[f"{period}_{kind.lower()}_totals"] = _totals(of_kind, is_recent=period == "recent")
    return body


def _totals(activities: list[Activity], *, is_recent: bool) -> dict[str, Any]:
    names = ("distance", "moving_time", "elapsed_time", "total_elevation_gain")
    sums = {name: sum(one.base.get(name) or 0 for one in activities) for name in names}
    totals = {"count": len(activities), **sums}
    totals["elevation_gain"] = totals.pop("total_elevation_gain")
    return totals | ({"achievement_count": 0} if is_recent else {})


def _someone(index: int) -> dict[str, Any]:
    return {"firstname": _FIRST[index % len(_FIRST)], "lastname": f"{chr(ord('A') + index % 26)}."}


def _page(count: int, request: Request) -> range:
    """The indices of a page; ``page_size`` and ``after_cursor`` are the newer way to ask."""
    query = request.query
    if "page_size" in query or "after_cursor" in query:
        first = int(query.get("after_cursor", "c-1").removeprefix("c")) + 1
        return range(first, min(count, first + int(query.get("page_size", 30))))
    size = min(int(query.get("per_page", 30)), 200)
    first = (int(query.get("page", 1)) - 1) * size
    return range(first, min(count, first + size))
