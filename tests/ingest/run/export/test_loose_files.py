"""Loose device files: each an activity of its own, until Strava tells of it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from db.engine import make_engine
from db.models import (
    Activity,
    ActivityAlias,
    ActivityFact,
    Base,
    Gear,
    ImportIssue,
    LooseRecording,
    Track,
)
from ingest.config import Config, make_config
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.pipeline import run
from tests.builders import export_zip, gpx_activity

#: The ledger, and marts' and engines' own.
_LEDGER = {"import_runs", "import_files", "sync_state", "data_dictionary"}
#: When an export confirmed what a file said depends on which export it was read from.
_KEYS = {"run_id", "issue_id", "found_at", "file_id", "observed_at"}
#: Some of the 720 orders.
_ORDERS = 12
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
        name = f"activities/{1000 + i}.gpx"
        lines.append(
            {
                "activity_id": i,
                "activity_name": f"Run {i} of {month}",
                "activity_date": f"May {i}, 2024, 6:00:00 AM",
                "filename": name if data else "",
            }
        )
        if data:
            files[name] = data
    tables = {"profile.csv": [["Athlete ID"], [77]]}
    when = datetime(2026, month, 1, 12, tzinfo=UTC)
    path = place.config.drop / f"export_{month}.zip"
    export_zip(path, lines, when=when, files=files, tables=tables)


def day(i: int) -> datetime:
    """When activity ``i`` of an export starts."""
    return _START + timedelta(days=i - 1)


#: What a witness puts into the drop folder.
_WITNESSES: dict[str, Callable[[Place], None]] = {
    "older": lambda place: export(place, 1, {1: gpx_activity(60, start=day(1)), 2: None}),
    "newer": lambda place: export(
        place, 2, {1: gpx_activity(60, start=day(1)), 2: None, 3: gpx_activity(70, start=day(3))}
    ),
    # The bytes of activity 1, packed; a recording of activity 3 by another device; what Strava
    # does not know; and the same by two devices.
    "equal": lambda place: place.put("a/1.gpx.gz", gzip.compress(gpx_activity(60, start=day(1)))),
    "other": lambda place: place.put(
        "a/3.gpx", gpx_activity(68, start=day(3) + timedelta(seconds=2))
    ),
    "own": lambda place: place.put("a/9.gpx", gpx_activity(50, start=day(9))),
    "twice": lambda place: place.put("b/9.gpx", gpx_activity(52, start=day(9))),
}


@pytest.mark.parametrize("order", Random(17).sample(list(permutations(_WITNESSES)), _ORDERS))
def test_the_order_of_witnesses_does_not_matter(
    tmp_path: Path, place: Place, order: tuple[str, ...]
) -> None:
    for name in order:
        _WITNESSES[name](place)
        place.run()
    fresh = Place(tmp_path / "fresh", f"sqlite:///{(tmp_path / 'fresh.db').as_posix()}")
    for put in _WITNESSES.values():
        put(fresh)
    fresh.run()
    same(place.content(), fresh.content())


def test_a_loose_file_is_an_activity_of_its_own(place: Place) -> None:
    place.put("watch/run.gpx", gpx_activity(60))
    report = place.run()
    assert len(report.new) == 1
    ((activity_id, *facts),) = place.rows(
        Activity.activity_id,
        Activity.athlete_id,
        Activity.name,
        Activity.sport_type,
        Activity.sport_type_source,
        Activity.known_from,
        Activity.distance_m,
        Activity.elapsed_time_s,
    )
    assert -(2**53) < activity_id < 0
    assert facts == [0, "Morning Run", "Run", "file", "file", pytest.approx(177, abs=1), 59]
    assert place.rows(Track.source, Track.point_count) == [("loose_file", 60)]
    assert place.rows(ActivityFact.known_from) == [("file",)]
    before = place.content()
    assert place.run().files_read == 0
    same(place.content(), before)


def test_the_meeting_leaves_aliases_and_tells_of_duplicates(place: Place) -> None:
    for put in _WITNESSES.values():
        put(place)
    place.run()
    assert [i for (i,) in place.rows(Activity.activity_id) if i > 0] == [1, 2, 3]
    ((own,),) = [(i,) for (i,) in place.rows(Activity.activity_id) if i < 0]
    aliases = place.rows(ActivityAlias.activity_id, ActivityAlias.athlete_id)
    assert sorted(aliases) == sorted([(1, 77), (3, 77), (own, 77)])
    told = place.rows(ImportIssue.name, ImportIssue.kind, ImportIssue.activity_id)
    assert sorted(told) == [
        ("Strava Export: a/3.gpx", "duplicate", 3),
        ("Strava Export: a/9.gpx", "duplicate", own),
    ]
    # The export's own file is never replaced by a loose one; of two loose ones the richer counts.
    assert dict(place.rows(Track.activity_id, Track.point_count)) == {1: 60, 3: 70, own: 52}


def test_what_an_export_gave_already_is_not_written_again(place: Place) -> None:
    _WITNESSES["older"](place)
    place.run()
    _WITNESSES["equal"](place)
    report = place.run()
    assert (report.files_read, report.points_written, report.new, report.changed) == (
        1,
        0,
        set(),
        set(),
    )
    assert place.rows(ActivityAlias.activity_id) == [(1,)]
    assert place.rows(LooseRecording.activity_id) == [(None,)]
    assert place.rows(Track.source, Track.point_count) == [("file", 60)]
