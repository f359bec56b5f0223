"""When a run fills the marts: after news and after what was cut off, not without; and who may read
meanwhile.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

import db.marts
from db.engine import make_engine
from db.marts.mart import Mart
from db.migrate import downgrade, upgrade
from db.models import ActivityFact, Base, Date, PeriodSummary
from ingest.commands.maintenance import migrate_only
from ingest.config import Config, make_config
from ingest.demo import ATHLETE_ID, EXPORT_NAME, build_export
from ingest.errors import Interrupted
from ingest.load import sync_state
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.pipeline import run
from tests.builders import export_zip
from tests.ingest.playground import FEBRUARY, JANUARY, PROFILE
from tests.provisional import add_provisional

BEFORE_MARTS = "20261121_0121"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody copies into these drop folders."""
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)


class Place:
    """A drop folder and a database."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        (folder / "Strava Export").mkdir(parents=True)

    def config(self, **options: Any) -> Config:
        return make_config({}, playground=self.folder, database=self.database, jobs=0, **options)

    def add(self, name: str, titles: list[str], when: Any = JANUARY) -> None:
        rows = [{"activity_name": title} for title in titles]
        export_zip(self.folder / "Strava Export" / name, rows, when=when, tables=PROFILE)

    def run(self, **options: Any) -> Report:
        return run(self.config(**options), Progress())

    def rows(self, *columns: Any) -> list[Any]:
        engine = make_engine(self.database)
        with engine.connect() as connection:
            found = [
                tuple(row) for row in connection.execute(sa.select(*columns).order_by(*columns))
            ]
        engine.dispose()
        return found

    def is_stale(self) -> bool:
        engine = make_engine(self.database)
        with engine.connect() as connection:
            found = bool(sync_state.stale_marts(connection))
        engine.dispose()
        return found


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Place:
    return Place(tmp_path / "Playground", database_url)


def broken(*_: Any) -> Any:
    raise KeyboardInterrupt


def titles(place: Place) -> list[str]:
    return [name for (name,) in place.rows(ActivityFact.name)]


def test_a_run_with_news_fills_the_marts_and_one_without_leaves_them(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.add("a.zip", ["one", "two"])
    place.run()
    assert (titles(place), place.is_stale()) == (["one", "two"], False)
    with monkeypatch.context() as context:
        context.setattr(db.marts, "refresh", broken)
        context.setattr(db.marts, "refill", broken)
        place.run()
    place.add("b.zip", ["one", "renamed", "three"], FEBRUARY)
    place.run()
    assert titles(place) == ["one", "renamed", "three"]
    assert {count for (count,) in place.rows(PeriodSummary.activity_count)}


def test_what_was_cut_off_in_the_refill_is_filled_by_the_next_run(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.add("a.zip", ["one"])
    whole = db.marts.MARTS
    with monkeypatch.context() as context:
        cut = Mart(model=PeriodSummary, rows=broken, held=broken)
        context.setattr(db.marts, "MARTS", (*whole[:2], cut))
        with pytest.raises(Interrupted):
            place.run()
    assert (titles(place), place.is_stale()) == ([], True)
    place.run()
    assert (titles(place), place.is_stale()) == (["one"], False)


def test_what_was_cut_off_before_the_refill_is_filled_by_the_next_run(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.add("a.zip", ["one"])
    with monkeypatch.context() as context:
        context.setattr("ingest.run.export.importer.reconcile", broken)
        with pytest.raises(Interrupted):
            place.run()
    assert place.is_stale()
    # Nothing is new to it but what was left.
    place.run(skip_export=True)
    assert titles(place) == ["one"]


def test_another_home_zone_moves_the_days(place: Place) -> None:
    place.add("a.zip", ["one"])
    place.run()
    before = place.rows(ActivityFact.start_time_local)
    place.run(timezone="Pacific/Auckland")
    assert place.rows(ActivityFact.start_time_local) != before


def test_migrating_an_older_database_fills_them(place: Place) -> None:
    place.add("a.zip", ["one"])
    place.run()
    engine = make_engine(place.database)
    downgrade(engine, BEFORE_MARTS)
    engine.dispose()
    migrate_only(place.config())
    assert (titles(place), place.is_stale()) == (["one"], False)


def test_the_mark_is_part_of_the_transaction(place: Place) -> None:
    engine = make_engine(place.database)
    upgrade(engine, None)
    with engine.connect() as connection:
        sync_state.take_stale(connection)
        connection.commit()
        sync_state.mark_stale(connection, 77)
        connection.rollback()
        assert not sync_state.stale_marts(connection)
    engine.dispose()


# --- Readers
# --------------------------------------------------------------------------------------------------

_NOBODY = 65534
_READER = """
import pathlib, sqlite3, sys
stop, file, reads = pathlib.Path(sys.argv[1]), sys.argv[2], 0
while not stop.exists():
    connection = sqlite3.connect("file:" + file + "?mode=ro", uri=True, timeout=30)
    activities, facts = connection.execute(
        "SELECT (SELECT count(*) FROM activities), (SELECT count(*) FROM activity_facts)"
    ).fetchone()
    connection.close()
    reads += 1
    if reads == 1:
        print("ready", flush=True)
print(reads)
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users may enter; pytest's own they may not."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no mode bits")
def test_an_unprivileged_user_reads_the_sqlite_file_while_and_after_a_run(
    open_folder: Path,
) -> None:
    place = Place(open_folder / "Playground", f"sqlite:///{(open_folder / 'strava.db').as_posix()}")
    place.add("a.zip", ["one"])
    place.run()
    file, stop = open_folder / "strava.db", open_folder / "stop"
    assert file.stat().st_mode & stat.S_IROTH
    command = [sys.executable, "-c", _READER, str(stop), str(file)]
    reader = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **_other_user()
    )
    try:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        for number in range(3):
            place.add(
                f"b{number}.zip",
                [f"{n} of {number}" for n in range(200)],
                FEBRUARY.replace(day=number + 1),
            )
            place.run()
    finally:
        stop.touch()
    output, errors = reader.communicate(timeout=60)
    assert (reader.returncode, errors) == (0, "")
    assert int(output) > 1
    assert not list(open_folder.glob("strava.db-*"))


def _other_user() -> dict[str, Any]:
    """Somebody else, where we may become somebody else and they may start Python."""
    if os.geteuid() != 0:
        return {}
    try:
        subprocess.run([sys.executable, "-c", ""], check=True, user=_NOBODY, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"user": _NOBODY}


def test_sqlite_is_analyzed(sqlite_url: str, tmp_path: Path) -> None:
    place = Place(tmp_path / "Playground", sqlite_url)
    place.add("a.zip", ["one"])
    place.run()
    with closing(sqlite3.connect(str(make_url(sqlite_url).database))) as connection:
        analyzed = {name for (name,) in connection.execute("SELECT DISTINCT tbl FROM sqlite_stat1")}
    assert {"activities", "activity_facts", "period_summary"} <= analyzed


# --- Engines
# --------------------------------------------------------------------------------------------------


def test_every_mart_is_the_same_on_both_engines(
    tmp_path: Path, sqlite_url: str, pg_url: str
) -> None:
    places = []
    for name, database in (("one", sqlite_url), ("two", pg_url)):
        place = Place(tmp_path / name, database)
        build_export(place.folder / "Strava Export" / EXPORT_NAME, activities=240)
        place.run()
        engine = make_engine(database)
        for number in (-1, -2):  # one run, recorded twice
            add_provisional(engine, number, athlete_id=ATHLETE_ID)
        engine.dispose()
        places.append(place)
    models: list[type[Base]] = [Date, *(mart.model for mart in db.marts.MARTS)]
    for model in models:
        of_sqlite, of_postgresql = (place.rows(*model.__table__.columns) for place in places)
        assert of_sqlite == of_postgresql, model.__tablename__
        assert of_sqlite, model.__tablename__
