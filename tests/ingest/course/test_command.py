"""``predict`` prints what a course will take, and writes it in every format."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import sqlalchemy as sa

from db.models import Athlete
from tests.ingest.course.conftest import Predict, predict_on
from tests.ingest.course.courses import fit_course
from tests.ingest.playground import Playground

ROOT = Path(__file__).parents[3]
GPX = "{http://www.topografix.com/GPX/1/1}"


def told(predict: Predict, *arguments: object) -> dict[str, Any]:
    """The object that --json prints, which fits its schema."""
    result = predict(*arguments, "--json")
    assert len(result.stdout.splitlines()) == 1
    found: dict[str, Any] = json.loads(result.stdout)
    schema = json.loads((ROOT / "docs" / "json" / "predict.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator({**schema, "additionalProperties": False}).validate(found)
    assert (found["error"] is None) == (result.exit_code == 0)
    return found


def test_a_course_is_predicted_from_past_runs(
    runner: Playground, course: Path, predict: Predict
) -> None:
    found = told(predict, course)
    # The runs of this hill took 1266 to 1344 s.
    assert 1150 < found["total_s"] < 1400
    assert found["interval_s"][0] < found["total_s"] < found["interval_s"][1]
    assert [one["distance_m"] for one in found["kilometres"]] == pytest.approx([1000] * 3, abs=1)
    up, _, down = found["kilometres"]
    assert up["time_s"] > down["time_s"] * 1.2
    assert (up["climb_m"], down["climb_m"]) == (pytest.approx(100, abs=1), 0)
    total = sum(one["time_s"] for one in found["kilometres"])
    assert total == pytest.approx(found["total_s"], abs=0.5)


def test_the_table_has_each_kilometre_and_the_record(
    runner: Playground, course: Path, predict: Predict
) -> None:
    result = predict(course, "--start", "9:00", "--stops", "2@1.5")
    lines = result.stdout.splitlines()
    assert lines[0].startswith("Hill <&>: 3.0 km, 148 m up")
    assert lines[1].split() == ["km", "climb", "m", "flat", "km", "min/km", "stop", "time", "clock"]
    assert [line.split()[0] for line in lines[2:5]] == ["1", "2", "3"]
    assert lines[4].split()[-1].startswith("09:2")
    assert lines[5].startswith("Total: ")
    assert "2:00 of them stops; four times of five between" in lines[5]
    assert "race" in lines[6]


def test_the_units_are_those_of_the_athlete(
    runner: Playground, course: Path, predict: Predict
) -> None:
    with runner.engine.begin() as connection:
        connection.execute(sa.update(Athlete).values(measurement_preference="feet"))
    lines = predict(course).stdout.splitlines()
    assert "1.9 mi, 4" in lines[0]
    assert "min/mi" in lines[1]
    assert [line.split()[0] for line in lines[2:4]] == ["1", "1.86"]


def test_an_activity_can_be_the_course(runner: Playground, predict: Predict) -> None:
    assert told(predict, "--activity", 100)["course"]["distance_m"] == pytest.approx(3000, rel=1e-2)


def test_a_goal_is_planned_and_compared_with_the_prediction(
    runner: Playground, course: Path, predict: Predict
) -> None:
    found = told(predict, course, "--goal", "18:00", "--stops", "1@2")
    assert (found["total_s"], found["goal_s"], found["stops_s"]) == (1080, 1080, 60)
    assert found["predicted_s"] > 1080
    assert "faster than predicted" in predict(course, "--goal", "18:00").stdout


def test_without_a_database_a_pace_or_a_goal_is_enough(course: Path, tmp_path: Path) -> None:
    predict = predict_on(str(tmp_path / "nothing.db"), tmp_path)
    paced = told(predict, course, "--pace", "5:00")
    assert paced["total_s"] == pytest.approx(paced["course"]["flat_m"] * 0.3, abs=0.5)
    aimed = told(predict, course, "--goal", "20:00")
    assert (aimed["total_s"], aimed["predicted_s"], aimed["interval_s"]) == (1200, None, None)
    assert "There is no race yet" in predict(course, "--pace", "5:00").stdout


def test_each_race_of_the_past_is_predicted(runner: Playground, predict: Predict) -> None:
    found = told(predict, "--backtest")
    assert found["races"] == len(found["rows"])
    assert {"model", "mean_pace"} <= set(found["median_error"]) == set(found["p90_error"])
    assert predict("--backtest").exit_code == 0


def test_only_what_was_known_the_day_before_counts(
    runner: Playground, course: Path, predict: Predict
) -> None:
    found = told(predict, course, "--date", "2025-01-05", "--pace", "5:00")
    assert any("1 run" in note for note in found["notes"])


def test_miles_and_feet_are_the_kilometres_and_metres_that_they_are(
    runner: Playground, predict: Predict
) -> None:
    metric = ("--distance", "16.09344", "--climb", "304.8", "--stops", "2@8.04672")
    imperial = ("--distance", "10 mi", "--climb", "1000ft", "--stops", "2@5MI")
    one, other = (told(predict, *lengths, "--pace", "5:00") for lengths in (metric, imperial))
    assert one == other
    per_mile = told(predict, *imperial, "--pace", "10:00/mi")
    moving, moving_per_mile = (each["total_s"] - each["stops_s"] for each in (one, per_mile))
    assert moving_per_mile / moving == pytest.approx(600 / 1.609344 / 300, rel=1e-4)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give one course"),
        (["hill.gpx", "--activity", "100"], "give one course"),
        (["--climb", "100"], "--climb needs --distance"),
        (["--distance", "0"], "--distance 0: give kilometres between"),
        (["--distance", "nan"], "--distance 'nan' is no length; write kilometres"),
        (["--distance", "5 parsecs"], "'5 parsecs' is no length"),
        (["--distance", "-5"], "'-5' is no length"),
        (["--distance", "2000mi"], "--distance 3218.69: give kilometres between"),
        (["--distance", "5", "--climb", "2000"], "--climb 2000: 5 km have room for 0 to 875 m"),
        (["--distance", "5", "--climb", "nan"], "--climb 'nan' is no climb; write metres"),
        (["--distance", "5", "--climb", "1mi"], "'1mi' is no climb"),
        (["--distance", "5", "--pace", "5:00/furlong"], "'5:00/furlong' is no pace"),
        (["--distance", "5", "--stops", "5@1parsec"], "'5@1parsec' is no stop"),
        (["--distance", "5", "--pace", "5:00", "--sport", "Ride"], "--sport Ride is not offered"),
        (["--distance", "5", "--goal", "soon"], "--goal 'soon' is no time"),
        (["--distance", "5", "--out", "plan.pdf"], "the ending says what is written"),
        (["--distance", "5", "--pace", "5:00", "--out", "plan.gpx"], "has no positions"),
        (["nothing.gpx"], "there is no such file"),
    ],
)
def test_wrong_usage_is_told_in_both_ways(arguments: list[str], said: str, tmp_path: Path) -> None:
    predict = predict_on(str(tmp_path / "nothing.db"), tmp_path)
    found = told(predict, *arguments)
    assert (found["status"], said in found["error"]) == ("failed", True), found
    result = predict(*arguments)
    assert (result.exit_code, said in result.stderr) == (2, True)


def test_an_athlete_without_activities_is_refused(runner: Playground, predict: Predict) -> None:
    result = predict("--distance", 5, "--athlete", 3)
    assert (result.exit_code, "athletes that have: 77" in result.stderr) == (2, True)


def test_without_a_database_it_says_what_to_do(course: Path, tmp_path: Path) -> None:
    result = predict_on(str(tmp_path / "nothing.db"), tmp_path)(course)
    assert result.exit_code == 1
    assert "there is no such file" in result.stderr


def test_without_runs_it_says_what_to_give(
    playground: Playground, course: Path, predict: Predict
) -> None:
    playground.add("export_77.zip", [{}])
    playground.run(skip_api=True)
    result = predict(course)
    assert (result.exit_code, "--pace" in result.stderr) == (2, True)


@pytest.mark.parametrize("ending", ["html", "csv", "json", "gpx"])
def test_a_file_is_written_once_and_replaced_only_when_asked(
    ending: str, course: Path, tmp_path: Path
) -> None:
    predict = predict_on(str(tmp_path / "nothing.db"), tmp_path)
    out = tmp_path / "new folder" / f"plan.{ending}"
    assert predict(course, "--pace", "5:00", "--out", out).exit_code == 0
    before = out.read_bytes()
    refused = predict(course, "--pace", "6:00", "--out", out)
    assert (refused.exit_code, "--overwrite" in refused.stderr) == (1, True)
    assert out.read_bytes() == before
    assert predict(course, "--pace", "6:00", "--out", out, "--overwrite").exit_code == 0
    assert out.read_bytes() != before
    assert [file.name for file in out.parent.iterdir()] == [out.name]


def test_csv_and_json_hold_what_is_printed(
    runner: Playground, course: Path, predict: Predict, tmp_path: Path
) -> None:
    printed = told(predict, course, "--out", tmp_path / "plan.csv")
    with (tmp_path / "plan.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["time_s"]) for row in rows] == [k["time_s"] for k in printed["kilometres"]]
    predict(course, "--out", tmp_path / "plan.json")
    written = json.loads((tmp_path / "plan.json").read_text("utf-8"))
    assert written["kilometres"] == printed["kilometres"]
    assert written["total_s"] == printed["total_s"]


def test_gpx_has_a_waypoint_with_its_time_at_each_kilometre(
    runner: Playground, course: Path, predict: Predict, tmp_path: Path
) -> None:
    out = tmp_path / "plan.gpx"
    options = ("--date", "2026-07-04", "--start", "9:00", "--goal", "20:00")
    assert predict(course, *options, "--out", out).exit_code == 0
    root = ElementTree.fromstring(out.read_bytes())
    names = [one.findtext(f"{GPX}name") for one in root.iter(f"{GPX}wpt")]
    times = [one.findtext(f"{GPX}time") for one in root.iter(f"{GPX}wpt")]
    assert names[-1] == "Finish 20:00"
    assert [name.split()[:2] for name in names[:2] if name] == [["km", "1"], ["km", "2"]]
    # Nine o'clock in Switzerland.
    assert times[-1] == "2026-07-04T07:20:00Z"
    points = list(root.iter(f"{GPX}trkpt"))
    assert points[0].findtext(f"{GPX}time") == "2026-07-04T07:00:00Z"
    assert points[-1].findtext(f"{GPX}time") == "2026-07-04T07:20:00Z"
    assert root.findtext(f"{GPX}trk/{GPX}name") == "Hill <&>"
    # It can be read as a course itself.
    assert told(predict, out)["course"]["distance_m"] == pytest.approx(3000, rel=1e-3)


def test_gpx_keeps_to_the_published_schema(
    runner: Playground, course: Path, predict: Predict, tmp_path: Path
) -> None:
    folder = os.environ.get("STRAVA_XML_SCHEMAS")
    if not folder:
        pytest.skip("STRAVA_XML_SCHEMAS names no folder with the schemas of GPX and TCX")
    xmllint = shutil.which("xmllint")
    assert xmllint, "xmllint is missing: apt-get install libxml2-utils"
    out = tmp_path / "plan.gpx"
    assert predict(course, "--date", "2026-07-04", "--start", "9:00", "--out", out).exit_code == 0
    schema = str(Path(folder, "Topografix_gpx11.xsd"))
    words = [xmllint, "--noout", "--nonet", "--schema", schema, str(out)]
    judged = subprocess.run(words, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stderr


def test_a_fit_course_can_be_planned_too(
    runner: Playground, predict: Predict, tmp_path: Path
) -> None:
    file = tmp_path / "hill.fit"
    file.write_bytes(fit_course())
    assert told(predict, file)["course"]["name"] == "Hill"
