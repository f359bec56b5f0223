"""How far a run is, read from the end of what it writes."""

from __future__ import annotations

from pathlib import Path

from db.progress import JsonLines
from db.terminal import PlainConsole
from ingest import clock
from ingest.web.job_state import state_of


def test_a_long_run_still_says_what_it_does_and_counts(tmp_path: Path) -> None:
    file = tmp_path / "progress.jsonl"
    with file.open("w", encoding="utf-8") as stream:
        view = JsonLines(PlainConsole(file=stream))
        view.say("export_77.zip: reading 5,000 device files")
        view.begin("export_77.zip", 5_000, "files")
        for _ in range(700):
            view._last = 0.0  # as if time had passed
            view.advance(note="151,280 points, 597,944 points/s")
    facts = {"started_at": clock.now().isoformat(), "dry_run": False}
    state = state_of(facts, is_running=True, messages=file, result=tmp_path / "none")
    assert (state.done, state.total, state.unit) == (700, 5_000, "files")
    assert state.stage.startswith("export_77.zip")
