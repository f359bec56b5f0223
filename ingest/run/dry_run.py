"""Counts into a ``Report`` what a run would do, for ``--dry-run``.

Nothing is written, not even a log, but tokens that had to be renewed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from db.engine import open_readonly, problem, redacted_url
from db.errors import NoDatabase
from db.revision import current, head
from ingest.config import Config
from ingest.errors import IngestError, NotAuthorized, StravaUnavailable
from ingest.extract.archive import open_archive
from ingest.extract.copy_check import Look
from ingest.extract.drop_folder import Export, discover
from ingest.extract.export_files import reader_version
from ingest.load import ledger
from ingest.load.athlete_claims import athlete_of
from ingest.load.reconcile import MAX_VANISHED, newest_export
from ingest.reporting.progress import Progress
from ingest.reporting.report import NOT_CONNECTED, Report
from ingest.run.export.activity_table import activities_of
from ingest.run.export.diff import diff_export, refuse_absurd
from ingest.run.export.importer import count_diff, note_held_back
from ingest.run.export.readers import Readers


def dry_run(config: Config, progress: Progress, report: Report, look: Look | None) -> None:
    """Count what a run with this configuration would import."""
    with _existing(config, report) as connection:
        known: Mapping[str, int] = {}
        if connection is not None:
            known = ledger.known_exports(connection, reader_version())
            report.issues = ledger.count_issues(connection)
        files: set[tuple[str, int, int | None]] = set()
        for export in () if config.skip_export else _found(config, frozenset(known), report, look):
            if connection is not None and export.fingerprint in known:
                report.exports_unchanged.append(export.name)
                report.untouched |= ledger.exported_activities(
                    connection, known[export.fingerprint]
                )
                continue
            try:
                files |= _rehearse_one(connection, config, progress, report, export)
            except IngestError as err:
                report.exports_failed.append(str(err))
                report.notes.append(str(err))
        report.files_read = len(files)
        _rehearse_api(connection, config, progress, report)


def _found(
    config: Config, known: frozenset[str], report: Report, look: Look | None
) -> Sequence[Export]:
    found = discover(config.drop, known, look)
    report.exports_failed += map(str, found.problems)
    report.notes += [*found.waiting, *map(str, found.problems)]
    return found.exports


def _rehearse_api(
    connection: sa.Connection | None, config: Config, progress: Progress, report: Report
) -> None:
    if config.skip_api:
        return
    if not config.token_file.exists():
        report.api_line = NOT_CONNECTED
        return
    from ingest.run.api.dry_run import (
        rehearse_sync,
    )  # half a second that only connected users need to spend

    try:
        rehearse_sync(connection, config, progress, report)
    except (NotAuthorized, StravaUnavailable) as err:
        report.api_problem = str(err)


def _rehearse_one(
    connection: sa.Connection | None,
    config: Config,
    progress: Progress,
    report: Report,
    export: Export,
) -> set[tuple[str, int, int | None]]:
    """Count one export; the device files that would be read, which two exports may share."""
    progress.stage(str(export))
    with open_archive(export.path) as archive, Readers(config.jobs) as readers:
        table = activities_of(archive, readers)
        ids = [line.activity_id for line in table.lines]
        athlete_id = export.athlete_id
        if connection is not None:
            athlete_id, export = athlete_of(connection, athlete_id, ids), dated(connection, export)
        diff = diff_export(connection, archive, table.lines, athlete_id, export.exported_at)
        refuse_absurd(diff, archive, config.max_export_bytes)
    count_diff(report, diff)
    if connection is not None:
        _count_vanished(connection, report, athlete_id, export, set(ids), config.accept_vanished)
    report.exports.append(export.name)
    return {(task.member.name, task.member.size, task.member.crc32) for task in diff.tasks}


def _count_vanished(
    connection: sa.Connection,
    report: Report,
    athlete_id: int,
    export: Export,
    held: set[int],
    accept: bool,
) -> None:
    newest = newest_export(connection, athlete_id)
    if newest is None or newest >= export.exported_at:
        return
    present = ledger.exported_activities(connection, athlete_id)
    gone = present - held
    if len(gone) > len(present | held) * MAX_VANISHED and not accept:
        note_held_back(report, athlete_id, len(gone))
    else:
        report.vanished |= gone


def dated(connection: sa.Connection, export: Export) -> Export:
    """The export with the date that its contents are known by: files of a folder that was copied
    anew look newer than they are.
    """
    known = ledger.known_date(connection, export.content)
    return (
        replace(export, exported_at=known) if known is not None and export.path.is_dir() else export
    )


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
            shown = redacted_url(config.database)
            report.notes.append(
                f"{shown} is of revision {found}; a run would first migrate it to {head()}"
            )
        with engine.connect() as connection:
            yield connection if found == head() else None
    except DBAPIError as err:
        raise problem(engine, err) from err
    finally:
        engine.dispose()
