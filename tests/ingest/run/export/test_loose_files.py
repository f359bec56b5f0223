"""Loose device files: each an activity of its own, until Strava tells of it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.engine import make_engine
from db.models import Activity, ActivityAlias, ActivityFact, Base, Gear, ImportIssue, Track
from ingest.config import Config, make_config
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.pipeline import run
from tests.builders import export_zip, fit_activity, gpx_activity

#: The ledger, and marts' and engines' own.
_LEDGER = {"import_runs", "import_files", "sync_state", "data_dictionary"}
_KEYS = {"run_id", "issue_id", "found_at", "file_id"}
_START = datetime(2024, 5, 1, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nobody_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)


class Place:
    """A drop folder and a database."""

    def __init__(self, folder: Path, database: str) -> None:
        self.database = database
        self.config: Config = make_config({}, playground=folder, database=database, jobs=0)
        self.config.drop.mkdir(parents=True, exist_ok=True)

    def put(self, name: str, data: bytes) -> None:
        path = self.config.drop / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def run(self, **options: Any) -> Report:
        config = make_config(
            {}, playground=self.config.playground, database=self.database, jobs=0, **options
        )
        return run(config, Progress())

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every table but the ledger; gear by its name, since its keys are no content."""
        gear = dict(self.rows(Gear.gear_id, Gear.name_key))
        found = {}
        for table in Base.metadata.sorted_tables:
            if table.name not in _LEDGER:
                columns = [c for c in table.columns if c.name not in _KEYS]
                at = [i for i, c in enumerate(columns) if c.name == "gear_id"]
                rows = [list(row) for row in self.rows(*columns)]
                for row in rows:
                    for i in at:
                        row[i] = gear.get(row[i], row[i])
                found[table.name] = sorted(map(tuple, rows), key=repr)
        return found

    def rows(self, *columns: Any) -> list[tuple[Any, ...]]:
        engine = make_engine(self.database)
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(sa.select(*columns))]
        engine.dispose()
        return sorted(found, key=repr)


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Place:
    return Place(tmp_path / "Playground", database_url)


def same(found: dict[str, list[Any]], wanted: dict[str, list[Any]]) -> None:
    for table, rows in wanted.items():
        assert found[table] == rows, table


def export(place: Place, month: int, rows: dict[int, bytes | None]) -> None:
    """An export of athlete 77; each activity starts a day after the one before."""
    lines, files = [], {}
    for i, data in rows.items():
        start = _START + timedelta(days=i - 1)
        name = f"activities/{1000 + i}.gpx"
        lines.append(
            {
                "activity_id": i,
                "activity_name": f"Run {i}",
                "activity_date": f"{start:%b} {start.day}, {start.year}, {start:%I:%M:%S %p}".replace(", 0", ", "),
                "filename": name if data else "",
            }
        )
        if data:
            files[name] = data
    tables = {"profile.csv": [["Athlete ID"], [77]]}
    when = datetime(2026, month, 1, 12, tzinfo=UTC)
    export_zip(place.config.drop / f"export_{month}.zip", lines, when=when, files=files, tables=tables)


def test_a_loose_file_is_an_activity_of_its_own(place: Place) -> None:
    place.put("watch/run.gpx", gpx_activity(60))
    report = place.run()
    assert len(report.new) == 1
    ((activity_id, athlete_id, sport, known, source),) = place.rows(
        Activity.activity_id,
        Activity.athlete_id,
        Activity.sport_type,
        Activity.known_from,
        Activity.sport_type_source,
    )
    assert -(2**53) < activity_id < 0
    assert (athlete_id, known) == (0, "file")
    assert place.rows(Track.source, Track.point_count) == [("loose_file", 60)]
    assert place.rows(ActivityFact.known_from) == [("file",)]
    before = place.content()
    assert place.run().files_read == 0
    same(place.content(), before)
