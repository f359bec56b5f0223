"""Strava's limits: a run stops one request short, says when to come back, and the next one goes on;
nothing is fetched twice.
"""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.models import QueueItem
from ingest import clock
from tests.api.connected import Connected
from tests.strava import Account, Clock, Fault, Limits, Request, running

Connect = Callable[..., Connected]
NOW = datetime(2026, 11, 1, 9, 3, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
#: Of the ledger, and times of answers.
TIMES = (
    "activity_observations.observed_at",
    "tracks.fetched_at",
    "sync_queue",
    "purged_activities",
)


def account(count: int = 130) -> Account:
    return Account.synthetic(count, seed=5, until=NOW - timedelta(days=1))


def paths(playground: Connected) -> Counter[str]:
    """How often each activity's detail or streams were asked for."""
    return Counter(request.path for request in playground.strava.api_requests("^/activities/"))


def to_the_end(playground: Connected) -> list[Any]:
    """Run after run, each when the one before said."""
    reports = [playground.run()]
    while reports[-1].resume_at is not None:
        playground.strava.clock.set(reports[-1].resume_at)
        reports.append(playground.run())
        assert len(reports) < 20
    return reports


def test_a_large_backlog_takes_as_many_quarter_hours_as_the_limits_ask(connect: Connect) -> None:
    playground = connect(account(), clock=Clock(NOW))
    first = playground.run()
    assert first.api_requests == 99
    assert first.queue_left > 100
    assert first.resume_at == datetime(2026, 11, 1, 9, 15, 1, tzinfo=UTC)
    playground.strava.clock.set(first.resume_at)
    reports = to_the_end(playground)
    assert reports[-1].queue_left == 0
    assert set(paths(playground).values()) == {1}
    assert {request.status for request in playground.strava.api_requests()} <= {200, 404}


def test_the_end_is_that_of_a_run_without_limits(connect: Connect, tmp_path: Any) -> None:
    playground = connect(account(), clock=Clock(NOW))
    to_the_end(playground)
    free = connect(
        account(),
        f"sqlite:///{tmp_path}/free.db",
        clock=Clock(NOW),
        limits=Limits((9999, 99999), (9999, 99999)),
    )
    free.run()
    assert playground.content(*TIMES) == free.content(*TIMES)


def test_what_another_program_of_the_same_app_spends_is_believed(connect: Connect) -> None:
    playground = connect(account(), clock=Clock(NOW))
    playground.strava.limits.use_elsewhere(90)
    report = playground.run()
    assert report.api_requests == 9
    assert report.resume_at is not None


def test_after_a_day_s_limit_the_next_day_is_named(connect: Connect) -> None:
    playground = connect(account(), clock=Clock(NOW), limits=Limits((100, 50), (200, 2000)))
    report = playground.run()
    assert (report.api_requests, report.resume_at) == (
        49,
        datetime(2026, 11, 2, 0, 0, 1, tzinfo=UTC),
    )


def test_a_process_that_starts_too_early_asks_nothing(connect: Connect) -> None:
    playground = connect(account(), clock=Clock(NOW))
    first = playground.run()
    again = playground.run()
    assert (again.api_requests, again.resume_at) == (0, first.resume_at)


@pytest.mark.parametrize("kind", ["429", "429_without_headers", "429_old"])
def test_a_refusal_is_believed_whatever_the_counters_say(connect: Connect, kind: str) -> None:
    playground = connect(account(), clock=Clock(NOW))
    playground.strava.faults.add(Fault(kind, at=5))
    report = playground.run()
    assert report.api_requests == 5
    assert report.resume_at == datetime(2026, 11, 1, 9, 15, 1, tzinfo=UTC)
    assert playground.run().api_requests == 0


def test_a_clock_of_ours_that_is_wrong_does_no_harm(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    playground = connect(account(), clock=Clock(NOW))
    off = timedelta(minutes=-9)
    monkeypatch.setattr(clock, "now", lambda: playground.strava.clock.now() + off)
    report = playground.run()
    assert report.resume_at is not None
    # By Strava's clock the window ends at 9:15, which is 9:06 by ours.
    assert abs(report.resume_at - datetime(2026, 11, 1, 9, 6, tzinfo=UTC)) <= timedelta(seconds=3)
    playground.strava.clock.set(datetime(2026, 11, 1, 9, 15, 3, tzinfo=UTC))
    playground.run()
    assert {request.status for request in playground.strava.api_requests()} <= {200, 404}


def test_wait_sleeps_through_the_windows(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    playground = connect(account(60), clock=Clock(NOW, frozen=True))
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        playground.strava.clock.advance(seconds)

    monkeypatch.setattr(time, "sleep", sleep)
    report = playground.run(wait=True)
    assert (report.queue_left, report.resume_at) == (0, None)
    assert max(slept) <= 1.0  # a countdown that can be seen, and stopped
    assert sum(slept) == pytest.approx(12 * 60 + 1, abs=2)


def test_the_user_s_own_limit_stops_a_run_that_is_nevertheless_well(connect: Connect) -> None:
    playground = connect(account(), clock=Clock(NOW))
    report = playground.run(max_requests=10)
    assert (report.api_requests, report.resume_at, report.api_problem) == (10, None, None)
    assert report.queue_left > 0


def test_a_sweep_that_the_limit_cuts_off_goes_on_where_it_was(connect: Connect) -> None:
    playground = connect(account(1_300), clock=Clock(NOW), limits=Limits((5, 1000), (200, 2000)))
    reports = [playground.run(limit=0)]
    while reports[-1].resume_at is not None and len(reports) < 9:
        playground.strava.clock.set(reports[-1].resume_at)
        reports.append(playground.run(limit=0))
    assert (
        len(playground.strava.api_requests("^/athlete/activities$")) <= 9
    )  # seven pages, one of them again, and the empty one
    assert len(reports) <= 3
    assert len(playground.rows(QueueItem.activity_id)) > 2_000


def test_the_exit_code_says_to_come_back(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # a subprocess has the machine's clock
    playground = connect(Account.synthetic(60, seed=5), clock=Clock())
    code, out, _ = playground.cli("run", "--json")
    told = json.loads(out)
    assert code == 3
    assert told["api_requests"] == 99
    assert told["queue_left"] > 0
    resume_at = datetime.fromisoformat(told["resume_at"])
    shift = resume_at - datetime.now(UTC)
    playground.strava.clock.advance(shift.total_seconds())
    code, out, _ = playground.cli("run", "--json", shift=shift)
    assert (code, json.loads(out)["queue_left"]) == (0, 0)
    assert set(paths(playground).values()) == {1}


def four() -> Account:
    return Account.synthetic(4, seed=5, until=NOW)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What four activities are in the end."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with running(four()) as strava:
        playground = Connected(folder, f"sqlite:///{folder}/undisturbed.db", strava)
        assert playground.cli("run", "--quiet")[0] == 0
        assert set(paths(playground).values()) == {1}
    return playground.content(*TIMES)


@pytest.mark.parametrize("number", range(1, 9))
def test_killed_at_any_request_the_next_run_ends_where_an_undisturbed_one_would(
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    undisturbed: dict[str, list[Any]],
    number: int,
) -> None:
    monkeypatch.undo()
    playground = connect(four(), clock=Clock())
    killed: list[subprocess.Popen[str]] = []

    def kill(request: Request) -> None:
        if request.number == number:
            killed[0].send_signal(signal.SIGKILL)

    playground.strava.after_answer(kill)
    killed.append(playground.start("run", "--quiet"))
    killed[0].communicate(timeout=60)
    assert killed[0].returncode == -signal.SIGKILL
    assert playground.cli("run", "--quiet")[0] == 0
    assert playground.content(*TIMES) == undisturbed
    twice = [path for path, count in paths(playground).items() if count > 1]
    assert len(twice) <= 1  # the one whose answer died with the process
