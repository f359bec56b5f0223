"""Exports in languages that nobody has seen: what the database says at the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db import migrate
from db.engine import make_engine
from db.models import Activity, BestEffort, Comment, ImportIssue, ImportRun
from ingest.config import make_config
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.pipeline import run
from tests.builders import export_zip, fit_activity, gpx_activity

JANUARY, FEBRUARY = (datetime(2026, month, 1, 12, tzinfo=UTC) for month in (1, 2))
SPORTS = (Activity.activity_id, Activity.sport_type, Activity.sport_type_source)


class Drop:
    """A drop folder and its database."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        self.path = folder / "Strava Export"
        self.path.mkdir(parents=True)
        self.engine = make_engine(database)

    def add(
        self, name: str, *rows: dict[str, Any], when: datetime = JANUARY, **contents: Any
    ) -> None:
        tables = {"profile.csv": [["Athlete ID"], [77]], **contents.pop("tables", {})}
        export_zip(self.path / name, rows, when=when, tables=tables, **contents)

    def run(self, **options: Any) -> Report:
        config = make_config({}, playground=self.folder, database=self.database, jobs=0, **options)
        return run(config, Progress())

    def rows(self, *columns: Any) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [
                tuple(row) for row in connection.execute(sa.select(*columns).order_by(*columns))
            ]


@pytest.fixture
def drop(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drop]:
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)  # nobody copies into this folder
    made = Drop(tmp_path / "Playground", database_url)
    yield made
    made.engine.dispose()


def test_an_unknown_label_is_the_sport_of_the_device_file_or_a_guess(drop: Drop) -> None:
    files = {"activities/1.gpx": gpx_activity(400), "activities/2.fit": fit_activity(400, sport=2)}
    labels = [
        ("Xyz", "activities/1.gpx"),
        ("Xyz", "activities/2.fit"),
        ("Corsa", ""),
        ("Xyz", ""),
        ("Run", ""),
    ]
    drop.add(
        "a.zip",
        *({"activity_type": label, "filename": file} for label, file in labels),
        files=files,
    )
    report = drop.run()
    assert drop.rows(*SPORTS) == [
        (1, "Run", "file"),
        (2, "Ride", "file"),
        (3, "Run", "guess"),
        (4, None, None),
        (5, "Run", "export"),
    ]
    assert [reason for (reason,) in drop.rows(ImportIssue.reason)] == [
        "column 'Activity Type': 3 rows: no sport is known as 'Xyz'"
    ]
    assert {activity for (activity,) in drop.rows(BestEffort.activity_id)} == {1}
    assert not any("computed anew" in note for note in report.notes)


def test_figures_follow_a_guess_too(drop: Drop) -> None:
    plain = gpx_activity(400, sport="")
    drop.add(
        "a.zip",
        {"activity_type": "Corsa", "filename": "activities/1.gpx"},
        files={"activities/1.gpx": plain},
    )
    assert not any("computed anew" in note for note in drop.run().notes)
    assert {activity for (activity,) in drop.rows(BestEffort.activity_id)} == {1}


def test_device_files_tell_day_from_month(drop: Drop) -> None:
    start = datetime(2024, 9, 8, 6, 0, tzinfo=UTC)
    rows = [
        {"activity_date": "09/08/2024, 06:00:00", "filename": "activities/1.gpx"},
        {"activity_date": "03/04/2024"},
    ]
    drop.add("a.zip", *rows, files={"activities/1.gpx": gpx_activity(3, start=start)})
    drop.run()
    assert drop.rows(Activity.start_time_utc) == [(datetime(2024, 3, 4, tzinfo=UTC),), (start,)]


def test_a_broken_device_file_tells_nothing_and_is_told_once(drop: Drop) -> None:
    rows = [{"activity_date": "09/08/2024, 06:00:00", "filename": "activities/1.gpx"}]
    drop.add("a.zip", *rows, files={"activities/1.gpx": b"junk"})
    drop.run()
    assert drop.rows(Activity.start_time_utc) == [(None,)]
    assert [name for (name,) in drop.rows(ImportIssue.name)] == [
        "activities.csv",
        "activities/1.gpx",
    ]


def test_the_small_tables_are_of_the_same_format(drop: Drop) -> None:
    comments = [["Comment Date", "Comment"], ["05/03/2024, 07:00:00", "Nice"]]
    drop.add("a.zip", {"activity_date": "25/02/2024, 07:00:00"}, tables={"comments.csv": comments})
    drop.run()
    assert drop.rows(Comment.commented_at) == [(datetime(2024, 3, 5, 7, tzinfo=UTC),)]


def test_dates_that_a_later_export_makes_certain_are_read_again(drop: Drop) -> None:
    open_date = {"activity_date": "05/03/2024, 07:00:00"}
    drop.add("a.zip", open_date)
    drop.run()
    drop.add("b.zip", open_date, {"activity_date": "25/03/2024, 07:00:00"}, when=FEBRUARY)
    report = drop.run()
    assert drop.rows(Activity.start_time_utc)[0] == (datetime(2024, 3, 5, 7, tzinfo=UTC),)
    assert (report.changed, report.new) == ({1}, {2})


def test_a_run_that_reads_no_export_at_all_has_failed(drop: Drop) -> None:
    (drop.path / "export_1.zip").write_bytes(b"")
    export_zip(
        drop.path / "export_2.zip",
        None,
        files={"activities.csv": b"a,b\n1,2\n", "profile.csv": b"Athlete ID\n77\n"},
    )
    report = drop.run()
    assert "no column holds activity ids" in (report.export_problem or "")
    ((status, error),) = drop.rows(ImportRun.status, ImportRun.error)
    assert (status, error) == ("failed", report.export_problem)


def test_one_readable_export_is_enough(drop: Drop) -> None:
    export_zip(
        drop.path / "export_2.zip",
        None,
        files={"activities.csv": b"a,b\n1,2\n", "profile.csv": b"Athlete ID\n77\n"},
    )
    drop.add("a.zip", {})
    assert drop.run().export_problem is None
    assert drop.run().export_problem is None  # nor when it was read before


def test_rows_of_older_versions_learn_where_their_sport_comes_from(drop: Drop) -> None:
    drop.add("a.zip", {}, {"activity_type": ""})
    drop.run()
    migrate.downgrade(drop.engine, "20261124_2229")
    drop.run()
    assert drop.rows(*SPORTS) == [(1, "Run", "export"), (2, None, None)]


def test_the_same_dates_in_the_next_export_change_nothing(drop: Drop) -> None:
    for name, when in (("a.zip", JANUARY), ("b.zip", FEBRUARY)):
        drop.add(
            name,
            {"activity_date": "5 Ağu 2025 07:00:00"},
            {"activity_date": "25/03/2024, 07:00:00"},
            when=when,
        )
        report = drop.run()
    assert (report.changed, report.seen) == (set(), {1, 2})
