"""The first page: what is there, where it comes from, and the next sensible step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest import clock
from ingest.web.pages.home import Step, next_step
from tests.api.connected import Connected
from tests.ingest.playground import Playground
from tests.ingest.web.conftest import Serve, Served
from tests.strava import Account, running

NOW = datetime(2026, 11, 28, tzinfo=UTC)
DONE: dict[str, Any] = {"last_run": {"status": "done"}}
ALONE: dict[str, Any] = {"connected_as": None, "queue_left": 0, "resume_at": None}
WAITING = {**ALONE, "connected_as": "Ann", "queue_left": 3}
SEE = Step("/activities", "See all activities")


def text_of(served: Served) -> str:
    """What is on the page, in one line."""
    answer = served.session().get(f"{served.base}/", timeout=20)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_nothing_is_there_yet(serve: Serve, tmp_path: Path) -> None:
    text = text_of(serve())
    assert "Request Your Archive" in text
    assert str(tmp_path / "Playground" / "Strava Export") in text
    assert "ingest demo" in text


def test_it_tells_what_is_there_in_the_athlete_s_units(
    serve: Serve, playground: Playground
) -> None:
    rows = [
        {"activity_date": "May 4, 2026, 6:00:00 AM", "distance": "16.09344"},
        {"activity_date": "May 12, 2026, 6:00:00 AM", "distance": "16.09344", "filename": "a.gpx"},
    ]
    profile = [["Athlete ID", "First Name"], [77, "Jo"]]
    preferences = [["Measurement Preference"], ["Imperial"]]
    tables = {"profile.csv": profile, "general_preferences.csv": preferences}
    playground.add("export_77.zip", rows, tables=tables, files={"a.gpx": b"junk"})
    playground.run()
    text = text_of(serve("--database", playground.database, playground=playground.folder))
    assert "<dt>Activities</dt><dd>2</dd>" in text
    assert "<dd>20 <small>mi</small></dd>" in text
    assert "<dd>2026-05-04</dd>" in text
    assert "<dd>2026-05-12</dd>" in text
    assert "<title>2026-05-11: 10 mi</title>" in text
    assert "Inputs that could not be read completely or were corrected: 1." in text
    assert '<a href="/problems">See the reasons, and what to do</a>' in text
    assert "The newest export is of 2026-01-01" in text
    assert "Not connected." in text


@pytest.fixture
def connected(tmp_path: Path) -> Iterator[Connected]:
    """A playground that is connected to a simulated Strava."""
    with running(Account.synthetic(8)) as strava:
        playground = Connected(tmp_path / "Playground", "", strava)
        playground.database = f"sqlite:///{(playground.folder / 'strava.db').as_posix()}"
        yield playground


def test_it_tells_of_the_connection_and_of_what_waits(
    serve: Serve, connected: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", connected.strava.clock.now)
    left = connected.run(max_requests=4).queue_left
    assert left > 0
    text = text_of(serve(playground=connected.folder, **connected.environment))
    assert "Connected as Ann Example (" in text
    assert f"{left} requests wait" in text
    assert "The oldest data from the API is of" in text
    assert '<a class="button" href="/import">Fetch what waits</a>' in text


@pytest.mark.parametrize(
    ("age", "runs", "api", "step"),
    [
        (1, DONE, ALONE, SEE),
        (40, DONE, ALONE, Step("/import", "Import a newer export")),
        (40, DONE, {**ALONE, "connected_as": "Ann"}, SEE),
        (1, {"last_run": {"status": "failed"}}, ALONE, Step("/import", "Import again")),
        (1, DONE, WAITING, Step("/import", "Fetch what waits")),
        (1, DONE, {**WAITING, "resume_at": NOW}, SEE),
        (1, DONE, {**WAITING, "connected_as": None}, SEE),
    ],
)
def test_the_next_step(
    monkeypatch: pytest.MonkeyPatch,
    age: int,
    runs: dict[str, Any],
    api: dict[str, Any],
    step: Step,
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    assert next_step([{"exported_at": NOW - timedelta(days=age)}], runs, api) == step
