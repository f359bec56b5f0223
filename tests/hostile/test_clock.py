"""This machine's clock was wrong, or is: between runs and in the middle of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from db.models import Activity
from ingest import clock
from ingest.extract.api.rate_limits import Budget
from tests.api.connected import Connected
from tests.strava import Account, Clock, Fault, Request

NOW = datetime(2026, 11, 1, 9, 3, tzinfo=UTC)
YEAR = timedelta(days=365)


@pytest.fixture
def playground(connect: Callable[..., Connected]) -> Connected:
    """Six activities that nobody has fetched."""
    return connect(Account.synthetic(6, seed=5, until=NOW - timedelta(days=1)), clock=Clock(NOW))


def shift(playground: Connected, monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Set this machine's clock; Strava's goes right."""
    monkeypatch.setattr(clock, "now", lambda: playground.strava.clock.now() + by)


@pytest.mark.parametrize("by", [YEAR, -YEAR, timedelta(hours=3), -timedelta(hours=3)])
def test_after_the_clock_was_set_right_the_next_run_finds_all_that_is_new(
    playground: Connected, monkeypatch: pytest.MonkeyPatch, by: timedelta
) -> None:
    shift(playground, monkeypatch, by)
    playground.run()
    shift(playground, monkeypatch, timedelta())
    playground.strava.clock.advance(3600)
    renamed = playground.strava.account.newest_first()[0].id
    playground.strava.account.rename(renamed, "Another name")
    added = playground.strava.account.new(playground.strava.clock.now() - timedelta(hours=2)).id
    report = playground.run()
    assert report.api_problem is None
    assert report.resume_at is None
    assert (added,) in playground.rows(Activity.activity_id)
    assert (renamed, "Another name") in playground.rows(Activity.activity_id, Activity.name)


def test_a_clock_that_is_set_back_in_mid_run_costs_nothing(
    playground: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    def set_back(request: Request) -> None:
        if request.number == 3:
            shift(playground, monkeypatch, -YEAR)

    playground.strava.before_answer(set_back)
    report = playground.run()
    assert len(playground.rows(Activity.activity_id)) == 6
    assert (report.api_problem, report.queue_left) == (None, 0)


def test_a_refusal_ends_with_its_day_whatever_the_clock_showed() -> None:
    refused = Budget().after(429, {"Date": "Sun, 01 Nov 2026 09:03:00 GMT"}, NOW + YEAR)
    assert refused.left(NOW + YEAR) == 0
    assert refused.left(NOW) > 0


@pytest.mark.parametrize("by", [YEAR, 30 * YEAR])
def test_a_sweep_in_the_future_does_not_put_off_the_next_one(
    playground: Connected, monkeypatch: pytest.MonkeyPatch, by: timedelta
) -> None:
    playground.strava.faults.add(Fault("no_date"))  # otherwise its date would count, not our clock
    shift(playground, monkeypatch, by)
    playground.run()
    shift(playground, monkeypatch, timedelta())
    before = len(playground.strava.api_requests("^/athlete/activities"))
    playground.run()
    asked = playground.strava.api_requests("^/athlete/activities")[before:]
    assert {request.query["after"] for request in asked} == {"1"}
