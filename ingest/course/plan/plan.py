"""Makes the plan of a race out of a prediction: times and clock at each kilometre or mile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import numpy as np

from ingest.course.files.course import RaceCourse
from ingest.course.model.prediction import KM, Kilometre, Prediction, parts
from ingest.errors import UsageError
from ingest.transform.records import FloatArray
from ingest.transform.timezones import zone, zone_at

#: Metres per second on flat ground that nobody runs or rides: such a goal was mistyped.
_TOO_FAST_MPS: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A rest of some seconds at a place of the course."""

    at_m: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceWish:
    """What the runner wants of the plan."""

    goal_s: float | None = None
    stops: tuple[Stop, ...] = ()
    start: time | None = None
    day: date | None = None


NO_WISH: Final = RaceWish()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One kilometre or mile of the plan."""

    part: Kilometre
    #: Metres from the start to its end.
    end_m: float
    stop_s: float
    #: Seconds from the start to its end, with all stops before.
    elapsed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RacePlan:
    """The times of a course: as predicted, or with even effort for a goal."""

    course: RaceCourse
    prediction: Prediction
    wish: RaceWish
    #: Seconds in motion for each piece.
    piece_s: FloatArray
    #: Whether runs or a pace say how long it takes; else only the goal does.
    is_predicted: bool = True

    @property
    def moving_s(self) -> float:
        """Seconds in motion."""
        return float(self.piece_s.sum())

    @property
    def stops_s(self) -> float:
        """Seconds of all stops."""
        return sum(stop.seconds for stop in self.wish.stops)

    @property
    def total_s(self) -> float:
        """Seconds from start to finish."""
        return self.moving_s + self.stops_s

    @property
    def predicted_s(self) -> float:
        """Seconds from start to finish as predicted, whatever the goal is."""
        return self.prediction.total_s + self.stops_s

    @property
    def interval_s(self) -> tuple[float, float]:
        """Lowest and highest total of the prediction's 80 % interval."""
        low, high = self.prediction.interval_s
        return low + self.stops_s, high + self.stops_s

    @property
    def flat_m(self) -> float:
        """Distance on flat ground that costs as much."""
        return float(self.prediction.piece_flat_m.sum())

    def rows(self, unit_m: float = KM) -> Sequence[Row]:
        """The kilometres, or miles with their ``unit_m``."""
        rows, end_m, elapsed = [], 0.0, 0.0
        found = parts(self.prediction.pieces, self.piece_s, self.prediction.piece_flat_m, unit_m)
        for part in found:
            begin_m, end_m = end_m, end_m + part.distance_m
            stop_s = sum(s.seconds for s in self.wish.stops if begin_m <= s.at_m < end_m)
            elapsed += part.time_s + stop_s
            rows.append(Row(part=part, end_m=end_m, stop_s=stop_s, elapsed_s=elapsed))
        return rows

    def elapsed_at(self, metres: FloatArray) -> FloatArray:
        """Seconds from the start on arrival at places of the course, with all stops before."""
        moving = np.concatenate(([0.0], np.cumsum(self.piece_s)))
        elapsed = np.interp(metres, self.prediction.pieces.border_m, moving)
        for stop in self.wish.stops:
            elapsed = elapsed + np.where(metres > stop.at_m, stop.seconds, 0.0)
        return elapsed

    def at(self, elapsed_s: float) -> datetime | None:
        """The local time then; of the first of January if only the hour of the start is known."""
        if self.wish.start is None:
            return None
        day = self.wish.day or date(1900, 1, 1)
        return datetime.combine(day, self.wish.start) + timedelta(seconds=round(elapsed_s))

    def start_utc(self) -> datetime | None:
        """The moment of the start; ``None`` unless its day, hour and place are known."""
        place, local = self.course.place_at(0.0), self.at(0.0)
        if place is None or local is None or self.wish.day is None:
            return None
        home = zone(zone_at(*place) or "")
        return None if home is None else local.replace(tzinfo=home).astimezone(UTC)


def make_plan(course: RaceCourse, prediction: Prediction, wish: RaceWish) -> RacePlan:
    """The plan of a course.

    With a goal, effort is even: each piece takes its share of flat distance.

    Raises:
        UsageError: a stop lies behind the finish, or the goal leaves no time.
    """
    for stop in wish.stops:
        if stop.at_m >= course.length_m:
            raise UsageError(
                f"--stops: there is no stop at km {stop.at_m / KM:g}, since the course has "
                f"{course.length_m / KM:,.1f} km"
            )
    plan = RacePlan(course=course, prediction=prediction, wish=wish, piece_s=prediction.piece_s)
    return plan if wish.goal_s is None else replace(plan, piece_s=_even_effort(plan, wish.goal_s))


def _even_effort(plan: RacePlan, goal_s: float) -> FloatArray:
    moving, flat = goal_s - plan.stops_s, plan.prediction.piece_flat_m
    if moving * _TOO_FAST_MPS < flat.sum():
        stops = f" with stops of {timedelta(seconds=plan.stops_s)}" if plan.stops_s else ""
        raise UsageError(
            f"--goal {timedelta(seconds=goal_s)}{stops} is faster than anyone for "
            f"{plan.course.length_m / KM:,.1f} km; write hours, minutes and seconds, like 4:00:00"
        )
    seconds: FloatArray = moving * flat / np.sum(flat)
    return seconds
