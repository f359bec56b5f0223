"""``--json`` of ``run``, ``status`` and ``issues``: one object of the published shape, always."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from ingest.cli import app
from tests.api.conftest import connect  # noqa: F401 (a fixture)
from tests.api.connected import Connected
from tests.builders import export_zip, gpx_activity
from tests.strava import Account, Limits

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
NAMES = ("run", "status", "issues")
CODES = {"done": {0}, "partial": {0, 1}, "failed": {1, 2}, "come_back": {3}}


def schema(name: str) -> dict[str, Any]:
    file = ROOT / "docs" / "json" / f"{name}.schema.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def told(name: str, *arguments: str) -> dict[str, Any]:
    """The object that a command prints, which fits its schema and the exit code."""
    result = CliRunner().invoke(app, [name, "--json", *arguments])
    return checked(name, result.stdout, result.exit_code)


def checked(name: str, stdout: str, exit_code: int) -> dict[str, Any]:
    assert len(stdout.splitlines()) == 1
    found: dict[str, Any] = json.loads(stdout)
    # Readers must ignore keys that they do not know, but we print none that is not written down.
    jsonschema.Draft202012Validator({**schema(name), "additionalProperties": False}).validate(found)
    assert exit_code in CODES[found["status"]]
    assert (found["error"] is None) == (exit_code in (0, 3))
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a playground that holds an export."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)
    drop = tmp_path / "Playground" / "Strava Export"
    drop.mkdir(parents=True)
    rows = [{"filename": "activities/1.gpx"}, {"filename": "activities/2.gpx"}]
    files = {"activities/1.gpx": gpx_activity(3), "activities/2.gpx": b"junk"}
    export_zip(drop / "export_77.zip", rows, files=files)
    return tmp_path


@pytest.mark.parametrize("name", [*NAMES, "export", "fleet", "forget", "predict", "progress"])
def test_the_schemas_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))


def test_a_run_that_is_done(folder: Path) -> None:
    first, again = told("run"), told("run")
    assert (first["status"], first["exports"][0]["status"]) == ("done", "imported")
    assert (again["status"], again["exports"][0]["status"]) == ("done", "unchanged")


def test_a_run_that_could_read_a_part(folder: Path) -> None:
    drop = folder / "Playground" / "Strava Export"
    (drop / "page.zip").write_bytes(b"<!DOCTYPE html><html>Log in</html>")
    (drop / "export_78.zip").write_bytes(b"PK\x03\x04 the beginning of a copy")
    found = told("run")
    assert found["status"] == "partial"
    assert {one["name"]: one["status"] for one in found["exports"]} == {
        "export_77.zip": "imported",
        "page.zip": "failed",
        "export_78.zip": "waiting",
    }
    assert all(one["reason"] for one in found["exports"] if one["status"] != "imported")


def test_the_progress_of_a_run_fits_its_schema_beside_the_result(folder: Path) -> None:
    result = CliRunner().invoke(app, ["run", "--json", "--progress", "json"])
    checked("run", result.stdout, result.exit_code)
    lines = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    for line in lines:
        jsonschema.validate(line, schema("progress"))
    assert [line["event"] for line in lines][:3] == ["stage", "stage", "begin"]
    assert (lines[-1]["event"], lines[-1]["done"], lines[-1]["total"]) == ("advance", 2, 2)


def test_the_progress_of_the_demo_tells_what_is_built_and_then_what_is_read(folder: Path) -> None:
    arguments = ["demo", "--activities", "12", "--json", "--progress", "json"]
    result = CliRunner().invoke(app, arguments)
    assert json.loads(result.stdout)["status"] == "done"
    lines = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    for line in lines:
        jsonschema.validate(line, schema("progress"))
    ends = {line["unit"]: line for line in lines if line["event"] == "advance"}
    assert ends["activities"]["done"] == 12
    assert ends["files"]["done"] == ends["files"]["total"] > 0


def test_the_schema_of_the_progress_refuses_what_is_none() -> None:
    for line in (
        {"event": "stage"},
        {
            "event": "advance",
            "what": "x",
            "unit": "files",
            "done": 1,
            "total": 2,
            "seconds": -1,
            "note": "",
        },
        {"event": "other"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(line, schema("progress"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--database", "mysql://host/name"),
        ("--timezone", "Mars/Base"),
        ("--no-such-option",),
        ("no-such-file.zip",),
    ],
)
def test_a_run_that_failed_before_it_began(folder: Path, arguments: Sequence[str]) -> None:
    found = told("run", *arguments)
    assert (found["status"], found["activities_new"], found["exports"]) == ("failed", None, [])


def test_a_run_that_could_read_nothing(folder: Path) -> None:
    export = folder / "Playground" / "Strava Export" / "export_77.zip"
    export.write_bytes(b"Rar!\x1a\x07 and so on")
    found = told("run")
    assert (found["status"], found["activities_new"]) == ("failed", 0)
    assert found["exports"][0]["status"] == "failed"
    assert "RAR" in found["error"]


def test_an_error_of_ours_is_told_beside_its_traceback(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("no luck")

    monkeypatch.setattr("ingest.commands.run.run", broken)
    result = CliRunner().invoke(app, ["run", "--json"])
    assert isinstance(result.exception, ZeroDivisionError)
    assert "no luck" in checked("run", result.stdout, result.exit_code)["error"]


def test_a_run_that_strava_stops_says_when_to_come_back(connect: Any) -> None:  # noqa: F811
    limits = Limits((9999, 99999), (10, 9999))
    playground: Connected = connect(Account.synthetic(60), limits=limits)
    code, out, _ = playground.cli("run", "--json")
    found = checked("run", out, code)
    assert found["status"] == "come_back"
    assert datetime.fromisoformat(found["resume_at"]).tzinfo is not None


def test_status_and_issues(folder: Path) -> None:
    told("run")
    assert told("status")["activities"] == 2
    assert told("issues")["issues"][0]["url"] == "https://www.strava.com/activities/2"


@pytest.mark.parametrize("name", ["status", "issues"])
def test_status_and_issues_without_a_database(folder: Path, name: str) -> None:
    assert "no such file" in told(name)["error"]


def test_forget_says_what_it_did_what_it_would_do_and_why_it_did_not(folder: Path) -> None:
    CliRunner().invoke(app, ["run", "--quiet", "--jobs", "0"])
    would = told("forget", "--export", "export_77.zip", "--dry-run")
    assert (would["is_done"], would["activities_before"], would["backup"]) == (False, 2, None)
    failed = told("forget", "--export", "none.zip")
    assert (failed["status"], failed["exports"], failed["is_done"]) == ("failed", [], None)
    assert told("forget")["status"] == "failed"
    done = told("forget", "--export", "export_77.zip")
    assert (done["exports"], done["activities_after"]) == (["export_77.zip"], 0)
    assert Path(done["backup"]).is_file()


@pytest.mark.parametrize("name", [*NAMES, "forget", "progress"])
def test_every_key_is_on_the_page(name: str) -> None:
    section = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    text = next(part for part in section if f"{name}.schema.json" in part)
    found = schema(name)
    keys = {key for one in found.get("oneOf", [found]) for key in one["properties"]}
    missing = [key for key in keys if f"`{key}`" not in text]
    assert missing == []


@pytest.mark.parametrize("name", [*NAMES, "forget", "progress"])
def test_every_example_of_the_page_has_its_shape(name: str) -> None:
    section = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    text = next(part for part in section if f"{name}.schema.json" in part)
    examples = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert examples
    for example in examples:
        jsonschema.validate(json.loads(example), schema(name))
