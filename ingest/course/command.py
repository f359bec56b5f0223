"""Does what ``predict`` does: reads the course, plans it, prints or writes the plan."""

from __future__ import annotations

from contextlib import ExitStack

import sqlalchemy as sa

from db.errors import NoDatabase
from db.opening import snapshot
from db.terminal import PlainConsole
from ingest.config import Config
from ingest.course.files.course import RaceCourse, even_course
from ingest.course.files.course_file import course_of_activity, course_of_file
from ingest.course.model.curve_table import keep_curve
from ingest.course.plan import words
from ingest.course.plan.facts import backtest_facts, facts_of, record_facts
from ingest.course.plan.outputs import check_out, write
from ingest.course.plan.planned import KnownAthlete, Planned, known_of, planned
from ingest.course.request import Request, check_one_course
from ingest.reporting.json_result import say_result
from ingest.run.database import database_errors


def predict_course(config: Config, request: Request, *, as_json: bool) -> None:
    """Predict a course.

    Raises:
        AbortRun: what was given cannot be used; the message says what to do.
    """
    check_one_course(request)
    if request.out is not None:
        check_out(request.out, overwrite=request.overwrite)
    # Before the database, which takes longer.
    course = _course_without_database(request)
    with database_errors(), ExitStack() as stack:
        connection = _opened(config, stack, is_needed=request.needs_runs)
        if course is None:
            assert connection is not None
            assert request.activity_id is not None
            course = course_of_activity(connection, request.activity_id)
        known = _known(connection, request)
    found = planned(known, course, request.wish, request.pace_s_per_km)
    if request.out is not None:
        write(found, request.out)
    if known.athlete_id is not None and request.wish.day is None:
        keep_curve(config, known.athlete_id, known.model)
    if as_json:
        say_result(**facts_of(found.plan), record=record_facts(known.record))
        return
    _print(found, request)


def predict_past_races(config: Config, request: Request, *, as_json: bool) -> None:
    """Predict each race of the past from what was known the day before, and print the errors.

    Raises:
        AbortRun: what was given cannot be used; the message says what to do.
    """
    with database_errors(), snapshot(config.database) as connection:
        known = _known(connection, request)
    if as_json:
        say_result(**backtest_facts(known.record))
        return
    console = PlainConsole()
    if known.record.races:
        for line in words.aligned([*words.backtest_table(known.record, known.units)]):
            console.print(line, soft_wrap=True)
    for line in words.backtest_lines(known.record):
        console.print(line, soft_wrap=True)


def _known(connection: sa.Connection | None, request: Request) -> KnownAthlete:
    return known_of(
        connection,
        athlete_id=request.athlete_id,
        sport=request.sport,
        since=request.since,
        day=request.wish.day,
    )


def _opened(config: Config, stack: ExitStack, *, is_needed: bool) -> sa.Connection | None:
    """The database; ``None`` if it is not there, and the prediction can do without."""
    try:
        return stack.enter_context(snapshot(config.database))
    except NoDatabase:
        if is_needed:
            raise
        return None


def _course_without_database(request: Request) -> RaceCourse | None:
    if request.file is not None:
        return course_of_file(request.file)
    if request.distance_m is not None:
        return even_course(request.distance_m, request.climb_m or 0.0)
    return None


def _print(found: Planned, request: Request) -> None:
    plan, units = found.plan, found.known.units
    console = PlainConsole()
    console.print(words.course_line(plan, units), soft_wrap=True)
    for line in words.aligned([words.header(plan, units), *words.plan_table(plan, units)]):
        console.print(line, soft_wrap=True)
    console.print(f"Total: {words.total_line(plan)}", soft_wrap=True)
    console.print(words.record_line(found.known.record), soft_wrap=True)
    for note in (*plan.course.notes, *plan.prediction.notes):
        console.print(f"Note: {note}", soft_wrap=True)
    if request.out is not None:
        console.print(f"Written: {request.out}", soft_wrap=True)
