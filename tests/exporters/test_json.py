"""``--json``: always exactly one object of the published shape, however an export ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from exporters import cli, one_export
from exporters.errors import ExportError
from exporters.registry import EXPORTERS
from ingest.cli import app as ingest_app
from tests.exporters.conftest import Change, Export, command, made_empty

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "json" / "export.schema.json").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "json.md").read_text(encoding="utf-8").partition("## Exporters")[2]
#: Readers must ignore keys that they do not know, but we print none that is not written down.
CHECK = jsonschema.Draft202012Validator({**SCHEMA, "additionalProperties": False})


def told(result: Result) -> dict[str, Any]:
    """The object on standard output, which fits the schema and the exit code."""
    return checked(result.stdout, result.exit_code)


def checked(stdout: str, exit_code: int) -> dict[str, Any]:
    assert len(stdout.splitlines()) == 1
    found: dict[str, Any] = json.loads(stdout)
    CHECK.validate(found)
    assert (exit_code == 0) == (found["status"] != "failed")
    return found


@pytest.mark.parametrize("name", EXPORTERS)
def test_the_progress_fits_its_schema_beside_the_result(playground: Path, name: str) -> None:
    result = command(playground, name, "--json", "--progress", "json")
    told(result)
    lines = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    schema = ROOT / "docs" / "json" / "progress.schema.json"
    for line in lines:
        jsonschema.validate(line, json.loads(schema.read_text(encoding="utf-8")))
    assert lines[0]["event"] == "begin"


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", EXPORTERS)
def test_an_export_that_is_done_says_so(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    found = told(command(made, name, "--out", "an out", "--json"))
    assert (found["exporter"], found["status"], found["error"]) == (name, "done", None)
    assert found["files"] > 0
    assert Path(found["out"]).exists()
    assert Path(found["out"]).is_relative_to(tmp_path / "an out")
    assert found.get("to") == (found["out"] if name in ("report", "sqlite") else None)


@pytest.mark.parametrize("name", [name for name in EXPORTERS if EXPORTERS[name].of_activities])
def test_an_export_of_nothing_is_done(made: Path, name: str) -> None:
    found = told(command(made, name, "--sport", "Snowboard", "--json"))
    assert (found["status"], found["files"], found["rows"]) == ("done", 0, 0)
    assert "so nothing was written" in found["notes"][-1]


def test_missing_items_make_it_partial_and_all_of_them_a_failure(
    playground: Path, change: Change, tmp_path: Path
) -> None:
    lost = "UPDATE import_files SET name = 'gone/' || file_id WHERE file_kind = 'activity'"
    change(f"{lost} AND file_id % 2 = 0")
    found = told(command(playground, "originals", "--out", str(tmp_path), "--json"))
    assert (found["status"], found["error"]) == ("partial", None)
    assert len(list(tmp_path.glob("*Z_*"))) == found["files"] > 0
    change(lost)
    result = command(playground, "originals", "--out", str(tmp_path / "none"), "--json")
    found = told(result)
    assert (found["status"], found["files"]) == ("failed", 0)
    assert found["error"].startswith("nothing was written, since every file is missing")
    assert result.stderr == f"strava-export: {found['error']}\n"


def raising(err: BaseException) -> Callable[..., Any]:
    def call(*_: Any) -> Any:
        raise err

    return call


@pytest.mark.parametrize("name", EXPORTERS)
@pytest.mark.parametrize(
    ("err", "error"),
    [
        (ExportError("no way; go back"), "no way; go back"),
        (KeyboardInterrupt(), "interrupted; "),
        (OSError(5, "Input/output error", "/x/y"), "/x/y cannot be used (Input/output error); "),
        (PermissionError(13, "Permission denied", "/x/y"), "/x/y may not be used (permission "),
        (UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates"), "is not UTF-8"),
    ],
    ids=lambda param: type(param).__name__ if isinstance(param, BaseException) else "",
)
def test_whatever_ends_an_export_is_told(
    made: Path, monkeypatch: pytest.MonkeyPatch, name: str, err: BaseException, error: str
) -> None:
    monkeypatch.setattr(one_export, "export", raising(err))
    result = command(made, name, "--json")
    found = told(result)
    assert result.exit_code == 1
    assert (found["exporter"], found["status"], found["files"]) == (name, "failed", None)
    assert error in found["error"]
    assert result.stderr == f"strava-export: {found['error']}\n"


def test_an_error_of_ours_is_told_and_shown(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_export, "export", raising(ZeroDivisionError("by zero")))
    result = CliRunner().invoke(cli.app, ["csv", "--playground", str(made), "--json"])
    assert told(result)["error"] == "unexpected error: ZeroDivisionError('by zero')"
    assert isinstance(result.exception, ZeroDivisionError)


def test_commands_end_the_sentence_that_advises_them(tmp_path: Path) -> None:
    found = told(command(tmp_path, "csv", "--json"))
    ask = f"python -m ingest run --playground {tmp_path}"
    assert found["error"].endswith(f"there is no such file; to create it: {ask}")
    made_empty(f"sqlite:///{(tmp_path / 'strava.db').as_posix()}")
    found = told(command(tmp_path, "csv", "--json"))
    assert found["notes"][0].endswith(f"nothing was written; import an export first: {ask}")


@pytest.mark.parametrize("name", EXPORTERS)
def test_a_file_in_the_way_is_told(made: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "out").write_text("mine")
    found = told(command(made, name, "--out", str(tmp_path / "out"), "--json"))
    assert f"{tmp_path / 'out'} is a file, not a folder" in found["error"]


@pytest.mark.parametrize("name", EXPORTERS)
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--nothing"], "No such option"),
        (["--out"], "requires an argument"),
        (["more"], "unexpected extra argument"),
        (["--database", "nonsense://x"], "neither SQLite nor PostgreSQL"),
        (["--playground", "/nowhere/at/all"], "there is no"),
    ],
)
def test_wrong_usage_is_told(made: Path, name: str, arguments: list[str], error: str) -> None:
    found = told(command(made, name, "--json", *arguments))
    assert found["exporter"] == name
    assert error in found["error"]


@pytest.mark.parametrize(
    ("arguments", "name", "error"),
    [
        (["json", "--json", "--ids", "x"], "json", "is not a list of ids"),
        (["json", "--ids", "x", "--json"], "json", "is not a list of ids"),
        (["nothing", "--json"], None, "No such command"),
        (["--nothing", "csv", "--json"], None, "No such option"),
        (["--json", "csv"], None, "No such option"),
    ],
)
@pytest.mark.parametrize("is_ours", [True, False])
def test_wrong_usage_is_told_wherever_it_is(
    arguments: list[str], name: str | None, error: str, is_ours: bool
) -> None:
    if is_ours:
        result = CliRunner().invoke(cli.app, arguments)
    else:
        result = CliRunner().invoke(ingest_app, ["export", *arguments])
    found = told(result)
    assert result.exit_code == 2
    assert found["exporter"] == name
    assert error in found["error"]
    assert found["error"] in result.stderr


@pytest.mark.parametrize("arguments", [["json", "--ids", "x"], ["nothing"], ["--nothing"], ["csv"]])
def test_who_does_not_ask_for_json_gets_none(tmp_path: Path, arguments: list[str]) -> None:
    result = CliRunner().invoke(cli.app, arguments, env={"STRAVA_PLAYGROUND": str(tmp_path)})
    assert result.exit_code in (1, 2)
    assert result.stdout == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM")
def test_what_is_asked_to_end_tells_it(playground: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["gpx", "--json", "--playground", str(playground), "--out", str(out)]
    process = subprocess.Popen(
        [sys.executable, "-m", "exporters", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not out.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    process.send_signal(signal.SIGTERM)
    stdout, _ = process.communicate()
    checked(stdout, process.returncode)


@pytest.mark.parametrize("options", [[], ["--json"]])
@pytest.mark.parametrize(
    ("loaded", "told"),
    [
        ("click", "interrupted before anything was written"),
        (
            "sqlalchemy",
            "interrupted; the files written so far are complete. Run again with --overwrite",
        ),
    ],
)
def test_ctrl_c_while_the_program_is_loaded_is_told(
    loaded: str, told: str, options: list[str]
) -> None:
    code = (
        "import sys, runpy\n"
        "class Pressed:\n"
        "    def find_spec(self, name, *more):\n"
        f"        if name == {loaded!r}: raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Pressed())\n"
        "runpy.run_module('exporters', run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "csv", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"strava-export: {told}\n"
    if options:
        assert checked(done.stdout, 1)["error"] == told
    else:
        assert done.stdout == ""


def test_the_page_describes_each_key_once_and_its_examples_fit(
    export: Export, tmp_path: Path
) -> None:
    described = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert described == list(SCHEMA["properties"])
    examples = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    for example in examples:
        CHECK.validate(example)
        assert list(example) == described[: len(example)]
    assert [example["status"] for example in examples] == ["done", "partial", "failed"]
    of_delta = ["athletes_written", "athletes_removed"]
    assert list(export("report")) == [key for key in described if key not in of_delta]
    lake = export("delta", out=tmp_path / "lake")
    assert list(lake) == [key for key in described if key != "to"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "failed"},
        {"error": "why"},
        {"missing": ["x"]},
        {"status": "partial"},
        {"files": None},
        {"out": None},
        {"more": 1},
    ],
)
def test_the_schema_refuses_what_contradicts_itself(wrong: dict[str, Any]) -> None:
    example = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    assert CHECK.is_valid(example)
    assert not CHECK.is_valid({**example, **wrong})
