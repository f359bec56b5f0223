"""Adds up what became of the exports of a fleet, and prints it: for people, or as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from db.invocation import Invocation
from db.terminal import say
from db.url import shown_database
from ingest.config import Config
from ingest.errors import AbortRun
from ingest.fleet.outcome import SUMMED, TaskOutcome
from ingest.reporting.json_result import OF_FILES, say_result
from ingest.reporting.report import Report

#: Exports that failed whose reasons the message at the end holds.
_NAMED: Final = 5


@dataclass(slots=True)
class FleetReport:
    """What a fleet did."""

    outcomes: list[TaskOutcome] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: What the last run says of the whole database.
    whole: Report = field(default_factory=Report)
    seconds: float = 0.0

    def count(self, status: str) -> int:
        """How many exports came to this."""
        return sum(one.status == status for one in self.outcomes)

    @property
    def counts(self) -> Mapping[str, int | float | datetime | None]:
        """The sums over all exports, and what is said of the whole database, as ``run`` names it.

        An activity that two exports hold counts in each.
        """
        total = Counter[str]()
        for one in self.outcomes:
            total.update(one.counts)
        sums = {name: total[name] for name in SUMMED}
        return {**self.whole.counts(), **sums, "seconds": round(self.seconds, 3)}

    @property
    def every_note(self) -> list[str]:
        """What is to be said beside the counts."""
        return [*self.notes, *(note for one in self.outcomes for note in one.notes)]

    @property
    def problem(self) -> AbortRun | None:
        """Why the command has failed: an export could not be imported."""
        failed = [one for one in self.outcomes if one.error is not None]
        if not failed:
            return None
        first = "; ".join(_named(one) for one in failed[:_NAMED])
        more = f"; and {len(failed) - _NAMED:,} more" if len(failed) > _NAMED else ""
        return AbortRun(
            f"{len(failed):,} of {len(self.outcomes):,} exports could not be imported: {first}"
            f"{more}"
        )


def say_json(report: FleetReport, invocation: Invocation) -> None:
    """Print the result as one JSON object."""
    problem = report.problem
    is_any = len(report.outcomes) > report.count("failed")
    exports = [
        {
            "name": one.name,
            "status": one.status,
            "error": one.error,
            "seconds": round(one.seconds, 3),
        }
        for one in sorted(report.outcomes, key=lambda one: one.name)
    ]
    say_result(
        "done" if problem is None else "partial" if is_any else "failed",
        None if problem is None else invocation.sentence(problem),
        **report.counts,
        **{name: getattr(report.whole, name) for name in OF_FILES},
        exports=exports,
        notes=report.every_note,
    )


def print_fleet(report: FleetReport, config: Config) -> None:
    """Print the result for people."""
    for note in report.every_note:
        say(f"Note: {note}")
    say(
        f"Exports: {report.count('done'):,} imported, {report.count('unchanged'):,} unchanged, "
        f"{report.count('failed'):,} failed, in {report.seconds:,.1f} s"
    )
    counts = report.counts
    words = ("new", "changed", "unchanged", "vanished")
    told = [f"{counts[f'activities_{word}']:,} {word}" for word in words]
    say(f"Activities: {' · '.join(told)}")
    say(f"Read: {counts['files_read']:,} device files, {counts['points_written']:,} points")
    if counts["issues"]:
        say(
            f"Inputs that could not be read completely or were corrected: {counts['issues']:,}. To "
            "see the reasons:"
        )
        say(f"    {config.invocation.command('issues')}")
    say(f"Database, for any SQL or BI tool: {shown_database(config.database)}")


def _named(outcome: TaskOutcome) -> str:
    error = outcome.error or ""
    return error if outcome.name in error else f"{outcome.name}: {error}"
