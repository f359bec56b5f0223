"""Reads device files again, from whatever export in the drop folder still holds them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from ingest.errors import IngestError
from ingest.extract.archive import Archive, open_archive
from ingest.extract.drop_folder import discover
from ingest.extract.loose_files import KnownLoose
from ingest.load.owed_files import OwedFile
from ingest.run.export.file_reader import FileRead, FileTask
from ingest.run.export.readers import Readers
from ingest.transform.activity_track import ActivityTrack
from ingest.transform.derived import Zones


class Restorer:
    """Looks through the drop folder when the first file is asked for, and keeps its exports open
    until the end.
    """

    def __init__(self, drop: Path, known_loose: KnownLoose) -> None:
        self._drop = drop
        self._known_loose = known_loose
        self._open = ExitStack()
        self._readers = self._open.enter_context(Readers(1))
        self._archives: list[Archive] | None = None

    def __enter__(self) -> Restorer:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def read(self, file: OwedFile, zones: Zones) -> dict[int, ActivityTrack]:
        """The tracks of the activities that are owed one, by id; nothing where no export holds the
        same bytes.
        """
        for archive in self._exports():
            read = _read(archive, file, zones, self._readers)
            if read is not None:
                return _tracks(read, file)
        return {}

    def _exports(self) -> list[Archive]:
        if self._archives is None:
            self._archives = []
            for export in discover(self._drop, known_loose=self._known_loose).exports:
                try:
                    self._archives.append(self._open.enter_context(open_archive(export.path)))
                except IngestError:
                    continue  # removed just now; files that only it held are reported as lost
        return self._archives


def _read(archive: Archive, file: OwedFile, zones: Zones, readers: Readers) -> FileRead | None:
    member = archive.find(file.name)
    if member is None or file.size_bytes not in (None, member.size):
        return None
    task = FileTask(member=member, wanted=file.wanted, exported_at=archive.exported_at, zones=zones)
    (read,) = readers.read(archive, [task])
    return read if read.error is None and file.crc32 in (None, read.crc32) else None


def _tracks(read: FileRead, file: OwedFile) -> dict[int, ActivityTrack]:
    return {
        track.activity_id: replace(
            track, file_name=file.name, fetched_at=file.owing[track.activity_id]
        )
        for track in read.tracks
        if track.activity_id in file.owing
    }
