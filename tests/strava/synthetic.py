"""An athlete who does not exist: count and seed in, an account with plausible activities out."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.strava.account import Account, Activity
from tests.strava.synthetic_details import details
from tests.strava.synthetic_plan import KINDS, Plan, iso, make_plan, position
from tests.strava.synthetic_streams import polyline_of, streams

#: The newest start, unless the caller says otherwise.
UNTIL: Final = datetime(2026, 10, 31, 12, tzinfo=UTC)
_ATHLETE_ID: Final = 70_000_001
_BIKES: Final = (("b7100001", "Blue Gravel Bike"), ("b7100002", "Old Trainer Bike"))
_SHOES: Final = (("g8100001", "Cloud Walker 3"), ("g8100002", "Trail Boots"))
#: One in so many is for certain entered by hand, one run on a treadmill: also a small account has
#: both.
_MANUAL: Final = 19
_INDOOR: Final = 13
#: Of so many activities one is uploaded a day late, and one a season late.
_DAY_LATE: Final = 61
_SEASON_LATE: Final = 83


def synthetic_account(count: int, seed: int, until: datetime | None, first_id: int) -> Account:
    """So many activities before ``until``; ids ascend by upload, which is not always the order of
    starts.
    """
    account = Account(
        _ATHLETE_ID, "Robin", "Made-Up", city="Nowhere", country="Neverland", sex="F", ftp=240
    )
    _equip(account)
    plans = _plans(count, seed, until or UNTIL)
    ids = random.Random(f"{seed} ids")
    next_id = first_id
    for _, index, start in sorted(plans):
        odd = "manual" if index % _MANUAL == 5 else "indoor" if index % _INDOOR == 4 else ""
        activity = make_activity(make_plan(f"{seed}:{index}", next_id, start, odd=odd), account)
        account.activities[activity.id] = activity
        next_id += ids.randint(900_000, 9_000_000)
    return account


def single_activity(account: Account, activity_id: int, start: datetime, sport: str) -> Activity:
    """One activity with this id, start and sport."""
    if not account.gear:
        _equip(account)
    kind = next((one for one in KINDS if one.sport_type == sport), None)
    if kind is None:
        raise ValueError(
            f"no sport {sport!r} here; there are {', '.join(one.sport_type for one in KINDS)}"
        )
    return make_activity(make_plan(f"single:{activity_id}", activity_id, start, kind), account)


def make_activity(plan: Plan, account: Account) -> Activity:
    """The activity of a plan; streams and details are made when someone asks for them."""
    plan = replace(plan, athlete_id=account.athlete_id)
    base = _summary(plan)
    if base["gear_id"] not in account.gear:
        base["gear_id"] = next(
            (one for one in account.gear if one[0] == (base["gear_id"] or " ")[0]), None
        )
    made = streams if plan.has_streams else None
    return Activity(base, (lambda: made(plan)) if made else None, lambda: details(plan, base))


def _equip(account: Account) -> None:
    for index, (gear_id, name) in enumerate((*_BIKES, *_SHOES)):
        retired = name.startswith("Old")
        account.add_gear(
            gear_id,
            name,
            distance=1_250_400 + 1_000 * index,
            primary=index in (0, 2),
            retired=retired,
        )


def _plans(count: int, seed: int, until: datetime) -> list[tuple[datetime, int, datetime]]:
    """When each was uploaded, its index, and when it began."""
    rng = random.Random(f"{seed} season")
    moment, found = until.replace(microsecond=0) - timedelta(hours=6), []
    for index in range(count):
        late = 0
        if index % _DAY_LATE == 7:
            late = rng.randint(86_400, 200_000)
        elif index % _SEASON_LATE == 20:
            late = rng.randint(100, 154) * 86_400
        found.append((min(until, moment + timedelta(hours=5, seconds=late)), index, moment))
        moment -= timedelta(seconds=rng.randint(6 * 3_600, 56 * 3_600))
    return found


def _summary(plan: Plan) -> dict[str, Any]:
    body: dict[str, Any] = {
        "resource_state": 2,
        "athlete": {"id": plan.athlete_id, "resource_state": 1},
        "name": plan.name,
        "distance": plan.distance,
        "moving_time": plan.moving_s,
        "elapsed_time": plan.elapsed_s,
        "total_elevation_gain": plan.climb if plan.climb else 0,
        "type": plan.kind.type,
        "sport_type": plan.kind.sport_type,
        **(
            {"workout_type": plan.rng("workout").choice((None, 0, 10))}
            if plan.kind.type in ("Run", "Ride")
            else {}
        ),
        **({} if plan.manual else {"device_name": plan.device}),
        "id": plan.activity_id,
        "start_date": iso(plan.start),
        "start_date_local": iso(plan.start + timedelta(seconds=plan.utc_offset)),
        "timezone": plan.timezone,
        "utc_offset": plan.utc_offset,
        "location_city": None,
        "location_state": None,
        "location_country": None,
        "achievement_count": 0,
    }
    body |= _social(plan) | _places(plan) | _measured(plan) | _origin(plan)
    return body | {"from_accepted_tag": False, "pr_count": 0, "has_kudoed": False}


def _social(plan: Plan) -> dict[str, Any]:
    rng = plan.rng("social")
    visibility = rng.choices(("everyone", "followers_only", "only_me"), (85, 10, 5))[0]
    photos = 2 if rng.random() < 0.1 else 0
    return {
        "kudos_count": rng.randint(0, 40),
        "comment_count": rng.choice((0, 0, 0, 1, 4)),
        "athlete_count": rng.choice((1, 1, 1, 2, 17)),
        "photo_count": 0,
        "total_photo_count": photos,
        "trainer": plan.trainer,
        "commute": plan.kind.type == "Ride" and rng.random() < 0.1,
        "manual": plan.manual,
        "private": visibility == "only_me",
        "visibility": visibility,
        "flagged": False,
        "gear_id": _gear(plan),
    }


def _gear(plan: Plan) -> str | None:
    chosen = {"Ride": _BIKES, "Run": _SHOES, "Hike": _SHOES[1:]}.get(plan.kind.type)
    return plan.rng("gear").choice(chosen)[0] if chosen else None


def _places(plan: Plan) -> dict[str, Any]:
    route = "" if not plan.has_gps else polyline_of(plan, 40)
    return {
        "map": {"id": f"a{plan.activity_id}", "summary_polyline": route, "resource_state": 2},
        "start_latlng": list(position(plan, 0.0)) if plan.has_gps else [],
        "end_latlng": list(position(plan, 1.0)) if plan.has_gps else [],
    }


def _measured(plan: Plan) -> dict[str, Any]:
    speed = round(plan.distance / plan.moving_s, 3)
    body: dict[str, Any] = {
        "average_speed": speed,
        "max_speed": 0 if plan.manual or not plan.distance else round(speed * 1.7, 3),
        "has_heartrate": plan.has_heart,
        "heartrate_opt_out": False,
        "display_hide_heartrate_option": plan.has_heart,
    }
    if plan.has_heart:
        body |= {"average_heartrate": plan.heart, "max_heartrate": float(round(plan.heart + 24))}
        body["suffer_score"] = float(round(plan.moving_s / 60 * (plan.heart - 90) / 45))
    if plan.has_cadence:
        body["average_cadence"] = plan.cadence
    if plan.has_temp:
        body["average_temp"] = plan.temp
    if plan.has_gps:
        body |= {
            "elev_high": round(plan.altitude + plan.hill, 1),
            "elev_low": round(plan.altitude - plan.hill, 1),
        }
    if plan.kind.type in ("Ride", "VirtualRide") and not plan.manual:
        body |= {
            "average_watts": plan.watts,
            "kilojoules": round(plan.watts * plan.moving_s / 1000, 1),
        }
        body["device_watts"] = plan.has_meter
        if plan.has_meter:
            body |= {
                "max_watts": int(plan.watts * 3.1),
                "weighted_average_watts": int(plan.watts * 1.08),
            }
    return body


def _origin(plan: Plan) -> dict[str, Any]:
    if plan.manual:
        return {"upload_id": None, "external_id": None}
    upload = plan.activity_id + 431_000_007
    external = plan.rng("external").choice((f"garmin_ping_{upload * 3}", f"{upload}.tcx", None))
    return {"upload_id": upload, "upload_id_str": str(upload), "external_id": external}
