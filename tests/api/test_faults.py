"""What Strava and the way to it do wrong: what was imported stands, what is left waits, and nothing
loops.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.models import Activity, Athlete, ImportIssue, ImportRun, QueueItem, Track
from ingest.errors import Interrupted
from ingest.run.api import sync
from ingest.run.api import worker as work
from tests.api.connected import SCOPES, Connected
from tests.builders import export_zip
from tests.strava import Account, Clock, Fault

Connect = Callable[..., Connected]
NOW = datetime(2026, 11, 1, 9, 3, tzinfo=UTC)


@pytest.fixture
def playground(connect: Connect) -> Connected:
    """Six activities that nobody has fetched."""
    return connect(Account.synthetic(6, seed=5, until=NOW - timedelta(days=1)), clock=Clock(NOW))


def with_streams(playground: Connected) -> int:
    return next(
        activity.id for activity in playground.strava.account.newest_first()[1:] if activity.streams
    )


@pytest.mark.parametrize(
    "kind",
    [
        "500",
        "502",
        "503",
        "504",
        "html",
        "reset",
        "close",
        "stall",
        "stall_body",
        "drip",
        "truncated",
        "cut_json",
    ],
)
def test_an_item_that_fails_waits_and_the_run_goes_on(playground: Connected, kind: str) -> None:
    activity_id = with_streams(playground)
    playground.timeout_s = 1.0
    playground.strava.faults.add(Fault(kind, path="/streams", activity_id=activity_id, seconds=6))
    report = playground.run()
    assert playground.queue() == [(activity_id, "streams")]
    assert (report.queue_left, report.api_problem, report.resume_at) == (1, None, None)
    playground.strava.faults.clear()
    playground.timeout_s = 20.0
    playground.run()
    assert playground.queue() == []
    assert (activity_id,) in playground.rows(Track.activity_id)


@pytest.mark.parametrize("kind", ["502", "html", "reset", "truncated", "cut_json"])
def test_what_fails_once_is_asked_for_again(playground: Connected, kind: str) -> None:
    playground.strava.faults.add(Fault(kind, at=2, times=1))
    report = playground.run()
    assert (report.queue_left, len(report.new)) == (0, 6)


@pytest.mark.parametrize("kind", ["502", "html", "cut_json"])
def test_a_list_that_cannot_be_had_is_a_problem_after_the_export(
    playground: Connected, kind: str
) -> None:
    owner = {"profile.csv": [["Athlete ID"], [playground.strava.account.athlete_id]]}
    export_zip(playground.drop / "export_1.zip", [{}], when=NOW, tables=owner)
    playground.strava.faults.add(Fault(kind, path="activities"))
    report = playground.run()
    assert len(report.new) == 1
    assert report.api_problem is not None
    assert str(report.api_problem).endswith("Run again later")
    assert playground.one(sa.select(ImportRun.status)) == ("failed",)


@pytest.mark.parametrize("dry_run", [False, True])
def test_an_api_that_answers_makes_up_for_what_is_no_export(
    playground: Connected, dry_run: bool
) -> None:
    (playground.drop / "notes.txt").write_bytes(b"hello")
    without = playground.run(dry_run=dry_run, skip_api=True)
    assert str(without.problem).startswith("no export could be read: notes.txt: is not a")
    assert playground.run(dry_run=dry_run).problem is None


@pytest.mark.parametrize("dry_run", [False, True])
def test_an_api_that_fails_does_not_and_both_problems_are_told(
    playground: Connected, dry_run: bool
) -> None:
    (playground.drop / "notes.txt").write_bytes(b"hello")
    playground.strava.faults.add(Fault("502", path="activities"))
    report = playground.run(dry_run=dry_run)
    assert str(report.problem) == f"{report.export_problem}; {report.api_problem}"
    assert report.api_problem is not None
    assert "notes.txt" in (report.export_problem or "")


def test_five_activities_that_fail_in_a_row_end_the_requests_of_a_run(
    playground: Connected,
) -> None:
    playground.strava.faults.add(Fault("500", path="^/activities/"))
    report = playground.run()
    asked = {
        request.path.split("/")[2] for request in playground.strava.api_requests("^/activities/")
    }
    assert len(asked) == work._PATIENCE
    assert "in a row" in report.notes[-1]


def test_what_failed_on_five_days_is_parked_until_it_changes(playground: Connected) -> None:
    activity_id = with_streams(playground)
    playground.strava.faults.add(Fault("500", path=f"^/activities/{activity_id}$"))
    for _ in range(4):
        assert playground.run().issues == 0
        assert playground.run().issues == 0  # a second time on the same day is no second day
        playground.strava.clock.advance(24 * 3600)
    assert playground.run().issues == 1
    assert playground.rows(ImportIssue.kind, ImportIssue.activity_id) == [("api", activity_id)]
    report = playground.run()
    assert (report.queue_left, report.issues) == (0, 1)
    playground.strava.faults.clear()
    playground.strava.account.rename(activity_id, "Healed")
    assert playground.run(sweep=True).issues == 0
    assert playground.queue() == []


def test_odd_values_lose_one_value_and_not_the_page(playground: Connected) -> None:
    odd = {
        "athlete_count": 0,
        "max_heartrate": 162.5,
        "sport_type": "UnderwaterHockey",
        "elapsed_time": 2178.5,
    }
    odd |= {
        "distance": "far",
        "kudos_count": 2**80,
        "start_latlng": None,
        "utc_offset": None,
        "new_thing": {"a": [1]},
    }
    playground.strava.faults.add(Fault("fields", path="activities", fields=odd))
    report = playground.run()
    assert len(report.new) == 6
    rows = playground.rows(
        Activity.sport_type,
        Activity.max_heartrate_bpm,
        Activity.elapsed_time_s,
        Activity.distance_m,
    )
    assert set(rows) == {("UnderwaterHockey", 162.5, 2178.5, None)}


def test_streams_that_come_as_a_list_are_read(playground: Connected) -> None:
    playground.strava.faults.add(Fault("array", path="/streams"))
    playground.run()
    assert {row[0] for row in playground.rows(Track.point_count)} == {
        len(activity.streams["time"])
        for activity in playground.strava.account.newest_first()
        if activity.streams
    }


def test_streams_of_other_lengths_lose_those(playground: Connected) -> None:
    playground.strava.faults.add(Fault("lengths", path="/streams"))
    playground.run()
    assert any(row[0] for row in playground.rows(Track.is_partial))


def test_short_pages_are_not_the_last(connect: Connect) -> None:
    playground = connect(Account.synthetic(250, seed=5, until=NOW), clock=Clock(NOW))
    playground.strava.api.short_pages = {1: 199, 2: 1}
    playground.run(limit=0)
    assert len(playground.rows(Activity.activity_id)) == 250


def test_an_activity_that_is_gone_when_its_turn_comes_leaves_the_queue(
    playground: Connected,
) -> None:
    playground.run(limit=0)
    playground.strava.account.delete(with_streams(playground))
    report = playground.run()
    assert (report.queue_left, report.issues) == (0, 0)


REFUSALS = [
    ("inactive", "subscription"),
    ("athlete_limit", "athlete"),
    ("missing_scope", "python -m ingest connect"),
    ("invalid_token", "python -m ingest connect"),
]


@pytest.mark.parametrize(("kind", "word"), REFUSALS)
def test_a_refusal_comes_after_the_export_and_does_not_loop(
    playground: Connected, kind: str, word: str
) -> None:
    owner = {"profile.csv": [["Athlete ID"], [playground.strava.account.athlete_id]]}
    export_zip(playground.drop / "export_1.zip", [{}], when=NOW, tables=owner)
    playground.strava.faults.add(Fault(kind))
    report = playground.run()
    assert len(report.new) == 1
    assert word in str(report.api_problem)
    assert report.api_requests <= 2


def test_a_refusal_s_exit_code_is_one(playground: Connected) -> None:
    playground.strava.faults.add(Fault("inactive"))
    code, out, err = playground.cli("run")
    assert code == 1
    assert "subscription" in err
    assert "Traceback" not in err + out


def test_a_dead_refresh_token_says_to_connect_again(playground: Connected) -> None:
    playground.strava.expire_access_tokens()
    playground.strava.kill_refresh_tokens()
    assert "python -m ingest connect" in str(playground.run().api_problem)


def test_an_account_that_is_not_the_export_s_is_refused(playground: Connected) -> None:
    export_zip(
        playground.drop / "export_1.zip",
        [{}],
        when=NOW,
        tables={"profile.csv": [["Athlete ID"], [4711]]},
    )
    report = playground.run()
    assert len(report.new) == 1
    assert "4711" in str(report.api_problem)
    assert playground.strava.api_requests() == []
    assert playground.rows(Athlete.athlete_id) == [(4711,)]


def test_an_export_that_names_nobody_belongs_to_who_has_its_activities(
    playground: Connected,
) -> None:
    mine = playground.strava.account.newest_first()[0]
    export_zip(playground.drop / "export.zip", [{"activity_id": mine.id}], when=NOW)
    report = playground.run()
    assert report.api_problem is None
    assert set(playground.rows(Activity.athlete_id)) == {(playground.strava.account.athlete_id,)}
    again = playground.run()
    assert (again.new, again.changed) == (set(), set())


def test_no_secret_is_in_database_or_log(playground: Connected) -> None:
    playground.strava.expire_access_tokens()
    code, out, err = playground.cli("run", "--verbose")
    secrets = [playground.strava.app.client_secret, *_tokens(playground)]
    files = [
        path
        for path in playground.folder.glob("*")
        if path.is_file() and not path.name.startswith(".strava")
    ]
    kept = b"".join(path.read_bytes() for path in files)
    assert code == 0
    assert len(files) >= 2  # database and log
    for secret in secrets:
        assert secret.encode() not in kept + out.encode() + err.encode()
    assert not any(
        secret in request.target for request in playground.strava.requests for secret in secrets
    )


def _tokens(playground: Connected) -> list[str]:
    import json

    held = json.loads((playground.folder / ".strava-token.json").read_text(encoding="utf-8"))
    return [held["access_token"], held["refresh_token"]]


def test_without_a_connection_only_status_says_how_to_get_one(playground: Connected) -> None:
    (playground.folder / ".strava-token.json").unlink()
    export_zip(playground.drop / "export_1.zip", [{}], when=NOW)
    code, out, err = playground.cli("run")
    assert (code, "ingest connect" in out + err) == (0, False)
    assert "    strava-ingest connect" in playground.cli("status")[1]


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_run_of_the_api_alone_fails_without_a_connection(
    playground: Connected, options: tuple[str, ...]
) -> None:
    (playground.folder / ".strava-token.json").unlink()
    code, _, err = playground.cli("run", "--skip-export", *options)
    assert code == 1
    assert "not connected to Strava; to connect:\n    strava-ingest connect --playground" in err
    assert err.count("not connected") == 1
    assert playground.strava.requests == []


def test_an_unticked_scope_leaves_out_private_ones_only(playground: Connected) -> None:
    hidden = with_streams(playground)
    playground.strava.account.set_visibility(hidden, "only_me")
    playground.connect([scope for scope in SCOPES if "read_all" not in scope] + ["activity:read"])
    playground.run()
    assert {row[0] for row in playground.rows(Activity.activity_id)} == set(
        playground.strava.account.activities
    ) - {hidden}


def test_the_api_without_a_prefix_is_the_same(playground: Connected, tmp_path: Path) -> None:
    playground.run()
    assert playground.one(sa.select(sa.func.count()).select_from(QueueItem)) == (0,)
    environment: dict[str, Any] = {"STRAVA_API_URL": playground.strava.bare_api_url}
    from ingest.config import make_config
    from ingest.reporting.progress import Progress
    from ingest.run.pipeline import run

    database = f"sqlite:///{tmp_path}/bare.db"
    report = run(
        make_config(
            playground.environment | environment, playground=playground.folder, database=database
        ),
        Progress(),
    )
    assert (len(report.new), report.queue_left) == (6, 0)


@pytest.mark.parametrize("place", ["claim", "_name_gear"])
def test_a_run_that_is_interrupted_tells_of_every_request(
    playground: Connected, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sync if place == "claim" else sync.Sync, place, interrupted)
    with pytest.raises(Interrupted):
        playground.run()
    told = playground.one(sa.select(ImportRun.status, ImportRun.api_requests))
    assert told == ("failed", len(playground.strava.api_requests()))
