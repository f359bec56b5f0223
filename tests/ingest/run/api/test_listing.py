"""What the database knows in, the list that is due out; and pages, however they come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from db.engine import make_engine
from db.migrate import upgrade
from db.models import Activity, Athlete, ImportFile, ImportRun
from ingest.config import ApiOptions
from ingest.errors import RequestFailed
from ingest.load import sync_state
from ingest.run.api import listing
from ingest.run.api.listing import Query, choose, pages
from ingest.transform.api_json.list_page import ListPage, list_page

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def connection(sqlite_url: str) -> Iterator[sa.Connection]:
    engine = make_engine(sqlite_url)
    upgrade(engine, None)
    with engine.connect() as connection:
        connection.execute(sa.insert(Athlete), {"athlete_id": 7})
        connection.execute(
            sa.insert(ImportRun), {"run_id": 1, "started_at": NOW, "status": "done", "version": "0"}
        )
        yield connection
    engine.dispose()


def add(connection: sa.Connection, activity_id: int, start: datetime) -> None:
    row = {"activity_id": activity_id, "athlete_id": 7, "start_time_utc": start}
    connection.execute(sa.insert(Activity), {**row, "timezone_source": "api", "has_track": False})


def exported(connection: sa.Connection, when: datetime) -> None:
    row = {
        "athlete_id": 7,
        "file_kind": "export",
        "name": "x",
        "origin": "x",
        "status": "read",
        "run_id": 1,
    }
    connection.execute(sa.insert(ImportFile), {**row, "exported_at": when})


def chosen(connection: sa.Connection | None, **options: Any) -> Query:
    return choose(connection, 7, NOW, ApiOptions(**options), sees_all=True)


def listed(*starts: str) -> ListPage:
    """A page of activities that start then."""
    return list_page([{"id": i, "start_date": at} for i, at in enumerate(starts, 1)], 7, NOW)


def test_where_nothing_is_known_all_of_it_is_asked_for(connection: sa.Connection) -> None:
    assert (chosen(None).kind, chosen(connection).kind) == ("sweep", "sweep")


def test_after_a_fresh_export_a_week_before_the_newest_is_asked_for(
    connection: sa.Connection,
) -> None:
    add(connection, 1, NOW - timedelta(days=3))
    exported(connection, NOW - timedelta(days=2))
    query = chosen(connection)
    assert (query.kind, query.after) == ("quick", int((NOW - timedelta(days=10)).timestamp()))


def test_an_activity_of_the_future_hides_no_other(connection: sa.Connection) -> None:
    add(connection, 1, NOW - timedelta(days=3))
    add(connection, 2, NOW + timedelta(days=9000))
    exported(connection, NOW - timedelta(days=2))
    assert chosen(connection).after == int((NOW - timedelta(days=10)).timestamp())


@pytest.mark.parametrize(("age", "kind"), [(timedelta(days=6, hours=23), "quick"), (WEEK, "sweep")])
def test_a_week_after_an_export_a_sweep_is_due(
    connection: sa.Connection, age: timedelta, kind: str
) -> None:
    add(connection, 1, NOW - timedelta(days=30))
    exported(connection, NOW - age)
    assert chosen(connection).kind == kind


def test_a_sweep_puts_off_the_next_one(connection: sa.Connection) -> None:
    add(connection, 1, NOW - timedelta(days=30))
    exported(connection, NOW - timedelta(days=20))
    done = Query(kind="sweep", after=1, begun_at=NOW - timedelta(days=6), sees_all=True)
    listing.completed(connection, 7, done)
    assert chosen(connection).kind == "quick"
    assert chosen(connection, sweep=True).kind == "sweep"
    assert sync_state.sweeps(connection, 7) == [done.begun_at]


def test_a_list_without_private_ones_says_nothing_of_what_vanished(
    connection: sa.Connection,
) -> None:
    listing.completed(connection, 7, Query(kind="sweep", after=1, begun_at=NOW))
    assert sync_state.sweeps(connection, 7) == []


def test_days_are_wide_enough_for_every_time_zone(connection: sa.Connection) -> None:
    query = chosen(connection, begin=date(2026, 5, 1), end=date(2026, 5, 2))
    assert query.kind == "range"
    assert query.after < datetime(2026, 4, 30, 10, tzinfo=UTC).timestamp()
    assert query.before is not None
    assert query.before >= datetime(2026, 5, 3, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(("age", "after"), [(1, 10_000_000 - 7 * 86_400), (8, 1)])
def test_a_sweep_that_was_cut_off_goes_on_for_a_week(
    connection: sa.Connection, age: int, after: int
) -> None:
    start = datetime.fromtimestamp(10_000_000, UTC)
    begun = Query(kind="sweep", after=1, begun_at=NOW - timedelta(days=age), sees_all=True)
    page = listed("1970-01-02T00:00:00Z", f"{start:%Y-%m-%dT%H:%M:%SZ}")
    listing.remember_progress(connection, 7, begun, page)
    query = chosen(connection)
    assert (query.after, query.begun_at) == (after, begun.begun_at if age == 1 else NOW)


def test_a_list_whose_newest_come_first_is_not_gone_on_with(connection: sa.Connection) -> None:
    days = ("2026-05-02T00:00:00Z", "2026-05-01T00:00:00Z")
    for some in (listed(*days), listed(days[0])):
        listing.remember_progress(
            connection, 7, Query(kind="sweep", after=1, begun_at=NOW, sees_all=True), some
        )
        assert chosen(connection).after == 1


def test_a_sweep_that_began_without_private_ones_begins_anew(connection: sa.Connection) -> None:
    page = listed("2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z")
    listing.remember_progress(
        connection, 7, Query(kind="sweep", after=1, begun_at=NOW, sees_all=False), page
    )
    assert chosen(connection).after == 1


def test_where_all_was_purged_the_last_list_says_what_is_new(connection: sa.Connection) -> None:
    swept = NOW - timedelta(days=2)
    listing.completed(connection, 7, Query(kind="sweep", after=1, begun_at=swept))
    assert (chosen(connection).kind, chosen(connection).after) == (
        "quick",
        int((swept - WEEK).timestamp()),
    )


def test_enriching_takes_a_list_of_all_first(connection: sa.Connection) -> None:
    add(connection, 1, NOW - timedelta(days=3))
    exported(connection, NOW - timedelta(days=2))
    assert chosen(connection, enrich=True).kind == "sweep"
    listing.completed(connection, 7, Query(kind="sweep", after=1, begun_at=NOW))
    assert chosen(connection, enrich=True).kind == "quick"


@pytest.mark.parametrize(
    ("local", "holds"),
    [
        ("2026-04-30T23:59:59Z", False),
        ("2026-05-01T00:00:00Z", True),
        ("2026-05-02T23:59:59Z", True),
        ("2026-05-03T00:00:00Z", False),
    ],
)
def test_a_range_holds_its_local_days(local: str, holds: bool) -> None:
    query = chosen(None, begin=date(2026, 5, 1), end=date(2026, 5, 2))
    told = {"id": 1, "start_date_local": local, "start_date": "2026-05-01T12:00:00Z"}
    page = list_page([told], 7, NOW)
    assert query.holds(page.summaries[1]) is holds


def turned(*answers: Any) -> list[ListPage]:
    def ask(path: str, *, page: int, **params: int) -> Any:
        return answers[min(page, len(answers)) - 1]

    return list(pages(ask, Query(kind="quick", after=1, begun_at=NOW), 7, lambda: NOW))


def test_short_pages_are_followed_by_others() -> None:
    assert len(turned([{"id": 1}], [{"id": 2}, {"id": 3}], [{"id": 4}], [])) == 3


def test_a_server_that_ignores_the_page_s_number_is_not_asked_for_ever() -> None:
    with pytest.raises(RequestFailed, match="does not end"):
        turned([{"id": 1}, {"id": 2}])


def test_an_answer_that_is_no_list_is_a_failure() -> None:
    with pytest.raises(RequestFailed, match="page 2 is not a list"):
        turned([{"id": 1}], {"message": "?"})
