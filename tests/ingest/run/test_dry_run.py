"""What a dry run says is what the run then does, also on a database of an older version."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from db import migrate
from db.models import ImportRun
from db.revision import current
from ingest.errors import DatabaseError
from ingest.extract.drop_folder import Found, discover
from ingest.reporting.report import Report
from ingest.run.export import due
from tests.builders import gpx_activity
from tests.ingest.playground import FEBRUARY, JANUARY, MARCH, Playground

GPX = gpx_activity(10)
FILES = {f"activities/{number}.gpx": GPX for number in range(1, 21)}
ROWS = [{"activity_id": i, "filename": name} for i, name in enumerate(FILES, 1)]


@pytest.fixture
def playground(tmp_path: Path, database_url: str) -> Iterator[Playground]:
    playground = Playground(tmp_path, database_url)
    yield playground
    playground.engine.dispose()


@pytest.mark.parametrize("revision", ["20261128_0317", "20261128_0259", "20261121_0227"])
def test_a_database_of_an_older_version_is_compared_as_it_is(
    playground: Playground, revision: str
) -> None:
    playground.add("a.zip", ROWS, JANUARY, files=FILES)
    playground.run()
    migrate.downgrade(playground.engine, revision)
    playground.add("b.zip", [{**row, "activity_name": "x"} for row in ROWS], FEBRUARY, files=FILES)
    report = playground.run(dry_run=True)
    assert (len(report.new), len(report.changed), report.files_read) == (0, 20, 0)
    assert report.notes[0].endswith(
        f"is of an older version (revision {revision}); a run would first migrate it to "
        f"{report.notes[0].rpartition(' ')[2]}"
    )
    assert current(playground.engine) == revision


def test_a_database_that_is_too_old_to_compare_says_how_to_go_on(playground: Playground) -> None:
    playground.add("a.zip", ROWS, JANUARY, files=FILES)
    playground.run()
    migrate.downgrade(playground.engine, "20261120_2244")
    with playground.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE import_files RENAME COLUMN exported_at TO dated")
    playground.add("b.zip", ROWS, FEBRUARY, files=FILES)
    with pytest.raises(DatabaseError, match=r"is too old for a dry run .*ingest migrate"):
        playground.run(dry_run=True)


def test_exports_that_come_together_count_together(playground: Playground) -> None:
    playground.add("a.zip", ROWS[:18], JANUARY, files=FILES)
    playground.run()
    playground.add("b.zip", ROWS, FEBRUARY, files=FILES)
    playground.add("c.zip", ROWS[1:], MARCH, files=FILES)
    told = playground.run(dry_run=True)
    done = playground.run()
    assert (told.new, told.vanished) == (done.new, done.vanished)
    assert len(told.vanished) == 1
    assert told.files_read == done.files_read == 2


def test_a_dry_run_leaves_no_run_behind(playground: Playground) -> None:
    playground.add("a.zip", ROWS, JANUARY, files=FILES)
    playground.run()
    playground.add("b.zip", ROWS, JANUARY + timedelta(days=1), files=FILES)
    playground.run(dry_run=True)
    assert len(playground.rows(ImportRun.run_id)) == 1


def test_no_transaction_is_open_while_the_folder_is_looked_through(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    playground.add("a.zip", ROWS, JANUARY, files=FILES)
    playground.run()
    free: list[bool] = []

    def writing(*args: Any) -> Found:
        with playground.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE import_files SET origin = origin")
            free.append(True)
        return discover(*args)

    monkeypatch.setattr(due, "discover", writing)
    playground.run(dry_run=True)
    playground.run()
    assert free == [True, True]


def vanished(report: Report) -> tuple[set[int], list[str]]:
    return report.vanished, report.notes


def test_exports_on_no_database_say_what_vanishes_between_them(playground: Playground) -> None:
    playground.add("a.zip", ROWS, JANUARY, files=FILES)
    playground.add("b.zip", ROWS[1:], FEBRUARY, files=FILES)
    playground.add("c.zip", ROWS[2:], MARCH, files=FILES)
    told, done = playground.run(dry_run=True), playground.run()
    assert vanished(told) == vanished(done) == ({1, 2}, [])


def test_an_older_export_brings_what_has_vanished_since(playground: Playground) -> None:
    playground.add("b.zip", ROWS[1:], FEBRUARY, files=FILES)
    playground.run()
    playground.add("a.zip", ROWS, JANUARY, files=FILES)
    told, done = playground.run(dry_run=True), playground.run()
    assert vanished(told) == vanished(done) == ({1}, [])


def test_each_export_may_lack_a_tenth_of_what_the_one_before_left(playground: Playground) -> None:
    playground.add("a.zip", ROWS, JANUARY, files=FILES)
    playground.run()
    playground.add("b.zip", ROWS[2:], FEBRUARY, files=FILES)
    playground.add("c.zip", ROWS[4:], MARCH, files=FILES)
    told, done = playground.run(dry_run=True), playground.run()
    assert vanished(told) == vanished(done)
    assert told.vanished == {1, 2}
    assert "2 activities" in told.notes[-1]


def test_what_was_held_back_is_accepted_without_a_new_export(playground: Playground) -> None:
    playground.add("a.zip", ROWS, JANUARY, files=FILES)
    playground.add("b.zip", ROWS[10:], FEBRUARY, files=FILES)
    assert not playground.run().vanished
    told = playground.run(dry_run=True, accept_vanished=True)
    done = playground.run(accept_vanished=True)
    assert vanished(told) == vanished(done) == (set(range(1, 11)), [])


def test_an_anonymous_export_becomes_the_one_that_names_its_athlete(playground: Playground) -> None:
    playground.add("a.zip", ROWS, JANUARY, files=FILES, tables={})
    playground.run()
    playground.add("b.zip", ROWS, FEBRUARY, files=FILES)
    told = playground.run(dry_run=True)
    done = playground.run()
    assert (told.new, told.changed, told.files_read) == (done.new, done.changed, done.files_read)
    assert (len(told.unchanged), told.files_read) == (20, 0)
