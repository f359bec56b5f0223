"""What ``status`` and ``issues`` say of a database, to people and to programs."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from db.models import Activity, ImportRun
from ingest import clock
from ingest.commands.issues import show_issues
from ingest.commands.status import show_status
from ingest.config import make_config
from tests.builders import gpx_activity
from tests.ingest.playground import Playground

Said = pytest.CaptureFixture[str]


def told(playground: Playground, said: Said, *, every: bool = False) -> list[str]:
    """The lines of ``issues``."""
    config = make_config({}, playground=playground.folder, database=playground.database)
    show_issues(config, as_json=False, every=every)
    return said.readouterr().out.splitlines()


def status(playground: Playground, said: Said) -> tuple[str, dict[str, Any]]:
    """What ``status`` prints for people, and for programs."""
    config = make_config({}, playground=playground.folder, database=playground.database)
    show_status(config, as_json=False)
    text = said.readouterr().out
    show_status(config, as_json=True)
    return text, json.loads(said.readouterr().out)


def broken(count: int) -> dict[str, Any]:
    """An export of activities whose files are no device files, and of one that is empty."""
    rows = [{"activity_id": 100 + n, "filename": f"activities/{n}.gpx"} for n in range(count)]
    files = {f"activities/{n}.gpx": b"junk" for n in range(1, count)} | {"activities/0.gpx": b""}
    return {"activities": rows, "files": files}


def test_issues_are_grouped_by_reason_with_the_most_frequent_first(
    playground: Playground, capsys: Said
) -> None:
    playground.add("export_77.zip", **broken(3))
    playground.run()
    capsys.readouterr()
    lines = told(playground, capsys)
    assert lines[0] == "3 inputs that could not be read completely or were corrected:"
    assert lines[2].startswith("2 × unsupported: ")
    assert lines[3].startswith("There is nothing to do: ")
    assert lines[4].startswith("  activities/1.gpx · ")
    assert lines[4].endswith(" · https://www.strava.com/activities/101")
    assert lines[7] == "1 × corrupt: the file is empty"


def test_long_groups_are_cut_and_the_command_that_shows_all_of_them_does(
    playground: Playground, capsys: Said
) -> None:
    playground.add("export_77.zip", **broken(14))
    playground.run()
    capsys.readouterr()
    lines = told(playground, capsys)
    assert "  and 3 more" in lines
    assert lines[-1].startswith("    python -m ingest issues --all --playground ")
    every = told(playground, capsys, every=True)
    assert sum(line.startswith("  activities/") for line in every) == 14


def test_vanished_activities_are_named(playground: Playground, capsys: Said) -> None:
    rows = [{"activity_name": f"Ride {n}"} for n in range(1, 30)]
    playground.add("export_77.zip", rows)
    playground.run()
    with playground.engine.begin() as connection:
        gone = sa.update(Activity).where(Activity.activity_id == 7)
        connection.execute(gone.values(vanished_at=clock.now()))
    capsys.readouterr()
    lines = told(playground, capsys)
    assert lines[0] == "All inputs were read completely, and nothing was corrected."
    assert "1 activity that is no longer on Strava" in lines[2]
    assert lines[3].startswith("  Ride 7 · ")


def test_status_says_how_old_the_newest_export_is_and_why_a_run_failed(
    playground: Playground, capsys: Said
) -> None:
    playground.add(
        "export_77.zip",
        [{"filename": "activities/1.gpx"}],
        when=clock.now() - timedelta(days=5, hours=3),
        files={"activities/1.gpx": gpx_activity(3)},
    )
    playground.run()
    with playground.engine.begin() as connection:
        failed = {"started_at": clock.now(), "status": "failed", "error": "the disk is full"}
        connection.execute(sa.insert(ImportRun), {**failed, "version": "1"})
    playground.run()
    capsys.readouterr()
    text, facts = status(playground, capsys)
    assert "5 days old. To request the next: on strava.com" in text
    assert "UTC: the disk is full" in text
    assert facts["last_failure"]["error"] == "the disk is full"
    assert (facts["status"], facts["error"], facts["only_from_api"]) == ("done", None, 0)


def test_status_of_a_database_that_is_not_connected_says_the_command(
    playground: Playground, capsys: Said
) -> None:
    playground.run()
    capsys.readouterr()
    text, facts = status(playground, capsys)
    assert "\n    python -m ingest connect --playground " in text
    assert "newest export" not in text
    assert facts["last_failure"] is None


def test_status_of_a_damaged_connection_says_so_and_how_to_replace_it(
    playground: Playground, capsys: Said
) -> None:
    playground.run()
    (playground.folder / ".strava-token.json").write_text("{", encoding="utf-8")
    capsys.readouterr()
    text, facts = status(playground, capsys)
    assert "is damaged; to replace it:\n    python -m ingest connect" in text
    assert "connected as" not in text
    assert facts["api"]["connected_as"] is None
    assert facts["api"]["trouble"].endswith("is damaged; to replace it")
