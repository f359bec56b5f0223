"""Activities of device files, with negative ids, are like all others; but Strava has no page of
them, and no list holds them.
"""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from db.models import Activity, ActivityFact
from ingest.cli import app
from tests.ingest.playground import FEBRUARY, Playground
from tests.provisional import IDS, SMALLEST


def invoke(playground: Playground, *words: str) -> Result:
    where = ["--playground", str(playground.folder), "--database", playground.database]
    return CliRunner().invoke(app, [*words, *where], catch_exceptions=False)


@pytest.mark.parametrize("option", [["--activity", str(SMALLEST)], [f"--activity={SMALLEST}"]])
def test_its_course_is_predicted(mixed: Playground, option: list[str]) -> None:
    result = invoke(mixed, "predict", *option, "--pace", "5:00", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout)["course"]["distance_m"] == pytest.approx(2700, rel=0.01)


def test_issues_name_it_without_a_page_on_strava(mixed: Playground) -> None:
    found = json.loads(invoke(mixed, "issues", "--json").stdout)
    assert {(row["activity_id"], row["url"]) for row in found["issues"]} == {
        (number, None) for number in IDS
    }
    text = invoke(mixed, "issues", "--all").stdout
    assert "watch.gpx" in text
    assert "strava.com/activities/-" not in text


def test_it_is_not_counted_as_the_api_s(mixed: Playground) -> None:
    found = json.loads(invoke(mixed, "status", "--json").stdout)
    assert (found["activities"], found["only_from_api"], found["only_from_files"]) == (5, 0, 2)


def test_a_newer_export_that_cannot_hold_it_lets_it_be(mixed: Playground) -> None:
    mixed.add("export_77-2.zip", [{"activity_name": f"Run {n}"} for n in range(1, 4)], FEBRUARY)
    assert mixed.run(dry_run=True).vanished == set()
    assert mixed.run().vanished == set()
    assert mixed.run().untouched == {1, 2, 3}
    kept = mixed.rows(Activity.activity_id, Activity.vanished_at, Activity.has_track)
    assert kept[:2] == [(number, None, True) for number in IDS]
    assert [row[0] for row in mixed.rows(ActivityFact.activity_id)] == [*IDS, 1, 2, 3]
