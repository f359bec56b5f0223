"""Whatever happens to an activity at Strava ends in the right row: late, renamed, deleted, hidden,
with other gear, or new while pages are turned.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from db.models import Activity, ActivityObservation, Gear, Track
from tests.api.connected import SCOPES, Connected
from tests.strava import Account, Clock, Request

Connect = Callable[..., Connected]
NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
WEEK = timedelta(days=7, minutes=1)


@pytest.fixture
def playground(connect: Connect) -> Connected:
    """Forty activities, all of them fetched."""
    playground = connect(
        Account.synthetic(40, seed=7, until=NOW - timedelta(days=1)), clock=Clock(NOW)
    )
    playground.run()
    assert playground.queue() == []
    return playground


def some(playground: Connected, index: int = 10) -> int:
    """An activity with streams and gear, neither the first nor the last."""
    known = sorted(a.start for a in playground.strava.account.activities.values())
    return next(
        a.id
        for a in playground.strava.account.newest_first()[index:]
        if a.base.get("gear_id") and a.streams and known[0] < a.start < known[-1]
    )


def sweep(playground: Connected) -> Any:
    playground.strava.clock.advance(WEEK.total_seconds())
    return playground.run()


def value(playground: Connected, activity_id: int, column: Any) -> Any:
    return playground.one(sa.select(column).where(Activity.activity_id == activity_id))[0]


def test_a_late_upload_is_found_by_the_sweep(playground: Connected) -> None:
    late = playground.strava.account.late_upload(NOW - timedelta(days=30))
    assert late.id not in playground.run().new
    assert sweep(playground).new == {late.id}
    assert value(playground, late.id, Activity.name) == late.base["name"]


def test_a_rename_costs_the_detail_and_no_streams(playground: Connected) -> None:
    activity_id = some(playground)
    playground.strava.account.rename(activity_id, "Up the hill")
    before = len(playground.strava.api_requests())
    report = sweep(playground)
    spent = [request.path for request in playground.strava.api_requests()[before:]]
    assert report.changed == {activity_id}
    assert spent == ["/athlete/activities"] * 2 + [f"/activities/{activity_id}"]
    assert value(playground, activity_id, Activity.name) == "Up the hill"


def test_kudos_cost_no_request_and_are_counted(playground: Connected) -> None:
    activity_id = some(playground)
    playground.strava.account.edit(activity_id, kudos_count=77)
    report = sweep(playground)
    assert (report.api_requests, report.changed) == (2, set())
    assert value(playground, activity_id, Activity.kudos_count) == 77


def test_another_distance_brings_other_streams(playground: Connected) -> None:
    activity_id = some(playground)
    activity = playground.strava.account.activities[activity_id]
    shorter = {name: values[:20] for name, values in activity.streams.items()}
    activity.streams = shorter
    playground.strava.account.edit(activity_id, distance=123.0)
    sweep(playground)
    assert value(playground, activity_id, Activity.distance_m) == 123.0
    count = sa.select(Track.point_count).where(Track.activity_id == activity_id)
    assert playground.one(count)[0] == 20


def test_a_deletion_is_believed_after_two_sweeps_and_marked_with_the_second(
    playground: Connected,
) -> None:
    activity_id = some(playground)
    playground.strava.account.delete(activity_id)
    assert sweep(playground).vanished == set()
    second = sweep(playground)
    assert second.vanished == {activity_id}
    marked = value(playground, activity_id, Activity.vanished_at)
    assert playground.strava.clock.now() - marked < timedelta(minutes=1)


def test_what_is_back_is_no_longer_marked(playground: Connected) -> None:
    activity = playground.strava.account.delete(some(playground))
    sweep(playground)
    sweep(playground)
    playground.strava.account.add(activity)
    sweep(playground)
    assert value(playground, activity.id, Activity.vanished_at) is None


def test_more_than_a_tenth_gone_at_once_is_not_believed(playground: Connected) -> None:
    for activity in playground.strava.account.newest_first()[10:20]:
        playground.strava.account.delete(activity.id)
    sweep(playground)
    report = sweep(playground)
    assert report.vanished == set()
    assert "--accept-vanished" in report.notes[-1]


def test_without_the_scope_for_private_ones_nothing_vanishes(playground: Connected) -> None:
    playground.connect(
        [scope for scope in SCOPES if scope != "activity:read_all"] + ["activity:read"]
    )
    playground.strava.account.set_visibility(some(playground), "only_me")
    assert (
        sweep(playground).vanished | sweep(playground).vanished | sweep(playground).vanished
        == set()
    )


def test_a_privacy_flip_ends_in_its_row(playground: Connected) -> None:
    activity_id = some(playground)
    playground.strava.account.set_visibility(activity_id, "only_me")
    sweep(playground)
    assert value(playground, activity_id, Activity.visibility) == "only_me"
    assert value(playground, activity_id, Activity.is_private) is True


def test_other_gear_is_that_of_the_row(playground: Connected) -> None:
    activity_id = some(playground)
    playground.strava.account.add_gear("b4242", "New bike", nickname="Blitz")
    playground.strava.account.set_gear(activity_id, "b4242")
    sweep(playground)
    gear_id = value(playground, activity_id, Activity.gear_id)
    assert playground.one(
        sa.select(Gear.name, Gear.strava_gear_id).where(Gear.gear_id == gear_id)
    ) == (
        "New bike",
        "b4242",
    )


def test_gear_that_was_taken_away_is_gone(playground: Connected) -> None:
    activity_id = some(playground)
    playground.strava.account.set_gear(activity_id, None)
    sweep(playground)
    assert value(playground, activity_id, Activity.gear_id) is None


def test_an_activity_that_comes_while_pages_are_turned_is_not_lost(connect: Connect) -> None:
    account = Account.synthetic(420, seed=9, until=NOW - timedelta(days=1))
    playground = connect(account, clock=Clock(NOW))
    added: list[int] = []

    def upload(request: Request) -> None:
        if request.path == "/athlete/activities" and not added:
            added.append(account.new(NOW - timedelta(hours=1)).id)

    playground.strava.after_answer(upload)
    playground.run(max_requests=10)
    known = {row[0] for row in playground.rows(Activity.activity_id)}
    assert known == set(account.activities)
    assert added[0] in known


def test_a_deletion_between_two_pages_is_no_deletion_of_another(connect: Connect) -> None:
    account = Account.synthetic(420, seed=9, until=NOW - timedelta(days=1))
    playground = connect(account, clock=Clock(NOW))
    playground.run(max_requests=5)
    gone: list[int] = []

    def delete(request: Request) -> None:
        if request.path == "/athlete/activities" and not gone:
            oldest = account.newest_first()[-1].id
            gone.append(account.delete(oldest).id)

    playground.strava.after_answer(delete)
    for _ in range(3):
        playground.strava.clock.advance(WEEK.total_seconds())
        playground.run(max_requests=5)
    vanished = {
        row[0] for row in playground.rows(Activity.activity_id, Activity.vanished_at) if row[1]
    }
    assert vanished == set(gone)


def test_the_obscured_start_does_not_replace_the_known_one(playground: Connected) -> None:
    activity_id = some(playground)
    start = playground.strava.account.activities[activity_id].start
    playground.strava.account.hide_start(activity_id)
    sweep(playground)
    shown = sa.select(ActivityObservation.payload).where(
        ActivityObservation.activity_id == activity_id, ActivityObservation.source == "api_summary"
    )
    assert "T00:00:01" in playground.one(shown)[0]
    assert value(playground, activity_id, Activity.start_time_utc) == start
