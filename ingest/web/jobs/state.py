"""Reads how far a job is, or how it ended, from the files that it writes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from exporters.report.units import number

#: Bytes at the end of the messages that are looked at; a line of progress has about a hundred.
_TAIL: Final = 64_000
#: Messages for people that are shown of a job that ended without a result.
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How far a job is, or how it ended."""

    is_running: bool
    started_at: datetime
    #: What the page remembers of its start.
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: What it does, in a sentence or a name.
    stage: str = ""
    #: Files, requests or rows; ``total`` is 0 where it is not known.
    done: int = 0
    total: int = 0
    unit: str = ""
    #: What else is known of its progress, such as points and their rate.
    note: str = ""
    seconds_left: float | None = None
    #: What it printed with ``--json``; ``None`` while it runs, and if it was killed.
    result: Mapping[str, Any] | None = None
    #: Messages for people.
    messages: Sequence[str] = ()


def state_of(facts: Mapping[str, Any], *, is_running: bool, messages: Path, result: Path) -> State:
    """The state of a job that was started with ``facts``."""
    lines = _tail(messages)
    return State(
        is_running=is_running,
        started_at=datetime.fromisoformat(facts["started_at"]),
        facts=facts,
        result=None if is_running else json_object(result),
        messages=[line for line in lines if line and not line.startswith("{")][-_SHOWN:],
        **_summed(_events(lines)),
    )


def json_object(file: Path) -> Mapping[str, Any] | None:
    """The object that a file holds; ``None`` if it is not there, empty or cut off."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _events(lines: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        if line.startswith("{"):
            with suppress(ValueError):
                yield json.loads(line)


def _summed(events: Iterator[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What the events make together."""
    found: dict[str, Any] = {}
    what = ""
    for event in events:
        what = event.get("what", what)
        match event.get("event"):
            case "stage":
                found["stage"] = event["text"]
            case "wait":
                found["note"] = event["text"] or ""
            case "begin":
                found |= {"unit": event["unit"], "total": event["total"], "done": 0}
                found |= {"note": "", "seconds_left": None}
            case "advance":
                found |= {key: event[key] for key in ("unit", "done", "total")}
                found["note"] = event["note"] or _rate(event)
                found["seconds_left"] = _left(event)
    # Where the line of a stage is too far back, or there is none.
    return {"stage": what, **found}


def _rate(event: Mapping[str, Any]) -> str:
    rate = event["done"] / event["seconds"] if event["seconds"] else 0.0
    return f"{number(rate)} per second" if rate >= 1 else ""


def _left(event: Mapping[str, Any]) -> float | None:
    done, total = event["done"], event["total"]
    if not 0 < done < total:
        return None  # at the end, what is computed from the files is still to do
    seconds: float = event["seconds"] / done * (total - done)
    return seconds


def _tail(file: Path) -> Sequence[str]:
    """The last whole lines of a file that grows."""
    try:
        with file.open("rb") as stream:
            start = max(0, stream.seek(0, os.SEEK_END) - _TAIL)
            stream.seek(start)
            text = stream.read(_TAIL).decode("utf-8", "replace")
    except OSError:
        return ()
    whole = text.rpartition("\n")[0].split("\n")
    return whole[1:] if start else whole
