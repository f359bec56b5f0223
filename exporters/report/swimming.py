"""Finds the fastest lengths in a row of swims in a pool."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from exporters.report.rows import PoolSwim

#: Distances that swimmers compare, in metres or yards.
_DISTANCES: Final = (50, 100, 200, 400, 500, 800, 1000, 1500)
_METRES_PER_YARD: Final = 0.9144
#: The world record over 50 m is 20.9 s; who is faster by the device has skipped a length.
_FASTEST_MPS: Final = 2.4


@dataclass(frozen=True, slots=True, kw_only=True)
class BestSwim:
    """The fastest lengths in a row over a distance."""

    name: str
    distance_m: float
    seconds: float
    activity_id: int


def best_swims(swims: Sequence[PoolSwim]) -> list[BestSwim]:
    """The fastest per distance, rests at the wall included; of equal ones the earlier.

    Pools of metres and of yards have distances of their own.
    """
    found: dict[str, BestSwim] = {}
    for swim in swims:
        for one in _of_one(swim):
            if one.name not in found or one.seconds < found[one.name].seconds:
                found[one.name] = one
    return sorted(found.values(), key=lambda one: one.distance_m)


def _of_one(swim: PoolSwim) -> Iterator[BestSwim]:
    """The fastest of a swim over each distance that is a whole number of lengths."""
    unit, metres = _unit(swim.pool_m)
    begins = [0.0, *accumulate(swim.seconds)]
    swum = [place for place, is_swum in enumerate(swim.is_swum) if is_swum]
    for distance in _DISTANCES:
        goal = distance * metres
        lengths = round(goal / swim.pool_m)
        if lengths < 1 or abs(lengths * swim.pool_m - goal) > 0.01 * goal:
            continue
        times = [
            begins[last + 1] - begins[first]
            for first, last in zip(swum, swum[lengths - 1 :], strict=False)
        ]
        possible = [time for time in times if time * _FASTEST_MPS > goal]
        if possible:
            yield BestSwim(
                name=f"{distance} {unit}",
                distance_m=goal,
                seconds=min(possible),
                activity_id=swim.activity_id,
            )


def _unit(pool_m: float) -> tuple[str, float]:
    """Yards where the pool is a whole number of them, and not of metres; and metres in a unit."""
    yards = pool_m / _METRES_PER_YARD
    is_yards = abs(yards - round(yards)) < 0.02 < abs(pool_m - round(pool_m))
    return ("yd", _METRES_PER_YARD) if is_yards else ("m", 1.0)
