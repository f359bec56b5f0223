"""What runs remember: names and texts are those that databases in use have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from db.engine import make_engine
from db.local_day import MOST_DAYS
from db.models import Base, SyncState
from ingest.load import sync_state
from ingest.load.sync_state import SweepProgress

WHEN = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def connection(sqlite_url: str) -> Iterator[sa.Connection]:
    engine = make_engine(sqlite_url)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def kept(connection: sa.Connection) -> dict[str, str | None]:
    rows = connection.execute(sa.select(SyncState.name, SyncState.value))
    return {row.name: row.value for row in rows}


def test_each_key_is_kept_under_its_name_and_owner(connection: sa.Connection) -> None:
    progress = SweepProgress(begun_at=WHEN, after=17, sees_all=True)
    sync_state.HOME_ZONE.set(connection, "Europe/Berlin")
    sync_state.API_BUDGET.set(connection, "{}", 3)
    sync_state.ZONES_AT.set(connection, WHEN, 7)
    sync_state.SWEPT_AT.set(connection, WHEN, 7)
    sync_state.SWEEP_BEGUN.set(connection, progress, 7)
    sync_state.add_sweep(connection, 7, WHEN)
    sync_state.ENDLESS_ZIPS.set(connection, {"a.zip": "10 1"})
    sync_state.mark_stale(connection, 7, [date(2026, 5, 2)])
    sync_state.mark_unsettled(connection, 7)
    text = "2026-05-01T12:30:00+00:00"
    assert kept(connection) == {
        "home_timezone": "Europe/Berlin",
        "api_budget:3": "{}",
        "zones_at:7": text,
        "swept_at:7": text,
        "sweep_begun:7": f'{{"begun_at": "{text}", "after": 17, "sees_all": true}}',
        "sweeps:7": f'["{text}"]',
        "endless_zips": '{"a.zip": "10 1"}',
        "marts:stale:7": '["2026-05-02"]',
        "unsettled:7": "yes",
    }
    assert sync_state.SWEPT_AT.get(connection, 7) == WHEN
    assert sync_state.SWEEP_BEGUN.get(connection, 7) == progress
    assert sync_state.sweeps(connection, 7) == [WHEN]
    assert sync_state.unsettled(connection) == [7]
    assert sync_state.ENDLESS_ZIPS.get(connection) == {"a.zip": "10 1"}


@pytest.mark.parametrize("text", ["", "no JSON", "[1]", "7"])
def test_what_another_program_wrote_in_place_of_names_of_zips_counts_as_none(
    connection: sa.Connection, text: str
) -> None:
    connection.execute(sa.insert(SyncState), {"name": "endless_zips", "value": text})
    assert sync_state.ENDLESS_ZIPS.get(connection) == {}


def test_what_was_never_kept_is_none(connection: sa.Connection) -> None:
    assert sync_state.SWEPT_AT.get(connection, 7) is None
    assert sync_state.sweeps(connection, 7) == []
    assert not sync_state.are_all_stale(connection)
    assert sync_state.stale_marts(connection) == {}


def test_days_of_stale_marts_add_up_until_there_are_too_many(connection: sa.Connection) -> None:
    first = date(2024, 1, 1)
    sync_state.mark_stale(connection, 7)
    assert sync_state.stale_marts(connection) == {7: frozenset()}
    sync_state.mark_stale(connection, 7, [first])
    sync_state.mark_stale(connection, 8, [first])
    sync_state.mark_stale(connection, 7, [first + timedelta(days=1)])
    sync_state.mark_stale(connection, 7)
    assert sync_state.stale_marts(connection) == {
        7: frozenset([first, first + timedelta(days=1)]),
        8: frozenset([first]),
    }
    days = [first + timedelta(days=n) for n in range(MOST_DAYS)]
    sync_state.mark_stale(connection, 7, days)
    assert sync_state.stale_marts(connection)[7] == frozenset(days)
    sync_state.mark_stale(connection, 7, [first - timedelta(days=1)])
    sync_state.mark_stale(connection, 7, days)
    sync_state.mark_stale(connection, 8, sync_state.EVERY_DAY)
    assert sync_state.stale_marts(connection) == {7: None, 8: None}


def test_marks_are_cleared(connection: sa.Connection) -> None:
    connection.execute(sa.insert(SyncState), {"name": "marts:stale", "value": "yes"})
    assert sync_state.are_all_stale(connection)
    sync_state.mark_stale(connection, 7, [date(2026, 5, 2)])
    sync_state.take_stale(connection)
    sync_state.mark_unsettled(connection, 7)
    sync_state.mark_settled(connection, 7)
    assert kept(connection) == {}


def test_purged_lists_are_forgotten_but_not_when_the_last_was(connection: sa.Connection) -> None:
    sync_state.add_sweep(connection, 7, WHEN)
    sync_state.add_sweep(connection, 8, WHEN)
    sync_state.SWEPT_AT.set(connection, WHEN, 7)
    sync_state.ZONES_AT.set(connection, WHEN, 7)
    sync_state.forget_lists(connection, 7)
    assert set(kept(connection)) == {"sweeps:8", "swept_at:7"}


def test_a_mark_waits_for_a_run_that_refills_and_is_left_for_the_next_one(pg_url: str) -> None:
    engine = make_engine(pg_url)
    Base.metadata.create_all(engine)
    day = date(2026, 5, 2)
    with engine.begin() as connection:
        sync_state.mark_stale(connection, 7, [day])
    marked = Event()

    def write() -> None:
        with engine.begin() as connection:
            sync_state.mark_stale(connection, 7, [day])  # nothing new, but what it changes is
        marked.set()

    writer = Thread(target=write)
    with engine.begin() as connection:
        assert sync_state.take_stale(connection) == (False, {7: frozenset([day])})
        writer.start()
        assert not marked.wait(0.5)
    writer.join(timeout=20)
    with engine.begin() as connection:
        assert sync_state.stale_marts(connection) == {7: frozenset([day])}
    engine.dispose()
