"""Writes a ZIP as Strava packs it, beside its place, and moves it there when it is whole."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path


class ArchiveWriter:
    """Adds files to a new export; every member has the export's date."""

    def __init__(self, file: zipfile.ZipFile, when: datetime) -> None:
        self._file = file
        self._when = when.timetuple()[:6]

    def folder(self, name: str) -> None:
        """Add an entry for a folder, as Strava does."""
        info = self._member(f"{name}/")
        info.external_attr = 0o40755 << 16 | 0x10
        self._file.writestr(info, b"")

    def add(self, name: str, content: bytes) -> None:
        """Add one file; a packed one is only stored."""
        info = self._member(name)
        info.external_attr = 0o100644 << 16
        packed = name.endswith((".gz", ".png"))
        self._file.writestr(
            info,
            content,
            zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED,
            compresslevel=None if packed else 1,
        )

    def _member(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._when)
        info.create_system = 3  # the same bytes on every system
        return info


@contextmanager
def new_archive(path: Path, when: datetime) -> Iterator[ArchiveWriter]:
    """An archive that appears under its name only when it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(unfinished, "w") as file:
            yield ArchiveWriter(file, when)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
