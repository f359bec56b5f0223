"""Defines what goes to a worker and what comes back: neither holds a secret or many ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from ingest.fleet.sources import Source
from ingest.fleet.worker import Version
from ingest.reporting.report import Report

#: Counts of a run that are of its own exports, and so can be added up.
SUMMED: Final = (
    "activities_new",
    "activities_changed",
    "activities_unchanged",
    "activities_vanished",
    "files_read",
    "points_written",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOrder:
    """One export to import, and how."""

    source: Source
    version: Version
    timezone: str | None
    max_export_bytes: int
    jobs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOutcome:
    """What became of one export."""

    name: str
    status: Literal["done", "unchanged", "failed"]
    error: str | None = None
    seconds: float = 0.0
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    #: Whether another try may go better: the network, the database or the worker was the reason.
    is_passing: bool = False


def of_report(source: Source, report: Report, seconds: float) -> TaskOutcome:
    """What a run over one export came to."""
    counts = {name: value for name, value in report.counts().items() if name in SUMMED}
    failed = "; ".join(map(str, report.exports_failed))
    return TaskOutcome(
        name=source.name,
        status="failed" if failed else "done" if report.exports else "unchanged",
        error=failed or None,
        seconds=seconds,
        counts={name: int(value) for name, value in counts.items() if isinstance(value, int)},
        notes=tuple(report.notes),
    )
