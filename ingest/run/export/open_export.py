"""Opens an export, and decides whose it is and of which date: for the import and the dry run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ingest import clock
from ingest.extract.archive import Archive, Member, open_archive
from ingest.extract.drop_folder import Export
from ingest.load import ledger
from ingest.load.athlete_claims import athlete_of
from ingest.run.export.activity_table import activities_of
from ingest.run.export.readers import Readers
from ingest.transform.tables.activities import ActivityTable

#: Connects to the database as it is; gives ``None`` where there is none yet.
Connect = Callable[[], AbstractContextManager[sa.Connection | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenExport:
    """One export of a run: its files, the rows of its activities, whose it is and of when."""

    found: Export
    athlete_id: int
    #: The date that its contents are known by.
    exported_at: datetime
    archive: Archive
    table: ActivityTable
    #: The run in the ledger; 0 in a dry run.
    run_id: int
    #: What is to be said of its date.
    note: str = ""

    @property
    def name(self) -> str:
        """How messages and the ledger name it."""
        return self.found.name

    @property
    def activity_ids(self) -> list[int]:
        """The ids of its activities."""
        return [line.activity_id for line in self.table.lines]

    @property
    def newest_start(self) -> datetime | None:
        """The start of its newest activity that is not in the future."""
        lines = self.table.lines
        starts = (line.fields_of("start_time_utc").get("start_time_utc") for line in lines)
        now = clock.now()
        return max((start for start in starts if start is not None and start <= now), default=None)

    def judged(self, connection: sa.Connection) -> OpenExport:
        """The same export; whose it is and of which date, as the database tells now."""
        athlete_id = athlete_of(connection, self.found.athlete_id, self.activity_ids)
        exported_at, note = _known_date(connection, self.found) or self.found.exported_at, ""
        later = _outdated_by(connection, self, athlete_id)
        if later is not None and later <= exported_at:
            exported_at, note = later - timedelta(seconds=1), _outdated(self.found, later)
        return replace(self, athlete_id=athlete_id, exported_at=exported_at, note=note)

    def ledger_row(self, member: Member, kind: str, **columns: Any) -> dict[str, Any]:
        """A row of ``import_files`` about one file of the export, or about the whole of it."""
        return {
            "athlete_id": self.athlete_id,
            "file_kind": kind,
            "name": member.name,
            "origin": self.name,
            "exported_at": self.exported_at,
            "size_bytes": member.size,
            "crc32": member.crc32,
            "modified_at": member.modified_at,
            "activity_ids": None,
            "content_hash": None,
            "file_format": None,
            "parser_version": None,
            "status": "read",
            "row_count": None,
            "run_id": self.run_id,
        } | columns


@contextmanager
def open_export(
    export: Export, readers: Readers, connect: Connect, run_id: int = 0
) -> Iterator[OpenExport]:
    """Open an export as long as the block lasts.

    Raises:
        IngestError: it cannot be opened, or has no table of activities.
    """
    with open_archive(export.path) as archive:
        opened = OpenExport(
            found=export,
            athlete_id=export.athlete_id,
            exported_at=export.exported_at,
            archive=archive,
            table=activities_of(archive, readers),
            run_id=run_id,
        )
        with connect() as connection:
            if connection is not None:
                opened = opened.judged(connection)
        yield opened


def _known_date(connection: sa.Connection, export: Export) -> datetime | None:
    """The date of a folder that was imported before: copied anew, its files look newer."""
    return ledger.known_date(connection, export.content) if export.path.is_dir() else None


def _outdated_by(connection: sa.Connection, export: OpenExport, athlete_id: int) -> datetime | None:
    """The date of an export that holds later activities than a folder; ``None`` if there is none.

    The files of a folder that was copied without their times look newer than they are.
    """
    if not export.found.path.is_dir() or (newest := export.newest_start) is None:
        return None
    return ledger.exported_after(connection, athlete_id, newest)


def _outdated(export: Export, later: datetime) -> str:
    return (
        f"{export.name}: its files are of {export.exported_at:%Y-%m-%d}, but the export of "
        f"{later:%Y-%m-%d} holds later activities, so this one counts as older. If you have "
        "deleted these activities on Strava, import the ZIP instead of the folder"
    )
