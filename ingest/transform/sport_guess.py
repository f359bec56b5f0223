"""Guesses the sport of a recording whose file names none, from its speed and cadence.

The borders are where people change from one way of moving to another; they are chosen so that the
more common sport wins on each side. A guess is marked as such, and any other word overrules it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.transform.derived import Derived
from ingest.transform.records import BoolArray, Recording

#: Nobody rides faster than this on average (an hour record is 15.8 m/s): a car, train or lift.
_RIDDEN_MPS: Final = 17.0
#: Nobody runs as fast: a marathon at 5.8 m/s is the world record, a kilometre at 7.6 m/s, too.
_RUN_MPS: Final = 5.8
_RUN_KILOMETRE_MPS: Final = 7.0
#: 15 km/h: few runners average more, few riders less.
_RIDE_MPS: Final = 4.2
#: At about 7 km/h people change from walking to running; nobody runs slower than a slow walk.
_WALK_MPS: Final = 2.0
_SLOWEST_RUN_MPS: Final = 1.4
#: 8.6 km/h: nobody walks as fast for long.
_FASTEST_WALK_MPS: Final = 2.4
#: Steps per minute of one leg: walking has 45 to 65, running 70 to 110; who runs faster than
#: ``_RIDE_MPS`` takes 84 or more, and most riders pedal more slowly than that.
_RUN_CADENCE_RPM: Final = (70.0, 110.0)
_FAST_RUN_CADENCE_RPM: Final = 84.0
#: Nobody pedals as fast on average: the file counts the steps of both legs.
_BOTH_LEGS_RPM: Final = 125.0
#: Largest share of time on the move without cadence on foot; riders coast for longer.
_COASTING: Final = 0.05


def guessed_sport(recording: Recording, derived: Derived) -> str:
    """The API's sport that a recording probably is: Swim, Ride, Run, Walk or Workout.

    ``derived`` are figures computed without a sport. Pool lengths mean ``Swim``; without a
    distance, or at a speed that nobody reaches, it is ``Workout``.
    """
    if any(length.is_active for length in recording.lengths):
        return "Swim"
    kilometres = [split for split in derived.splits if split.unit == "km"]
    moving = sum(split.moving_time_s or 0.0 for split in kilometres)
    if not moving > 0:
        return "Workout"
    speed = sum(split.distance_m or 0.0 for split in kilometres) / moving
    fastest = max(
        (split.average_speed_mps or 0.0 for split in kilometres if not split.is_partial),
        default=0.0,
    )
    if speed > _RIDDEN_MPS:
        return "Workout"
    if speed > _RUN_MPS or fastest > _RUN_KILOMETRE_MPS:
        return "Ride"
    stepping = _has_steps_of_a_runner(recording, speed)
    if stepping is None:
        return "Ride" if speed >= _RIDE_MPS else "Run" if speed >= _WALK_MPS else "Walk"
    if stepping and speed >= _SLOWEST_RUN_MPS:
        return "Run"
    return "Ride" if speed >= _FASTEST_WALK_MPS else "Walk"


def _has_steps_of_a_runner(recording: Recording, speed: float) -> bool | None:
    """Whether the cadence is that of a runner at this speed; ``None`` if it is not known."""
    cadence = recording.points.get("cadence_rpm")
    if cadence is None:
        return None
    known = cadence[~np.isnan(cadence) & _is_on_the_move(recording)]
    turning = known[known > 0]
    if not len(turning):
        return None
    usual = float(np.median(turning))
    if usual > _BOTH_LEGS_RPM:
        usual /= 2
    low, high = _RUN_CADENCE_RPM
    if speed >= _RIDE_MPS:
        low = _FAST_RUN_CADENCE_RPM
    return low <= usual <= high and len(turning) >= (1 - _COASTING) * len(known)


def _is_on_the_move(recording: Recording) -> BoolArray:
    """Whether each point is reached at more than 1 m/s; all are if the file tells no distance."""
    elapsed, distance = recording.points["elapsed_s"], recording.points.get("distance_m")
    if distance is None:
        return np.ones(len(elapsed), bool)
    return np.concatenate(([True], np.diff(distance) > np.diff(elapsed)))
