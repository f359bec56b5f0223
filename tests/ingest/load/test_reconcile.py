"""What settling says of vanished activities and of local time, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from db.engine import make_engine
from db.migrate import upgrade
from db.models import Activity, ActivityObservation, Athlete, ImportFile, ImportRun, PurgedActivity
from ingest.load.ledger import newest_export
from ingest.load.reconcile import reconcile
from ingest.load.vanishing import ComingExport, Settled, _Lists, vanishing

OLD, NEW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def connection(database_url: str) -> Iterator[sa.Connection]:
    engine = make_engine(database_url)
    upgrade(engine, None)
    with engine.begin() as connection:
        connection.execute(sa.insert(Athlete), [{"athlete_id": 1}, {"athlete_id": 2}])
        run = {"run_id": 1, "started_at": OLD, "status": "running", "version": "0"}
        connection.execute(sa.insert(ImportRun), run)
        exports = [_export("a", OLD), _export("b", NEW)]
        connection.execute(sa.insert(ImportFile), exports)
        yield connection
    engine.dispose()


def _export(name: str, when: datetime) -> dict[str, Any]:
    kinds = {"file_kind": "export", "origin": name, "status": "read", "run_id": 1}
    return {"athlete_id": 1, "name": name, "exported_at": when, **kinds}


def add(connection: sa.Connection, number: int, seen_at: datetime | None, **columns: Any) -> None:
    start = datetime(2026, 1, 1, 8, tzinfo=UTC) + timedelta(days=number)
    row = {
        "activity_id": number,
        "athlete_id": 1,
        "start_time_utc": start,
        "timezone_source": "unknown",
        "has_track": False,
    }
    connection.execute(sa.insert(Activity), {**row, **columns})
    if seen_at is not None:
        told = {
            "activity_id": number,
            "source": "export",
            "athlete_id": 1,
            "observed_at": seen_at,
            "payload": "{}",
        }
        connection.execute(sa.insert(ActivityObservation), told)


def vanished(connection: sa.Connection) -> set[int]:
    return set(
        connection.scalars(sa.select(Activity.activity_id).where(Activity.vanished_at.is_not(None)))
    )


def test_what_the_newest_export_lacks_has_vanished(connection: sa.Connection) -> None:
    for number in range(1, 21):
        add(connection, number, OLD if number <= 2 else NEW)
    assert reconcile(connection, 1, None, False) == Settled(
        athlete_id=1, vanished=frozenset({1, 2})
    )
    assert vanished(connection) == {1, 2}
    assert reconcile(connection, 1, None, False) == Settled(athlete_id=1)


def test_more_than_a_tenth_at_once_is_held_back_until_accepted(connection: sa.Connection) -> None:
    for number in range(1, 21):
        add(connection, number, OLD if number <= 3 else NEW)
    assert reconcile(connection, 1, None, False) == Settled(athlete_id=1, held_back=3)
    assert vanished(connection) == set()
    assert reconcile(connection, 1, None, True).vanished == {1, 2, 3}


def test_what_comes_back_has_not_vanished(connection: sa.Connection) -> None:
    add(connection, 1, NEW, vanished_at=OLD)
    reconcile(connection, 1, None, False)
    assert vanished(connection) == set()


def test_what_no_export_ever_held_cannot_vanish(connection: sa.Connection) -> None:
    for number in range(1, 21):
        add(connection, number, NEW)
    add(connection, 99, None)
    add(connection, 98, OLD, athlete_id=2)
    assert reconcile(connection, 1, None, True) == Settled(athlete_id=1)


def test_what_only_the_api_ever_listed_cannot_vanish_from_an_export(
    connection: sa.Connection,
) -> None:
    for number in range(1, 21):
        add(connection, number, NEW)
    add(connection, 99, OLD)
    of_api = sa.update(ActivityObservation).where(ActivityObservation.activity_id == 99)
    connection.execute(of_api.values(source="api_summary"))
    assert reconcile(connection, 1, None, True) == Settled(athlete_id=1)


def local_times(connection: sa.Connection) -> list[tuple[str, str | None, int | None]]:
    query = sa.select(
        Activity.timezone_source, Activity.timezone_name, Activity.utc_offset_s
    ).order_by(Activity.activity_id)
    return [(source, zone, offset_s) for source, zone, offset_s in connection.execute(query)]


def test_an_activity_without_place_takes_the_zone_of_the_one_before(
    connection: sa.Connection,
) -> None:
    add(connection, 1, NEW)
    add(
        connection,
        2,
        NEW,
        timezone_source="position",
        timezone_name="Europe/Berlin",
        utc_offset_s=3600,
    )
    add(connection, 3, NEW)
    add(connection, 200, NEW)
    reconcile(connection, 1, None, False)
    assert local_times(connection) == [
        ("unknown", None, None),
        ("position", "Europe/Berlin", 3600),
        ("neighbour", "Europe/Berlin", 3600),
        ("neighbour", "Europe/Berlin", 7200),
    ]
    start = connection.scalar(
        sa.select(Activity.start_time_local).where(Activity.activity_id == 200)
    )
    assert start == datetime(2026, 7, 20, 10)


def test_the_zone_that_strava_gives_a_game_is_handed_on_to_nobody(
    connection: sa.Connection,
) -> None:
    island = {
        "timezone_source": "api",
        "timezone_name": "Pacific/Guadalcanal",
        "utc_offset_s": 39600,
    }
    add(
        connection,
        1,
        NEW,
        timezone_source="position",
        timezone_name="Europe/London",
        utc_offset_s=0,
    )
    add(connection, 2, NEW, sport_type="VirtualRide", **island)
    add(connection, 3, NEW, sport_type="Yoga")
    reconcile(connection, 1, None, False)
    assert local_times(connection)[2] == ("neighbour", "Europe/London", 0)


def test_a_game_takes_the_zone_of_the_activity_before(connection: sa.Connection) -> None:
    add(connection, 1, NEW, timezone_source="file", timezone_name="Asia/Tokyo", utc_offset_s=32400)
    add(connection, 2, NEW, sport_type="VirtualRow")
    reconcile(connection, 1, None, False)
    assert local_times(connection)[1] == ("neighbour", "Asia/Tokyo", 32400)


def test_the_home_zone_is_the_last_resort(connection: sa.Connection) -> None:
    add(connection, 1, NEW)
    add(connection, 2, NEW, timezone_source="file", timezone_name=None, utc_offset_s=-3600)
    add(connection, 3, NEW)
    reconcile(connection, 1, "America/New_York", False)
    assert local_times(connection) == [
        ("home", "America/New_York", -18000),
        ("file", None, -3600),
        ("neighbour", None, -3600),
    ]


def test_settling_twice_changes_nothing(connection: sa.Connection) -> None:
    add(connection, 1, NEW)
    reconcile(connection, 1, "Europe/Berlin", False)
    before = local_times(connection)
    reconcile(connection, 1, "Europe/Berlin", False)
    assert local_times(connection) == before


def days(*numbers: int) -> list[datetime]:
    return [OLD + timedelta(days=number) for number in numbers]


@pytest.mark.parametrize(
    ("exports", "sweeps", "newest"),
    [
        ([], [], None),
        ([1, 5], [], 5),
        ([], [7], None),
        ([5], [7], 5),
        ([5], [7, 9], 7),
        ([5], [3, 9], 5),
        ([], [7, 8, 9], 8),
    ],
)
def test_the_newest_list_is_an_export_or_the_last_but_one_of_the_api(
    exports: list[int], sweeps: list[int], newest: int | None
) -> None:
    lists = _Lists(exports=days(*exports), sweeps=days(*sweeps))
    assert lists.newest == (None if newest is None else OLD + timedelta(days=newest))


@pytest.mark.parametrize(
    ("last_seen", "is_exported", "gone"),
    [
        (1, True, 2),
        (2, True, 4),
        (4, True, 6),
        (4, False, 7),
        (5, False, 9),
        (6, True, 9),
        (7, True, None),
    ],
)
def test_an_activity_is_gone_at_the_first_export_or_second_list_without_it(
    last_seen: int, is_exported: bool, gone: int | None
) -> None:
    lists = _Lists(exports=days(2, 4, 6), sweeps=days(5, 7, 9))
    at = lists.gone_at(OLD + timedelta(days=last_seen), is_exported)
    assert at == (None if gone is None else OLD + timedelta(days=gone))


def coming(day: int, *ids: int, athlete_id: int = 1) -> ComingExport:
    return ComingExport(
        athlete_id=athlete_id,
        exported_at=NEW + timedelta(days=day),
        activity_ids=frozenset(ids),
        newest_start=None,
    )


def test_an_export_to_come_is_a_list_and_a_witness(connection: sa.Connection) -> None:
    for number in range(1, 21):
        add(connection, number, NEW)
    export = coming(1, *range(2, 30))
    found = vanishing(connection, 1, False, [export])
    assert found.settled == Settled(athlete_id=1, vanished=frozenset({1}))
    assert found.dates == {1: export.exported_at}
    # Another athlete's says nothing, and one that holds it has not lost it.
    assert vanishing(connection, 1, False, [coming(1, athlete_id=2)]).dates == {}
    assert vanishing(connection, 1, False, [export, coming(2, *range(1, 30))]).dates == {}
    # Activities that it brings count among those of which a tenth may vanish.
    assert vanishing(connection, 1, False, [coming(1, *range(4, 29))]).settled.held_back == 3
    assert len(vanishing(connection, 1, False, [coming(1, *range(4, 31))]).settled.vanished) == 3
    assert vanishing(connection, 1, False, [coming(1, *range(4, 30))]).settled.held_back == 3


def test_what_is_held_back_keeps_nobody_from_coming_back(connection: sa.Connection) -> None:
    add(connection, 1, NEW, vanished_at=OLD)
    for number in (2, 3):
        add(connection, number, OLD)
    assert reconcile(connection, 1, None, False) == Settled(athlete_id=1, held_back=2)
    assert vanished(connection) == set()


def test_a_purged_activity_was_seen_when_the_api_last_listed_it(connection: sa.Connection) -> None:
    for number in range(1, 21):
        add(connection, number, OLD if number <= 2 else NEW)
    listed = {"activity_id": 1, "athlete_id": 1, "purged_at": OLD, "seen_at": NEW}
    connection.execute(sa.insert(PurgedActivity), listed)
    assert reconcile(connection, 1, None, False).vanished == {2}


def test_the_date_of_the_newest_export_is_the_athlete_s_own(connection: sa.Connection) -> None:
    assert newest_export(connection, 1) == NEW
    assert newest_export(connection, 2) is None


@pytest.mark.parametrize(
    ("home", "zone"),
    [("Asia/Tokyo", "Asia/Tokyo"), ("Europe/Berlin", "Europe/Madrid"), (None, "Europe/Madrid")],
)
def test_an_indoor_watch_s_offset_takes_the_last_zone_or_home_that_has_it(
    connection: sa.Connection, home: str | None, zone: str
) -> None:
    offset = {"Asia/Tokyo": 32_400, "Europe/Madrid": 3600}[zone]
    place = {"timezone_source": "position", "timezone_name": "Europe/Madrid", "utc_offset_s": 3600}
    add(connection, 1, NEW, **place)
    add(connection, 2, NEW, timezone_source="file", timezone_name=None, utc_offset_s=offset)
    add(connection, 3, NEW)
    reconcile(connection, 1, home, False)
    assert local_times(connection)[2] == ("neighbour", zone, offset)


def test_a_loose_file_does_not_say_that_an_activity_is_on_strava(
    connection: sa.Connection,
) -> None:
    for number in range(1, 21):
        add(connection, number, OLD if number == 1 else NEW)
    recorded = {"source": "loose_file", "athlete_id": 1, "observed_at": NEW, "payload": "{}"}
    connection.execute(sa.insert(ActivityObservation), {"activity_id": 1, **recorded})
    assert reconcile(connection, 1, None, False).vanished == {1}


def test_what_only_files_tell_of_cannot_vanish_and_counts_for_no_share(
    connection: sa.Connection,
) -> None:
    for number in range(1, 11):
        add(connection, number, OLD if number <= 2 else NEW)
    recorded = {"source": "loose_file", "athlete_id": 1, "observed_at": OLD, "payload": "{}"}
    for number in range(-50, 0):
        add(connection, number, None, start_time_utc=OLD)
        connection.execute(sa.insert(ActivityObservation), {"activity_id": number, **recorded})
    assert reconcile(connection, 1, None, False) == Settled(athlete_id=1, held_back=2)
    assert reconcile(connection, 1, None, True).vanished == {1, 2}
