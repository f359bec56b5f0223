from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from db.engine import make_engine
from db.models import Activity, Athlete, Base, Gear, Lap, TrackPoint
from tests.strava import Account, account_from_database
from tests.strava.row_bodies import gear_number, is_same_float32

_START = datetime(2026, 7, 1, 6, 30, tzinfo=UTC)
_WHOLE = {
    "activity_id": 11,
    "athlete_id": 5,
    "name": "Größe “M”",
    "sport_type": "TrailRun",
    "start_time_utc": _START,
    "utc_offset_s": 7200,
    "timezone_name": "Europe/Berlin",
    "timezone_source": "position",
    "distance_m": 5012.3,
    "moving_time_s": 1800.0,
    "elapsed_time_s": 1805.5,
    "relative_effort": 31.0,
    "total_work_j": 290_339.0,
    "start_latitude": 52.5,
    "start_longitude": 13.4,
    "gear_id": 1,
    "export_gear_id": 23_500_380,
    "weather_humidity": 0.5,
    "has_track": True,
}
_BARE = {
    "activity_id": 12,
    "athlete_id": 5,
    "timezone_source": "unknown",
    "start_time_utc": _START,
    "has_track": False,
}


@pytest.fixture
def url(sqlite_url: str) -> str:
    engine = make_engine(sqlite_url)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        add(connection, Athlete, {"athlete_id": 5, "first_name": "Ann", "last_name": "Example"})
        add(
            connection,
            Gear,
            {
                "gear_id": 1,
                "athlete_id": 5,
                "name": "Shoe",
                "name_key": "shoe",
                "gear_type": "shoe",
                "source": "export",
            },
        )
        add(connection, Activity, _WHOLE)
        add(connection, Activity, _BARE | {"is_manual": True})
        add(connection, Activity, _BARE | {"activity_id": 13, "vanished_at": _START})
        add(
            connection,
            Lap,
            {
                "activity_id": 11,
                "lap_index": 0,
                "source": "file",
                "start_time_utc": _START,
                "distance_m": 1000.5,
            },
        )
        for index, rate in enumerate((90.0, None, 92.5)):
            point = {
                "point_index": index,
                "elapsed_s": float(index),
                "latitude": 52.5,
                "longitude": 13.4,
            }
            add(connection, TrackPoint, {"activity_id": 11, "heartrate_bpm": rate, **point})
    engine.dispose()
    return sqlite_url


@pytest.fixture
def account(url: str) -> Account:
    return account_from_database(url)


def add(connection: sa.Connection, model: type[Base], row: dict[str, Any]) -> None:
    connection.execute(sa.insert(model), row)


def test_an_activity_says_what_its_row_says(account: Account) -> None:
    body = account.activities[11].detail
    expected = {
        "name": "Größe “M”",
        "sport_type": "TrailRun",
        "type": "Run",
        "start_date": "2026-07-01T06:30:00Z",
        "start_date_local": "2026-07-01T08:30:00Z",
        "timezone": "(GMT+01:00) Europe/Berlin",
        "utc_offset": 7200.0,
        "distance": 5012.3,
        "moving_time": 1800,
        "elapsed_time": 1805.5,
        "suffer_score": 31.0,
        "kilojoules": 290.339,
        "start_latlng": [52.5, 13.4],
    }
    assert {key: body[key] for key in expected} == expected


def test_streams_are_the_columns_that_hold_something(account: Account) -> None:
    place = [52.5, 13.4]
    assert account.activities[11].streams == {
        "time": [0, 1, 2],
        "heartrate": [90, None, 92.5],
        "latlng": [place] * 3,
    }


def test_laps_are_in_the_detail(account: Account) -> None:
    assert [
        (lap["lap_index"], lap["distance"]) for lap in account.activities[11].detail["laps"]
    ] == [(1, 1000.5)]


def test_an_activity_without_points_has_no_streams(account: Account) -> None:
    assert (account.activities[12].streams, account.activities[12].base["manual"]) == ({}, True)


def test_an_activity_without_zone_gets_one_that_has_its_offset(url: str) -> None:
    engine = make_engine(url)
    with engine.begin() as connection:
        add(connection, Activity, _BARE | {"activity_id": 14, "utc_offset_s": 7200})
    engine.dispose()
    assert account_from_database(url).activities[14].base["timezone"] == "(GMT+01:00) Europe/Berlin"


def test_what_vanished_is_not_there(account: Account) -> None:
    assert list(account.activities) == [11, 12]


def test_a_choice_of_activities_can_be_served(url: str) -> None:
    assert list(account_from_database(url, activity_ids=[12]).activities) == [12]


def test_what_is_recorded_later_has_gear_and_owner_of_the_account(account: Account) -> None:
    new = account.new(_START, sport="Run")
    laps = {lap["athlete"]["id"] for lap in new.detail["laps"]}
    assert (new.base["gear_id"] in account.gear, laps) == (True, {5})


def test_gear_has_an_id_that_rounds_as_the_export_rounds_it(account: Account) -> None:
    gear_id = str(account.activities[11].base["gear_id"])
    assert (gear_id[0], is_same_float32(int(gear_id[1:]), 23_500_380)) == ("g", True)


def test_an_exact_number_of_the_export_is_the_id() -> None:
    assert gear_number([23_500_380, 23_500_381], 1) == 23_500_381
