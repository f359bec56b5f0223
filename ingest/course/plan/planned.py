"""Plans a course for an athlete of the database: for the command and for the local page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import sqlalchemy as sa

from exporters.report.units import Units
from ingest.course.files.course import RaceCourse
from ingest.course.model.athletes import Runner, runner_of
from ingest.course.model.backtest import Backtest, backtest_of
from ingest.course.model.history import SPORTS, History, history_of
from ingest.course.model.pace_model import PaceModel, fit, misses_of
from ingest.course.plan.plan import RacePlan, RaceWish, make_plan
from ingest.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAthlete:
    """What the database tells of an athlete."""

    history: History
    model: PaceModel
    record: Backtest
    units: Units
    #: ``None`` if the database holds no activities.
    athlete_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, and what it rests on."""

    plan: RacePlan
    known: KnownAthlete


def check_sport(sport: str) -> None:
    """Refuse a sport that is not predicted.

    Raises:
        UsageError: it is none of those that are.
    """
    if sport not in SPORTS:
        raise UsageError(
            f"--sport {sport} is not offered, since wind, company and power decide on its times "
            f"more than climbs do; choose {' or '.join(SPORTS)}"
        )


def known_of(
    connection: sa.Connection | None,
    *,
    athlete_id: int | None,
    sport: str,
    since: date | None,
    day: date | None,
) -> KnownAthlete:
    """What was known the day before ``day``, or is known today.

    Without a connection, or without activities, nothing is.

    Raises:
        UsageError: the sport is not offered, or this athlete has no activities.
    """
    check_sport(sport)
    runner = None if connection is None else runner_of(connection, athlete_id)
    if connection is None or runner is None:
        history, units = History(sport=sport, runs=(), as_of=day or date.today()), Units()
    else:
        history, units = _history(connection, runner, sport, since, day), runner.units
    misses = misses_of(history)
    return KnownAthlete(
        history=history,
        model=fit(history, misses),
        record=backtest_of(history, since, misses),
        units=units,
        athlete_id=None if runner is None else runner.athlete_id,
    )


def _history(
    connection: sa.Connection, runner: Runner, sport: str, since: date | None, day: date | None
) -> History:
    return history_of(
        connection,
        runner.athlete_id,
        sport=sport,
        since=since or runner.first_day(day),
        until=day - timedelta(days=1) if day else None,
    )


def planned(
    known: KnownAthlete, course: RaceCourse, wish: RaceWish, pace_s_per_km: float | None
) -> Planned:
    """Plan a course.

    Raises:
        UsageError: nothing says how fast the athlete runs, or the wish cannot be met.
    """
    model = known.model
    is_predicted = pace_s_per_km is not None or model.endurance is not None
    if not is_predicted and wish.goal_s is not None:
        pace_s_per_km = wish.goal_s / (float(course.pieces.flat_m()[-1]) / 1000)
    prediction = model.predict(course.pieces, pace_s_per_km)
    plan = make_plan(course, prediction, wish)
    return Planned(plan=replace(plan, is_predicted=is_predicted), known=known)
