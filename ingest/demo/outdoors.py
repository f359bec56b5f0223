"""Makes runs, rides, walks and hikes: speed follows slope, heart rate follows effort."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.demo.athlete import Plan
from ingest.demo.kinds import WEIGHT_KG
from ingest.demo.routes import DemoRoute, new_loop, usual_route
from ingest.demo.track import DemoTrack, heart_rate, lap_ends, smooth_noise, warmth
from ingest.transform.records import FloatArray, IntArray

_GRAVITY: Final = 9.81
_BIKE_KG: Final = 8.6
_ROLLING: Final = 0.0045
_DRAG: Final = 0.23


def outdoor_track(plan: Plan, rng: np.random.Generator) -> DemoTrack:
    """The track of an activity with positions."""
    route, kind = _route(plan, rng), plan.kind
    pace = _speed_along(route, plan, rng)
    arrival = np.concatenate(
        ([0.0], np.cumsum(np.diff(route.along_m) / ((pace[1:] + pace[:-1]) / 2)))
    )
    clock = np.arange(0, arrival[-1], kind.interval_s)
    distance = np.interp(clock, arrival, route.along_m)
    speed = np.maximum(
        np.interp(distance, route.along_m, pace) + 0.06 * smooth_noise(rng, len(clock), 4), 0.2
    )
    grade = np.interp(distance, route.along_m, route.grade)
    pauses = _pauses(plan, len(clock), rng)
    power = _power(speed, grade, rng) if kind.has_power else None
    effort = _effort(plan, grade, rng, power)
    latitude, longitude = _positions(route, distance, rng)
    return DemoTrack(
        elapsed_s=_elapsed(len(clock), kind.interval_s, pauses),
        distance_m=np.round(distance, 2),
        speed_mps=np.round(speed, 3),
        heartrate_bpm=heart_rate(effort, kind.interval_s, rng),
        cadence_rpm=_cadence(plan, speed, power, rng),
        latitude=latitude,
        longitude=longitude,
        altitude_m=np.round(np.interp(distance, route.along_m, route.altitude_m) * 5) / 5,
        grade=grade,
        power_w=power,
        temperature_c=warmth(plan.temperature_c, len(clock), rng),
        pauses=tuple(pauses),
        lap_ends=lap_ends(distance, kind.lap_m),
    )


def _route(plan: Plan, rng: np.random.Generator) -> DemoRoute:
    kind = plan.kind
    if kind.key == "commute":  # always the same way: there in the morning, back later
        return usual_route(plan.place, kind.hilliness, 14_000).half(second=plan.start.hour >= 10)
    if kind.key != "race" and rng.random() < 0.75:
        return usual_route(plan.place, kind.hilliness, plan.distance_m)
    return new_loop(plan.place, kind.hilliness, plan.distance_m, rng)


def _speed_along(route: DemoRoute, plan: Plan, rng: np.random.Generator) -> FloatArray:
    """The speed along a route: slow uphill, faster downhill, with changes from minute to minute."""
    count = len(route.along_m)
    mood = 1 + 0.04 * smooth_noise(rng, count, 60) + 0.02 * np.linspace(-1, 1, count)
    if plan.kind.key == "tempo":  # fast and easy kilometres alternate
        mood *= 1 + 0.09 * np.tanh(4 * np.sin(route.along_m * (np.pi / 1000)))
    slope = np.clip(np.exp(-plan.kind.grade_cost * route.grade), 0.45, 1.65)
    flat: FloatArray = plan.speed_mps * mood * slope
    return flat


def _pauses(plan: Plan, count: int, rng: np.random.Generator) -> dict[int, int]:
    """Seconds that the watch stops after a point, at lights or for the view, by point."""
    often = {"Ride": 900, "Hike": 2400, "Run": 2600, "Walk": 1800}.get(plan.kind.sport)
    if often is None or plan.kind.key == "race" or count < 120:
        return {}
    where = np.unique(
        rng.integers(40, count - 40, rng.poisson(count * plan.kind.interval_s / often))
    )
    return {
        int(point): int(seconds)
        for point, seconds in zip(where, rng.integers(12, 160, len(where)), strict=True)
    }


def _elapsed(count: int, interval_s: int, pauses: dict[int, int]) -> IntArray:
    steps = np.full(count, interval_s, dtype=np.int64)
    steps[0] = 0
    for point, seconds in pauses.items():
        steps[point + 1] += seconds
    return np.cumsum(steps)


def _effort(
    plan: Plan, grade: FloatArray, rng: np.random.Generator, power: FloatArray | None
) -> FloatArray:
    level = plan.kind.intensity * (1.03 - 0.06 * plan.form)
    if power is not None:
        return np.clip(level * (0.55 + 0.45 * power / max(float(power.mean()), 1.0)), 0.15, 0.97)
    hard = 1 + 1.6 * np.clip(grade, -0.1, 0.1) + 0.03 * smooth_noise(rng, len(grade), 90)
    return np.clip(level * hard, 0.15, 0.97)


def _power(speed: FloatArray, grade: FloatArray, rng: np.random.Generator) -> FloatArray:
    """The power that the speed takes on that slope; nothing while the wheels roll freely."""
    count = len(speed)
    watts = speed * ((WEIGHT_KG + _BIKE_KG) * _GRAVITY * (grade + _ROLLING) + _DRAG * speed**2)
    watts = watts * (1 + 0.13 * rng.normal(0, 1, count)) + 14 * smooth_noise(rng, count, 12)
    coasting = smooth_noise(rng, count, 9) > 1.55
    return np.where((watts < 30) | coasting, 0.0, np.rint(np.minimum(watts, 640)))


def _cadence(
    plan: Plan, speed: FloatArray, power: FloatArray | None, rng: np.random.Generator
) -> FloatArray:
    """Steps of one leg, or turns of the crank."""
    share = np.clip(speed / max(float(speed.mean()), 0.1), 0.5, 1.5)
    beat = plan.kind.cadence_rpm * (0.8 + 0.2 * share) + 1.2 * smooth_noise(rng, len(speed), 10)
    return np.where(power == 0, 0.0, np.rint(beat)) if power is not None else np.rint(beat)


def _positions(
    route: DemoRoute, distance: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Positions two metres beside the route, since GPS is not exact."""
    metre = 1 / 111_195
    latitude = np.interp(distance, route.along_m, route.latitude) + 1.5 * metre * smooth_noise(
        rng, len(distance), 25
    )
    longitude = np.interp(distance, route.along_m, route.longitude) + 2 * metre * smooth_noise(
        rng, len(distance), 25
    )
    return np.round(latitude, 7), np.round(longitude, 7)
