"""Taking the API's word away again: exports stay as they are, the rest goes, and does not come back
by itself.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.models import Activity, ActivityObservation, Base, Gear, PurgedActivity, Track
from ingest.config import make_config
from ingest.demo import EXPORT_NAME, build_export
from ingest.reporting.progress import Progress
from ingest.run.pipeline import run
from tests.api.connected import Connected
from tests.strava import Clock, account_from_database

Connect = Callable[..., Connected]
LATER = datetime(2026, 12, 1, 9, tzinfo=UTC)
LEDGER = (
    "sync_queue",
    "purged_activities",
    "import_files.file_id",
    "import_issues.issue_id",
    "import_issues.found_at",
)


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    for name, newer in (("before", 0), ("after", 6)):
        drop = folder / name
        drop.mkdir()
        build_export(drop / EXPORT_NAME, activities=60, newer=newer)
        database = f"sqlite:///{(folder / name).as_posix()}.db"
        run(make_config({}, playground=folder, database=database, drop_folder=drop), Progress())
    return folder


@pytest.fixture
def playground(exports: Path, connect: Connect, database_url: str) -> Connected:
    """An export of 60 activities, and 6 newer ones from the API, on each engine."""
    account = account_from_database(f"sqlite:///{(exports / 'after.db').as_posix()}")
    playground = connect(account, database_url, clock=Clock(LATER))
    shutil.copy(exports / "before" / EXPORT_NAME, playground.drop / EXPORT_NAME)
    return playground


def fetched(playground: Connected) -> set[int]:
    """Import the export, then what the API has beyond it; those."""
    playground.run(skip_api=True)
    return playground.run().new


def test_the_export_s_rows_are_as_they_were(playground: Connected) -> None:
    playground.run(skip_api=True)
    before = playground.content(*LEDGER)
    playground.run(enrich=True)
    assert playground.content(*LEDGER) != before
    playground.purge()
    after = playground.content(*LEDGER)
    for table, rows in before.items():
        assert after[table] == rows, table


def test_what_was_purged_does_not_come_back_unless_its_days_are_asked_for(
    playground: Connected,
) -> None:
    new = fetched(playground)
    playground.purge()
    assert not new & {row[0] for row in playground.rows(Activity.activity_id)}
    report = playground.run(sweep=True)
    assert (report.new, report.queue_left) == (set(), 0)
    assert new <= report.purged
    assert playground.run(sweep=True, dry_run=True).purged == report.purged
    assert (
        f"what the API says of {len(report.purged)} activities"
        in playground.cli("run", "--sweep")[1]
    )
    assert f"said of {len(report.purged)} activities" in playground.cli("status")[1]
    assert {row[0] for row in playground.rows(ActivityObservation.source)} == {"export", "file"}
    asked = playground.run(begin=date(2026, 10, 31))
    assert (asked.new, asked.purged) == (new, set())
    assert not new & {row[0] for row in playground.rows(PurgedActivity.activity_id)}


def test_what_was_purged_has_not_vanished(playground: Connected) -> None:
    playground.run()
    playground.purge()
    for _ in range(3):
        playground.strava.clock.advance(8 * 24 * 3600)
        playground.run(sweep=True)
    gone = [row[0] for row in playground.rows(Activity.activity_id, Activity.vanished_at) if row[1]]
    assert len(gone) == 1  # the one that was deleted at Strava


def test_an_age_takes_only_what_is_older(playground: Connected) -> None:
    new = fetched(playground)
    playground.strava.clock.advance(8 * 24 * 3600)
    late = playground.strava.account.new(LATER + timedelta(days=7))
    playground.run()
    playground.purge(timedelta(days=7))
    left = {
        row[0]
        for row in playground.rows(ActivityObservation.activity_id, ActivityObservation.source)
        if row[1][:3] == "api"
    }
    assert late.id in left
    detailed = {
        row[0]
        for row in playground.rows(ActivityObservation.activity_id, ActivityObservation.source)
        if row[1] == "api_detail"
    }
    assert detailed == {late.id}
    assert {
        row[0] for row in playground.rows(Track.activity_id, Track.source) if row[1] == "api"
    } <= {late.id}
    assert new  # they had details before


def test_gear_that_only_the_api_named_goes_too(playground: Connected) -> None:
    bought = playground.strava.account
    bought.add_gear("g77", "New shoes")
    bought.set_gear(bought.newest_first()[0].id, "g77")
    playground.run()
    assert ("g77",) in playground.rows(Gear.strava_gear_id)
    playground.purge()
    assert {row[0] for row in playground.rows(Gear.strava_gear_id)} == {None}
    assert playground.one(sa.select(sa.func.count()).where(Gear.name == "New shoes")) == (0,)


def test_no_table_keeps_a_row_of_an_activity_that_is_gone(playground: Connected) -> None:
    new = fetched(playground)
    playground.purge()
    for table in Base.metadata.sorted_tables:
        if "activity_id" in table.columns and table.name != "purged_activities":
            held = {row[0] for row in playground.rows(table.c.activity_id)}
            assert not held & new, table.name


def test_the_command_says_what_it_did(playground: Connected) -> None:
    playground.run()
    code, out, _ = playground.cli("purge", "--source", "api")
    assert code == 0
    assert "deleted, because only the api had them: 6" in out.lower()


def test_an_age_that_is_none_is_refused(playground: Connected) -> None:
    code, _, err = playground.cli("purge", "--source", "api", "--older-than", "soon")
    assert code == 2
    assert "36h, 7d or 2w" in err
