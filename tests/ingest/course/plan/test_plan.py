"""A plan's times add up to its total, whatever its goal, stops and units are."""

from __future__ import annotations

from datetime import date, datetime, time

import numpy as np
import pytest

from ingest.course.files.course import RaceCourse, even_course
from ingest.course.model.prediction import Prediction
from ingest.course.options import clock_of, day_of, pace_of, seconds_of, stops_of
from ingest.course.plan.plan import RacePlan, RaceWish, Stop, make_plan
from ingest.errors import UsageError
from ingest.transform.grade import Pieces, strava_factor

COURSE = even_course(10_000, 300)


def prediction(pieces: Pieces) -> Prediction:
    """5 minutes for a flat kilometre."""
    flat = np.diff(pieces.flat_m(strava_factor))
    total = flat.sum() * 0.3
    return Prediction(
        pieces=pieces,
        piece_s=flat * 0.3,
        piece_flat_m=flat,
        interval_s=(total * 0.9, total * 1.1),
    )


def plan_of(course: RaceCourse = COURSE, wish: RaceWish | None = None) -> RacePlan:
    return make_plan(course, prediction(course.pieces), wish or RaceWish())


@pytest.mark.parametrize("unit", [1000.0, 1609.344])
@pytest.mark.parametrize("goal", [None, 4000.0])
def test_the_rows_add_up_to_the_total(unit: float, goal: float | None) -> None:
    stops = (Stop(at_m=2500, seconds=60), Stop(at_m=9_999, seconds=30))
    plan = plan_of(wish=RaceWish(goal_s=goal, stops=stops))
    rows = plan.rows(unit)
    assert rows[-1].elapsed_s == pytest.approx(plan.total_s)
    assert rows[-1].end_m == pytest.approx(10_000)
    assert sum(row.stop_s for row in rows) == 90
    assert plan.elapsed_at(np.array([10_000.0]))[0] == pytest.approx(plan.total_s)
    if goal:
        assert plan.total_s == pytest.approx(goal)


def test_a_goal_is_met_with_even_effort() -> None:
    plan = plan_of(wish=RaceWish(goal_s=3000.0))
    paced = [row.part.time_s / row.part.flat_m for row in plan.rows()]
    assert paced == pytest.approx([paced[0]] * 10)
    assert plan.predicted_s == pytest.approx(prediction(COURSE.pieces).total_s)


def test_the_interval_and_the_prediction_include_the_stops() -> None:
    plan, stopped = plan_of(), plan_of(wish=RaceWish(stops=(Stop(at_m=0, seconds=100),)))
    assert stopped.interval_s == pytest.approx([bound + 100 for bound in plan.interval_s])
    assert stopped.predicted_s == pytest.approx(plan.predicted_s + 100)
    assert stopped.rows()[0].stop_s == 100


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (
            RaceWish(stops=(Stop(at_m=10_000, seconds=60),)),
            "no stop at km 10, since the course has",
        ),
        (RaceWish(goal_s=240.0), "--goal 0:04:00 is faster than anyone for 10.0 km"),
        (RaceWish(goal_s=3000.0, stops=(Stop(at_m=1, seconds=3600),)), "with stops of 1:00:00"),
    ],
)
def test_what_cannot_be_met_is_refused(wish: RaceWish, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        plan_of(wish=wish)


def test_the_clock_goes_on_after_midnight_and_through_a_change_of_clocks() -> None:
    north = np.linspace(52.0, 52.1, 101)
    heights = np.zeros(101)
    course = RaceCourse(
        name="Night",
        pieces=Pieces(border_m=np.linspace(0, 11_000, 101), height_m=heights),
        distance_m=np.linspace(0, 11_000, 101),
        latitude=north,
        longitude=np.full(101, 13.4),
    )
    # On this night in Berlin, 2:00 became 3:00.
    plan = plan_of(course, RaceWish(start=time(23, 30), day=date(2026, 3, 28)))
    start = plan.start_utc()
    assert start is not None
    assert f"{start:%Y-%m-%d %H:%M}" == "2026-03-28 22:30"
    assert plan.at(3600) == datetime(2026, 3, 29, 0, 30)
    assert plan_of(course, RaceWish(start=time(23, 30))).start_utc() is None
    assert plan_of(wish=RaceWish(start=time(9), day=date(2026, 3, 28))).start_utc() is None


def test_times_paces_and_stops_are_read() -> None:
    assert seconds_of("4:00:00") == 4 * 3600
    assert seconds_of("45:30") == 45 * 60 + 30
    assert pace_of("5:30") == 330
    assert clock_of("9:05") == time(9, 5)
    assert day_of("2026-05-01") == date(2026, 5, 1)
    assert stops_of("5@21, 1.5@30.5") == (
        Stop(at_m=21_000, seconds=300),
        Stop(at_m=30_500, seconds=90),
    )
    assert stops_of("") == ()


@pytest.mark.parametrize("text", ["", "4", "4:60", "1:60:00", "0:00", "four", "-1:00:00", "٤:٠٠"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--goal"):
        seconds_of(text)


@pytest.mark.parametrize("text", ["5@", "@21", "5 at 21", "5@21;3@30", "x", "5@-1"])
def test_what_is_no_stop_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="write minutes@kilometre"):
        stops_of(text)


@pytest.mark.parametrize("text", ["0:30", "5.5", "1:05:30", "99:99", "soon"])
def test_what_is_no_pace_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="like 5:30"):
        pace_of(text)


@pytest.mark.parametrize("text", ["25:00", "9", "9:60", "noon"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="like 9:30"):
        clock_of(text)
