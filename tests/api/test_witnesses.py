"""Exports and API are witnesses of the same activities: in whatever order they are heard, the
database ends the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.models import Activity, Gear, ImportIssue, Lap, Media, QueueItem, Track
from tests.api.connected import Connected
from tests.builders import export_zip, fit_activity, gpx_activity
from tests.strava import Account, Clock, Fault
from tests.strava import Activity as Shown

Connect = Callable[..., Connected]
JANUARY, FEBRUARY, MARCH, APRIL = (
    datetime(2026, month, 1, 12, tzinfo=UTC) for month in (1, 2, 3, 4)
)
START = datetime(2024, 5, 1, 6, tzinfo=UTC)
_IN_ORDER: dict[datetime, dict[str, Any]] = {}
ATHLETE = {"profile.csv": [["Athlete ID", "First Name"], [77, "Jo"]]}


def shown(number: int, **raw: Any) -> Shown:
    """An activity of the API that began when those of the builders did."""
    body = {
        "id": number,
        "name": "Morning Run",
        "type": "Run",
        "sport_type": "Run",
        "start_date": f"{START:%Y-%m-%dT%H:%M:%SZ}",
        "start_date_local": f"{START + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}",
        "timezone": "(GMT+01:00) Europe/Berlin",
        "utc_offset": 7200.0,
        "distance": 60.0,
        "moving_time": 60,
        "elapsed_time": 60,
        "manual": False,
        "private": False,
        "visibility": "everyone",
        "upload_id": number + 7,
        "start_latlng": [],
        "gear_id": None,
        "kudos_count": 0,
    }
    streams = {"time": [0, 1, 2, 3], "heartrate": [100, 101, 102, 103]}
    rest: dict[str, object] = {
        "laps": [],
        "photos": {"primary": None, "count": 0},
        "description": None,
    }
    return Shown(body | raw, streams, lambda: dict(rest))


def put(
    playground: Connected, name: str, when: datetime, *rows: Mapping[str, object], **files: bytes
) -> Path:
    contents = {f"activities/{file}": data for file, data in files.items()}
    return export_zip(playground.drop / name, list(rows), files=contents, tables=ATHLETE, when=when)


def facts(playground: Connected) -> dict[str, Any]:
    """What people see, by names in place of keys."""
    columns = [c for c in Activity.__table__.columns if c.name != "gear_id"]
    activities = sa.select(*columns, Gear.name.label("gear")).outerjoin(
        Gear, Gear.gear_id == Activity.gear_id
    )
    with playground.connection() as connection:
        return {
            "activities": [
                tuple(row) for row in connection.execute(activities.order_by(Activity.activity_id))
            ],
            "gear": playground.rows(Gear.name, Gear.strava_gear_id, Gear.source),
            "tracks": playground.rows(Track.activity_id, Track.source, Track.point_count),
            "laps": playground.rows(Lap.activity_id, Lap.source, Lap.lap_index, Lap.elapsed_time_s),
            "media": playground.rows(Media.activity_id, Media.filename, Media.source),
            "issues": playground.rows(ImportIssue.activity_id, ImportIssue.kind),
        }


def account() -> Account:
    held = Account(77, "Jo", "Example")
    held.add_gear("b101", "Bike A")
    held.add_gear("b102", "Bike B")
    held.add_gear("g55", "New shoes")
    held.add(shown(1, name="Said by Strava", gear_id="b101"))
    held.add(shown(2, gear_id="b102"))
    held.add(shown(3, gear_id=None))
    held.add(shown(4, gear_id="g55"))
    return held


@pytest.mark.parametrize(
    "api_at", [datetime(2026, 1, 15, tzinfo=UTC), FEBRUARY + timedelta(days=5), MARCH]
)
@pytest.mark.parametrize("order", list(permutations(["january", "february", "api"])), ids="-".join)
def test_the_order_in_which_they_are_heard_does_not_matter(
    connect: Connect, tmp_path: Path, order: tuple[str, ...], api_at: datetime
) -> None:
    def heard(names: tuple[str, ...], database: str) -> dict[str, Any]:
        playground = connect(
            account(), f"sqlite:///{tmp_path}/{database}.db", clock=Clock(api_at, frozen=True)
        )
        for name in names:
            for old in playground.drop.glob("*.zip"):
                old.unlink()
            if name == "api":
                playground.run(
                    sweep=True, limit=0
                )  # lists only: what was fetched before an export came stays
            elif name == "january":
                rows = [
                    {
                        "activity_name": "In January",
                        "activity_gear": "Bike A",
                        "filename": "activities/1.gpx",
                    },
                    {"activity_gear": "Bike A", "filename": "activities/2.gpx"},
                    {"activity_gear": "Bike B"},
                ]
                put(
                    playground,
                    "export_77.zip",
                    JANUARY,
                    *rows,
                    **{"1.gpx": gpx_activity(5), "2.gpx": b"junk"},
                )
                playground.run(skip_api=True)
            else:
                rows = [
                    {
                        "activity_name": "In February",
                        "activity_gear": "Bike A",
                        "filename": "activities/1.gpx",
                    },
                    {"activity_gear": "Bike B", "filename": "activities/2.gpx"},
                    {"activity_gear": ""},
                ]
                put(
                    playground,
                    "export_77.zip",
                    FEBRUARY,
                    *rows,
                    **{"1.gpx": gpx_activity(5), "2.gpx": b"junk"},
                )
                playground.run(skip_api=True)
        return facts(playground)

    # What the others are compared with is heard once for each time.
    if api_at not in _IN_ORDER:
        _IN_ORDER[api_at] = heard(("january", "february", "api"), "in order")
    assert heard(order, "one") == _IN_ORDER[api_at]


def test_what_says_the_same_again_is_the_later_word(connect: Connect) -> None:
    playground = connect(account(), clock=Clock(datetime(2026, 1, 15, tzinfo=UTC)))
    playground.run(sweep=True)
    put(playground, "export_77.zip", FEBRUARY, {"activity_name": "In February"})
    playground.strava.clock.set(FEBRUARY + timedelta(hours=1))
    playground.run(skip_api=True)
    assert playground.one(sa.select(Activity.name).where(Activity.activity_id == 1)) == (
        "In February",
    )
    playground.strava.clock.set(MARCH)
    playground.run(sweep=True)
    assert playground.one(sa.select(Activity.name).where(Activity.activity_id == 1)) == (
        "Said by Strava",
    )
    put(playground, "export_78.zip", APRIL, {"activity_name": "In February"})
    playground.strava.clock.set(APRIL + timedelta(hours=1))
    playground.run(skip_api=True)
    assert playground.one(sa.select(Activity.name).where(Activity.activity_id == 1)) == (
        "In February",
    )


def test_two_bikes_of_one_name_are_told_apart_by_their_ids(connect: Connect) -> None:
    held = Account(77, "Jo", "Example")
    held.add_gear("b1", "Bike")
    held.add_gear("b2", "Bike")
    for number, gear in enumerate(("b1", "b2", "b1"), 1):
        held.add(shown(number, gear_id=gear))
    playground = connect(held, clock=Clock(FEBRUARY))
    playground.run()
    put(playground, "export_77.zip", MARCH, *[{"activity_gear": "Bike"}] * 3)
    playground.run(skip_api=True)
    query = sa.select(Activity.activity_id, Gear.strava_gear_id).join(
        Gear, Gear.gear_id == Activity.gear_id
    )
    with playground.connection() as connection:
        assert {row[0]: row[1] for row in connection.execute(query)} == {1: "b1", 2: "b2", 3: "b1"}


def test_a_wrong_guess_of_an_id_is_put_right_by_the_first_detail(connect: Connect) -> None:
    held = Account(77, "Jo", "Example")
    held.add_gear("b2", "Bike B")
    held.add(shown(1, gear_id="b2"))  # changed to it after the export
    playground = connect(held, clock=Clock(FEBRUARY))
    put(playground, "export_77.zip", JANUARY, {"activity_gear": "Bike A"})
    playground.run(sweep=True)
    held.add(shown(2, gear_id="b2", start_date="2026-02-01T06:00:00Z"))
    playground.run()
    assert [row[:2] for row in facts(playground)["gear"]] == [("Bike A", None), ("Bike B", "b2")]
    query = sa.select(Gear.name).join(Activity, Activity.gear_id == Gear.gear_id)
    assert {row[0] for row in playground.rows(*[Gear.name]) if row} == {"Bike A", "Bike B"}
    with playground.connection() as connection:
        assert set(connection.scalars(query)) == {"Bike B"}


def test_a_rounded_id_of_the_export_is_believed_before_a_majority(connect: Connect) -> None:
    held = Account(77, "Jo", "Example")
    held.add_gear("b16777217", "Bike A")
    held.add_gear("b999", "Bike B")
    held.add(shown(1, gear_id="b16777217"))
    held.add(shown(2, gear_id="b999"))
    held.add(shown(3, gear_id="b999"))
    playground = connect(held, clock=Clock(FEBRUARY))
    row = {"activity_gear": "Bike A", "bike": "16777216.0"}
    put(playground, "export_77.zip", JANUARY, row, row, row)
    playground.run(sweep=True)
    assert ("Bike A", "b16777217", "export") in facts(playground)["gear"]


@pytest.mark.parametrize("is_api_first", [True, False])
def test_a_file_without_points_keeps_its_laps_and_takes_no_points(
    connect: Connect, is_api_first: bool
) -> None:
    held = Account(77, "Jo", "Example")
    held.add(shown(1))
    playground = connect(held, clock=Clock(FEBRUARY))
    row = {"filename": "activities/1.fit"}
    if is_api_first:
        playground.run()
    put(playground, "export_77.zip", JANUARY, row, **{"1.fit": fit_activity(0)})
    playground.run(enrich=True)
    playground.run(sweep=True)
    assert [lap[1] for lap in facts(playground)["laps"]] == ["file"]
    points = playground.one(sa.select(Track.source, Track.point_count, Track.file_name))
    assert points == (
        ("api", 4, "activities/1.fit") if is_api_first else ("file", 0, "activities/1.fit")
    )
    assert playground.run(sweep=True).files_read == 0
    playground.purge()
    assert playground.one(sa.select(Track.source, Track.point_count)) == ("file", 0)
    assert [lap[1] for lap in facts(playground)["laps"]] == ["file"]


def test_a_photo_of_the_api_counts_until_an_export_has_some(connect: Connect) -> None:
    held = Account(77, "Jo", "Example")
    held.add(shown(1))
    held.activities[1].detail["photos"] = {
        "primary": {"unique_id": "u-1", "urls": {"600": "x"}},
        "count": 1,
    }
    playground = connect(held, clock=Clock(FEBRUARY))
    playground.run()
    put(playground, "export_77.zip", MARCH, {})
    playground.run(skip_api=True)
    assert facts(playground)["media"] == [(1, "u-1", "api")]
    put(playground, "export_78.zip", APRIL, {"media": "media/a.jpg"})
    playground.run(skip_api=True)
    assert facts(playground)["media"] == [(1, "media/a.jpg", "export")]


def test_streams_that_were_given_up_are_taken_up_when_the_activity_changes(
    connect: Connect,
) -> None:
    held = Account(77, "Jo", "Example")
    held.add(shown(1))
    playground = connect(held, clock=Clock(FEBRUARY))
    playground.strava.faults.add(Fault("500", path="/streams"))
    for _ in range(5):
        playground.run()
        playground.strava.clock.advance(86_400)
    assert playground.rows(QueueItem.item, QueueItem.is_parked) == [("streams", True)]
    playground.strava.faults.clear()
    held.rename(1, "Changed")
    report = playground.run(sweep=True)
    assert (report.issues, playground.queue()) == (0, [])
    assert facts(playground)["tracks"] == [(1, "api", 4)]


def test_what_is_newer_than_a_purge_by_age_stays_up_to_date(connect: Connect) -> None:
    held = Account(77, "Jo", "Example")
    held.add(shown(1))
    playground = connect(held, clock=Clock(FEBRUARY))
    playground.run()
    playground.strava.clock.advance(8 * 86_400)
    playground.run(sweep=True)
    playground.purge(timedelta(days=7))
    held.rename(1, "Changed")
    assert playground.run(sweep=True).changed == {1}
    assert playground.one(sa.select(Activity.name)) == ("Changed",)


def test_enriching_does_not_ask_for_what_is_not_shown(connect: Connect) -> None:
    held = Account(77, "Jo", "Example")
    held.add(shown(1))
    playground = connect(held, clock=Clock(FEBRUARY))
    put(playground, "export_77.zip", JANUARY, {}, {})
    playground.run(enrich=True)
    before = len(playground.strava.api_requests())
    playground.run(enrich=True)
    assert {r.path for r in playground.strava.api_requests()[before:]} == {"/athlete/activities"}
    assert not [r for r in playground.strava.api_requests() if r.path.startswith("/activities/2")]


def test_a_name_that_no_index_takes_stops_nothing(connect: Connect, pg_url: str) -> None:
    held = Account(77, "Jo\0", "Example")
    long = "x" * 12_000
    held.add(shown(1, sport_type=long, gear_id=long, name="a\0b\ud83d"))
    held.activities[1].detail["best_efforts"] = [{"name": long, "elapsed_time": 5}]
    held.activities[1].detail["photos"] = {
        "primary": {"unique_id": long, "urls": {"²": "x"}},
        "count": 1,
    }
    held.activities[1].detail["gear"] = {"id": "b1", "name": long}
    playground = connect(held, pg_url, clock=Clock(FEBRUARY))
    report = playground.run()
    assert (len(report.new), report.queue_left, report.api_problem) == (1, 0, None)
