"""Says in sentences what a run did, from what it printed with ``--json``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from exporters.report.units import number
from ingest.web.jobs.state import State

_HEADLINES: Final = {
    "done": "The import is done",
    "partial": "The import is done, but not all could be read",
    "failed": "The import did not finish",
    "come_back": "The import goes on later",
}
_EXPORTS: Final = {"imported": "imported", "unchanged": "imported before, nothing new in it"}


def headline(state: State) -> str:
    """How a run ended, in a few words."""
    if state.is_running:
        return "An import is going on"
    status = "failed" if state.result is None else str(state.result["status"])
    if status == "done" and state.facts["dry_run"]:
        return "The dry run is done; nothing was written"
    return _HEADLINES[status]


def sentences(state: State) -> Sequence[str]:
    """What a run did; nothing while it goes on."""
    if state.is_running:
        return ()
    if state.result is None:
        return ("It was ended from outside. What it had imported is kept.", *state.messages)
    return [*_sentences(state.result, dry_run=state.facts["dry_run"])]


def _sentences(result: Mapping[str, Any], *, dry_run: bool) -> Iterator[str]:
    if result["error"]:
        yield _sentence(f"{result['error'][:1].upper()}{result['error'][1:]}")
    for export in result["exports"]:
        if not dry_run or export["reason"]:
            yield _sentence(f"{export['name']}: {export['reason'] or _EXPORTS[export['status']]}")
    if result["activities_new"] is not None:  # known
        yield _activities(result, dry_run=dry_run)
        yield from _files(result, dry_run=dry_run)
        yield from _api(result)
    yield from map(_sentence, result["notes"])


def _activities(result: Mapping[str, Any], *, dry_run: bool) -> str:
    counts = [
        f"{number(count)} {word}"
        for word in ("new", "changed", "unchanged", "vanished")
        if (count := result[f"activities_{word}"])
    ]
    verb = "Activities, if this were no dry run" if dry_run else "Activities"
    return f"{verb}: {', '.join(counts) or 'none'}."


def _files(result: Mapping[str, Any], *, dry_run: bool) -> Iterator[str]:
    if not result["files_read"]:
        return
    files = f"{number(result['files_read'])} device file{'' if result['files_read'] == 1 else 's'}"
    if dry_run:
        yield f"To read: {files}."
    else:
        points = number(result["points_written"])
        yield f"Read: {files} with {points} points in {number(result['seconds'], 1)} s."
        if only := result.get("only_from_files"):
            yield f"Activities that only device files tell of so far: {number(only)}."


def _api(result: Mapping[str, Any]) -> Iterator[str]:
    if result["api_requests"]:
        yield f"Requests to the Strava API: {number(result['api_requests'])}."
    if result["queue_left"]:
        yield f"Requests that wait for a later import: {number(result['queue_left'])}."
    if result["resume_at"]:
        at = datetime.fromisoformat(result["resume_at"]).astimezone()
        yield f"Strava's limit of requests is reached. Import again after {at:%Y-%m-%d %H:%M}."


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
