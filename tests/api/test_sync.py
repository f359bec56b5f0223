"""After an export: what a run asks the API for, what that costs, and that the database ends as if a
newer export had told it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa

from db.engine import make_engine
from db.models import Activity, ActivityObservation, Gear, Lap, Track, TrackPoint
from ingest.config import make_config
from ingest.demo import EXPORT_NAME, build_export
from ingest.reporting.progress import Progress
from ingest.run.pipeline import run
from tests.api.connected import Connected
from tests.strava import Account, Clock, account_from_database

Connect = Callable[..., Connected]
COUNT: Final = 1_000
NEWER: Final = 20
#: The demo's first export is of 2026-10-31, its newer one of 2026-12-01.
LATER: Final = datetime(2026, 12, 1, 9, tzinfo=UTC)

#: What the API alone tells of every activity.
API_ONLY: Final = {
    "external_id",
    "is_device_power",
    "is_hidden_from_home",
    "is_private",
    "is_trainer",
    "timezone_name",  # a watch indoors tells the offset without the zone
    "sport_type_source",
    "timezone_source",
    "upload_id",
    "visibility",
    "workout_type",
}
#: What the export alone tells, so that it is missing, or as old as the export, where only the API
#: knows better.
EXPORT_ONLY: Final = {
    "activity_type_label",
    "athlete_weight_kg",
    "average_elapsed_speed_mps",
    "average_grade_adjusted_speed_mps",
    "average_grade_pct",
    "average_negative_grade_pct",
    "average_positive_grade_pct",
    "bike_weight_kg",
    "carbon_saved_kg",
    "dirt_distance_m",
    "elevation_loss_m",
    "export_bike_id",
    "export_gear_id",
    "flag_code",
    "grade_adjusted_distance_m",
    "intensity_pct",
    "is_competition",
    "is_for_a_cause",
    "is_long_run",
    "is_recovery",
    "is_with_kid",
    "is_with_pet",
    "max_cadence_rpm",
    "max_grade_pct",
    "pool_length_m",
    "power_count",
    "total_cycles",
    "total_reps",
    "total_sets",
    "total_steps",
    "total_weight_lifted_kg",
    "training_load",
}


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of one athlete an export of 1,000 activities and one with 20 more, each imported:
    ``before.db`` and ``after.db``.
    """
    folder = tmp_path_factory.mktemp("exports")
    for name, newer in (("before", 0), ("after", NEWER)):
        drop = folder / name
        drop.mkdir()
        build_export(drop / EXPORT_NAME, activities=COUNT, newer=newer)
        database = f"sqlite:///{(folder / name).as_posix()}.db"
        run(make_config({}, playground=folder, database=database, drop_folder=drop), Progress())
    return folder


def put(exports: Path, name: str, playground: Connected) -> None:
    """Give a playground one of the exports, imported."""
    shutil.copy(exports / name / EXPORT_NAME, playground.drop / EXPORT_NAME)
    shutil.copy(exports / f"{name}.db", playground.database.removeprefix("sqlite:///"))


@pytest.fixture
def account(exports: Path) -> Account:
    """What Strava holds when the newer export is made."""
    return account_from_database(f"sqlite:///{(exports / 'after.db').as_posix()}")


def test_a_due_sweep_costs_its_pages_and_two_requests_for_each_new_activity(
    exports: Path, account: Account, connect: Connect
) -> None:
    playground = connect(account, clock=Clock(LATER))
    put(exports, "before", playground)
    report = playground.run()
    assert len(playground.strava.api_requests("^/athlete/activities$")) <= 7
    assert report.api_requests == len(playground.strava.api_requests()) <= 7 + 2 * NEWER
    assert (len(report.new), report.queue_left) == (NEWER, 0)
    assert playground.run().api_requests <= 2


def test_with_a_fresh_export_two_lists_are_enough(
    exports: Path, account: Account, connect: Connect
) -> None:
    exported_at = datetime(2026, 10, 31, tzinfo=UTC)
    soon = exported_at + timedelta(days=6)
    newer = [a.id for a in account.activities.values() if exported_at <= a.start]
    for activity_id in newer:
        if account.activities[activity_id].start >= soon:
            account.delete(activity_id)
    added = sum(1 for activity_id in newer if activity_id in account.activities)
    playground = connect(account, clock=Clock(soon))
    put(exports, "before", playground)
    report = playground.run()
    assert (len(report.new), report.queue_left) == (added, 0)
    assert report.api_requests <= 2 + 2 * added
    assert added > 2


def test_the_database_ends_as_if_an_export_had_held_everything(
    exports: Path, account: Account, connect: Connect
) -> None:
    playground = connect(account, clock=Clock(LATER))
    put(exports, "before", playground)
    playground.run()
    ours, theirs = (
        facts(playground.database),
        facts(f"sqlite:///{(exports / 'after.db').as_posix()}"),
    )
    deleted = set(ours) - set(theirs)
    assert set(theirs) <= set(ours)
    assert len(deleted) == 1  # in the newer export, too; it takes a second sweep to believe that
    for activity_id, expected in theirs.items():
        told = {name: value for name, value in ours[activity_id].items() if _is_told_by_both(name)}
        assert told == {name: same(expected[name], value) for name, value in told.items()}


def test_streams_become_the_points_that_the_device_file_has(
    exports: Path, account: Account, connect: Connect
) -> None:
    playground = connect(account, clock=Clock(LATER))
    put(exports, "before", playground)
    report = playground.run()
    query = sa.select(TrackPoint.__table__).where(TrackPoint.activity_id.in_(report.new))
    with playground.connection() as connection:
        ours = connection.execute(query.order_by(*TrackPoint.__table__.primary_key)).all()
        sources = {
            row.activity_id: row.source for row in connection.execute(sa.select(Track.__table__))
        }
    engine = make_engine(f"sqlite:///{(exports / 'after.db').as_posix()}")
    with engine.connect() as connection:
        theirs = connection.execute(query.order_by(*TrackPoint.__table__.primary_key)).all()
    engine.dispose()
    assert len(ours) > 10_000
    assert ours == theirs
    assert {sources[i] for i in {row.activity_id for row in ours}} == {"api"}


def test_a_newer_export_takes_the_place_of_streams_and_leaves_the_rest(
    exports: Path, account: Account, connect: Connect
) -> None:
    playground = connect(account, clock=Clock(LATER))
    put(exports, "before", playground)
    new = playground.run().new
    shutil.copy(exports / "after" / EXPORT_NAME, playground.drop / EXPORT_NAME)
    playground.strava.clock.advance(3600)
    report = playground.run()
    assert report.api_requests == 2
    tracks = playground.rows(Track.activity_id, Track.source)
    assert {source for activity_id, source in tracks if activity_id in new} == {"file"}
    laps = playground.rows(Lap.activity_id, Lap.source)
    filed = {activity_id for activity_id, source in laps if source == "file"}
    assert not filed & {activity_id for activity_id, source in laps if source == "api"}
    sources = playground.rows(ActivityObservation.activity_id, ActivityObservation.source)
    assert {source for activity_id, source in sources if activity_id in new} == {
        "export",
        "file",
        "api_summary",
        "api_detail",
    }


def facts(database: str) -> dict[int, dict[str, Any]]:
    """The activities of a database with the names of their gear."""
    engine = make_engine(database)
    query = sa.select(Activity.__table__, Gear.name.label("gear_name")).outerjoin(
        Gear, Gear.gear_id == Activity.gear_id
    )
    with engine.connect() as connection:
        rows = list(connection.execute(query).mappings())
    engine.dispose()
    return {
        row["activity_id"]: {n: v for n, v in row.items() if n != "gear_id"}
        for row in rows
        if not row["vanished_at"]
    }


def _is_told_by_both(name: str) -> bool:
    return name not in API_ONLY | EXPORT_ONLY | {"known_from"} and not name.startswith("weather_")


def same(expected: Any, value: Any) -> Any:
    """The value itself where it is as good as what is expected: within Strava's own rounding."""
    if (
        isinstance(expected, float)
        and isinstance(value, float)
        and expected == pytest.approx(value, rel=1e-6)
    ):
        return value
    return expected
