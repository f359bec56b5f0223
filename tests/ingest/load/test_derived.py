"""What follows from points is in the database wherever the points come from, and goes with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.engine import make_engine
from db.models import Athlete, AthleteZone, BestEffort, PowerPeak, Split, Track, ZoneTime
from ingest.commands.maintenance import purge_api
from ingest.config import make_config
from ingest.demo import EXPORT_NAME, build_export
from ingest.load.derived import write_zones, zones_of
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.pipeline import run
from ingest.transform.detail_records import ZoneRow
from tests.builders import export_zip, gpx_activity

Tables = Mapping[str, Sequence[Sequence[object]]]
PROFILE: Tables = {"profile.csv": [["Athlete ID"], [77]]}
PREFERENCES: Tables = {
    "general_preferences.csv": [["Maximum Heartrate", "Functional Threshold Power"], [200, 250]]
}
TABLES: tuple[Any, ...] = (Split, BestEffort, PowerPeak, ZoneTime)
JANUARY, FEBRUARY = (datetime(2026, month, 1, 12, tzinfo=UTC) for month in (1, 2))


def imported(folder: Path, database: str) -> Report:
    return run(make_config({}, playground=folder, database=database, jobs=0), Progress())


@contextmanager
def opened(database: str) -> Iterator[sa.Connection]:
    engine = make_engine(database)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def content(database: str) -> dict[str, list[Any]]:
    with opened(database) as connection:
        found = {
            model.__tablename__: sorted(
                (tuple(row) for row in connection.execute(sa.select(model.__table__))), key=repr
            )
            for model in TABLES
        }
        route = sa.select(
            Track.activity_id, Track.route_polyline, Track.min_latitude, Track.derived_from
        )
        found["routes"] = sorted((tuple(row) for row in connection.execute(route)), key=repr)
    return found


def drop(
    folder: Path,
    *files: bytes,
    when: datetime = JANUARY,
    name: str = "export_77.zip",
    tables: Tables = PROFILE,
) -> None:
    (folder / "Strava Export").mkdir(exist_ok=True)
    rows = [{"filename": f"activities/{number}.gpx"} for number, _ in enumerate(files, 1)]
    members = {f"activities/{number}.gpx": data for number, data in enumerate(files, 1)}
    export_zip(
        folder / "Strava Export" / name,
        rows,
        files=members,
        tables={**PROFILE, **tables},
        when=when,
    )


def drop_one(folder: Path, sport: str, when: datetime) -> None:
    """An export with one activity of a sport."""
    (folder / "Strava Export").mkdir(exist_ok=True)
    row = {"filename": "activities/1.gpx", "activity_type": sport}
    files = {"activities/1.gpx": gpx_activity(800)}
    export_zip(
        folder / "Strava Export" / "export_77.zip", [row], files=files, tables=PROFILE, when=when
    )


def test_an_import_fills_all_tables_the_same_on_both_engines(
    tmp_path: Path, pg_url: str, sqlite_url: str
) -> None:
    (tmp_path / "Strava Export").mkdir()
    build_export(tmp_path / "Strava Export" / EXPORT_NAME, activities=40)
    imported(tmp_path, sqlite_url)
    imported(tmp_path, pg_url)
    held = content(sqlite_url)
    assert all(held.values())
    assert content(pg_url) == held


def test_another_file_takes_the_place_of_what_followed_from_the_first(
    tmp_path: Path, database_url: str
) -> None:
    drop(tmp_path, gpx_activity(800))
    imported(tmp_path, database_url)
    before = content(database_url)
    drop(tmp_path, gpx_activity(20), when=FEBRUARY)
    imported(tmp_path, database_url)
    after = content(database_url)
    assert len(before["splits"]) > len(after["splits"])
    assert len(before["best_efforts"]) > len(after["best_efforts"])


def test_what_an_earlier_version_did_not_compute_is_made_up_for_from_the_points(
    tmp_path: Path, database_url: str
) -> None:
    drop(tmp_path, gpx_activity(800))
    imported(tmp_path, database_url)
    before = content(database_url)
    with opened(database_url) as connection:
        for model in TABLES:
            connection.execute(sa.delete(model))
        connection.execute(
            sa.update(Track).values(derived_from=None, route_polyline=None, min_latitude=None)
        )
    report = imported(tmp_path, database_url)
    assert content(database_url) == before
    assert "1 activities" in report.notes[-1]
    assert imported(tmp_path, database_url).notes == []


def test_zones_are_the_account_s_else_follow_from_heart_rate_and_ftp(
    tmp_path: Path, sqlite_url: str
) -> None:
    drop(tmp_path, gpx_activity(20), tables=PREFERENCES)
    imported(tmp_path, sqlite_url)
    with opened(sqlite_url) as connection:
        default = zones_of(connection, 77)
        bounds = ((0.0, 120.0), (120.0, 150.0), (150.0, None))
        write_zones(
            connection,
            77,
            [
                ZoneRow(zone_type="heartrate", zone_index=i, lower_bound=low, upper_bound=upper)
                for i, (low, upper) in enumerate(bounds, 1)
            ],
        )
        told = zones_of(connection, 77)
    assert (default.heartrate[0], default.heartrate_source) == (130.0, "default")
    assert (told.heartrate, told.heartrate_source) == ((120.0, 150.0), "api")
    assert (told.power, told.power_source) == (default.power, "default")
    assert default.power


@pytest.mark.parametrize("sport", ["Run", "Ride"])
def test_best_efforts_are_those_of_runs(tmp_path: Path, sqlite_url: str, sport: str) -> None:
    drop_one(tmp_path, sport, JANUARY)
    imported(tmp_path, sqlite_url)
    assert bool(content(sqlite_url)["best_efforts"]) is (sport == "Run")


@pytest.mark.parametrize(("first", "second"), [("Run", "Walk"), ("Ride", "Run"), ("Ride", "Swim")])
def test_a_corrected_sport_gives_what_a_first_import_would(
    tmp_path: Path, sqlite_url: str, first: str, second: str
) -> None:
    """The file is not read again for it: its bytes are the same."""
    for sport, when in ((first, JANUARY), (second, FEBRUARY)):
        drop_one(tmp_path, sport, when)
        imported(tmp_path, sqlite_url)
    fresh = f"sqlite:///{(tmp_path / 'fresh.db').as_posix()}"
    imported(tmp_path, fresh)
    assert content(sqlite_url) == content(fresh)


def test_zones_that_changed_count_for_all_activities(tmp_path: Path, database_url: str) -> None:
    drop(tmp_path, gpx_activity(60), tables=PREFERENCES)
    imported(tmp_path, database_url)
    other: Tables = {
        "general_preferences.csv": [["Maximum Heartrate", "Functional Threshold Power"], [170, 250]]
    }
    drop(tmp_path, gpx_activity(60), when=FEBRUARY, tables=other)
    imported(tmp_path, database_url)
    with opened(database_url) as connection:
        first = sa.select(ZoneTime.zone_type, ZoneTime.upper_bound).where(ZoneTime.zone_index == 1)
        assert {tuple(row) for row in connection.execute(first)} == {
            ("heartrate", 110.0),
            ("power", 137.0),
        }


def test_zones_of_the_api_come_and_go_for_all_activities(tmp_path: Path, database_url: str) -> None:
    drop(tmp_path, gpx_activity(60), tables=PREFERENCES)
    imported(tmp_path, database_url)
    before = content(database_url)
    bounds = ((0.0, 139.0), (139.0, None))
    told = [
        ZoneRow(zone_type="heartrate", zone_index=i, lower_bound=a, upper_bound=b)
        for i, (a, b) in enumerate(bounds, 1)
    ]
    with opened(database_url) as connection:
        write_zones(connection, 77, told)
    report = imported(tmp_path, database_url)
    with opened(database_url) as connection:
        sources = connection.execute(sa.select(ZoneTime.zone_type, ZoneTime.source).distinct())
        assert {tuple(row) for row in sources} == {("heartrate", "api"), ("power", "default")}
    assert "1 activities were computed anew" in report.notes[-1]
    purge_api(make_config({}, playground=tmp_path, database=database_url), None)
    assert content(database_url) == before


def shown(connection: sa.Connection) -> dict[tuple[str, str], list[float | None]]:
    """Upper bounds of the athlete's zones by kind and source."""
    found: dict[tuple[str, str], list[float | None]] = {}
    for row in connection.execute(
        sa.select(AthleteZone.__table__).order_by(AthleteZone.zone_index)
    ):
        found.setdefault((row.zone_type, row.source), []).append(row.upper_bound)
    return found


def test_default_zones_are_those_that_the_times_went_by(tmp_path: Path, database_url: str) -> None:
    drop(tmp_path, gpx_activity(400), tables=PREFERENCES)
    imported(tmp_path, database_url)
    with opened(database_url) as connection:
        times = sa.select(
            ZoneTime.zone_type, ZoneTime.zone_index, ZoneTime.lower_bound, ZoneTime.upper_bound
        )
        zones = sa.select(
            AthleteZone.zone_type,
            AthleteZone.zone_index,
            AthleteZone.lower_bound,
            AthleteZone.upper_bound,
        )
        assert set(connection.execute(times)) == set(connection.execute(zones))
        assert set(shown(connection)) == {("heartrate", "default"), ("power", "default")}


def test_default_zones_follow_another_maximum_and_assume_one_where_none_is_known(
    tmp_path: Path, database_url: str
) -> None:
    drop(tmp_path, gpx_activity(4), tables=PREFERENCES)
    imported(tmp_path, database_url)
    for maximum, expected in (
        (200, [130.0, 162.0, 178.0, 194.0, None]),
        (None, [123.0, 153.0, 169.0, 184.0, None]),
    ):
        with opened(database_url) as connection:
            connection.execute(sa.update(Athlete).values(max_heartrate_bpm=maximum))
        imported(tmp_path, database_url)
        with opened(database_url) as connection:
            assert shown(connection)["heartrate", "default"] == expected
            assert ("power", "default") in shown(connection)


def test_the_account_s_zones_take_the_place_of_default_ones_and_give_it_back(
    tmp_path: Path, database_url: str
) -> None:
    drop(tmp_path, gpx_activity(4), tables=PREFERENCES)
    imported(tmp_path, database_url)
    told = [ZoneRow(zone_type="power", zone_index=1, lower_bound=0.0, upper_bound=211.0)]
    kinds = []
    for zones in (told, []):
        with opened(database_url) as connection:
            write_zones(connection, 77, zones)
        imported(tmp_path, database_url)
        with opened(database_url) as connection:
            kinds.append(sorted(shown(connection)))
    default = ("heartrate", "default")
    assert kinds == [[default, ("power", "api")], [default, ("power", "default")]]


def test_a_zone_of_the_account_without_a_bound_gives_way_to_those_that_count(
    tmp_path: Path, sqlite_url: str
) -> None:
    drop(tmp_path, gpx_activity(4), tables=PREFERENCES)
    imported(tmp_path, sqlite_url)
    with opened(sqlite_url) as connection:
        write_zones(
            connection,
            77,
            [ZoneRow(zone_type="heartrate", zone_index=1, lower_bound=0.0, upper_bound=None)],
        )
    imported(tmp_path, sqlite_url)
    with opened(sqlite_url) as connection:
        assert len(shown(connection)["heartrate", "default"]) == 5
