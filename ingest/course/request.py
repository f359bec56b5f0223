"""Makes what ``predict`` is asked for out of its options, and checks it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ingest.course.files.course_file import LONGEST_M
from ingest.course.options import climb_of, clock_of, distance_of, pace_of, seconds_of, stops_of
from ingest.course.plan.plan import NO_WISH, RaceWish
from ingest.errors import UsageError
from ingest.transform.grade import PIECE_M, STEEPEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be predicted, and for whom."""

    file: Path | None = None
    activity_id: int | None = None
    distance_m: float | None = None
    climb_m: float | None = None
    sport: str = "Run"
    since: date | None = None
    athlete_id: int | None = None
    pace_s_per_km: float | None = None
    wish: RaceWish = NO_WISH
    out: Path | None = None
    overwrite: bool = False

    @property
    def needs_runs(self) -> bool:
        """Whether nothing but the database says how fast the athlete is, or what the course is."""
        is_told = self.pace_s_per_km is not None or self.wish.goal_s is not None
        return not is_told or self.activity_id is not None or self.athlete_id is not None


def make_request(
    *,
    day: datetime | None,
    since: datetime | None,
    start: str | None,
    goal: str | None,
    stops: str,
    pace: str | None,
    distance: str | None,
    climb: str | None,
    **options: Any,
) -> Request:
    """The request of a command line.

    Raises:
        UsageError: an option cannot be read; the message names it.
    """
    wish = RaceWish(
        goal_s=None if goal is None else seconds_of(goal),
        stops=stops_of(stops),
        start=None if start is None else clock_of(start),
        day=None if day is None else day.date(),
    )
    request = Request(
        wish=wish,
        since=None if since is None else since.date(),
        pace_s_per_km=None if pace is None else pace_of(pace),
        distance_m=None if distance is None else distance_of(distance),
        climb_m=None if climb is None else climb_of(climb),
        **options,
    )
    check_length(request.distance_m, request.climb_m)
    return request


def check_one_course(request: Request) -> None:
    """Refuse no course, and two of them.

    Raises:
        UsageError: there is not exactly one.
    """
    ways = (request.file, request.activity_id, request.distance_m)
    if sum(way is not None for way in ways) != 1:
        raise UsageError(
            "give one course: a GPX, TCX or FIT file, --activity ID, or --distance KM with --climb "
            "M"
        )


def check_length(distance_m: float | None, climb_m: float | None) -> None:
    """Refuse a length that no course has, and a climb that no path has, or that has no length.

    Raises:
        UsageError: either is so.
    """
    if distance_m is None:
        if climb_m is not None:
            raise UsageError("--climb needs --distance; a file or an activity has its own climb")
        return
    kilometres = distance_m / 1000
    if not PIECE_M <= distance_m <= LONGEST_M:
        raise UsageError(
            f"--distance {kilometres:g}: give kilometres between {PIECE_M / 1000:g} and "
            f"{LONGEST_M / 1000:,.0f}"
        )
    # Up on one half of the way, and down on the other.
    most = distance_m / 2 * STEEPEST
    if climb_m is not None and climb_m > math.floor(most):
        raise UsageError(
            f"--climb {climb_m:g}: {kilometres:g} km have room for 0 to {math.floor(most):,} m of "
            "climb, up and down; with more they would be steeper than paths are"
        )
