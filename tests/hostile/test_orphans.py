"""Rows that belong to nothing, which only other programs leave, never stop the import without a way
on.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from db import migrations
from db.bulk import write_points
from db.engine import make_engine
from db.migrate import upgrade
from db.models import Activity, Athlete, PurgedActivity, Track, TrackPoint
from db.orphans import orphans, repair
from ingest import clock
from ingest.cli import app
from tests.builders import export_zip, fit_activity

WITHOUT_CHECK = "ALTER TABLE track_points DROP CONSTRAINT fk_track_points_activity_id"


@pytest.fixture
def engine(pg_url: str) -> Iterator[sa.Engine]:
    """A database with points of the activities 1, 2 and 3, of which only 1 exists."""
    engine = make_engine(pg_url)
    upgrade(engine, None)
    with engine.begin() as connection:
        connection.exec_driver_sql(WITHOUT_CHECK)
        connection.execute(sa.insert(Athlete), {"athlete_id": 1})
        activity = {
            "activity_id": 1,
            "athlete_id": 1,
            "timezone_source": "unknown",
            "has_track": True,
        }
        connection.execute(sa.insert(Activity), activity)
        for activity_id in (1, 2, 3):
            write_points(connection, [(activity_id, {"elapsed_s": np.arange(3.0)})])
    yield engine
    engine.dispose()


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output


def ids(engine: sa.Engine) -> list[int]:
    with engine.connect() as connection:
        return list(
            connection.scalars(
                sa.select(TrackPoint.activity_id).distinct().order_by(TrackPoint.activity_id)
            )
        )


def test_points_of_nothing_are_named_with_the_command_that_mends_them(
    engine: sa.Engine, pg_url: str, tmp_path: Path
) -> None:
    options = ("--database", pg_url, "--playground", str(tmp_path))
    code, told = invoke("run", "--skip-api", *options)
    assert code == 1
    assert "6 rows of track_points without their row of activities (activity_id 2, 3)" in told
    assert "then repair them:\n    python -m ingest migrate --repair --playground" in told
    assert "Traceback" not in told
    assert invoke("migrate", "--repair", *options)[0] == 0
    assert ids(engine) == [1]
    assert invoke("run", "--skip-api", *options)[0] == 0


def test_points_that_our_own_purge_left_are_deleted_by_the_run(
    engine: sa.Engine, pg_url: str, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        for activity_id in (2, 3):
            row = {"activity_id": activity_id, "athlete_id": 1, "purged_at": clock.now()}
            connection.execute(sa.insert(PurgedActivity), row)
    assert invoke("run", "--skip-api", "--database", pg_url, "--playground", str(tmp_path))[0] == 0
    assert ids(engine) == [1]


def test_a_reference_that_may_be_empty_is_cleared_and_its_row_stays(tmp_path: Path) -> None:
    (tmp_path / "Strava Export").mkdir()
    activities = [{"activity_id": 1, "filename": "activities/1.fit", "gear": "Shoe"}]
    export_zip(
        tmp_path / "Strava Export" / "export_1.zip",
        activities,
        files={"activities/1.fit": fit_activity(9)},
    )
    database = tmp_path / "a.db"
    options = ("--jobs", "0", "--playground", str(tmp_path), "--database", f"sqlite:///{database}")
    assert invoke("run", "--skip-api", *options)[0] == 0
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE activities SET gear_id = 'b404'")
        connection.execute(
            "INSERT INTO laps (activity_id, lap_index, source) VALUES (404, 0, 'file')"
        )
    engine = make_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        assert sorted(found.table for found in orphans(connection)) == ["activities", "laps"]
        repair(connection)
        assert orphans(connection) == []
        assert connection.scalar(sa.select(sa.func.count()).select_from(Activity)) == 1
        assert connection.scalar(sa.select(Activity.gear_id)) is None
        assert connection.scalar(sa.select(sa.func.count()).select_from(Track)) == 1
    engine.dispose()


def test_a_migration_of_a_database_with_orphans_names_them_and_can_be_repaired(
    tmp_path: Path,
) -> None:
    older = tmp_path / "versions"
    shutil.copytree(
        Path(migrations.__path__[0], "versions"),
        older,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    max(older.glob("2*.py")).unlink()
    database, options = tmp_path / "strava.db", ("--playground", str(tmp_path))
    engine = make_engine(f"sqlite:///{database}")
    upgrade(engine, None, versions=older)
    engine.dispose()
    with sqlite3.connect(database) as connection:
        connection.execute(
            "INSERT INTO laps (activity_id, lap_index, source) VALUES (404, 0, 'file')"
        )
    code, told = invoke("migrate", *options)
    assert code == 1
    assert "1 row of laps without their row of activities (activity_id 404)" in told
    assert "Traceback" not in told
    assert invoke("migrate", "--repair", *options)[0] == 0
    assert invoke("migrate", *options)[0] == 0


def test_nothing_is_mended_where_nothing_is_broken(pg_url: str) -> None:
    engine = make_engine(pg_url)
    upgrade(engine, None)
    with engine.begin() as connection:
        assert repair(connection) == []
    engine.dispose()


@pytest.mark.parametrize("parent", ["athletes", "activities", "gear", "import_runs"])
def test_rows_without_any_parent_are_mended_with_what_hangs_on_them(
    tmp_path: Path, parent: str
) -> None:
    (tmp_path / "Strava Export").mkdir()
    activities = [
        {"activity_id": i, "filename": f"activities/{i}.fit", "gear": "Shoe"} for i in (1, 2)
    ]
    files = {f"activities/{i}.fit": fit_activity(9) for i in (1, 2)}
    export_zip(tmp_path / "Strava Export" / "export_1.zip", activities, files=files)
    database = tmp_path / "strava.db"
    options = ("--playground", str(tmp_path))
    assert invoke("run", "--skip-api", "--jobs", "0", *options)[0] == 0
    with sqlite3.connect(database) as connection:
        connection.execute(f"DELETE FROM {parent}")
    code, told = invoke("migrate", "--repair", *options)
    assert code == 0, told
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        (left,) = connection.execute("SELECT count(*) FROM activities").fetchone()
    assert left == (0 if parent == "activities" else 2)


def test_an_empty_server_has_nothing_to_mend(pg_url: str, tmp_path: Path) -> None:
    assert (
        invoke("migrate", "--repair", "--database", pg_url, "--playground", str(tmp_path))[0] == 0
    )
