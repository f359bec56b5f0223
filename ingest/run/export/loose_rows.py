"""Makes the ledger's rows of loose device files, and of ZIPs of such files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ingest.extract.export_files import reader_version
from ingest.extract.loose_files import LooseSource
from ingest.load.loose_recordings import FORGOTTEN_LOOSE, LOOSE, LOOSE_ZIP
from ingest.run.export.file_reader import FileRead


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseRows:
    """The rows of ``import_files`` of one place."""

    source: LooseSource
    athlete_id: int
    run_id: int

    def file_row(self, read: FileRead, name: str, *, is_left_out: bool) -> dict[str, Any]:
        """A file, and what became of it; ``is_left_out`` says that its contents are forgotten."""
        member = read.task.member
        is_partial = any(track.recording.partial for track in read.tracks)
        status = "partial" if is_partial else "read"
        if read.error is not None or read.ignored is not None:
            status = "failed" if read.error is not None else "ignored"
        kind = FORGOTTEN_LOOSE if is_left_out else LOOSE
        return self._row(kind, name) | {
            "size_bytes": member.size,
            "crc32": read.crc32,
            "modified_at": member.modified_at,
            "exported_at": member.modified_at or datetime.now(UTC),
            "activity_ids": ",".join(str(track.activity_id) for track in read.tracks),
            "content_hash": read.content_hash,
            "file_format": read.file_format,
            "parser_version": read.version,
            "status": status,
            "row_count": read.point_count,
        }

    def zip_row(self) -> dict[str, Any]:
        """The place itself, a ZIP that was read whole."""
        return self._row(LOOSE_ZIP, f"{self.source.name} {self.source.stamp}")

    def _row(self, kind: str, name: str) -> dict[str, Any]:
        return {
            "athlete_id": self.athlete_id,
            "file_kind": kind,
            "name": name,
            "origin": self.source.name,
            "exported_at": datetime.now(UTC),
            "size_bytes": None,
            "crc32": None,
            "modified_at": None,
            "activity_ids": None,
            "content_hash": None,
            "file_format": "zip",
            "parser_version": reader_version(),
            "status": "read",
            "row_count": None,
            "run_id": self.run_id,
        }
