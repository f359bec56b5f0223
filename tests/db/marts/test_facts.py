"""The calendar and the wide table: units, local days, and nothing to divide by,
computed by hand.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from db.marts import sports
from db.models import Activity, ActivityFact, Date, Gear, Split
from ingest.transform.tables.sports import SPORT_TYPES
from tests.db.marts.conftest import Database


@pytest.mark.parametrize(
    ("columns", "pace"),
    [
        ({"average_grade_adjusted_speed_mps": 4.0, "grade_adjusted_distance_m": 1.0}, 250 / 60),
        ({"grade_adjusted_distance_m": 5000.0, "moving_time_s": 1500.0}, 5.0),
        ({}, 1000 / 3.0 / 60),  # 300 s at 2 m/s and 300 s at 4 m/s
        ({"sport_type": "Ride"}, None),
    ],
)
def test_grade_adjusted_pace_is_strava_s_else_that_of_the_kilometres(
    database: Database, columns: dict[str, Any], pace: float | None
) -> None:
    database.activity(1, "2026-01-01T08:00:00", **columns)
    for index, speed in enumerate((2.0, 4.0, None)):
        database.add(
            Split,
            activity_id=1,
            source="computed",
            unit="km",
            split_index=index,
            moving_time_s=300.0,
            average_grade_adjusted_speed_mps=speed,
        )
    database.refresh()
    fact = database.one(ActivityFact)
    assert fact.grade_adjusted_pace_min_per_km == (None if pace is None else pytest.approx(pace))
    in_miles = None if pace is None else pytest.approx(pace * 1.609344)
    assert fact.grade_adjusted_pace_min_per_mi == in_miles


def test_a_run_in_friendly_units(database: Database) -> None:
    database.add(Gear, gear_id=5, athlete_id=1, name="Shoe", name_key="shoe", gear_type="shoe")
    database.activity(
        7,
        "2026-01-01T07:30:00",
        name="Morning",
        distance_m=10_000.0,
        moving_time_s=3000.0,
        elapsed_time_s=3600.0,
        total_elevation_gain_m=304.8,
        average_speed_mps=10_000 / 3000,
        max_speed_mps=5.0,
        total_work_j=5000.0,
        gear_id=5,
        weather_temperature_c=10.0,
        weather_humidity=0.5,
        weather_cloud_cover=0.25,
        weather_apparent_temperature_c=-10.0,
        average_temperature_c=20.0,
        weather_wind_speed_mps=10.0,
        start_latitude=47.0,
        start_longitude=8.0,
        workout_type=1,
        has_track=True,
    )
    database.refresh()
    fact = database.one(ActivityFact)
    assert fact.distance_km == 10.0
    assert fact.distance_mi == pytest.approx(6.21371, abs=1e-5)
    assert (fact.moving_time_h, fact.elapsed_time_h) == (pytest.approx(3000 / 3600), 1.0)
    assert fact.total_elevation_gain_ft == pytest.approx(1000.0)
    assert fact.climb_m_per_km == pytest.approx(30.48)
    assert fact.average_speed_kmh == pytest.approx(12.0)
    assert fact.average_speed_mph == pytest.approx(7.45645, abs=1e-5)
    assert fact.max_speed_kmh == pytest.approx(18.0)
    assert fact.max_speed_mph == pytest.approx(11.18468, abs=1e-5)
    assert fact.pace_min_per_km == pytest.approx(5.0)
    assert fact.pace_min_per_mi == pytest.approx(8.04672)
    assert fact.pace_min_per_100m is None
    assert fact.total_work_kj == 5.0
    assert (fact.weather_temperature_f, fact.weather_humidity_pct) == (50.0, 50.0)
    assert (fact.weather_apparent_temperature_f, fact.weather_cloud_cover_pct) == (14.0, 25.0)
    assert fact.average_temperature_f == 68.0
    assert fact.weather_wind_speed_kmh == pytest.approx(36.0)
    assert fact.weather_wind_speed_mph == pytest.approx(22.36936, abs=1e-5)
    assert (fact.latitude, fact.longitude) == (47.0, 8.0)
    assert (fact.athlete_name, fact.gear_name, fact.gear_type) == ("Jo Doe", "Shoe", "shoe")
    assert (fact.sport_group, fact.is_race, fact.is_virtual, fact.has_track) == (
        "run",
        True,
        False,
        True,
    )
    assert fact.strava_url == "https://www.strava.com/activities/7"
    database.activity(-7, "2026-01-01T08:00:00")
    database.refresh()
    assert database.one(ActivityFact, activity_id=-7).strava_url is None


@pytest.mark.parametrize(
    ("told", "is_race"),
    [
        ({}, None),
        ({"is_competition": False}, False),
        ({"is_competition": True}, True),
        ({"is_private": False}, False),
        ({"workout_type": 0}, False),
        ({"workout_type": 11, "is_competition": False}, True),
    ],
)
def test_a_race_is_unknown_where_nobody_tells(
    database: Database, told: dict[str, Any], is_race: bool | None
) -> None:
    database.activity(1, "2026-05-01T08:00:00", **told)
    database.refresh()
    assert database.one(ActivityFact).is_race is is_race


def test_nobody_knows_whether_an_unknown_sport_is_virtual(database: Database) -> None:
    database.activity(1, "2026-05-01T08:00:00", sport_type=None)
    database.refresh()
    assert database.one(ActivityFact).is_virtual is None


def test_calendar_parts_are_those_of_the_local_clock(database: Database) -> None:
    # New Year's Eve in UTC, New Year's Day in Auckland; by ISO a Thursday of the first week.
    database.activity(
        1,
        "2026-01-01T11:30:00",
        start_time_utc=datetime(2025, 12, 31, 22, 30, tzinfo=UTC),
        sport_type="Ride",
    )
    database.refresh()
    fact = database.one(ActivityFact)
    assert (fact.local_date, fact.hour, fact.year, fact.quarter, fact.month) == (
        date(2026, 1, 1),
        11,
        2026,
        1,
        1,
    )
    assert (fact.weekday, fact.weekday_name, fact.is_weekend) == (4, "Thursday", False)
    assert (fact.iso_year, fact.iso_week) == (2026, 1)
    assert (fact.week_start, fact.month_start, fact.year_start) == (
        date(2025, 12, 29),
        date(2026, 1, 1),
        date(2026, 1, 1),
    )
    assert fact.start_time_local == datetime(2026, 1, 1, 11, 30)
    assert fact.day_of_year == 1


def test_without_local_time_utc_counts(database: Database) -> None:
    database.activity(1, "2026-03-01T23:30:00", start_time_local=None)
    database.refresh()
    fact = database.one(ActivityFact)
    assert (fact.local_date, fact.hour) == (date(2026, 3, 1), 23)


def test_nothing_to_divide_by_and_nothing_known_are_empty(database: Database) -> None:
    database.activity(
        1, "2026-03-01T08:00:00", distance_m=0.0, moving_time_s=0.0, total_elevation_gain_m=5.0
    )
    database.activity(
        2, "2026-03-01T09:00:00", start_time_local=None, start_time_utc=None, sport_type=None
    )
    database.refresh()
    still, blank = (
        database.one(ActivityFact, activity_id=1),
        database.one(ActivityFact, activity_id=2),
    )
    assert (
        still.pace_min_per_km,
        still.average_speed_kmh,
        still.climb_m_per_km,
        still.distance_km,
    ) == (
        None,
        None,
        None,
        0.0,
    )
    assert (blank.local_date, blank.year, blank.hour, blank.distance_km, blank.sport_group) == (
        None,
        None,
        None,
        None,
        "other",
    )


def test_swims_have_the_pace_of_100_metres(database: Database) -> None:
    database.activity(
        1, "2026-03-01T08:00:00", sport_type="Swim", distance_m=1000.0, moving_time_s=1200.0
    )
    database.refresh()
    assert database.one(ActivityFact).pace_min_per_100m == pytest.approx(2.0)


def test_what_has_vanished_is_not_there(database: Database) -> None:
    database.activity(1, "2026-03-01T08:00:00", vanished_at=datetime(2026, 4, 1, tzinfo=UTC))
    database.refresh()
    assert database.rows(ActivityFact.activity_id) == []


def test_the_calendar_goes_from_the_first_year_to_the_last(database: Database) -> None:
    database.activity(1, "2024-06-01T08:00:00")
    database.activity(2, "2026-02-01T08:00:00")
    database.activity(3, "1066-10-14T09:00:00")
    database.refresh()
    days = database.rows(Date.date)
    assert (days[0], days[-1], len(days)) == (
        (date(2024, 1, 1),),
        (date(2026, 12, 31),),
        366 + 365 + 365,
    )
    leap = database.one(Date, date=date(2024, 2, 29))
    assert (leap.day_of_year, leap.weekday_name, leap.iso_week, leap.quarter_start) == (
        60,
        "Thursday",
        9,
        date(2024, 1, 1),
    )
    sunday = database.one(Date, date=date(2026, 11, 22))
    assert (sunday.weekday, sunday.is_weekend, sunday.week_start) == (7, True, date(2026, 11, 16))
    assert database.one(Date, date=date(2024, 12, 30)).iso_year == 2025
    assert database.one(ActivityFact, activity_id=3).local_date is None


@pytest.mark.parametrize(
    ("start", "is_day"),
    [
        ("1949-12-31T23:59:59", False),
        ("1950-01-01T00:00:00", True),
        ("2099-12-31T23:59:59", True),
        ("2100-01-01T00:00:00", False),
    ],
)
def test_the_calendar_is_of_1950_to_2099(database: Database, start: str, is_day: bool) -> None:
    database.activity(1, start)
    database.refresh()
    first = datetime.fromisoformat(start).date()
    assert database.one(ActivityFact).local_date == (first if is_day else None)
    assert len(database.rows(Date.date)) == 365 * is_day


def test_every_day_of_a_year_has_its_month_quarter_and_week(database: Database) -> None:
    database.activity(1, "2026-06-01T08:00:00")
    database.refresh()
    for month, quarter, name in (
        (1, 1, "January"),
        (3, 1, "March"),
        (4, 2, "April"),
        (12, 4, "December"),
    ):
        day = database.one(Date, date=date(2026, month, 15))
        assert (day.quarter, day.month_name, day.day_of_month) == (quarter, name, 15)
        assert day.quarter_start == date(2026, 3 * quarter - 2, 1)
    weekend = [row[0].isoweekday() for row in database.rows(Date.date, is_weekend=True)]
    assert set(weekend) == {6, 7}
    assert len(weekend) == 104


def test_the_calendar_shrinks_with_the_activities(database: Database) -> None:
    database.activity(1, "2024-06-01T08:00:00")
    database.activity(2, "2026-02-01T08:00:00")
    database.refresh()
    database.connection.execute(sa.delete(Activity).where(Activity.activity_id == 1))
    database.refresh()
    assert len(database.rows(Date.date)) == 365
    database.connection.execute(sa.delete(Activity))
    database.refresh()
    assert database.rows(Date.date) == []


def test_every_sport_of_strava_has_a_group() -> None:
    assert set(" ".join(sports._WORDS.values()).split()) == SPORT_TYPES
