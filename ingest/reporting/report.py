"""Counts what a run did, for the command line to show and ``import_runs`` to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ingest.errors import AbortRun, IngestError

if TYPE_CHECKING:  # loads SQLAlchemy, and the help of the commands has the names of the counts
    from ingest.load.vanishing import Settled

#: Exports that could not be read whose reasons one message holds.
_NAMED: Final = 5


@dataclass(slots=True)
class Report:
    """Counts of a run, or of a part of one, which ``add`` puts into the whole.

    An activity that several exports hold counts once, by the strongest of what happened to it.
    """

    new: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    vanished: set[int] = field(default_factory=set)
    #: Activities of exports that were not opened again because nothing in them changed.
    untouched: set[int] = field(default_factory=set)
    #: Activities that only loose device files tell of, in the whole database.
    only_from_files: int = 0
    files_read: int = 0
    #: How many of these files lie in no export, and whether any such were read now or before.
    loose_files_read: int = 0
    has_loose_files: bool = False
    points_written: int = 0
    #: Activities whose transactions are done, whether they had news or not.
    activities_written: int = 0
    issues: int = 0
    seconds: float = 0.0
    exports: list[str] = field(default_factory=list)
    exports_unchanged: list[str] = field(default_factory=list)
    #: Why exports could not be read at all, and what lies in their place that is none.
    exports_failed: list[IngestError] = field(default_factory=list)
    #: Whether the exports were named on the command line; each of them must then be readable.
    were_named: bool = False
    #: Further sentences for the user: what was migrated, computed anew or held back.
    notes: list[str] = field(default_factory=list)
    differences: int = 0
    #: Activities that the API lists, and that are not fetched again since they were purged.
    purged: set[int] = field(default_factory=set)
    #: Requests to the Strava API, and those that wait for another run.
    api_requests: int = 0
    queue_left: int = 0
    #: When Strava's limits let the next run go on; ``None`` when they did not stop this one.
    resume_at: datetime | None = None
    #: Whether the API half ran to its end.
    api_asked: bool = False
    #: Why the API half could not go on.
    api_problem: AbortRun | None = None
    #: The date of the newest export that was imported, now or before.
    newest_export: datetime | None = None

    @classmethod
    def of_settled(cls, settled: Settled) -> Report:
        """What settling an athlete's activities changed, and what it refused to."""
        part = cls(vanished=set(settled.vanished))
        if settled.held_back:
            part.notes.append(
                f"{settled.held_back} activities of athlete {settled.athlete_id} seem to be no "
                "longer on Strava. Since that is more than 10 % at once, they were not marked as "
                "vanished. If you did delete them, run again with --accept-vanished"
            )
        return part

    def add(self, part: Report) -> None:
        """Add the counts of a part; what a part does not know stays as it is."""
        for each in fields(self):
            mine, other = getattr(self, each.name), getattr(part, each.name)
            if isinstance(mine, set):
                mine |= other
            elif isinstance(mine, bool):
                setattr(self, each.name, mine or other)
            elif isinstance(mine, list | int | float):
                setattr(self, each.name, mine + other)
            elif other is not None:
                setattr(self, each.name, other)

    @property
    def has_read(self) -> bool:
        """Whether there was an export or a device file, or anything was asked of the API."""
        return bool(self._has_read_files or self.api_requests or self.resume_at)

    @property
    def _has_read_files(self) -> bool:
        return bool(self.exports or self.exports_unchanged or self.has_loose_files)

    @property
    def export_problem(self) -> str | None:
        """Why a run has failed with what lies there: nothing of it could be read, nor the API; or
        an export could not that was named.
        """
        is_fetched = self.api_asked and not self.api_problem
        is_any_read = self._has_read_files
        if not self.exports_failed or (not self.were_named and (is_any_read or is_fetched)):
            return None
        first, more = self.exports_failed[:_NAMED], len(self.exports_failed) - _NAMED
        rest = f"; and {more:,} more" if more > 0 else ""
        what = "not every export" if is_any_read else "no export"
        return f"{what} could be read: {'; '.join(map(str, first))}{rest}"

    @property
    def problem(self) -> AbortRun | None:
        """Why the run has failed."""
        if self.export_problem is None:
            return self.api_problem
        if self.api_problem is None:
            return AbortRun(self.export_problem)
        return AbortRun(
            f"{self.export_problem}; {self.api_problem.message}", *self.api_problem.commands
        )

    @property
    def unchanged(self) -> set[int]:
        """Activities that are as they were."""
        return (self.seen | self.untouched) - self.new - self.changed - self.vanished

    def counts(self) -> Mapping[str, int | float | datetime | None]:
        """The summary, by the names that ``--json`` and ``import_runs`` use."""
        return {
            "activities_new": len(self.new),
            "activities_changed": len(self.changed - self.new),
            "activities_unchanged": len(self.unchanged),
            "activities_vanished": len(self.vanished),
            "files_read": self.files_read,
            "points_written": self.points_written,
            "issues": self.issues,
            "seconds": round(self.seconds, 3),
            "api_requests": self.api_requests,
            "queue_left": self.queue_left,
            "resume_at": self.resume_at,
        }
