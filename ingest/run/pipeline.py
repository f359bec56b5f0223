"""Imports exports, oldest first, then what the API has beyond them.

A run holds the database's lock. Its stages yield what they counted, and are added up here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from db.errors import DatabaseProblem, Locked
from db.lock import RunLock
from db.references import restore_references
from ingest import __version__
from ingest.config import Config
from ingest.errors import Interrupted
from ingest.folders import make_folder
from ingest.load import fetch_queue as queue
from ingest.load import ledger, sync_state
from ingest.load.athlete_claims import owners
from ingest.load.derived import derive_outdated, to_derive
from ingest.load.gear_limits import limits_to_set, set_limits, unknown_gear
from ingest.load.loose_recordings import count_provisional
from ingest.load.marts import refill_stale
from ingest.load.places import athletes_to_place, place_starts
from ingest.load.reconcile import left_to_settle, reconcile
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.database import database_errors, migrate, open_database
from ingest.run.export.due_import import DueImport
from ingest.transform.gear_limits import GearLimit, read_gear_limits
from ingest.transform.places import can_look_up

log = logging.getLogger(__name__)


def run(config: Config, progress: Progress) -> Report:
    """Import what the drop folder holds (or the exports that the configuration names), and what the
    API has beyond it; says what was done.

    With ``config.dry_run`` it says what would be done, and does not write.

    Raises:
        AbortRun: the run cannot go on; what was written before is whole.
    """
    begun = time.monotonic()
    read_gear_limits(config.gear_limits)  # a mistake in it is told before anything is done
    try:
        with database_errors():
            report = _dry_run(config, progress) if config.dry_run else _run(config, progress)
    except KeyboardInterrupt:
        raise Interrupted.after(has_stored=False) from None
    report.seconds = time.monotonic() - begun
    return report


def _dry_run(config: Config, progress: Progress) -> Report:
    from ingest.run.dry_run import dry_run

    return dry_run(config, progress)


def _run(config: Config, progress: Progress) -> Report:
    with open_database(config) as (engine, lock):
        make_folder(config.drop)
        notes = migrate(engine, config, lock)
        restore_references(engine, lock)
        with lock.alone() as is_alone, engine.begin() as connection:
            run_id = ledger.begin_run(connection, __version__, is_alone=is_alone)
            home = config.timezone or sync_state.HOME_ZONE.get(connection)
        this = _Run(
            engine=engine,
            lock=lock,
            config=replace(config, timezone=home),
            progress=progress,
            run_id=run_id,
            report=Report(notes=notes),
        )
        this.go()
        restore_references(engine, lock)  # where the run was not alone when it put them off
        return this.report


def import_again(
    engine: sa.Engine, lock: RunLock, config: Config, progress: Progress, run_id: int
) -> Report:
    """Import the exports that the configuration names, if any, in a run that has begun already."""
    with engine.connect() as connection:
        home = config.timezone or sync_state.HOME_ZONE.get(connection)
    config = replace(config, timezone=home, skip_api=True, skip_export=not config.exports)
    this = _Run(
        engine=engine, lock=lock, config=config, progress=progress, run_id=run_id, report=Report()
    )
    this.go()
    restore_references(engine, lock)
    return this.report


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One run on one database."""

    engine: sa.Engine
    lock: RunLock
    config: Config
    progress: Progress
    run_id: int
    report: Report

    def go(self) -> None:
        """Import every export, reconcile what is left, and close the run's row,
        whatever happens.
        """
        begun = time.monotonic()
        try:
            if not self.config.skip_export:
                self._import_due()
            self._sync()
            self._read_loose_again()
            self._derive()
            self._place()
            self._limit_gear(read_gear_limits(self.config.gear_limits))
            # Runs after the API half, whose data the marts show too; a run without news skips it.
            refill_stale(self.engine)
            with self.engine.connect() as connection:
                self.report.only_from_files = count_provisional(connection)
        except KeyboardInterrupt:
            has_stored = bool(self.report.activities_written or self.report.api_requests)
            err = Interrupted.after(has_stored=has_stored)
            self._end_failed(err, begun)
            raise err from None
        except BaseException as err:
            self._end_failed(err, begun)
            raise
        self.report.seconds = time.monotonic() - begun
        problem = self.report.problem
        self._end("failed" if problem else "done", str(problem) if problem else None)

    def _end_failed(self, err: BaseException, begun: float) -> None:
        self.report.seconds = time.monotonic() - begun
        # If the database itself failed, the row stays open, and the next run closes it.
        with suppress(DBAPIError, DatabaseProblem):
            self._end("failed", str(err) or type(err).__name__)

    def _end(self, status: str, error: str | None) -> None:
        with self.engine.begin() as connection:
            self.report.issues = ledger.count_issues(connection)
            self.report.newest_export = ledger.newest_export(connection)
            self.report.queue_left = queue.count_waiting(connection)
            ledger.end_run(connection, self.run_id, status, self.report.counts(), error)
        log.info(
            "run %d %s: %s%s",
            self.run_id,
            status,
            self.report.counts(),
            f" ({error})" if error else "",
        )

    def _import_due(self) -> None:
        if self.config.jobs == 0:
            self._forget_slow_files()
        for part in self._due_import().run():
            self.report.add(part)
        self._settle_rest()

    def _read_loose_again(self) -> None:
        """Read loose files again whose points are wanted since another source is gone."""
        for part in self._due_import().read_again():
            self.report.add(part)

    def _due_import(self) -> DueImport:
        return DueImport(
            engine=self.engine,
            lock=self.lock,
            config=self.config,
            progress=self.progress,
            run_id=self.run_id,
        )

    def _sync(self) -> None:
        """The API half; what stops it is told at the end, after what was imported before."""
        if not self.config.asks_api:
            return
        # Imported here, since it takes half a second that only connected users need.
        from ingest.run.api.sync import Sync

        for part in Sync(
            engine=self.engine,
            lock=self.lock,
            config=self.config,
            progress=self.progress,
            run_id=self.run_id,
        ).run():
            self.report.add(part)
        self.report.api_asked = True

    def _settle_rest(self) -> None:
        """Settle the athletes whom no export of this run has settled."""
        home, accept = self.config.timezone, self.config.accept_vanished
        with self.engine.connect() as connection:
            left = left_to_settle(connection, home, accept)
            is_new = home != sync_state.HOME_ZONE.get(connection)
        if left:
            self._settle(left)
        # Until all athletes are settled by it, each run finds it new.
        if is_new and not left:
            with self.engine.begin() as connection:
                sync_state.HOME_ZONE.set(connection, home)

    def _settle(self, left: set[int]) -> None:
        """Settle these athletes, and take them from the set, but for those that are busy."""
        from ingest.load.meeting import meet_loose  # imported late: a run without news needs it not

        for athlete_id in self._not_busy(left):
            with self.engine.begin() as connection:
                meet_loose(connection, athlete_id, self.run_id)
                settled = reconcile(
                    connection, athlete_id, self.config.timezone, self.config.accept_vanished
                )
            self.report.add(Report.of_settled(settled))
            left.remove(athlete_id)

    def _derive(self) -> None:
        """Compute figures anew that another version of this program, sport or zones change."""
        with self.engine.connect() as connection:
            left = to_derive(connection)
        count = sum(derive_outdated(self.engine.begin, [i]) for i in self._not_busy(left))
        if count > 0:
            self.report.notes.append(
                f"splits, best efforts, power curves and zone times of {count:,} activities "
                "were computed anew"
            )

    def _place(self) -> None:
        """Look up where activities started, also those of before the package was installed."""
        if not can_look_up():
            return
        with self.engine.connect() as connection:
            left = athletes_to_place(connection)
        for athlete_id in self._not_busy(left):
            with self.engine.begin() as connection:
                place_starts(connection, athlete_id)

    def _limit_gear(self, limits: tuple[GearLimit, ...] | None) -> None:
        """Set the limits of ``gear_limits.csv``; without the file they stay as they are."""
        if limits is None:
            return
        with self.engine.connect() as connection:
            changed = limits_to_set(connection, limits)
            self.report.notes += unknown_gear(connection, limits)
        for athlete_id in self._not_busy(changed):
            with self.engine.begin() as connection:
                set_limits(connection, athlete_id, limits)

    def _forget_slow_files(self) -> None:
        with self.engine.connect() as connection:
            athletes = ledger.with_slow_files(connection)
        for athlete_id in self._not_busy(athletes):
            with self.engine.begin() as connection:
                ledger.forget_slow_files(connection, athlete_id)

    def _not_busy(self, athletes: Iterable[int]) -> Iterator[int]:
        """Those whose data no other run is writing, each under its lock; that run does the rest."""
        for athlete_id in sorted(athletes):
            with self.engine.connect() as connection:  # files of nobody may turn out to be theirs
                changed = owners(connection, athlete_id, ())
            with suppress(Locked), self.lock.athletes(*changed):
                yield athlete_id
