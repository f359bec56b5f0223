"""``--dry-run``: what a run would do, counted into a ``Report``; nothing is written, not even a log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from db.engine import describe, open_readonly
from db.errors import NoDatabase
from db.revision import current, head
from ingest.config import Config
from ingest.errors import IngestError
from ingest.importing import count
from ingest.load import ledger
from ingest.planning import make_plan
from ingest.progress import Progress
from ingest.report import Report
from ingest.sources.archive import open_archive
from ingest.sources.discover import Export, discover
from ingest.sources.export import activities_of, reader_version
from ingest.sources.looks import Look


def rehearse(config: Config, progress: Progress, report: Report, look: Look | None) -> None:
    """Count what a run with this configuration would import."""
    with _existing(config, report) as connection:
        known: frozenset[str] = frozenset()
        if connection is not None:
            known = ledger.known_exports(connection, reader_version())
            report.issues = ledger.count_issues(connection)
        found = discover(config.drop, known, look)
        report.notes += [*found.waiting, *map(str, found.problems)]
        for export in found.exports:
            try:
                _rehearse_one(connection, progress, report, export, known)
            except IngestError as err:
                report.notes.append(str(err))


def _rehearse_one(
    connection: sa.Connection | None, progress: Progress, report: Report, export: Export, known: frozenset[str]
) -> None:
    athlete_id = export.athlete_id or (0 if connection is None else ledger.only_athlete(connection))
    if connection is not None and export.fingerprint in known:
        report.exports_unchanged.append(export.name)
        report.untouched |= ledger.exported_activities(connection, athlete_id)
        return
    progress.stage(str(export))
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
            shown = describe(config.database)
            report.notes.append(f"{shown} is of revision {found}; a run would first migrate it to {head()}")
        with engine.connect() as connection:
            yield connection if found == head() else None
    finally:
        engine.dispose()
