"""Lists what a run imports: exports that are new or have changed, and loose device files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ingest.config import Config
from ingest.errors import IngestError
from ingest.extract.drop_folder import Export, discover
from ingest.extract.export_files import reader_version
from ingest.extract.loose_files import NOTHING_READ, LooseSource
from ingest.load import ledger
from ingest.load.forgotten import forgotten
from ingest.load.loose_recordings import SeenFile, seen_files, seen_zips
from ingest.load.sync_state import ENDLESS_ZIPS
from ingest.reporting.report import Report
from ingest.run.export.loose_due import due_sources, known_loose_of, lying_files, seen_by_name

if TYPE_CHECKING:
    from ingest.run.export.open_export import Connect

#: Where things lie that are no exports, as the ledger calls it.
_DROP_FOLDER: Final = "drop folder"
_COMMAND_LINE: Final = "command line"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueExports:
    """What the drop folder, or the paths given in its place, hold for a run."""

    #: The exports to import, oldest first.
    exports: Collection[Export]
    #: What lies there and is no export, or not yet.
    problems: Collection[IngestError]
    #: Where that is, as the ledger calls it, and the places whose issues it replaces: each run
    #: judges the drop folder anew when it looks there, and forgets what an earlier command named.
    place: str
    replaced: frozenset[str]
    #: What holds loose device files that were not read yet.
    loose: Sequence[LooseSource]
    #: Device files that could not be read, and do not lie in the drop folder any more.
    gone: Sequence[SeenFile]
    #: ZIPs without an end, for the next run.
    endless: dict[str, str]
    #: What the summary says of all that, and of exports that need not be opened again.
    report: Report


def due_exports(
    connect: Connect, config: Config, on_new: Callable[[], object] = lambda: None
) -> DueExports:
    """Look for exports; without a database every export is new.

    ``on_new`` is called as soon as something new is found.
    """
    known: Mapping[str, int] = {}
    endless: Mapping[str, str] = {}
    left_out: set[str] = set()
    known_loose, seen, failed = NOTHING_READ, dict[str, SeenFile](), list[SeenFile]()
    with connect() as connection:
        if connection is not None:
            left_out = set() if config.exports else forgotten(connection)
            known = ledger.known_exports(connection, reader_version())
            endless = ENDLESS_ZIPS.get(connection) or {}
            files = seen_files(connection)
            seen = seen_by_name(files, are_named=bool(config.exports))
            failed = [] if config.exports else [file for file in files if file.has_failed]
            # A ZIP that is named may bring back files that were forgotten.
            zips = [] if config.exports else seen_zips(connection, reader_version())
            known_loose = known_loose_of(seen.values(), zips)
    # No transaction is open meanwhile: to look through a slow disk can take minutes.
    found = discover(config.drop, frozenset(known), config.exports, endless, known_loose, on_new)
    problems = [*found.waiting, *found.problems]
    report = Report(were_named=bool(config.exports), exports_failed=problems)
    due = []
    with connect() as connection:
        for export in found.exports:
            if left_out & {export.fingerprint, export.content}:
                report.notes.append(
                    f"{export.name} is left out, since it was forgotten; to import it all the "
                    "same, name it: run EXPORT"
                )
                continue
            athlete_id = known.get(export.fingerprint)
            if connection is not None and athlete_id is not None:
                report.exports_unchanged.append(export.name)
                report.untouched |= ledger.exported_activities(connection, athlete_id)
            else:
                due.append(export)
    place = _COMMAND_LINE if config.exports else _DROP_FOLDER
    loose = due_sources(found.loose, seen)
    lying = lying_files(found.loose, failed)
    report.has_loose_files = len(loose) < len(found.loose)
    return DueExports(
        exports=due,
        problems=problems,
        place=place,
        replaced=frozenset({place, _COMMAND_LINE}),
        loose=loose,
        gone=[file for file in failed if file not in lying],
        endless=dict(found.endless),
        report=report,
    )
