"""Decides as a run would, and counts that into a ``Report``, for ``--dry-run``.

It writes nothing, not even a log, except tokens that had to be renewed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from db.errors import DatabaseProblem, NoDatabase
from db.opening import read_only
from db.revision import current, head
from db.url import shown_database
from ingest.config import Config
from ingest.errors import IngestError
from ingest.extract.archive import Member
from ingest.extract.loose_files import LooseSource
from ingest.load import ledger, sync_state
from ingest.load.loose_recordings import count_provisional, seen_files
from ingest.load.reconcile import left_to_settle
from ingest.load.vanishing import ComingExport, vanishing
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.export.diff import diff_export
from ingest.run.export.due import due_exports
from ingest.run.export.loose_due import due_files
from ingest.run.export.open_export import OpenExport, open_export
from ingest.run.export.readers import Readers

#: SQLSTATEs of PostgreSQL for a table, and a column, that does not exist.
_UNDEFINED: Final = ("42P01", "42703")
#: Name, size and checksum of a device file, which two exports may share.
_File = tuple[str, int, int | None]


def dry_run(config: Config, progress: Progress) -> Report:
    """Count what a run with this configuration would import."""
    with existing(config) as (connection, notes):
        this = _DryRun(connection=connection, config=config, progress=progress)
        this.report.notes += notes
        this.go()
        return this.report


@dataclass(frozen=True, slots=True, kw_only=True)
class _DryRun:
    """One dry run; without a connection there is no database yet."""

    connection: sa.Connection | None
    config: Config
    progress: Progress
    report: Report = field(default_factory=Report)
    #: Exports that the run would import before it asks the API.
    coming: list[ComingExport] = field(default_factory=list)
    #: By athlete, what the run would have marked by then as vanished, or as back (``None``).
    vanished: dict[int, dict[int, datetime | None]] = field(default_factory=dict)
    files: set[_File] = field(default_factory=set)

    def go(self) -> None:
        """Decide about every export, then about the API."""
        if self.connection is not None:
            self.report.issues = ledger.count_issues(self.connection)
            self.report.newest_export = ledger.newest_export(self.connection)
            self.report.only_from_files = count_provisional(self.connection)
        if not self.config.skip_export:
            self._exports()
        self._sync()

    def _exports(self) -> None:
        due = due_exports(self._connected, self.config)
        self.report.add(due.report)
        if self.connection is not None:
            self.report.issues = ledger.count_issues(self.connection, without=due.replaced)
        self.report.issues += len(due.problems)
        with Readers(self.config.jobs) as readers:
            for export in due.exports:
                self.progress.stage(str(export))
                try:
                    with open_export(export, readers, self._connected) as opened:
                        self._export(opened)
                except IngestError as err:
                    self.report.add(Report(exports_failed=[err]))
        self.report.files_read = len(self.files)
        self._loose(due.loose)
        self._settle_rest()

    def _export(self, export: OpenExport) -> None:
        diff = diff_export(self.connection, export, self.config.max_export_bytes)
        self.report.add(diff.report())
        self.report.notes += filter(None, [export.note])
        self.report.exports.append(export.name)
        self.files.update((t.member.name, t.member.size, t.member.crc32) for t in diff.tasks)
        self.coming.append(
            ComingExport(
                athlete_id=export.athlete_id,
                exported_at=export.exported_at,
                activity_ids=frozenset(export.activity_ids),
                newest_start=export.newest_start,
            )
        )
        self._settle(export.athlete_id)

    def _loose(self, sources: Iterable[LooseSource]) -> None:
        """Count the loose device files to read; which activities they hold, only reading tells."""
        with self._connected() as connection:
            seen = {} if connection is None else {f.name: f for f in seen_files(connection)}
        for source in sources:
            try:
                for file in due_files(source, seen, self.config.max_export_bytes):
                    if isinstance(file, Member):
                        self.report.files_read += 1
                        self.report.loose_files_read += 1
                    else:
                        self.report.issues += 1
            except IngestError as err:
                self.report.add(Report(exports_failed=[err]))
            else:
                self.report.has_loose_files = True

    def _settle_rest(self) -> None:
        if self.connection is not None:
            home = self.config.timezone or sync_state.HOME_ZONE.get(self.connection)
            rest = left_to_settle(self.connection, home, self.config.accept_vanished)
            for athlete_id in sorted(rest):
                self._settle(athlete_id)

    def _settle(self, athlete_id: int) -> None:
        decided = self.vanished.setdefault(athlete_id, {})
        accept = self.config.accept_vanished
        found = vanishing(self.connection, athlete_id, accept, self.coming, decided)
        decided |= found.dates
        self.report.add(Report.of_settled(found.settled))

    def _sync(self) -> None:
        if not self.config.asks_api:
            return
        # Imported here, since it takes half a second that only connected users need.
        from ingest.run.api.dry_run import dry_run_sync

        exported = self.report.seen | self.report.untouched
        for part in dry_run_sync(
            self.connection, self.config, self.progress, self.coming, exported
        ):
            self.report.add(part)
        self.report.api_asked = True

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection | None]:
        yield self.connection
        if self.connection is not None:  # an open transaction would keep others waiting
            self.connection.rollback()


@contextmanager
def existing(config: Config) -> Iterator[tuple[sa.Connection | None, list[str]]]:
    """The database as it is, or ``None`` where a run would have to make it first; and what is to be
    said of it.

    Raises:
        DatabaseProblem: it is of a version that today's queries cannot read.
    """
    try:
        with read_only(config.database) as connection:
            shown, found = shown_database(config.database), current(connection.engine)
            if found is None:
                yield None, []
                return
            older = [
                f"{shown} is of an older version (revision {found}); a run would first migrate it "
                f"to {head()}"
            ]
            try:
                yield connection, [] if found == head() else older
            except DBAPIError as err:
                if found == head() or not _lacks_name(err):
                    raise
                raise DatabaseProblem(
                    f"{shown} is too old for a dry run (revision {found}); bring it up to date "
                    "first",
                    "migrate",
                ) from err
    except NoDatabase:
        yield None, []


def _lacks_name(err: DBAPIError) -> bool:
    """Whether a query failed since the database has no such table or column."""
    is_missing = str(err.orig).startswith(("no such table", "no such column"))
    return is_missing or getattr(err.orig, "sqlstate", None) in _UNDEFINED
