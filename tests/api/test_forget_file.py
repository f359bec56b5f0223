"""A loose file that met an activity of the API's: what is left when one of the two is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from db.models import Activity, ActivityAlias, Lap, Track
from ingest.commands.forget_file import forget_loose_file
from ingest.reporting.progress import Progress
from ingest.transform.derived.polyline import encoded
from tests.api.connected import Connected
from tests.builders import gpx_activity, xml_time
from tests.loose_places import Place
from tests.strava import Account, Clock
from tests.strava import Activity as Shown

Connect = Callable[..., Connected]
START = datetime(2026, 10, 30, 6, tzinfo=UTC)
NOW = START + timedelta(days=2)
COUNT = 90
#: As Strava's lists have it: simplified.
ROUTE = encoded(np.array([47.0, 47 + COUNT * 2.7e-5]), np.array([8.0, 8.0]))
ASKING: dict[str, Any] = {"sweep": True, "enrich": True}


@pytest.fixture(autouse=True)
def _nobody_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)


@pytest.fixture
def playground(connect: Connect, database_url: str) -> Connected:
    """A run that the API has with a lap and points, but without heart rate."""
    body = {
        "id": 1,
        "name": "Evening",
        "type": "Run",
        "sport_type": "Run",
        "start_date": xml_time(START),
        "start_date_local": xml_time(START, 3600),
        "timezone": "(GMT+01:00) Europe/Zurich",
        "utc_offset": 3600.0,
        "distance": 267.0,
        "moving_time": COUNT,
        "elapsed_time": COUNT,
        "manual": False,
        "start_latlng": [47.0, 8.0],
        "gear_id": None,
        "map": {"id": "a1", "summary_polyline": ROUTE},
    }
    streams: dict[str, list[Any]] = {
        "time": list(range(COUNT)),
        "latlng": [[round(47 + i * 2.7e-5, 7), 8.0] for i in range(COUNT)],
    }
    lap = {
        "lap_index": 1,
        "name": "Lap 1",
        "elapsed_time": 90,
        "moving_time": 90,
        "distance": 267.0,
    }
    account = Account(77, "Ann", "Example")
    account.add(Shown(body, streams, lambda: {"laps": [lap], "description": None}))
    return connect(account, database_url, clock=Clock(NOW))


def put(playground: Connected) -> None:
    path = playground.drop / "77" / "watch.gpx"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gpx_activity(COUNT, start=START))


def content(playground: Connected) -> dict[str, list[Any]]:
    times = ("activity_observations.observed_at", "tracks.fetched_at")
    return playground.content("import_files", "import_issues", *times)


def same(found: dict[str, list[Any]], wanted: dict[str, list[Any]]) -> None:
    for table, rows in wanted.items():
        assert found[table] == rows, table


@pytest.mark.parametrize("first", ["file", "api"])
def test_a_file_that_the_api_knows_too_was_never_seen(playground: Connected, first: str) -> None:
    if first == "api":
        playground.run(**ASKING)
        never = content(playground)
    put(playground)
    playground.run(**ASKING)
    assert playground.rows(ActivityAlias.activity_id) == [(1,)]
    assert playground.rows(Track.source) == [("loose_file",)]
    forget_loose_file(
        playground.config(), "watch.gpx", Progress(), dry_run=False, accept_loss=False
    )
    assert playground.rows(Activity.activity_id) == [(1,)]
    playground.run(**ASKING)
    assert playground.rows(Track.source) == [("api",)]
    assert playground.rows(Lap.source) == [("api",)]
    if first == "api":
        same(content(playground), never)


def test_a_purge_gives_an_activity_back_to_its_file(playground: Connected, tmp_path: Path) -> None:
    playground.run(**ASKING)
    put(playground)
    playground.run(**ASKING)
    assert playground.rows(Activity.activity_id) == [(1,)]
    playground.purge()
    fresh = Place(tmp_path / "fresh", f"sqlite:///{(tmp_path / 'fresh.db').as_posix()}")
    fresh.put("77/watch.gpx", gpx_activity(COUNT, start=START))
    fresh.run()
    wanted = fresh.content()
    assert len(wanted["activities"]) == 1
    found = Place(playground.folder, playground.database).content()
    for table in ("activities", "tracks", "track_points", "laps", "splits", "activity_facts"):
        assert found[table] == wanted[table], table
