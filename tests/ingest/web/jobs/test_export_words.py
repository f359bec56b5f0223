"""What an export did, in the sentences of the files page."""

from __future__ import annotations

from typing import Any

from exporters.registry import EXPORTERS
from exporters.summary import of_failure
from ingest import clock
from ingest.web.jobs.export_forms import fields
from ingest.web.jobs.export_words import headline, sentences
from ingest.web.jobs.state import State

DONE = {"status": "done", "error": None, "out": "/x", "files": 1, "rows": 1_234, "seconds": 3.26}


def ended(result: dict[str, Any] | None, **more: Any) -> State:
    facts = {"exporter": "gpx", "form": {}}
    now = clock.now()
    return State(is_running=False, started_at=now, facts=facts, result=result, **more)


def told(state: State) -> list[str]:
    return [headline(state), *sentences(state, fields(EXPORTERS["gpx"]))]


def test_what_was_written_is_counted_and_notes_become_sentences() -> None:
    state = ended({**DONE, "notes": ["2 activities have no positions"], "missing": []})
    assert told(state) == [
        "The export gpx is done",
        "1 file with 1\u202f234 rows in 3.3 s, in /x.",
        "2 activities have no positions.",
    ]


def test_what_is_missing_is_named_up_to_a_bound() -> None:
    missing = [f"{n}.fit: it is not there" for n in range(22)]
    state = ended({**DONE, "status": "partial", "rows": 0, "notes": [], "missing": missing})
    said = told(state)
    assert said[:3] == [
        "The export gpx is done, but not all could be exported",
        "1 file in 3.3 s, in /x.",
        "Missing: 0.fit: it is not there.",
    ]
    assert said[-1] == "2 more are missing."
    assert len(said) == 23


def test_an_export_that_chose_nothing_wrote_nothing() -> None:
    state = ended({**DONE, "files": 0, "rows": 0, "notes": ["no activity matches"], "missing": []})
    said = ["The export gpx is done; no file was written", "No activity matches."]
    assert told(state) == said


def test_a_failure_is_told_with_the_fields_of_the_page() -> None:
    state = ended(of_failure("gpx", "a/b.gpx exists already; use --overwrite to replace it"))
    assert told(state) == [
        "The export gpx did not finish",
        "a/b.gpx exists already; use “Overwrite” to replace it.",
    ]


def test_an_export_that_was_killed_says_what_stays() -> None:
    said = told(ended(None, messages=["Killed"]))
    whole = "It was ended from outside. Each file that it had written is whole."
    assert said == ["The export gpx did not finish", whole, "Killed"]
    running = State(is_running=True, started_at=clock.now(), facts={"exporter": "gpx"})
    assert told(running) == ["The export gpx is going on"]
