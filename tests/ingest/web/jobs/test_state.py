"""How far a job is, read from the end of what it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from db.progress import JsonLines
from db.terminal import PlainConsole
from ingest import clock
from ingest.web.jobs.job_words import progress_figures
from ingest.web.jobs.state import State, state_of


def read(file: Path) -> State:
    facts = {"started_at": clock.now().isoformat()}
    return state_of(facts, is_running=True, messages=file, result=file.with_name("none"))


def told(file: Path, *events: dict[str, Any]) -> State:
    file.write_text("".join(f"{json.dumps(each)}\n" for each in events), encoding="utf-8")
    return read(file)


def begin(what: str, total: int) -> dict[str, Any]:
    return {"event": "begin", "what": what, "unit": "", "total": total}


def advance(done: int, **facts: Any) -> dict[str, Any]:
    work = {"what": "laps", "unit": "", "total": 0, "seconds": 2.0, "note": ""}
    return {"event": "advance", **work, "done": done, **facts}


def test_a_long_run_still_says_what_it_does_and_counts(tmp_path: Path) -> None:
    file = tmp_path / "progress.jsonl"
    with file.open("w", encoding="utf-8") as stream:
        view = JsonLines(PlainConsole(file=stream))
        view.say("export_77.zip: reading 5,000 device files")
        view.begin("export_77.zip", 5_000, "files")
        for _ in range(700):
            view._last = 0.0  # as if time had passed
            view.advance(note="151,280 points, 597,944 points/s")
    state = read(file)
    assert (state.done, state.total, state.unit) == (700, 5_000, "files")
    assert state.stage.startswith("export_77.zip")


def test_without_stages_the_newest_work_is_told(tmp_path: Path) -> None:
    state = told(tmp_path / "p", begin("gear", 3), begin("laps", 0))
    assert (state.stage, state.done, progress_figures(state)) == ("laps", 0, "")


def test_a_rate_is_told_where_there_is_no_other_note(tmp_path: Path) -> None:
    file = tmp_path / "p"
    assert progress_figures(told(file, advance(5_000))) == "5\u202f000, 2\u202f500 per second"
    assert progress_figures(told(file, advance(1))) == "1"
    assert progress_figures(told(file, advance(9, note="9 points"))) == "9, 9 points"
    shown = progress_figures(told(file, advance(10, total=40, unit="files")))
    assert shown == "10 of 40 files, 5 per second, 0:06 left"
