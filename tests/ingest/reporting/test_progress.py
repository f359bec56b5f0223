"""A run's progress reaches everything that shows it, the log among them."""

from __future__ import annotations

import io
import json
import logging
from datetime import UTC, datetime

import pytest

from db.progress import JsonLines, Lines
from db.terminal import PlainConsole
from ingest.reporting.progress import LogLines, Progress, make_progress


def test_every_view_is_told_all_of_it() -> None:
    files = io.StringIO(), io.StringIO()
    with Progress(*(Lines(PlainConsole(file=file)) for file in files)) as progress:
        progress.stage("export.zip: export of 2026-01-01, athlete 7")
        progress.files("export.zip", 1, 2_000_000)
        progress.file_done(60)
        progress.requests(1)
        progress.request_done()
        progress.waiting(61, datetime(2026, 1, 1, tzinfo=UTC))
        progress.waiting(0, datetime(2026, 1, 1, tzinfo=UTC))
    first, second = (file.getvalue() for file in files)
    assert first == second
    lines = first.splitlines()
    assert lines[1] == "export.zip: reading 1 device files (2.0 MB)"
    assert lines[2].startswith("export.zip: 1 of 1 files, 60 points")
    assert lines[4] == "Strava API: 1 of 1 requests"
    assert lines[5].endswith("in 0:01:01; Ctrl-C stops")
    assert len(lines) == 6


def test_stages_are_in_the_log_and_single_files_are_not(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ingest")
    with Progress(LogLines()) as progress:
        progress.stage("a stage")
        progress.files("export.zip", 2, 1_000_000)
        progress.file_done(60)
    assert caplog.messages == ["a stage", "export.zip: reading 2 device files (1.0 MB)"]


def test_a_quiet_run_shows_nothing_and_still_logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ingest")
    file = io.StringIO()
    with make_progress(PlainConsole(file=file), quiet=True) as progress:
        progress.stage("a stage")
    assert file.getvalue() == ""
    assert caplog.messages == ["a stage"]


def test_programs_are_told_in_lines_of_json_that_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 0.0, 0.1, 0.1, 0.3, 0.3, 0.4, 0.4])  # two looks for each file
    monkeypatch.setattr("db.progress.time.monotonic", lambda: next(moments))
    file = io.StringIO()
    with Progress(JsonLines(PlainConsole(file=file))) as progress:
        progress.files("x\u2028{.zip", 3, 1_000_000)
        for _ in range(3):
            progress.file_done(60)
    lines = [json.loads(line) for line in file.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["stage", "begin", "advance", "advance"]
    assert lines[1] == {"event": "begin", "what": "x\u2028{.zip", "unit": "files", "total": 3}
    assert [(line["done"], line["seconds"]) for line in lines[2:]] == [(2, 0.3), (3, 0.4)]


def test_a_quiet_run_writes_no_json_either() -> None:
    file = io.StringIO()
    with make_progress(PlainConsole(file=file), quiet=True, as_json=True) as progress:
        progress.stage("a stage")
    assert file.getvalue() == ""
