"""Runs at the same time on one server: different athletes side by side, one athlete only once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from db import advisory_lock
from db.engine import make_engine
from db.lock import run_lock
from db.marts.dates import every_day
from db.models import Activity, ActivityFact, Date, ImportRun, SyncState
from ingest.commands.maintenance import migrate_only, purge_api
from ingest.config import Config, make_config
from ingest.errors import AlreadyRunning
from ingest.load.marts import refill_stale
from ingest.load.sync_state import EVERY_DAY, mark_stale, stale_marts
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.pipeline import run
from tests.builders import EXPORTED, export_zip, gpx_activity


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)
    monkeypatch.setattr(advisory_lock, "_PATIENCE", "100ms")


@pytest.fixture
def of_athlete(tmp_path: Path, pg_url: str) -> Callable[..., Config]:
    """A folder with an export of an athlete's three activities, and the one database."""

    def make(athlete_id: int, name: str = "") -> Config:
        folder = tmp_path / f"{athlete_id}{name}"
        first = athlete_id * 10
        rows = [
            {"activity_id": i, "filename": f"activities/{i}.gpx"} for i in range(first, first + 3)
        ]
        drop = folder / "Strava Export"
        drop.mkdir(parents=True)
        export_zip(
            drop / f"export_{athlete_id}.zip",
            rows,
            files={row["filename"]: gpx_activity() for row in rows},
            tables={"profile.csv": [["Athlete ID", "First Name"], [athlete_id, "Jo"]]},
        )
        return make_config({}, playground=folder, database=pg_url, jobs=0)

    return make


class AtFirstFile(Progress):
    """Does something when a run has read its first device file."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self.act: Callable[[], object] | None = act

    def file_done(self, points: int) -> None:
        act, self.act = self.act, None
        if act is not None:
            act()


def rows(url: str, *columns: sa.orm.InstrumentedAttribute[object]) -> list[tuple[object, ...]]:
    engine = make_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(sa.select(*columns).order_by(*columns))]
    engine.dispose()
    return found


def test_another_athlete_s_run_goes_from_begin_to_end_beside_it(
    of_athlete: Callable[..., Config], pg_url: str
) -> None:
    one, other = of_athlete(77), of_athlete(78)
    inside: list[Report] = []
    run(one, AtFirstFile(lambda: inside.append(run(other, Progress()))))
    assert inside[0].new == {780, 781, 782}
    shown = rows(pg_url, ActivityFact.athlete_id, ActivityFact.activity_id)
    assert shown == [(i, i * 10 + n) for i in (77, 78) for n in range(3)]
    assert rows(pg_url, ImportRun.status) == [("done",), ("done",)]


def test_a_second_run_of_one_athlete_is_refused_and_told_why(
    of_athlete: Callable[..., Config], pg_url: str
) -> None:
    one, again = of_athlete(77), of_athlete(77, "again")

    def refused() -> None:
        told = r"another run is writing athlete 77's data \(server process \d+.*wait until it has"
        with pytest.raises(AlreadyRunning, match=told):
            run(again, Progress())

    run(one, AtFirstFile(refused))
    assert sorted(rows(pg_url, ImportRun.status)) == [("done",), ("failed",)]
    assert run(again, Progress()).exports_failed == []


def test_what_changes_the_schema_or_all_athletes_and_a_run_refuse_each_other(
    of_athlete: Callable[..., Config], pg_url: str
) -> None:
    one = of_athlete(77)

    def refused() -> None:
        for command in (lambda: migrate_only(one), lambda: purge_api(one, None)):
            with pytest.raises(AlreadyRunning, match="another run is writing to it"):
                command()

    run(one, AtFirstFile(refused))
    engine = make_engine(pg_url)
    with run_lock(engine, alone=True), pytest.raises(AlreadyRunning, match="server process"):
        run(one, Progress())
    engine.dispose()


def test_a_killed_run_is_closed_by_a_run_that_is_alone(
    of_athlete: Callable[..., Config], pg_url: str
) -> None:
    one, other = of_athlete(77), of_athlete(78)

    def others_go_on() -> None:
        run(other, Progress())
        assert sorted(rows(pg_url, ImportRun.status)) == [("done",), ("running",)]

    run(one, AtFirstFile(others_go_on))
    engine = make_engine(pg_url)
    with engine.begin() as connection:
        connection.execute(sa.update(ImportRun).values(status="running"))
    engine.dispose()
    run(other, Progress())
    assert sorted(rows(pg_url, ImportRun.status)) == [("done",), ("failed",), ("failed",)]


def test_what_another_run_is_writing_is_left_to_its_own_refill(
    of_athlete: Callable[..., Config], pg_url: str
) -> None:
    for athlete_id in (77, 78):
        run(of_athlete(athlete_id), Progress())
    engine, other = make_engine(pg_url), make_engine(pg_url)

    def stale() -> set[int]:
        with engine.connect() as connection:
            return set(stale_marts(connection))

    with engine.begin() as connection:
        connection.execute(sa.delete(ActivityFact))
        for athlete_id in (77, 78):
            mark_stale(connection, athlete_id, EVERY_DAY)
    with run_lock(other) as lock, lock.athletes(77):
        refill_stale(engine)
        assert stale() == {77}
        refill_stale(engine)
        assert rows(pg_url, ActivityFact.activity_id) == [(780,), (781,), (782,)]
        refill_stale(other)  # whoever writes an athlete refills it
        assert stale() == set()
    assert rows(pg_url, ActivityFact.activity_id) == rows(pg_url, Activity.activity_id)
    engine.dispose()
    other.dispose()


def test_eight_athletes_at_once_on_an_empty_database(
    of_athlete: Callable[..., Config], pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advisory_lock, "_PATIENCE", "120s")
    configs = [of_athlete(athlete_id) for athlete_id in range(71, 79)]
    with ThreadPoolExecutor(len(configs)) as pool:
        reports = list(pool.map(lambda config: run(config, Progress()), configs))
    assert [len(report.new) for report in reports] == [3] * 8
    every = [(10 * athlete_id + n,) for athlete_id in range(71, 79) for n in range(3)]
    assert rows(pg_url, Activity.activity_id) == every
    assert rows(pg_url, ActivityFact.activity_id) == every
    days = [day for (day,) in rows(pg_url, Date.date)]
    assert days == every_day(date(2024, 1, 1), date(EXPORTED.year, 12, 31))
    marks = {str(name).partition(":")[0] for (name,) in rows(pg_url, SyncState.name)}
    assert not marks & {"marts", "unsettled"}
