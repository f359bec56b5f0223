"""Lists the exports that a run imports: those that are new or have changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ingest.config import Config
from ingest.errors import IngestError
from ingest.extract.drop_folder import Export, discover
from ingest.extract.export_files import reader_version
from ingest.load import ledger
from ingest.reporting.report import Report
from ingest.run.export.open_export import Connect


@dataclass(frozen=True, slots=True, kw_only=True)
class DueExports:
    """What the drop folder, or the paths given in its place, hold for a run."""

    #: The exports to import, oldest first.
    exports: Collection[Export]
    #: What lies there and is no export.
    problems: Collection[IngestError]
    #: What the summary says of all that, and of exports that need not be opened again.
    report: Report


def due_exports(connect: Connect, config: Config) -> DueExports:
    """Look for exports; without a database every export is new."""
    with connect() as connection:
        known = {} if connection is None else ledger.known_exports(connection, reader_version())
    # No transaction is open meanwhile: to look through a slow disk can take minutes.
    found = discover(config.drop, frozenset(known), config.exports)
    report = Report(
        exports_failed=[str(err) for err in found.problems],
        notes=[*found.waiting, *map(str, found.problems)],
    )
    due = []
    with connect() as connection:
        for export in found.exports:
            if connection is not None and (athlete_id := known.get(export.fingerprint)) is not None:
                report.exports_unchanged.append(export.name)
                report.untouched |= ledger.exported_activities(connection, athlete_id)
            else:
                due.append(export)
    return DueExports(exports=due, problems=found.problems, report=report)
