"""Decides as a run would, and counts that into a ``Report``, for ``--dry-run``.

Nothing is written, not even a log, but tokens that had to be renewed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from db.engine import describe, open_readonly, problem
from db.errors import DatabaseProblem, NoDatabase
from db.revision import current, head
from ingest.config import Config
from ingest.errors import IngestError
from ingest.load import ledger
from ingest.load.reconcile import ComingExport, vanishing
from ingest.reporting.progress import Progress
from ingest.reporting.report import NOT_CONNECTED, Report
from ingest.run.export.diff import diff_export
from ingest.run.export.due import due_exports
from ingest.run.export.open_export import OpenExport, open_export
from ingest.run.export.readers import Readers

#: SQLSTATEs of PostgreSQL for a table, and a column, that does not exist.
_UNDEFINED: Final = ("42P01", "42703")
#: Name, size and checksum of a device file, which two exports may share.
_File = tuple[str, int, int | None]


def dry_run(config: Config, progress: Progress) -> Report:
    """Count what a run with this configuration would import."""
    report = Report()
    with _existing(config, report) as connection:
        if connection is not None:
            report.issues = ledger.count_issues(connection)
        coming: list[ComingExport] = []
        if not config.skip_export:
            _exports(connection, config, progress, report, coming)
        for part in _sync(connection, config, progress, report, coming):
            report.add(part)
    return report


def _exports(
    connection: sa.Connection | None,
    config: Config,
    progress: Progress,
    report: Report,
    coming: list[ComingExport],
) -> None:
    due = due_exports(connection, config)
    report.add(due.report)
    files = set[_File]()
    with Readers(config.jobs) as readers:
        for export in due.exports:
            progress.stage(str(export))
            try:
                with open_export(export, readers, lambda: nullcontext(connection)) as opened:
                    part, read = _export(connection, config, opened, coming)
            except IngestError as err:
                part, read = Report(exports_failed=[str(err)], notes=[str(err)]), set()
            report.add(part)
            files |= read
    report.files_read = len(files)


def _export(
    connection: sa.Connection | None,
    config: Config,
    export: OpenExport,
    coming: list[ComingExport],
) -> tuple[Report, set[_File]]:
    """What an import of one export would count, and the device files that it would read."""
    diff = diff_export(connection, export, config.max_export_bytes)
    report = diff.report()
    report.exports.append(export.name)
    coming.append(
        ComingExport(
            athlete_id=export.athlete_id,
            exported_at=export.exported_at,
            activity_ids=frozenset(export.activity_ids),
            newest_start=_newest_start(export),
        )
    )
    if connection is not None:
        settled = vanishing(connection, export.athlete_id, config.accept_vanished, coming).settled
        report.add(Report.of_settled(settled))
    return report, {(task.member.name, task.member.size, task.member.crc32) for task in diff.tasks}


def _newest_start(export: OpenExport) -> datetime | None:
    starts = (line.fields_of("start_time_utc") for line in export.table.lines)
    return max((start for each in starts for start in each.values()), default=None)


def _sync(
    connection: sa.Connection | None,
    config: Config,
    progress: Progress,
    report: Report,
    coming: Sequence[ComingExport],
) -> Iterator[Report]:
    if config.skip_api:
        return
    if not config.token_file.exists():
        yield Report(api_line=NOT_CONNECTED)
        return
    # Half a second that only connected users need to spend.
    from ingest.run.api.dry_run import dry_run_sync

    yield from dry_run_sync(connection, config, progress, coming, report.seen | report.untouched)


@contextmanager
def _existing(config: Config, report: Report) -> Iterator[sa.Connection | None]:
    """The database as it is, or ``None`` where a run would have to make it first.

    Raises:
        DatabaseProblem: it is of a version that today's queries cannot read.
    """
    try:
        engine = open_readonly(config.database)
    except NoDatabase:
        yield None
        return
    shown = describe(config.database)
    found: str | None = head()
    try:
        found = current(engine)
        if found != head() and found is not None:
            report.notes.append(
                f"{shown} is of revision {found}; a run would first migrate it to {head()}"
            )
        with engine.connect() as connection:
            yield None if found is None else connection
    except DBAPIError as err:
        if found == head() or not _lacks_name(err):
            raise problem(engine, err) from err
        raise DatabaseProblem(
            f"{shown} is of revision {found}, too old to be compared with; bring it up to date "
            "first: python -m ingest migrate"
        ) from err
    finally:
        engine.dispose()


def _lacks_name(err: DBAPIError) -> bool:
    """Whether a query failed since the database has no such table or column."""
    is_missing = str(err.orig).startswith(("no such table", "no such column"))
    return is_missing or getattr(err.orig, "sqlstate", None) in _UNDEFINED
