"""An account in, the JSON bodies of the athlete, gear and activities out, as much of them as a
token may see.
"""

from __future__ import annotations

from typing import Any

from tests.strava.account import Account, Activity


def athlete_summary(account: Account) -> dict[str, Any]:
    """SummaryAthlete: what the token answer and ``/athlete`` without profile:read_all hold."""
    body = {
        "id": account.athlete_id,
        "username": None,
        "resource_state": 2,
        "firstname": account.first_name,
        "lastname": account.last_name,
        "bio": None,
        "city": None,
        "state": None,
        "country": None,
        "sex": None,
        "premium": True,
        "summit": True,
        "created_at": "2015-04-01T07:00:00Z",
        "updated_at": "2026-01-02T03:04:05Z",
        "badge_type_id": 1,
        "weight": 70.5,
        "profile_medium": "avatar/athlete/medium.png",
        "profile": "avatar/athlete/large.png",
        "friend": None,
        "follower": None,
    }
    return body | {key: value for key, value in account.profile.items() if key in body}


def athlete_detail(account: Account) -> dict[str, Any]:
    """DetailedAthlete."""
    gear = [gear_summary(one) for one in account.gear.values()]
    more = {
        "resource_state": 3,
        "blocked": False,
        "can_follow": True,
        "follower_count": 5,
        "friend_count": 5,
        "mutual_friend_count": 0,
        "athlete_type": 1,
        "date_preference": "%m/%d/%Y",
        "measurement_preference": "meters",
        "clubs": [],
        "postable_clubs_count": 0,
        "ftp": None,
        "bikes": [one for one in gear if one["id"].startswith("b")],
        "shoes": [one for one in gear if one["id"].startswith("g")],
        "is_winback_via_upload": False,
        "is_winback_via_view": False,
    }
    return athlete_summary(account) | more | account.profile


def gear_summary(gear: dict[str, Any]) -> dict[str, Any]:
    """SummaryGear, as the athlete's body and a detailed activity hold it."""
    body = {
        key: gear.get(key) for key in ("id", "primary", "name", "nickname", "retired", "distance")
    }
    return body | {"resource_state": 2, "converted_distance": _kilometres(gear)}


def gear_detail(gear: dict[str, Any]) -> dict[str, Any]:
    """DetailedGear."""
    return {**gear, "resource_state": 3, "converted_distance": _kilometres(gear)}


def activity_summary(activity: Activity) -> dict[str, Any]:
    """SummaryActivity."""
    return activity.shown(detailed=False)


def activity_detail(account: Account, activity: Activity, *, sees_all: bool) -> dict[str, Any]:
    """DetailedActivity; the private note only for a token that sees all."""
    body = activity.shown(detailed=True)
    gear = account.gear.get(body.get("gear_id") or "")
    if gear is not None:
        short = gear_summary(gear)
        body["gear"] = {key: value for key, value in short.items() if key != "resource_state"} | {
            "resource_state": 2
        }
    else:
        body["gear"] = None
    if not sees_all:
        body.pop("private_note", None)
    return body


def _kilometres(gear: dict[str, Any]) -> float:
    return round((gear.get("distance") or 0) / 1000, 1)
