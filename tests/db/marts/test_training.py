"""Load, Eddington numbers, streaks, records and splits, computed by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from db.models import (
    ActivityObservation,
    BestEffort,
    DailyLoad,
    Eddington,
    PersonalRecord,
    Split,
    SplitPace,
    Streak,
)
from tests.db.marts.conftest import Database


def test_load_decays_over_rest_days(database: Database) -> None:
    database.activity(1, "2026-01-01T08:00:00", relative_effort=84.0, distance_m=7000.0)
    database.activity(2, "2026-01-03T08:00:00", relative_effort=42.0, distance_m=3000.0)
    database.refresh()
    first, rest, last = (database.one(DailyLoad, date=date(2026, 1, day)) for day in (1, 2, 3))
    assert (first.load, first.ctl, first.atl, first.tsb) == (84.0, 2.0, 12.0, 0.0)
    assert (rest.load, rest.ctl, rest.atl, rest.tsb) == (
        0.0,
        pytest.approx(2 - 2 / 42, abs=1e-6),
        pytest.approx(12 - 12 / 7, abs=1e-6),
        -10.0,
    )
    assert last.ctl == pytest.approx(rest.ctl + (42 - rest.ctl) / 42, abs=1e-5)
    assert last.tsb == pytest.approx(rest.ctl - rest.atl, abs=1e-5)
    assert (last.rolling_7d_distance_km, rest.activity_count, first.acute_chronic_ratio) == (
        10.0,
        0,
        6.0,
    )
    assert {source for (source,) in database.rows(DailyLoad.load_source)} == {"relative_effort"}


def test_rest_days_count_up_to_the_newest_export(database: Database) -> None:
    for number, day, load in ((1, 1, 10.0), (2, 4, None), (3, 6, 20.0)):
        start = f"2026-12-{day + 20}T08:00:00"
        database.activity(number, start, relative_effort=load, distance_m=1000.0)
    database.export("2026-12-01")
    database.export("2027-01-02")
    database.refresh()
    # The second activity has no load, yet it was no rest.
    assert [row[1] for row in database.rows(DailyLoad.date, DailyLoad.rest_days)] == [
        *(0, 1, 2, 0, 1, 0),
        *(1, 2, 3, 4, 5, 6, 7),
    ]
    last = database.one(DailyLoad, date=date(2027, 1, 2))
    before = database.one(DailyLoad, date=date(2027, 1, 1))
    assert last.ctl == pytest.approx(before.ctl * 41 / 42, abs=1e-5)
    assert (last.load, last.activity_count, last.rolling_7d_distance_km) == (0.0, 0, 0.0)


def test_an_answer_of_the_api_is_as_good_as_an_export(database: Database) -> None:
    database.activity(1, "2026-01-01T08:00:00", relative_effort=10.0)
    for source, day in (("api_summary", 3), ("loose_file", 9)):
        database.add(
            ActivityObservation,
            activity_id=1,
            source=source,
            athlete_id=1,
            observed_at=datetime(2026, 1, day, tzinfo=UTC),
            payload="{}",
        )
    database.refresh()
    assert database.rows(DailyLoad.date)[-1] == (date(2026, 1, 3),)


def test_no_export_is_of_the_22nd_century(database: Database) -> None:
    database.activity(1, "2026-01-01T08:00:00", relative_effort=10.0)
    database.export("2107-01-01")
    database.refresh()
    assert database.rows(DailyLoad.date) == [(date(2026, 1, 1),)]


def test_the_window_of_seven_days_ends(database: Database) -> None:
    for number, day, hours in ((1, 1, 2), (2, 8, 1)):
        database.activity(
            number,
            f"2026-01-0{day}T08:00:00",
            relative_effort=1.0,
            distance_m={1: 7000.0, 8: 1000.0}[day],
            moving_time_s=hours * 3600.0,
        )
    database.refresh()
    columns = (DailyLoad.date, DailyLoad.rolling_7d_moving_time_h, DailyLoad.moving_time_h)
    hours_of = {day.day: (rolling, own) for day, rolling, own in database.rows(*columns)}
    assert hours_of == {1: (2.0, 2.0), **dict.fromkeys(range(2, 8), (2.0, 0.0)), 8: (1.0, 1.0)}
    assert database.one(DailyLoad, date=date(2026, 1, 1)).rolling_7d_distance_km == 7.0
    assert database.one(DailyLoad, date=date(2026, 1, 7)).rolling_7d_distance_km == 7.0
    assert database.one(DailyLoad, date=date(2026, 1, 8)).rolling_7d_distance_km == 1.0


def test_the_measure_that_more_activities_have_is_the_load(database: Database) -> None:
    database.activity(1, "2026-01-01T08:00:00", relative_effort=10.0, training_load=99.0)
    database.activity(2, "2026-01-02T08:00:00", relative_effort=10.0)
    database.refresh()
    assert database.rows(DailyLoad.load, DailyLoad.load_source) == [(10.0, "relative_effort")] * 2
    database.activity(3, "2026-01-03T08:00:00", training_load=50.0)
    database.refresh()
    assert database.rows(DailyLoad.date, DailyLoad.load, DailyLoad.load_source) == [
        (date(2026, 1, day), load, "training_load")
        for day, load in ((1, 99.0), (2, 0.0), (3, 50.0))
    ]


def test_fatigue_by_fitness_is_unknown_until_there_is_any_fitness(database: Database) -> None:
    database.activity(1, "2026-01-01T08:00:00")
    database.activity(2, "2026-01-02T08:00:00", relative_effort=1.0)
    database.refresh()
    ratios = database.rows(DailyLoad.date, DailyLoad.acute_chronic_ratio)
    assert [ratio for _, ratio in ratios] == [None, 6.0]


def test_no_load_at_all_is_no_curve(database: Database) -> None:
    database.activity(1, "2026-01-01T08:00:00")
    database.refresh()
    assert database.rows(DailyLoad.date) == []


def test_eddington_counts_days_not_activities(database: Database) -> None:
    # Days of 5, 4, 3 and (2 + 1.5) km: three days of 3 or more, and not four of 4 or more.
    for number, (day, distance) in enumerate([(1, 5.0), (2, 4.0), (3, 3.0), (4, 2.0), (4, 1.5)]):
        database.activity(number, f"2026-01-0{day}T08:00:00", distance_m=distance * 1000)
    database.activity(9, "2026-01-09T08:00:00", sport_type="Yoga")
    database.refresh()
    number = database.one(Eddington, sport_group="run", unit="km")
    assert (number.eddington_number, number.next_target, number.days_done, number.days_needed) == (
        3,
        4,
        2,
        2,
    )
    # 3.1, 2.5, 1.9 and 2.2 miles
    assert database.one(Eddington, sport_group="all", unit="mi").eddington_number == 2
    assert database.rows(Eddington.unit, sport_group="fitness") == []


def test_a_day_of_exactly_the_target_reaches_it(database: Database) -> None:
    for day in (1, 2):
        database.activity(day, f"2026-01-0{day}T08:00:00", distance_m=2000.0)
    database.refresh()
    number = database.one(Eddington, sport_group="run", unit="km")
    assert (number.eddington_number, number.days_done, number.days_needed) == (2, 0, 3)


STREAK = (Streak.start_date, Streak.end_date, Streak.length, Streak.is_longest, Streak.is_current)


def test_streaks_of_days(database: Database) -> None:
    for number, day in enumerate((1, 2, 2, 3, 5, 6, 8, 9, 10)):
        sport = "Ride" if day in (9, 10) else "Run"
        database.activity(number, f"2026-01-{day:02}T0{number}:00:00", sport_type=sport)
    database.refresh()
    first, pause, last = date(2026, 1, 1), date(2026, 1, 5), date(2026, 1, 8)
    assert database.rows(*STREAK, sport_group="all", period_type="day") == [
        (first, date(2026, 1, 3), 3, False, False),
        (pause, date(2026, 1, 6), 2, False, False),
        (last, date(2026, 1, 10), 3, True, True),
    ]
    # The run of the 8th is neither long nor, two days before the last activity, current.
    assert [row[2:] for row in database.rows(*STREAK, sport_group="run", period_type="day")] == [
        (3, True, False),
        (2, False, False),
    ]
    assert (
        database.one(Streak, sport_group="all", period_type="day", start_date=first).activity_count
        == 4
    )


def test_streaks_of_weeks_go_over_new_year(database: Database) -> None:
    for number, day in enumerate(("2025-12-28", "2025-12-31", "2026-01-11", "2026-01-26")):
        database.activity(number, f"{day}T08:00:00")
    database.refresh()
    assert database.rows(*STREAK, sport_group="all", period_type="week") == [
        (date(2025, 12, 22), date(2026, 1, 11), 3, True, False),
        (date(2026, 1, 26), date(2026, 2, 1), 1, False, True),
    ]


def effort(
    database: Database, number: int, seconds: float, source: str = "computed", name: str = "1K"
) -> None:
    columns: dict[str, Any] = {"distance_m": 1000.0, "elapsed_time_s": seconds}
    database.add(BestEffort, activity_id=number, source=source, name=name, **columns)


def test_records_are_the_efforts_that_beat_all_before(database: Database) -> None:
    for number, seconds in enumerate((300.0, 310.0, 290.0, 290.0, 240.0), start=1):
        # Ids and times in opposite order: time counts.
        database.activity(10 - number, f"2026-01-0{number}T08:00:00")
        effort(database, 10 - number, seconds)
    database.refresh()
    columns = (
        PersonalRecord.record_index,
        PersonalRecord.activity_id,
        PersonalRecord.elapsed_time_s,
        PersonalRecord.improvement_s,
        PersonalRecord.beaten_date,
        PersonalRecord.is_current,
    )
    assert database.rows(*columns) == [
        (1, 9, 300.0, None, date(2026, 1, 3), False),
        (2, 7, 290.0, 10.0, date(2026, 1, 5), False),
        (3, 5, 240.0, 50.0, None, True),
    ]
    last = database.one(PersonalRecord, record_index=3)
    assert last.pace_min_per_km == pytest.approx(4.0)
    assert last.pace_min_per_mi == pytest.approx(4.0 * 1.609344)
    assert last.average_speed_kmh == pytest.approx(15.0)


def test_an_effort_of_no_time_is_no_record(database: Database) -> None:
    for number, seconds in enumerate((100.0, 0.0, 0.5), start=1):
        database.activity(number, f"2026-01-0{number}T08:00:00")
        effort(database, number, seconds)
    database.refresh()
    assert database.rows(PersonalRecord.elapsed_time_s) == [(0.5,), (100.0,)]


def test_the_word_of_the_api_counts_and_flagged_or_vanished_activities_do_not(
    database: Database,
) -> None:
    database.activity(1, "2026-01-01T08:00:00")
    effort(database, 1, 295.0, "computed")
    effort(database, 1, 300.0, "api")
    effort(database, 1, 100.0, "computed", "400m")
    database.activity(2, "2026-01-02T08:00:00", is_flagged=True)
    effort(database, 2, 60.0)
    database.activity(3, "2026-01-03T08:00:00", vanished_at=datetime(2026, 2, 1, tzinfo=UTC))
    effort(database, 3, 61.0)
    database.refresh()
    columns = (PersonalRecord.name, PersonalRecord.elapsed_time_s, PersonalRecord.source)
    assert database.rows(*columns) == [("1K", 300.0, "api"), ("400m", 100.0, "computed")]


def test_splits_of_runs_come_from_one_source(database: Database) -> None:
    database.activity(1, "2026-01-01T08:00:00")
    database.activity(2, "2026-01-02T08:00:00")
    database.activity(3, "2026-01-03T08:00:00", sport_type="Ride")
    moved = {"unit": "km", "split_index": 0, "distance_m": 1000.0, "moving_time_s": 300.0}
    database.add(Split, activity_id=1, source="api", **moved)
    database.add(
        Split,
        activity_id=1,
        source="computed",
        **moved,
        elevation_difference_m=-50.0,
        average_grade_adjusted_speed_mps=2.5,
        steepness_pct=7.0,
        is_partial=False,
    )
    database.add(
        Split,
        activity_id=2,
        source="api",
        **(moved | {"distance_m": 0.0, "elevation_difference_m": 1.0}),
    )
    database.add(Split, activity_id=3, source="computed", **moved)
    jump = {"split_index": 1, "moving_time_s": 120.0}  # 8.3 m/s
    database.add(Split, activity_id=1, source="computed", **(moved | jump))
    database.refresh()
    columns = (
        SplitPace.activity_id,
        SplitPace.source,
        SplitPace.pace_min_per_km,
        SplitPace.grade_pct,
    )
    assert database.rows(*columns) == [(1, "computed", 5.0, -5.0), (2, "api", None, None)]
    first = database.one(SplitPace, activity_id=1)
    assert first.average_speed_kmh == pytest.approx(12.0)
    assert first.steepness_pct == 7.0
    assert first.grade_adjusted_pace_min_per_km == pytest.approx(1000 / 2.5 / 60)
    assert first.grade_adjusted_pace_min_per_mi == pytest.approx(1609.344 / 2.5 / 60)


@pytest.mark.parametrize(("seconds", "is_run"), [(125.0, True), (124.9, False), (None, True)])
def test_a_split_faster_than_8_metres_per_second_is_a_jump(
    database: Database, seconds: float | None, is_run: bool
) -> None:
    database.activity(1, "2026-01-01T08:00:00")
    split = {"unit": "km", "split_index": 0, "distance_m": 1000.0, "moving_time_s": seconds}
    database.add(Split, activity_id=1, source="computed", **split)
    database.refresh()
    assert database.rows(SplitPace.activity_id) == [(1,)] * is_run
