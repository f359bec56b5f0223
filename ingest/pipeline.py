"""``run()``: exports of the drop folder into the database, oldest first, under the database's lock; a ``Report`` out."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from db import dictionary
from db.engine import describe, for_writing, make_engine, open_readonly, problem
from db.errors import DatabaseProblem, Locked, NoDatabase
from db.lock import run_lock
from db.migrate import current, head, upgrade
from db.models import ActivityObservation, Athlete
from db.references import restore_references
from ingest import __version__
from ingest.config import Config
from ingest.errors import AlreadyRunning, DatabaseError, IngestError
from ingest.importing import ExportImport, count, note_held_back
from ingest.load import ledger
from ingest.load.settle import HOME, settle, unsettled
from ingest.parsers import parser_version
from ingest.planning import make_plan
from ingest.progress import Progress
from ingest.report import Report
from ingest.rows import Issue
from ingest.sources.archive import open_archive
from ingest.sources.discover import Export, Found, discover
from ingest.sources.export import activities_of, as_issue
from ingest.sources.reading import Readers

log = logging.getLogger(__name__)


def run(config: Config, progress: Progress, report: Report) -> None:
    """Import what the drop folder holds, counting into ``report``.

    Raises:
        AbortRun: the run cannot go on; what was written before is whole.
    """
    begun = time.monotonic()
    try:
        with _database_errors():
            (_rehearse if config.dry_run else _run)(config, progress, report)
    finally:
        report.seconds = time.monotonic() - begun


@contextmanager
def _database_errors() -> Iterator[None]:
    """The database package knows nothing of runs; this is where its errors become ours."""
    try:
        yield
    except Locked as err:
        raise AlreadyRunning(str(err)) from err
    except DatabaseProblem as err:
        raise DatabaseError(str(err)) from err


@contextmanager
def _open_database(config: Config) -> Iterator[sa.Engine]:
    """The engine that a run writes with, under the database's lock; the folder of a SQLite default is made."""
    config.playground.mkdir(parents=True, exist_ok=True)
    engine = for_writing(make_engine(config.database))
    try:
        with run_lock(engine):
            yield engine
    finally:
        engine.dispose()


def _run(config: Config, progress: Progress, report: Report) -> None:
    config.drop.mkdir(parents=True, exist_ok=True)
    with _open_database(config) as engine:
        try:
            _migrate(engine, config, report)
            restore_references(engine)
            with engine.begin() as connection:
                run_id = ledger.begin_run(connection, __version__)
                known = ledger.known_exports(connection, parser_version(None))
                home = config.timezone or ledger.get_state(connection, HOME)
            _import_all(
                engine, replace(config, timezone=home), progress, report, run_id, discover(config.drop, known), known
            )
        except DBAPIError as err:
            raise problem(engine, err) from err


def _migrate(engine: sa.Engine, config: Config, report: Report) -> None:
    done = upgrade(engine, config.backups)
    if done.applied and done.from_revision:
        saved = f"; it was saved before as {done.backup}" if done.backup else ""
        report.notes.append(f"the database was brought from revision {done.from_revision} to {done.to_revision}{saved}")
    report.notes += done.warnings
    if done.applied:
        with engine.begin() as connection:
            dictionary.refill(connection)


def _import_all(
    engine: sa.Engine,
    config: Config,
    progress: Progress,
    report: Report,
    run_id: int,
    found: Found,
    known: frozenset[str],
) -> None:
    begun = time.monotonic()
    status, error = "failed", None
    report.notes += [*found.waiting, *map(str, found.problems)]
    try:
        with engine.begin() as connection:
            _store_problems(connection, run_id, found.problems)
        with Readers(config.jobs) as readers:
            for export in found.exports:
                _import(engine, config, progress, report, run_id, export, readers, known)
        with engine.begin() as connection:
            _settle_rest(connection, config, report)
        status = "done"
    except BaseException as err:
        error = str(err) or type(err).__name__
        raise
    finally:
        report.seconds = time.monotonic() - begun
        with engine.begin() as connection:
            report.issues = ledger.count_issues(connection)
            ledger.end_run(connection, run_id, status, report.counts(), error)
        log.info("run %d %s: %s%s", run_id, status, report.counts(), f" ({error})" if error else "")


def _store_problems(connection: sa.Connection, run_id: int, problems: tuple[IngestError, ...]) -> None:
    """Things in the drop folder that are no export belong to no athlete; each look judges them anew."""
    ledger.forget_origin(connection, "drop folder")
    ledger.add_issues(connection, run_id, 0, "drop folder", [as_issue(err) for err in problems])


def _import(
    engine: sa.Engine,
    config: Config,
    progress: Progress,
    report: Report,
    run_id: int,
    export: Export,
    readers: Readers,
    known: frozenset[str],
) -> None:
    with engine.connect() as connection:
        athlete_id = _owner(connection, export)
        if export.fingerprint in known:
            report.exports_unchanged.append(export.name)
            report.untouched |= _activities(connection, athlete_id)
            return
    progress.stage(f"{export.name}: export of {export.exported_at:%Y-%m-%d}, athlete {athlete_id or 'unknown'}")
    try:
        with open_archive(export.path) as archive:
            ExportImport(
                engine=engine,
                export=export,
                athlete_id=athlete_id,
                archive=archive,
                run_id=run_id,
                readers=readers,
                report=report,
                progress=progress,
                home=config.timezone,
                accept_vanished=config.accept_vanished,
            ).run()
        report.exports.append(export.name)
    except IngestError as err:
        report.notes.append(str(err))
        with engine.begin() as connection:
            ledger.forget_issues(connection, athlete_id, names=[err.origin.removeprefix(f"{export.name}: ")])
            issue = Issue(origin=err.origin, kind=err.kind, reason=err.reason)
            ledger.add_issues(connection, run_id, athlete_id, export.name, [issue])


def _owner(connection: sa.Connection, export: Export) -> int:
    """Whose export it is; where nothing tells, that of the only athlete of the database."""
    if export.athlete_id:
        return export.athlete_id
    athletes = list(connection.scalars(sa.select(Athlete.athlete_id).limit(2)))
    return athletes[0] if len(athletes) == 1 else 0


def _activities(connection: sa.Connection, athlete_id: int) -> set[int]:
    query = sa.select(ActivityObservation.activity_id).where(
        ActivityObservation.athlete_id == athlete_id, ActivityObservation.source == "export"
    )
    return set(connection.scalars(query))


def _settle_rest(connection: sa.Connection, config: Config, report: Report) -> None:
    """What a killed run left unsettled, and everybody when the home zone or the word about vanished ones is new."""
    is_new_home = config.timezone != ledger.get_state(connection, HOME)
    athletes = set(unsettled(connection))
    if is_new_home or config.accept_vanished:
        athletes |= set(connection.scalars(sa.select(Athlete.athlete_id)))
    for athlete_id in sorted(athletes):
        settled = settle(connection, athlete_id, config.timezone, config.accept_vanished)
        report.vanished |= settled.vanished
        note_held_back(report, athlete_id, settled.held_back)
    if is_new_home:
        ledger.set_state(connection, HOME, config.timezone)


def _rehearse(config: Config, progress: Progress, report: Report) -> None:
    """What a run would do; nothing is written, not even a log."""
    with _existing(config, report) as connection:
        known: frozenset[str] = frozenset()
        if connection is not None:
            known = ledger.known_exports(connection, parser_version(None))
            report.issues = ledger.count_issues(connection)
        found = discover(config.drop, known)
        report.notes += [*found.waiting, *map(str, found.problems)]
        for export in found.exports:
            try:
                _rehearse_one(connection, report, progress, export, known)
            except IngestError as err:
                report.notes.append(str(err))


def _rehearse_one(
    connection: sa.Connection | None, report: Report, progress: Progress, export: Export, known: frozenset[str]
) -> None:
    athlete_id = export.athlete_id if connection is None else _owner(connection, export)
    if connection is not None and export.fingerprint in known:
        report.exports_unchanged.append(export.name)
        report.untouched |= _activities(connection, athlete_id)
        return
    progress.stage(f"{export.name}: export of {export.exported_at:%Y-%m-%d}, athlete {athlete_id or 'unknown'}")
    with open_archive(export.path) as archive:
        table = activities_of(archive)
        count(report, make_plan(connection, archive, table.lines, athlete_id, export.exported_at))
    report.exports.append(export.name)


@contextmanager
def _existing(config: Config, report: Report) -> Iterator[sa.Connection | None]:
    """The database as it is, or ``None`` where a run would have to make or migrate it first."""
    try:
        engine = open_readonly(config.database)
    except NoDatabase:
        yield None
        return
    try:
        found = current(engine)
        if found is not None and found != head():
            report.notes.append(
                f"{describe(config.database)} is of revision {found}; a run would first migrate it to {head()}"
            )
        with engine.connect() as connection:
            yield connection if found == head() else None
    finally:
        engine.dispose()


def migrate_only(config: Config) -> list[str]:
    """Bring the schema up to date, under the lock; sentences about what was done."""
    report = Report()
    with _database_errors(), _open_database(config) as engine:
        _migrate(engine, config, report)
    return report.notes or [f"{describe(config.database)} is up to date (revision {head()})"]
