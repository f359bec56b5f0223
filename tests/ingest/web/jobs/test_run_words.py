"""What a run did, in the sentences of the import page."""

from __future__ import annotations

from typing import Any

import pytest

from ingest import clock
from ingest.reporting.json_result import failure
from ingest.web.jobs.run_words import headline, sentences
from ingest.web.jobs.state import State

COUNTS = {
    "activities_new": 12,
    "activities_changed": 0,
    "activities_unchanged": 1_288,
    "activities_vanished": 1,
    "files_read": 1,
    "points_written": 3_000,
    "issues": 2,
    "seconds": 3.26,
    "api_requests": 0,
    "queue_left": 0,
    "resume_at": None,
    "loose_files_read": 0,
    "only_from_files": 4,
}


def ended(result: dict[str, Any] | None, **facts: Any) -> State:
    return State(
        **{
            "is_running": False,
            "started_at": clock.now(),
            "facts": {"dry_run": False},
            "result": result,
            **facts,
        }
    )


def test_a_run_that_is_done_in_part() -> None:
    reason = "is not a Strava export but a text"
    exports = [
        {"name": "export_1.zip", "status": "imported", "reason": None},
        {"name": "x.txt", "status": "failed", "reason": reason},
    ]
    notes = ["2 activities were held back"]
    state = ended(
        {"status": "partial", "error": None, **COUNTS, "exports": exports, "notes": notes}
    )
    assert headline(state) == "The import is done, but not all could be read"
    assert sentences(state) == [
        "export_1.zip: imported.",
        "x.txt: is not a Strava export but a text.",
        "Activities: 12 new, 1\u202f288 unchanged, 1 vanished.",
        "Read: 1 device file with 3\u202f000 points in 3.3 s.",
        "Activities that only device files tell of so far: 4.",
        "2 activities were held back.",
    ]


def test_a_run_that_strava_stopped() -> None:
    facts = COUNTS | {
        "api_requests": 9,
        "queue_left": 111,
        "resume_at": "2026-11-28T16:00:01+00:00",
    }
    state = ended({"status": "come_back", "error": None, **facts, "exports": [], "notes": []})
    assert headline(state) == "The import goes on later"
    assert "Requests that wait for a later import: 111." in sentences(state)
    assert sentences(state)[-1].startswith("Strava's limit of requests is reached. Import again")


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (failure("run", "the database is locked"), ["The database is locked."]),
        (None, ["It was ended from outside. What it had imported is kept.", "Killed"]),
    ],
)
def test_a_run_that_did_not_finish(result: dict[str, Any] | None, said: list[str]) -> None:
    state = ended(result, messages=["Killed"])
    assert headline(state) == "The import did not finish"
    assert list(sentences(state)) == said


def test_a_run_that_goes_on_has_no_summary_yet() -> None:
    state = ended(None, is_running=True)
    assert (headline(state), list(sentences(state))) == ("An import is going on", [])
