"""Imports exports of the drop folder, oldest first, under the database's lock."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from db.errors import DatabaseProblem
from db.models import Athlete
from db.references import restore_references
from ingest import __version__
from ingest.config import Config, make_folder
from ingest.errors import IngestError, NotAuthorized, StravaUnavailable
from ingest.extract.archive import open_archive
from ingest.extract.copy_check import Look
from ingest.extract.drop_folder import Export, discover
from ingest.extract.export_files import as_issue, reader_version
from ingest.load import fetch_queue as queue
from ingest.load import ledger, sync_state
from ingest.load.athlete_claims import athlete_of
from ingest.load.derived import derive_outdated
from ingest.load.marts import refill_stale
from ingest.load.reconcile import reconcile
from ingest.reporting.progress import Progress
from ingest.reporting.report import NOT_CONNECTED, Report
from ingest.run.database import database_errors, migrate, open_database
from ingest.run.dry_run import dated, dry_run
from ingest.run.export.activity_table import activities_of
from ingest.run.export.importer import ExportImport, note_held_back
from ingest.run.export.readers import Readers
from ingest.run.export.tables import Surroundings

log = logging.getLogger(__name__)

_DROP_FOLDER = "drop folder"


def run(config: Config, progress: Progress, report: Report, look: Look | None = None) -> None:
    """Import what the drop folder holds, counting into ``report``.

    ``look`` is a first look at the folder's ZIPs, taken before.

    Raises:
        AbortRun: the run cannot go on; what was written before is whole.
    """
    begun = time.monotonic()
    try:
        with database_errors():
            if config.dry_run:
                dry_run(config, progress, report, look)
            else:
                _run(config, progress, report, look)
    finally:
        report.seconds = time.monotonic() - begun


def _run(config: Config, progress: Progress, report: Report, look: Look | None) -> None:
    with open_database(config) as engine:
        make_folder(config.drop)
        migrate(engine, config, report)
        restore_references(engine)
        with engine.begin() as connection:
            run_id = ledger.begin_run(connection, __version__)
            if config.jobs == 0:
                ledger.forget_slow_files(connection)
            known = ledger.known_exports(connection, reader_version())
            home = config.timezone or sync_state.HOME_ZONE.get(connection)
        now = replace(config, timezone=home)
        _Run(
            engine=engine,
            config=now,
            progress=progress,
            report=report,
            run_id=run_id,
            known=known,
            look=look,
        ).go()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One run on one database."""

    engine: sa.Engine
    config: Config
    progress: Progress
    report: Report
    run_id: int
    #: Fingerprint -> athlete of exports that were imported whole.
    known: Mapping[str, int]
    look: Look | None

    def go(self) -> None:
        """Import every export, reconcile what is left, and close the run's row,
        whatever happens.
        """
        begun = time.monotonic()
        try:
            if not self.config.skip_export:
                self._import_all()
            self._sync()
            if (count := derive_outdated(self.engine.begin)) > 0:
                self.report.notes.append(
                    f"splits, efforts, curves and zone times of {count:,} activities were "
                    "computed anew"
                )
            # Runs after the API half, whose data the marts show too; a run without news skips it.
            refill_stale(self.engine)
        except BaseException as err:
            self.report.seconds = time.monotonic() - begun
            # If the database itself failed, the row stays open, and the next run closes it.
            with suppress(DBAPIError, DatabaseProblem):
                self._end("failed", str(err) or type(err).__name__)
            raise
        self.report.seconds = time.monotonic() - begun
        problem = self.report.api_problem or self.report.export_problem
        self._end("failed" if problem else "done", problem)

    def _end(self, status: str, error: str | None) -> None:
        with self.engine.begin() as connection:
            self.report.issues = ledger.count_issues(connection)
            self.report.queue_left = queue.count_waiting(connection)
            ledger.end_run(connection, self.run_id, status, self.report.counts(), error)
        log.info(
            "run %d %s: %s%s",
            self.run_id,
            status,
            self.report.counts(),
            f" ({error})" if error else "",
        )

    def _import_all(self) -> None:
        found = discover(self.config.drop, frozenset(self.known), self.look)
        self.report.exports_failed += map(str, found.problems)
        self.report.notes += [*found.waiting, *map(str, found.problems)]
        with self.engine.begin() as connection:
            # Files that are no exports belong to no athlete; each run judges them anew.
            ledger.forget_origin(connection, _DROP_FOLDER)
            ledger.add_issues(
                connection, self.run_id, 0, _DROP_FOLDER, [as_issue(err) for err in found.problems]
            )
        with Readers(self.config.jobs) as readers:
            for export in found.exports:
                self._import(export, readers)
        with self.engine.begin() as connection:
            self._settle_rest(connection)

    def _import(self, export: Export, readers: Readers) -> None:
        if export.fingerprint in self.known:
            with self.engine.connect() as connection:
                self.report.untouched |= ledger.exported_activities(
                    connection, self.known[export.fingerprint]
                )
            self.report.exports_unchanged.append(export.name)
            return
        self.progress.stage(str(export))
        try:
            self._import_one(export, readers)
        except IngestError as err:
            self.report.exports_failed.append(str(err))
            self.report.notes.append(str(err))
            with self.engine.begin() as connection:
                ledger.forget_issues(
                    connection,
                    export.athlete_id,
                    names=[err.origin.removeprefix(f"{export.name}: ")],
                )
                ledger.add_issues(
                    connection, self.run_id, export.athlete_id, export.name, [as_issue(err)]
                )
        else:
            self.report.exports.append(export.name)

    def _import_one(self, export: Export, readers: Readers) -> None:
        with open_archive(export.path) as archive:
            table = activities_of(archive, readers)
            with self.engine.connect() as connection:
                athlete_id = athlete_of(
                    connection, export.athlete_id, [line.activity_id for line in table.lines]
                )
                export = dated(connection, export)
            ExportImport(
                engine=self.engine,
                export=export,
                athlete_id=athlete_id,
                archive=archive,
                table=table,
                surroundings=Surroundings.of(export, athlete_id, archive, table, self.run_id),
                run_id=self.run_id,
                readers=readers,
                report=self.report,
                progress=self.progress,
                home=self.config.timezone,
                accept_vanished=self.config.accept_vanished,
                max_bytes=self.config.max_export_bytes,
            ).run()

    def _sync(self) -> None:
        """The API half; what stops it is told at the end, after what was imported before."""
        if self.config.skip_api:
            return
        if not self.config.token_file.exists():
            self.report.api_line = NOT_CONNECTED
            return
        from ingest.run.api.sync import (
            Sync,
        )  # half a second that only connected users need to spend

        sync = Sync(
            engine=self.engine,
            config=self.config,
            progress=self.progress,
            report=self.report,
            run_id=self.run_id,
        )
        try:
            settled = sync.run()
        except (NotAuthorized, StravaUnavailable) as err:
            self.report.api_problem = str(err)
            return
        self.report.vanished |= settled.vanished
        note_held_back(self.report, settled.athlete_id, settled.held_back)

    def _settle_rest(self, connection: sa.Connection) -> None:
        """Settle athletes that a killed run left unsettled.

        All athletes are settled if the home zone, or the choice about vanished ones, is new.
        """
        home = self.config.timezone
        is_new_home = home != sync_state.HOME_ZONE.get(connection)
        athletes = set(sync_state.unsettled(connection))
        if is_new_home or self.config.accept_vanished:
            athletes |= set(connection.scalars(sa.select(Athlete.athlete_id)))
        for athlete_id in sorted(athletes):
            settled = reconcile(connection, athlete_id, home, self.config.accept_vanished)
            self.report.vanished |= settled.vanished
            note_held_back(self.report, athlete_id, settled.held_back)
        if is_new_home:
            sync_state.HOME_ZONE.set(connection, home)
