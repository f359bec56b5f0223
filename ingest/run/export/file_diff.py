"""Chooses the device files to read: new, changed, newer parser, or track missing."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from ingest.errors import IngestError
from ingest.extract.archive import Member
from ingest.load import ledger
from ingest.load.athlete_claims import UNKNOWN, takes_over
from ingest.load.derived import zones_of
from ingest.load.ledger import KnownFile
from ingest.run.export.file_reader import FileTask
from ingest.run.export.open_export import OpenExport
from ingest.transform.derived import ASSUMED_ZONES
from ingest.transform.parsers import parser_version
from ingest.transform.records import WANTED, WantedActivity
from ingest.transform.tables.activities import ActivityLine


class KnownTrack(NamedTuple):
    """Where an activity's points come from."""

    file_name: str | None
    file_format: str | None
    parser_version: int | None

    def is_outdated(self, member: Member) -> bool:
        """Whether it was read from this very file by an older parser."""
        return self.file_name == member.name and self.parser_version != parser_version(
            self.file_format
        )


class FileTasks:
    """The device files to read: each once, for all the rows that name it."""

    def __init__(
        self,
        export: OpenExport,
        lines: Sequence[ActivityLine],
        connection: sa.Connection | None,
    ) -> None:
        archive, athlete_id = export.archive, export.athlete_id
        self._zones = ASSUMED_ZONES if connection is None else zones_of(connection, athlete_id)
        self.chosen: list[FileTask] = []
        self._archive, self._exported_at = archive, archive.exported_at
        self._known = {} if connection is None else _known_files(connection, export)
        self._rows: dict[str, list[ActivityLine]] = {}
        self._taken: dict[str, FileTask] = {}
        for line in lines:
            member = archive.find(line.filename) if line.filename else None
            if member is not None:
                self._rows.setdefault(member.name, []).append(line)

    def take(
        self,
        line: ActivityLine,
        track: KnownTrack | None,
        issues: Collection[tuple[str, str]],
        is_older: bool,
    ) -> FileTask | None:
        """The task of a row's file, the same for all rows that name it; ``None`` where nothing is
        to be read.
        """
        member = self._archive.find(line.filename) if line.filename else None
        if member is None or (is_older and track is not None and not track.is_outdated(member)):
            return None
        if not self._is_due(member) and not self._is_owed(member, track, issues):
            return None
        if member.name not in self._taken:
            self._taken[member.name] = FileTask(
                member=member,
                wanted=tuple(
                    WantedActivity.of(row.activity_id, row.fields_of(*WANTED))
                    for row in self._rows[member.name]
                ),
                exported_at=self._exported_at,
                zones=self._zones,
            )
            self.chosen.append(self._taken[member.name])
        return self._taken[member.name]

    def _is_due(self, member: Member) -> bool:
        """Whether the file itself is another than the one that was read."""
        known = self._known.get(member.name)
        if known is None or known.activity_ids != joined_ids(
            row.activity_id for row in self._rows[member.name]
        ):
            return True
        if known.parser_version != parser_version(known.file_format):
            return True
        return not self._is_same(member, known)

    def _is_owed(
        self, member: Member, track: KnownTrack | None, issues: Collection[tuple[str, str]]
    ) -> bool:
        """Whether the row lacks what its file gave.

        A run may have been killed between two rows of one file, or the row had another file before.
        """
        if self._known[member.name].status == "failed":
            return track is None and not any(name == member.name for _, name in issues)
        if track is None or track.file_name != member.name:
            return True
        return any(kind in ("missing", "lost") or name != member.name for kind, name in issues)

    def _is_same(self, member: Member, known: KnownFile) -> bool:
        """Whether a member has the bytes that were read, as far as the directory tells."""
        if (
            known.crc32 is None or member.size != known.size_bytes
        ):  # without a checksum it was the archive that failed
            return False
        if member.crc32 is not None:
            return member.crc32 == known.crc32
        if member.modified_at == known.modified_at and known.modified_at is not None:
            return True
        # A folder has no checksums, so the bytes are compared where only the time changed, or where
        # a ZIP held the file before.
        try:
            return zlib.crc32(self._archive.read(member)) == known.crc32
        except IngestError:
            return False  # read again, it fails alone


def _known_files(connection: sa.Connection, export: OpenExport) -> dict[str, KnownFile]:
    """The files that were read for the athlete, or for the unknown one whom the export names.

    A dry run has not handed over the unknown athlete's rows, which a run does before it compares.
    """
    known = ledger.known_files(connection, export.athlete_id, "activity")
    if takes_over(connection, export.athlete_id, export.activity_ids):
        known = ledger.known_files(connection, UNKNOWN, "activity") | known
    return known


def joined_ids(ids: Iterable[int]) -> str:
    """The ids of the rows that name a file, as the ledger keeps them."""
    return ",".join(str(i) for i in sorted(ids))
