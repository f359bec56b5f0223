"""Lists the exports of the drop folder that a run imports: those that are new or have changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from ingest.config import Config
from ingest.errors import IngestError
from ingest.extract.drop_folder import Export, discover
from ingest.extract.export_files import reader_version
from ingest.load import ledger
from ingest.reporting.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class DueExports:
    """What the drop folder holds for a run."""

    #: The exports to import, oldest first.
    exports: Collection[Export]
    #: What lies in the folder and is no export.
    problems: Collection[IngestError]
    #: What the summary says of the folder, and of exports that need not be opened again.
    report: Report


def due_exports(connection: sa.Connection | None, config: Config) -> DueExports:
    """Look through the drop folder; without a connection every export is new."""
    known = {} if connection is None else ledger.known_exports(connection, reader_version())
    found = discover(config.drop, frozenset(known))
    report = Report(
        exports_failed=[str(err) for err in found.problems],
        notes=[*found.waiting, *map(str, found.problems)],
    )
    due = []
    for export in found.exports:
        if connection is not None and export.fingerprint in known:
            report.exports_unchanged.append(export.name)
            report.untouched |= ledger.exported_activities(connection, known[export.fingerprint])
        else:
            due.append(export)
    return DueExports(exports=due, problems=found.problems, report=report)
