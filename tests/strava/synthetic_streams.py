"""The plan of an activity in, its streams and its polyline out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

from tests.strava.account import Streams
from tests.strava.synthetic_plan import Plan, position

#: About so many points; one in a dozen activities is recorded every second instead.
_POINTS: Final = 240


def streams(plan: Plan) -> Streams:
    """All types that the plan has sensors for, all of the same length."""
    times = _times(plan)
    shares = [moment / plan.elapsed_s for moment in times]
    rng = plan.rng("streams")
    found: dict[str, list[Any]] = {"time": times}
    if plan.distance:
        found["distance"] = [round(plan.distance * share, 1) for share in shares]
        speed = plan.distance / plan.moving_s
        found["velocity_smooth"] = [
            round(max(0.0, speed * rng.uniform(0.7, 1.3)), 3) for _ in times
        ]
        found["moving"] = [index > 0 for index, _ in enumerate(times)]
    if plan.has_gps:
        found["latlng"] = [list(position(plan, share)) for share in shares]
        found["altitude"] = [
            round(plan.altitude + plan.hill * math.sin(9 * share), 1) for share in shares
        ]
        found["grade_smooth"] = [round(4 * math.cos(9 * share), 1) for share in shares]
    if plan.has_heart:
        found["heartrate"] = [
            int(plan.heart + 22 * math.sin(5 * share) * share) for share in shares
        ]
    if plan.has_cadence:
        found["cadence"] = [int(plan.cadence + rng.uniform(-4, 4)) for _ in times]
    if plan.kind.type in ("Ride", "VirtualRide") and plan.has_meter:
        found["watts"] = [rng.choice((0, int(plan.watts), int(plan.watts * 1.2))) for _ in times]
    if plan.has_temp:
        found["temp"] = [plan.temp + (1 if share > 0.5 else 0) for share in shares]
    return found


def _times(plan: Plan) -> list[int]:
    """Seconds since the start, from 0 to the end, in uneven steps as devices record
    that save memory.
    """
    rng = plan.rng("times")
    step = 1 if rng.random() < 0.08 else max(1, plan.elapsed_s // _POINTS)
    times, moment = [], 0
    while moment < plan.elapsed_s:
        times.append(moment)
        moment += step if step == 1 else rng.randint(1, 2 * step - 1)
    return [*times, plan.elapsed_s]


def polyline_of(plan: Plan, points: int) -> str:
    """The encoded route, of so many points."""
    return encoded(position(plan, index / (points - 1)) for index in range(points))


def encoded(places: Iterable[tuple[float, float]]) -> str:
    """Places as an encoded polyline of five decimals."""
    text, before = [], (0, 0)
    for latitude, longitude in places:
        place = (round(latitude * 1e5), round(longitude * 1e5))
        text += [_signed(place[0] - before[0]), _signed(place[1] - before[1])]
        before = place
    return "".join(text)


def _signed(value: int) -> str:
    rest = ~(value << 1) if value < 0 else value << 1
    letters = []
    while rest >= 0x20:
        letters.append(chr((0x20 | (rest & 0x1F)) + 63))
        rest >>= 5
    return "".join([*letters, chr(rest + 63)])
