"""Says how far a job is: in words for the page, and as an object for its script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from exporters.report.units import number
from ingest.web.formats import duration
from ingest.web.jobs.processes import Jobs
from ingest.web.jobs.state import State


def progress_figures(state: State) -> str:
    """What is done of how much, how fast, and how long it will take."""
    return ", ".join(_figures(state))


def _figures(state: State) -> Iterator[str]:
    if state.total:
        yield f"{number(state.done)} of {number(state.total)} {state.unit}".strip()
    elif state.done:
        yield f"{number(state.done)} {state.unit}".strip()
    if state.note:
        yield state.note
    if state.seconds_left is not None:
        yield f"{duration(state.seconds_left)} left"


def job_json(jobs: Jobs) -> Mapping[str, Any]:
    """How far the newest job is, for the script."""
    state = jobs.state()
    if state is None:
        return {"is_running": False}
    return {
        "is_running": state.is_running,
        "stage": state.stage,
        "done": state.done,
        "total": state.total,
        "figures": progress_figures(state),
    }
