"""Imports what is due: exports, oldest first, then loose device files.

What cannot be read costs only itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.errors import Locked
from db.lock import RunLock, in_turn
from ingest.config import Config
from ingest.errors import IngestError
from ingest.extract.drop_folder import Export
from ingest.extract.export_files import as_issue
from ingest.extract.loose_files import LooseSource
from ingest.load import ledger, sync_state
from ingest.load.athlete_claims import owners
from ingest.load.loose_recordings import to_read_again
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.export.due import due_exports
from ingest.run.export.loose_due import sources_of

if TYPE_CHECKING:
    from ingest.run.export.open_export import OpenExport
    from ingest.run.export.readers import Readers


@dataclass(frozen=True, slots=True, kw_only=True)
class DueImport:
    """The import of what the drop folder holds, or the configuration names, into one database."""

    engine: sa.Engine
    lock: RunLock
    config: Config
    progress: Progress
    run_id: int

    def run(self) -> Iterator[Report]:
        """Import what is due; yields what each transaction brought."""
        due = due_exports(self.engine.connect, self.config, self._load_ahead)
        with self.engine.begin() as connection:
            in_turn(connection, "shared tables")
            for place in due.replaced:
                ledger.forget_origin(connection, place)
            # They belong to no athlete.
            ledger.add_issues(
                connection, self.run_id, 0, due.place, [as_issue(err) for err in due.problems]
            )
            if due.gone:
                from ingest.load.forget_loose import forget_failed  # late: it loads a lot

                forget_failed(connection, due.gone)
            sync_state.ENDLESS_ZIPS.set(connection, due.endless or None)
        yield due.report
        yield from self._import(due.exports, due.loose, are_named=bool(self.config.exports))

    def _load_ahead(self) -> None:
        """Have the modules of parser processes loaded while the drop folder is looked through."""
        if self.config.jobs > 0:
            from ingest.run.export.parser_process import load_ahead

            load_ahead()

    def read_again(self) -> Iterator[Report]:
        """Read only loose files of the drop folder whose points are wanted again."""
        with self.engine.connect() as connection:
            wanted = to_read_again(connection)
        if not wanted:
            return
        due = due_exports(self.engine.connect, replace(self.config, exports=()))
        yield from self._import((), sources_of(due.loose, wanted), are_named=False)

    def _import(
        self, exports: Collection[Export], loose: Collection[LooseSource], *, are_named: bool
    ) -> Iterator[Report]:
        if not exports and not loose:
            return
        # Imported here, since a run without news reads none.
        from ingest.run.export.readers import Readers

        with Readers(self.config.jobs) as readers:
            for export in exports:
                yield from self._export(export, readers)
            if loose:
                yield from self._loose(loose, readers, are_named=are_named)

    def _loose(
        self, sources: Collection[LooseSource], readers: Readers, *, are_named: bool
    ) -> Iterator[Report]:
        from ingest.run.export.loose_import import LooseImport

        yield from LooseImport(
            engine=self.engine,
            lock=self.lock,
            readers=readers,
            progress=self.progress,
            config=self.config,
            run_id=self.run_id,
            are_named=are_named,
        ).run(sources)

    def _export(self, export: Export, readers: Readers) -> Iterator[Report]:
        from ingest.run.export.importer import ExportImport
        from ingest.run.export.open_export import open_export

        self.progress.stage(str(export))
        try:
            with (
                open_export(export, readers, self.engine.connect, self.run_id) as found,
                self._athlete_locked(found) as opened,
            ):
                yield from ExportImport(
                    engine=self.engine,
                    lock=self.lock,
                    export=opened,
                    readers=readers,
                    progress=self.progress,
                    config=self.config,
                ).run()
        except IngestError as err:
            yield Report(exports_failed=[err])
            with self.engine.begin() as connection:
                in_turn(connection, "shared tables")
                ledger.forget_issues(
                    connection,
                    export.athlete_id,
                    names=[err.origin.removeprefix(f"{export.name}: ")],
                )
                ledger.add_issues(
                    connection, self.run_id, export.athlete_id, export.name, [as_issue(err)]
                )
        else:
            yield Report(exports=[export.name])

    @contextmanager
    def _athlete_locked(self, export: OpenExport) -> Iterator[OpenExport]:
        """Hold the lock of whoever's rows an import changes: also the unknown athlete's rows, if
        they are this one's.
        """
        with self.engine.connect() as connection:
            athletes = owners(connection, export.athlete_id, export.activity_ids)
        with self.lock.athletes(*athletes):
            # Another run may have imported this athlete's exports before the lock was taken.
            with self.engine.connect() as connection:
                export = export.judged(connection)
                if athletes != owners(connection, export.athlete_id, export.activity_ids):
                    raise Locked.by(
                        export.name, None, "another run has just imported what tells whose it is"
                    )
            yield export
