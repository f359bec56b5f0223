"""The options of ``run`` that the API half listens to, and what ``status`` tells of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.models import (
    Activity,
    ActivityObservation,
    AthleteZone,
    BestEffort,
    Gear,
    Lap,
    Media,
    QueueItem,
    SegmentEffort,
    Split,
    ZoneTime,
)
from ingest.config import make_config
from ingest.demo import EXPORT_NAME, build_export
from ingest.errors import UsageError
from ingest.reporting.progress import Progress
from ingest.run.pipeline import run
from tests.api.connected import Connected
from tests.builders import export_zip
from tests.strava import Account, Clock, account_from_database

Connect = Callable[..., Connected]
NOW = datetime(2026, 11, 1, 9, 3, tzinfo=UTC)


@pytest.fixture
def playground(connect: Connect) -> Connected:
    """Thirty activities that nobody has fetched."""
    return connect(Account.synthetic(30, seed=5, until=NOW - timedelta(days=1)), clock=Clock(NOW))


@pytest.fixture
def exported(connect: Connect, tmp_path: Path) -> Connected:
    """An account of which an export holds all thirty activities."""
    made = tmp_path / "made"
    made.mkdir()
    build_export(made / EXPORT_NAME, activities=30)
    database = f"sqlite:///{tmp_path}/made.db"
    run(make_config({}, playground=tmp_path, database=database, drop_folder=made), Progress())
    playground = connect(account_from_database(database), clock=Clock(NOW))
    shutil.copy(made / EXPORT_NAME, playground.drop / EXPORT_NAME)
    return playground


def test_skip_api_makes_no_request(playground: Connected) -> None:
    assert playground.cli("run", "--skip-reload")[0] == 0
    assert playground.strava.requests == []


def test_skip_export_leaves_the_drop_folder_alone(exported: Connected) -> None:
    report = exported.run(skip_export=True, limit=0)
    assert (report.exports, report.files_read) == ([], 0)
    assert len(report.new) == 30


def test_only_the_given_sports_are_fetched_and_the_rest_waits(playground: Connected) -> None:
    report = playground.run(sports=["ride"])
    sports = {a.id: a.base["sport_type"] for a in playground.strava.account.activities.values()}
    fetched = {int(r.path.split("/")[2]) for r in playground.strava.api_requests("^/activities/")}
    assert {sports[i] for i in fetched} == {"Ride"}
    assert report.queue_left == sum(1 for _ in playground.queue()) > 0
    assert playground.run().queue_left == 0


def test_at_most_so_many_activities_are_fetched(playground: Connected) -> None:
    playground.run(limit=3)
    fetched = {r.path.split("/")[2] for r in playground.strava.api_requests("^/activities/")}
    newest = [str(a.id) for a in playground.strava.account.newest_first()[:3]]
    assert sorted(fetched) == sorted(newest)


def test_the_newest_are_fetched_first(playground: Connected) -> None:
    playground.run()
    details = [
        int(r.path.split("/")[2]) for r in playground.strava.api_requests(r"^/activities/\d+$")
    ]
    assert details == [activity.id for activity in playground.strava.account.newest_first()]


def test_manual_activities_cost_one_request(playground: Connected) -> None:
    playground.run()
    manual = {a.id for a in playground.strava.account.activities.values() if a.base["manual"]}
    asked = {int(r.path.split("/")[2]) for r in playground.strava.api_requests("/streams$")}
    assert manual
    assert not manual & asked


def test_a_range_of_days_is_scanned_in_place_of_what_is_new(playground: Connected) -> None:
    playground.run()
    days = [activity.start.date() for activity in playground.strava.account.newest_first()]
    begin, end = days[20], days[15]
    late = playground.strava.account.late_upload(
        datetime(end.year, end.month, end.day, 12, tzinfo=UTC)
    )
    before = len(playground.strava.api_requests())
    report = playground.run(begin=begin, end=end)
    lists = [
        r for r in playground.strava.api_requests()[before:] if r.path == "/athlete/activities"
    ]
    assert report.new == {late.id}
    assert {("after" in r.query, "before" in r.query) for r in lists} == {(True, True)}


def test_the_days_of_a_range_are_in_order() -> None:
    with pytest.raises(UsageError, match="before --strava-begin"):
        make_config({}, begin=date(2026, 5, 2), end=date(2026, 5, 1))


def test_a_rehearsal_spends_lists_only_and_writes_nothing(playground: Connected) -> None:
    code, out, _ = playground.cli("run", "--dry-run")
    assert code == 0
    assert "30 new" in out
    assert {r.path for r in playground.strava.api_requests()} == {"/athlete/activities"}
    assert not list(playground.folder.glob("*.db"))


def test_a_rehearsal_knows_what_is_there_already(playground: Connected) -> None:
    playground.run()
    playground.strava.account.new(NOW - timedelta(hours=2))
    report = playground.run(dry_run=True)
    assert len(report.new) == 1
    assert "2 requests" in report.notes[-1]
    assert playground.run().api_requests == 4


def test_an_exported_activity_costs_nothing_when_the_api_first_shows_it(
    exported: Connected,
) -> None:
    report = exported.run()
    assert {r.path for r in exported.strava.api_requests()} == {"/athlete/activities"}
    assert report.queue_left == 0
    assert {row[0] for row in exported.rows(ActivityObservation.source)} == {
        "export",
        "file",
        "api_summary",
    }


def test_gear_learns_its_exact_ids_from_the_lists_alone(exported: Connected) -> None:
    assert exported.run(sweep=True).api_requests == 3  # zones, the page and the empty one
    held = {row[1]: row[0] for row in exported.rows(Gear.name, Gear.strava_gear_id) if row[1]}
    shown = {body["id"]: body["name"] for body in exported.strava.account.gear.values()}
    used = {
        a.base["gear_id"]
        for a in exported.strava.account.activities.values()
        if a.base.get("gear_id")
    }
    assert held == {gear_id: name for gear_id, name in shown.items() if gear_id in used}


def test_enrich_fetches_details_last_and_over_several_runs(exported: Connected) -> None:
    exported.run()
    fresh = exported.strava.account.new(NOW - timedelta(hours=2))
    first = exported.run(enrich=True, max_requests=10)
    order = [int(r.path.split("/")[2]) for r in exported.strava.api_requests("^/activities/")]
    assert set(order[:2]) == {fresh.id}
    assert len(set(order)) > 2
    assert first.queue_left > 0
    assert exported.run().queue_left == 0
    detailed = exported.rows(ActivityObservation.activity_id, ActivityObservation.source)
    assert {i for i, source in detailed if source == "api_detail"} == set(
        exported.strava.account.activities
    )


def test_details_give_laps_splits_efforts_and_photos(playground: Connected) -> None:
    playground.run()
    details = {a.id: a.detail for a in playground.strava.account.activities.values()}

    def shown(key: str) -> int:
        return sum(len(detail.get(key) or ()) for detail in details.values())

    def count(model: type) -> int:
        return int(playground.one(sa.select(sa.func.count()).select_from(model))[0])

    def of_api(model: Any) -> list[Any]:
        return [row for row in playground.rows(model.source) if row == ("api",)]

    assert count(Lap) == shown("laps") > 0
    assert len(of_api(Split)) == shown("splits_metric") + shown("splits_standard") > 0
    assert len(of_api(BestEffort)) == shown("best_efforts") > 0
    assert count(SegmentEffort) == shown("segment_efforts") > 0
    assert (
        count(Media)
        == sum(1 for d in details.values() if (d.get("photos") or {}).get("primary"))
        > 0
    )
    efforts = playground.rows(SegmentEffort.segment_effort_id, SegmentEffort.segment_effort_id_text)
    assert all(str(number) == text and number > 2**53 for number, text in efforts)


def test_local_time_is_the_api_s(playground: Connected) -> None:
    playground.run(limit=0)
    shown = {
        a.id: (a.detail["start_date_local"].rstrip("Z"), a.detail["timezone"].rpartition(") ")[2])
        for a in playground.strava.account.activities.values()
    }
    rows = playground.rows(
        Activity.activity_id,
        Activity.start_time_local,
        Activity.timezone_name,
        Activity.timezone_source,
    )
    assert {i: (local.isoformat(), name) for i, local, name, _ in rows} == shown
    assert {source for *_, source in rows} == {"api"}


def test_status_tells_what_is_left_and_for_how_long(playground: Connected) -> None:
    playground.run(max_requests=4)
    code, out, _ = playground.cli("status", "--json", shift=NOW - datetime.now(UTC))
    told = json.loads(out)["api"]
    assert code == 0
    assert told["queue_left"] == len(playground.rows(QueueItem.activity_id)) > 0
    assert told["days_left"] == 1
    assert (told["requests_left_now"], told["requests_left_today"]) == (95, 995)
    observed = playground.rows(ActivityObservation.observed_at)
    assert datetime.fromisoformat(told["oldest_at"]) == min(observed)[0]
    assert "requests left to make" in playground.cli("status")[1]


def test_status_of_old_api_data_says_how_to_remove_them(playground: Connected) -> None:
    playground.run(max_requests=2)
    shift = NOW - datetime.now(UTC)
    assert "its oldest data" not in playground.cli("status", shift=shift)[1]
    _, out, _ = playground.cli("status", shift=shift + timedelta(days=8, hours=1))
    assert ", 8 days old; Strava lets an app keep them for 7 days. To remove" in out
    assert "purge --source api --older-than 7d" in out


def test_json_tells_of_requests_and_what_is_left(playground: Connected) -> None:
    _, out, _ = playground.cli("run", "--json", "--max-requests", "5")
    told = json.loads(out)
    assert (told["api_requests"], told["resume_at"]) == (5, None)
    assert told["queue_left"] > 0


def test_zones_come_with_a_complete_list_and_measure_what_is_fetched_next(
    playground: Connected,
) -> None:
    playground.run()
    zones = playground.rows(AthleteZone.zone_type, AthleteZone.zone_index, AthleteZone.upper_bound)
    assert {zone_type for zone_type, *_ in zones} >= {"heartrate"}
    assert [upper for zone_type, index, upper in zones if upper is None]
    before = len(playground.strava.api_requests())
    newest = playground.strava.account.new(NOW - timedelta(hours=2))
    playground.run()
    assert "/athlete/zones" not in {r.path for r in playground.strava.api_requests()[before:]}
    times = playground.rows(ZoneTime.activity_id, ZoneTime.source)
    assert {source for activity_id, source in times if activity_id == newest.id} <= {"api"}
    assert (newest.id, "api") in times


def test_a_dry_run_asks_for_the_list_that_the_run_then_asks_for(playground: Connected) -> None:
    dates = {1: "Oct 30, 2026, 9:00:00 AM", 2: "Jan 1, 2040, 9:00:00 AM"}  # a wrong clock
    export_zip(
        playground.drop / "export.zip",
        [{"activity_id": i, "activity_date": date} for i, date in dates.items()],
        when=NOW - timedelta(days=1),
        tables={"profile.csv": [["Athlete ID"], [playground.strava.account.athlete_id]]},
    )
    playground.run(dry_run=True)
    asked = [request.query for request in playground.strava.api_requests()]
    playground.run(max_requests=len(asked))
    then = [request.query for request in playground.strava.api_requests()][len(asked) :]
    assert asked == then
    assert asked[0]["after"] != "1"


@pytest.mark.parametrize("comes_first", [True, False])
def test_a_dry_run_refuses_an_account_that_the_run_refuses(
    playground: Connected, comes_first: bool
) -> None:
    mine = playground.strava.account.athlete_id
    for name, athlete_id in {"a.zip": 999, "b.zip": mine if comes_first else 999}.items():
        tables = {"profile.csv": [["Athlete ID"], [athlete_id]]}
        row = {"activity_id": athlete_id}
        export_zip(playground.drop / name, [row], when=NOW - timedelta(days=1), tables=tables)
    told = playground.run(dry_run=True).api_problem
    assert str(told) == str(playground.run(max_requests=0).api_problem)
    assert (told is None) is comes_first
