"""Forgetting an export or an athlete: the database is as one that never saw it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from db.engine import make_engine
from db.models import Activity, Base, Gear, ImportFile, ImportRun, Track
from ingest.commands import forget as forgetting
from ingest.commands.forget import forget_athlete, forget_export
from ingest.commands.forget_result import Forgotten
from ingest.config import Config, make_config
from ingest.errors import AbortRun, CorruptFile
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.pipeline import run
from tests.builders import export_zip, gpx_activity
from tests.killed import counted_moments, killed_at, wait_for_lock

#: The ledger, and marts' and engines' own.
_LEDGER = {"import_runs", "import_files", "sync_state"}
_KEYS = {"run_id", "issue_id", "found_at", "file_id"}


@pytest.fixture(autouse=True)
def _nobody_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)


def add(drop: Path, name: str) -> None:
    """One of three overlapping exports of athlete 77, or one of athlete 78."""
    month, ids, bike = {
        "old.zip": (1, (1, 2, 3), "Blue"),
        "middle.zip": (2, (1, 2, 4), "Red"),
        "new.zip": (3, (1, 2, 3, 4, 5), "Blue"),
        "other.zip": (2, (81, 82), "Green"),
    }[name]
    athlete_id = 78 if name == "other.zip" else 77
    rows = [
        {
            "activity_id": i,
            "activity_name": f"{i} in {name}" if i == 1 else f"Run {i}",
            "filename": f"activities/{i}.gpx",
            "activity_gear": bike,
        }
        for i in ids
    ]
    tables = {
        "profile.csv": [["Athlete ID", "First Name"], [athlete_id, f"Jo {month}"]],
        "bikes.csv": [["Bike Name", "Bike Brand"], [bike, "Brand"]],
        "goals.csv": [
            ["Goal Type", "Activity Type", "Goal", "Start Date", "End Date"],
            ["Distance", "Run", month, "", ""],
        ],
    }
    if name == "middle.zip":
        tables["starred_segments.csv"] = [["Starred Date", "Segment ID"], ["", 5]]
    # Of activity 2, the exports have different files.
    files = {f"activities/{i}.gpx": gpx_activity(points=10 + (month if i == 2 else 0)) for i in ids}
    when = datetime(2026, month, 1, 12, tzinfo=UTC)
    drop.mkdir(parents=True, exist_ok=True)
    export_zip(drop / name, rows, when=when, files=files, tables=tables)


class Place:
    """A drop folder and a database."""

    def __init__(self, folder: Path, database: str) -> None:
        self.database = database
        self.config: Config = make_config({}, playground=folder, database=database, jobs=0)

    def run(self, *names: str, **options: Any) -> Report:
        """Import what lies there, and these exports beside it."""
        for name in names:
            add(self.config.drop, name)
        config = make_config(
            {}, playground=self.config.playground, database=self.database, jobs=0, **options
        )
        return run(config, Progress())

    def forget(self, name: str, **options: Any) -> Forgotten:
        options = {"dry_run": False, "accept_loss": False} | options
        return forget_export(self.config, name, Progress(), **options)

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


@pytest.fixture
def never(tmp_path: Path) -> Callable[..., dict[str, list[tuple[Any, ...]]]]:
    """What a database holds that saw only these exports, one run each."""

    def contents(*names: str) -> dict[str, list[tuple[Any, ...]]]:
        folder = tmp_path / "-".join(("never", *names))
        fresh = Place(folder, f"sqlite:///{(folder / 'strava.db').as_posix()}")
        folder.mkdir()
        for name in names:
            fresh.run(name)
        return fresh.content()

    return contents


def same(found: dict[str, list[Any]], wanted: dict[str, list[Any]]) -> None:
    for table, rows in wanted.items():
        if table != "data_dictionary":  # PostgreSQL has one view more
            assert found[table] == rows, table


@pytest.mark.parametrize("gone", ["old.zip", "middle.zip", "new.zip"])
def test_a_forgotten_export_was_never_seen(
    place: Place, never: Callable[..., dict[str, list[Any]]], gone: str
) -> None:
    names = ["old.zip", "middle.zip", "new.zip"]
    for name in names:
        place.run(name)
    result = place.forget(gone)
    assert (result.is_done, result.exports, result.lost) == (True, (gone,), ())
    left = [name for name in names if name != gone]
    assert result.imported_again == tuple(left)
    same(place.content(), never(*left))
    assert ("running",) not in place.rows(ImportRun.status)


@pytest.mark.parametrize("order", list(permutations(["old.zip", "middle.zip", "new.zip"])))
def test_the_order_of_imports_does_not_matter(
    tmp_path: Path,
    sqlite_url: str,
    never: Callable[..., dict[str, list[Any]]],
    order: tuple[str, ...],
) -> None:
    place = Place(tmp_path / "Playground", sqlite_url)
    for name in order:
        place.run(name)
    place.forget("middle.zip")
    same(place.content(), never("old.zip", "new.zip"))


def test_the_only_export_takes_the_athlete_along_and_does_not_come_back_unless_named(
    place: Place, never: Callable[..., dict[str, list[Any]]]
) -> None:
    place.run("old.zip", "other.zip")
    place.forget("old.zip")
    same(place.content(), never("other.zip"))
    report = place.run()
    assert report.new == set()
    assert any("old.zip is left out" in note for note in report.notes)
    assert place.run(dry_run=True).new == set()
    place.run(exports=[place.config.drop / "old.zip"])
    same(place.content(), never("other.zip", "old.zip"))
    assert not any("left out" in note for note in place.run().notes)


def test_what_cannot_be_read_again_is_named_and_nothing_is_done(place: Place) -> None:
    place.run("old.zip")
    place.run("middle.zip")
    (place.config.drop / "old.zip").unlink()
    before = place.content()
    told = r"old.zip of 2026-01-01; 3 activities.*2 device files|old.zip.*activities"
    with pytest.raises(AbortRun, match=told) as caught:
        place.forget("middle.zip")
    assert "goals.csv" in str(caught.value)
    assert "--accept-loss" in str(caught.value)
    assert place.forget("middle.zip", dry_run=True).lost
    assert place.content() == before
    result = place.forget("middle.zip", accept_loss=True)
    assert result.is_done
    # Of the older one is left what nothing newer has replaced: a row, and the file of another one.
    assert place.rows(Activity.activity_id) == [(1,), (3,)]
    assert place.rows(Track.activity_id) == [(1,), (3,)]


def test_a_newer_export_that_is_gone_loses_the_files_that_were_read_from_the_older(
    place: Place,
) -> None:
    place.run("old.zip")
    place.run("new.zip")
    (place.config.drop / "new.zip").unlink()
    with pytest.raises(AbortRun, match="2 device files of activities that they hold"):
        place.forget("old.zip")


def test_a_dry_run_changes_nothing(place: Place) -> None:
    place.run("old.zip")
    place.run("new.zip")
    before, files = place.content(), place.rows(ImportFile.file_kind, ImportFile.name)
    result = place.forget("old.zip", dry_run=True)
    assert (result.is_done, result.imported_again) == (False, ("new.zip",))
    assert not forget_athlete(place.config, 77, dry_run=True).is_done
    assert place.content() == before
    assert place.rows(ImportFile.file_kind, ImportFile.name) == files


def test_an_athlete_goes_whole(
    place: Place, never: Callable[..., dict[str, list[Any]]], sqlite_url: str
) -> None:
    place.run("other.zip", "old.zip")
    result = forget_athlete(place.config, 77, dry_run=False)
    assert (result.activities_before, result.still_there) == (3, ("old.zip",))
    same(place.content(), never("other.zip"))
    assert {row[0] for row in place.rows(ImportFile.athlete_id)} == {78}
    backups = list(place.config.backups.glob("*.bak"))
    assert len(backups) == (place.database == sqlite_url)


def test_what_is_not_there_is_said(place: Place) -> None:
    place.run("old.zip")
    with pytest.raises(AbortRun, match=r"no export of this name .* known exports: old\.zip"):
        place.forget("none.zip")
    with pytest.raises(AbortRun, match="athlete 5 is not in the database; it holds: 77"):
        forget_athlete(place.config, 5, dry_run=False)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_killed_at_any_moment_the_next_run_ends_it(
    tmp_path: Path, place: Place, never: Callable[..., dict[str, list[Any]]]
) -> None:
    for name in ("old.zip", "middle.zip", "new.zip"):
        place.run(name)
    counted = Place(tmp_path / "counted", f"sqlite:///{(tmp_path / 'counted.db').as_posix()}")
    counted.run("old.zip", "middle.zip", "new.zip")
    with counted_moments() as moments:
        counted.forget("middle.zip")
    where = ("--playground", str(place.config.playground), "--database", place.database)
    # Ever later: before its first commit a killed forget has changed nothing.
    some = sorted(Random(1).sample(range(1, len(moments)), 4))
    command = ("forget", "--export", "middle.zip", *where)
    assert killed_at(some, place.database, command, "no export of this name was imported") >= 1
    wait_for_lock(place.database)
    if ("export", "middle.zip") in place.rows(ImportFile.file_kind, ImportFile.origin):
        place.forget("middle.zip")  # killed before it had changed anything
    else:
        place.run()
    same(place.content(), never("old.zip", "new.zip"))


@pytest.mark.parametrize("moment", ["import_again", "give_back"])
def test_what_is_cut_off_the_next_run_ends(
    place: Place,
    never: Callable[..., dict[str, list[Any]]],
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    for name in ("old.zip", "new.zip"):
        place.run(name)

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(forgetting, moment, cut)
        with pytest.raises(KeyboardInterrupt):
            place.forget("old.zip")
    place.run()
    same(place.content(), never("new.zip"))


def test_an_export_that_cannot_be_imported_again_is_a_failure(
    place: Place, never: Callable[..., dict[str, list[Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("old.zip", "new.zip"):
        place.run(name)

    def broken(*_: object) -> None:
        raise CorruptFile("new.zip", "its activities.csv is damaged")

    with monkeypatch.context() as context:
        context.setattr("ingest.run.export.open_export.open_export", broken)
        with pytest.raises(AbortRun, match=r"old\.zip is forgotten, but .* is damaged"):
            place.forget("old.zip")
    place.run()
    same(place.content(), never("new.zip"))


def test_an_athlete_who_is_forgotten_leaves_forgotten_exports_behind(place: Place) -> None:
    place.run("old.zip")
    place.run("new.zip")
    place.forget("old.zip")
    result = forget_athlete(place.config, 77, dry_run=False)
    assert set(result.still_there) == {"old.zip", "new.zip"}
