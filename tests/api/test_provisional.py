"""Strava is never asked for an activity of a device file, and its lists do not make one vanish."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from db.engine import make_engine
from db.models import Activity, ActivityFact, PurgedActivity
from ingest.load.fetch_queue import ENRICHMENT, NEWS, enqueue
from tests.api.connected import Connected
from tests.provisional import IDS, add_provisional
from tests.strava import Account, Clock

Connect = Callable[..., Connected]
NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.fixture
def account() -> Account:
    account = Account(77, "Ann", "Example")
    for days in range(3):
        account.new(NOW - timedelta(days=days + 1))
    return account


@pytest.fixture
def mixed(account: Account, connect: Connect, database_url: str) -> Connected:
    """What the API told, and two runs of a watch."""
    playground = connect(account, database_url, clock=Clock(NOW))
    playground.run()
    engine = make_engine(database_url)
    for number in IDS:
        add_provisional(engine, number, athlete_id=account.athlete_id, start=NOW)
    engine.dispose()
    return playground


def test_complete_lists_let_it_be_and_no_request_names_it(mixed: Connected) -> None:
    for _ in range(3):
        mixed.strava.clock.advance(8 * 24 * 3600)
        assert mixed.run(sweep=True, enrich=True).vanished == set()
    assert mixed.queue() == []
    assert mixed.strava.api_requests("/activities/-") == []
    kept = mixed.rows(Activity.activity_id, Activity.vanished_at, Activity.has_track)
    assert {(number, None, True) for number in IDS} <= set(kept)


def test_no_one_can_put_it_into_the_queue(mixed: Connected) -> None:
    athlete_id = mixed.strava.account.athlete_id
    for priority in (NEWS, ENRICHMENT):
        with mixed.connection() as connection:
            enqueue(connection, [(IDS[0], "streams", NOW)], athlete_id, NOW, priority)
    assert mixed.queue() == []


def test_a_purge_leaves_it(mixed: Connected) -> None:
    before = mixed.content("import_issues.issue_id")
    mixed.purge()
    after = mixed.content("import_issues.issue_id")
    assert {row[0] for row in mixed.rows(Activity.activity_id)} == set(IDS)
    assert {row[0] for row in mixed.rows(ActivityFact.activity_id)} == set(IDS)
    assert not set(IDS) & {row[0] for row in mixed.rows(PurgedActivity.activity_id)}
    for table in ("activity_observations", "track_points", "splits", "import_issues"):
        own = [row for row in before[table] if set(IDS) & set(row)]
        assert [row for row in after[table] if set(IDS) & set(row)] == own, table
        assert own, table
