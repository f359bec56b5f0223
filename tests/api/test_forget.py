"""Forgetting an export of a connected athlete: what the API said stays as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from db.models import Activity, Athlete, Gear, ImportFile
from ingest.commands.forget import forget_athlete, forget_export
from ingest.config import make_config
from ingest.demo import EXPORT_NAME, build_export
from ingest.reporting.progress import Progress
from ingest.run.pipeline import run
from tests.api.connected import Connected
from tests.strava import Clock, account_from_database

Connect = Callable[..., Connected]
LATER = datetime(2026, 12, 1, 9, tzinfo=UTC)
#: What asks for all that the API has, whatever exports told before.
ASKING: dict[str, Any] = {"sweep": True, "enrich": True}
NEWER = EXPORT_NAME.replace("export", "newer_export")


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    for name, newer in (("before", 0), ("after", 4), ("account", 6)):
        drop = folder / name
        drop.mkdir()
        build_export(drop / EXPORT_NAME, activities=8, newer=newer)
    database = f"sqlite:///{(folder / 'account').as_posix()}.db"
    drop = folder / "account"
    run(make_config({}, playground=folder, database=database, drop_folder=drop), Progress())
    return folder


@pytest.fixture
def playground(exports: Path, connect: Connect, database_url: str) -> Connected:
    account = account_from_database(f"sqlite:///{(exports / 'account.db').as_posix()}")
    return connect(account, database_url, clock=Clock(LATER))


def drop(playground: Connected, exports: Path, name: str, as_name: str) -> None:
    shutil.copy(exports / name / EXPORT_NAME, playground.drop / as_name)


def content(playground: Connected) -> dict[str, list[object]]:
    """Without the ledger and times of requests, and with gear by its name instead of its key."""
    with_gear = ("activities", "gear", "activity_facts", "gear_components", "gear_mileage")
    keys = [f"{table}.gear_id" for table in with_gear]
    times = ("activity_observations.observed_at", "tracks.fetched_at", "activities.vanished_at")
    found = playground.content("import_files", "import_issues", "sync_queue", *keys, *times)
    gear = dict(playground.rows(Gear.gear_id, Gear.name_key))
    ridden = playground.rows(Activity.activity_id, Activity.gear_id)
    return found | {"ridden": [(i, gear.get(key)) for i, key in ridden]}


def same(found: dict[str, list[object]], wanted: dict[str, list[object]]) -> None:
    for table, rows in wanted.items():
        assert found[table] == rows, table


@pytest.mark.parametrize("gone", [EXPORT_NAME, NEWER])
def test_an_export_that_the_api_came_between_was_never_seen(
    playground: Connected, exports: Path, gone: str, tmp_path: Path
) -> None:
    drop(playground, exports, "before", EXPORT_NAME)
    playground.run(**ASKING)
    drop(playground, exports, "after", NEWER)
    playground.run(**ASKING)
    forget_export(playground.config(), gone, Progress(), dry_run=False, accept_loss=False)
    playground.run(**ASKING)
    found = content(playground)

    (playground.drop / gone).unlink()
    playground.database = f"sqlite:///{(tmp_path / 'never.db').as_posix()}"
    for _ in range(2):  # what two complete lists lack has vanished
        playground.strava.clock.advance(60)  # lists of one second count as one
        playground.run(**ASKING)
    same(found, content(playground))


def test_without_exports_the_api_s_word_is_left(
    playground: Connected, exports: Path, tmp_path: Path
) -> None:
    drop(playground, exports, "before", EXPORT_NAME)
    playground.run(**ASKING)
    forget_export(playground.config(), EXPORT_NAME, Progress(), dry_run=False, accept_loss=False)
    playground.run()  # asks for the points that device files had
    found = content(playground)

    (playground.drop / EXPORT_NAME).unlink()
    playground.database = f"sqlite:///{(tmp_path / 'never.db').as_posix()}"
    playground.run(**ASKING)
    same(found, content(playground))


def test_with_an_athlete_goes_the_connection(playground: Connected, exports: Path) -> None:
    drop(playground, exports, "before", EXPORT_NAME)
    playground.run()
    (athlete_id,) = playground.rows(Athlete.athlete_id)[0]
    assert forget_athlete(playground.config(), athlete_id, dry_run=True).was_connected
    assert (playground.folder / ".strava-token.json").exists()
    forget_athlete(playground.config(), athlete_id, dry_run=False)
    assert not (playground.folder / ".strava-token.json").exists()
    assert playground.rows(Activity.activity_id) == playground.rows(ImportFile.name) == []
