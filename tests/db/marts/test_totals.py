"""Sums per period, to date in the year and per gear, computed by hand."""

from __future__ import annotations

from datetime import date

import pytest

from db.models import Gear, GearComponent, GearMileage, PeriodSummary, YearToDate
from tests.db.marts.conftest import Database


@pytest.fixture
def filled(database: Database) -> Database:
    """Sunday and Monday around New Year 2023/24: a run of 10 km each, and a ride of 30 km on the
    Monday; a walk in February.
    """
    for number, gear in ((1, "Shoe"), (2, "Bike"), (3, "Spare")):
        database.add(
            Gear, gear_id=number, athlete_id=1, name=gear, name_key=gear.lower(), distance_m=5000.0
        )
    for index, kind in enumerate(("Frame", "Chain")):
        database.add(
            GearComponent, athlete_id=1, component_index=index + 3, gear_id=2, component_type=kind
        )
    run = {"distance_m": 10_000.0, "moving_time_s": 3600.0, "gear_id": 1, "relative_effort": 50.0}
    database.activity(1, "2023-12-31T08:00:00", **run)
    database.activity(2, "2024-01-01T08:00:00", **run, total_elevation_gain_m=100.0)
    database.activity(
        3,
        "2024-01-01T17:00:00",
        sport_type="Ride",
        distance_m=30_000.0,
        moving_time_s=3600.0,
        gear_id=2,
    )
    database.activity(4, "2024-02-05T08:00:00", sport_type="Walk")
    database.refresh()
    return database


def periods(database: Database, period: str, group: str) -> list[tuple[object, ...]]:
    columns = (PeriodSummary.period_start, PeriodSummary.activity_count, PeriodSummary.distance_km)
    return database.rows(*columns, period_type=period, sport_group=group)


def test_weeks_begin_on_monday_and_years_on_new_year(filled: Database) -> None:
    assert periods(filled, "week", "run") == [
        (date(2023, 12, 25), 1, 10.0),
        (date(2024, 1, 1), 1, 10.0),
    ]
    assert periods(filled, "year", "all") == [
        (date(2023, 1, 1), 1, 10.0),
        (date(2024, 1, 1), 3, 40.0),
    ]
    assert periods(filled, "month", "ride") == [(date(2024, 1, 1), 1, 30.0)]
    assert periods(filled, "day", "all")[1:] == [
        (date(2024, 1, 1), 2, 40.0),
        (date(2024, 2, 5), 1, 0.0),
    ]


def test_a_period_has_sums_and_ratios(filled: Database) -> None:
    day = filled.one(
        PeriodSummary, period_type="day", sport_group="all", period_start=date(2024, 1, 1)
    )
    assert (
        day.active_days,
        day.moving_time_h,
        day.total_elevation_gain_m,
        day.relative_effort,
    ) == (
        1,
        2.0,
        100.0,
        50.0,
    )
    assert (day.average_speed_kmh, day.pace_min_per_km, day.longest_distance_km) == (
        None,
        None,
        30.0,
    )
    ride = filled.one(PeriodSummary, period_type="day", sport_group="ride")
    assert (ride.average_speed_kmh, ride.pace_min_per_km, ride.longest_distance_km) == (
        30.0,
        2.0,
        30.0,
    )
    assert day.distance_mi == pytest.approx(24.854848, abs=1e-6)
    walk = filled.one(PeriodSummary, period_type="day", sport_group="walk")
    assert (walk.average_speed_kmh, walk.pace_min_per_km, walk.distance_km) == (None, None, 0.0)


def test_time_without_a_distance_makes_no_pace_slower(filled: Database) -> None:
    filled.activity(5, "2024-01-01T19:00:00", distance_m=None, moving_time_s=7200.0)
    filled.activity(6, "2024-01-01T21:00:00", distance_m=500.0, moving_time_s=None)
    filled.refresh()
    run = filled.one(
        PeriodSummary, period_type="month", sport_group="run", period_start=date(2024, 1, 1)
    )
    assert (run.moving_time_h, run.distance_km, run.average_speed_kmh, run.pace_min_per_km) == (
        3.0,
        10.5,
        10.0,
        6.0,
    )


def test_only_activities_with_time_and_distance_make_a_mean_speed(filled: Database) -> None:
    filled.activity(5, "2024-03-01T08:00:00", distance_m=500.0, moving_time_s=180.0)
    filled.activity(6, "2024-03-01T09:00:00", distance_m=0.0, moving_time_s=7200.0)
    filled.activity(7, "2024-03-01T12:00:00", distance_m=9000.0, moving_time_s=0.0)
    filled.refresh()
    day = filled.one(
        PeriodSummary, period_type="day", sport_group="run", period_start=date(2024, 3, 1)
    )
    assert (day.average_speed_kmh, day.pace_min_per_km) == (10.0, 6.0)


def test_the_year_to_date_repeats_its_sums_on_rest_days(filled: Database) -> None:
    def distance(group: str, year: int, day: int) -> list[tuple[object, ...]]:
        return filled.rows(YearToDate.distance_km, sport_group=group, year=year, day_of_year=day)

    assert distance("run", 2023, 364) == [(0.0,)]
    assert distance("run", 2023, 365) == [(10.0,)]
    assert distance("all", 2024, 1) == [(40.0,)]
    assert distance("all", 2024, 20) == [(40.0,)]
    days = filled.rows(YearToDate.date, sport_group="run", year=2024)
    assert (days[0], days[-1]) == ((date(2024, 1, 1),), (date(2024, 2, 5),))
    rest = filled.one(YearToDate, sport_group="all", year=2024, day_of_year=20)
    assert (rest.activity_count, rest.moving_time_h) == (3 - 1, 2.0)
    assert (rest.total_elevation_gain_m, rest.distance_mi) == (
        100.0,
        pytest.approx(24.854848, abs=1e-6),
    )


def test_the_year_to_date_ends_on_the_last_day_with_an_activity(filled: Database) -> None:
    filled.activity(5, "2024-02-07T08:00:00", sport_type="Walk")
    filled.refresh()
    days = filled.rows(YearToDate.date, sport_group="run", year=2024)
    assert days[-1] == (date(2024, 2, 7),)
    # Each year has all of its days, whatever was done on them.
    assert len(filled.rows(YearToDate.date, sport_group="run", year=2023)) == 365


def test_gear_has_its_use_and_components_share_it(filled: Database) -> None:
    columns = (
        GearMileage.gear_name,
        GearMileage.part_index,
        GearMileage.component_type,
        GearMileage.distance_km,
    )
    assert filled.rows(*columns) == [
        ("Bike", 0, None, 30.0),
        ("Bike", 1, "Frame", 30.0),
        ("Bike", 2, "Chain", 30.0),
        ("Shoe", 0, None, 20.0),
        ("Spare", 0, None, 0.0),
    ]
    shoe = filled.one(GearMileage, gear_name="Shoe")
    assert (
        shoe.activity_count,
        shoe.first_used_date,
        shoe.last_used_date,
        shoe.strava_distance_km,
    ) == (
        2,
        date(2023, 12, 31),
        date(2024, 1, 1),
        5.0,
    )
    spare = filled.one(GearMileage, gear_name="Spare")
    assert spare.first_used_date is None
    assert (
        spare.activity_count,
        spare.distance_mi,
        spare.moving_time_h,
        spare.total_elevation_gain_m,
        spare.total_elevation_gain_ft,
    ) == (0, 0.0, 0.0, 0.0, 0.0)
