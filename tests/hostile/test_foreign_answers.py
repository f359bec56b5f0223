"""What belongs to another athlete or activity than was asked for is refused and told; ids are read
as numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from db.models import Activity, ImportIssue, SegmentEffort, Track
from ingest.config import ApiConfig
from ingest.extract.api import oauth
from ingest.transform.api_json.values import json_id
from tests.api.connected import Connected
from tests.strava import Account, Clock, Fault
from tests.strava.messages import Answer

NOW = datetime(2026, 11, 1, 9, 3, tzinfo=UTC)
STRANGER = 4_242_424


@pytest.fixture
def playground(connect: Callable[..., Connected]) -> Connected:
    """Six activities that nobody has fetched."""
    return connect(Account.synthetic(6, seed=5, until=NOW - timedelta(days=1)), clock=Clock(NOW))


def newest(playground: Connected) -> int:
    return next(one.id for one in playground.strava.account.newest_first() if one.streams)


def issues(playground: Connected) -> list[Any]:
    return playground.rows(ImportIssue.kind, ImportIssue.activity_id, ImportIssue.reason)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"athlete": {"id": STRANGER}}, f"belongs to athlete {STRANGER}"),
        ({"athlete": {"id": str(STRANGER)}}, f"belongs to athlete {STRANGER}"),
        ({"id": 12345}, "is about activity 12345"),
        ({"id": None}, "is about no activity"),
    ],
)
def test_a_detail_of_another_is_refused_and_an_issue_until_it_is_right(
    playground: Connected, fields: dict[str, Any], says: str
) -> None:
    wanted = newest(playground)
    playground.strava.faults.add(
        Fault("edit", path=f"/activities/{wanted}$", edit=lambda body: {**body, **fields})
    )
    assert playground.run().issues == 1
    [(kind, activity_id, reason)] = issues(playground)
    assert (kind, activity_id) == ("api", wanted)
    assert says in reason
    assert (wanted, "detail") in playground.queue()
    playground.strava.faults.clear()
    assert playground.run().issues == 0


@pytest.mark.parametrize("told", [{"id": 12345}, {"athlete": {"id": STRANGER}}])
def test_streams_that_tell_of_another_are_refused(
    playground: Connected, told: dict[str, Any]
) -> None:
    wanted = newest(playground)
    playground.strava.faults.add(
        Fault("edit", path=f"/{wanted}/streams", edit=lambda body: {**body, **told})
    )
    assert playground.run().issues == 1
    assert (wanted,) not in playground.rows(Track.activity_id)
    assert playground.queue() == [(wanted, "streams")]


def test_an_activity_of_another_in_the_list_is_left_out_and_told(playground: Connected) -> None:
    foreign = newest(playground)
    playground.strava.faults.add(
        Fault(
            "fields", path="activities", activity_id=foreign, fields={"athlete": {"id": STRANGER}}
        )
    )
    for _ in range(2):
        report = playground.run(sweep=True)
        assert report.issues == 1
        assert any("another athlete's" in note for note in report.notes)
    [(kind, activity_id, reason)] = issues(playground)
    assert (kind, activity_id) == ("foreign", foreign)
    assert f"belongs to athlete {STRANGER}" in reason
    assert (foreign,) not in playground.rows(Activity.activity_id)
    playground.strava.faults.clear()
    assert playground.run(sweep=True).issues == 0
    assert (foreign,) in playground.rows(Activity.activity_id)


def test_a_dry_run_does_not_count_what_is_another_s(playground: Connected) -> None:
    playground.strava.faults.add(
        Fault("fields", path="activities", fields={"athlete": {"id": STRANGER}})
    )
    assert len(playground.run(dry_run=True).new) == 0


def as_texts(value: Any) -> Any:
    """The same JSON with every id as a text."""
    if isinstance(value, list):
        return [as_texts(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        k: str(v) if k == "id" and isinstance(v, int) else as_texts(v) for k, v in value.items()
    }


def test_ids_that_are_texts_are_read_as_numbers(
    playground: Connected, connect: Callable[..., Connected]
) -> None:
    playground.strava.faults.add(Fault("edit", edit=as_texts))
    report = playground.run()
    assert (len(report.new), report.queue_left, report.issues) == (6, 0, 0)
    efforts = playground.one(sa.select(sa.func.count(), sa.func.min(SegmentEffort.segment_id)))
    assert efforts[0] == 0 or efforts[1] > 0


def test_the_athlete_of_new_tokens_may_be_a_text(
    playground: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    strava = playground.strava
    config = ApiConfig(api_url=strava.api_url, oauth_url=strava.oauth_url, timeout_s=10.0)
    monkeypatch.setattr(strava.oauth, "answer", lambda _: Answer(body=as_texts(strava.grant())))
    app = oauth.App(client_id=strava.app.client_id, client_secret=strava.app.client_secret)
    assert oauth.exchange(config, app, "code", "read").athlete_id == strava.account.athlete_id


@pytest.mark.parametrize(
    ("value", "read"),
    [(7, 7), ("7", 7), (7.0, 7), ("9223372036854775807", 2**63 - 1), ("9223372036854775808", None)]
    + [(odd, None) for odd in ("", "7.0", "-7", " 7", "٧", "7" * 5_000, True, None, [7], "seven")],
)
def test_an_id_is_a_number_or_its_digits(value: Any, read: int | None) -> None:
    assert json_id(value) == read
