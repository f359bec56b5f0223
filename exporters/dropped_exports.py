"""Reads files out of the exports that lie in the drop folder, within the limits of the import."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Self

from db.export_bytes import ExportZip, Unreadable, bounded, first_bytes, folder_members
from db.export_names import ACTIVITIES, MemberNames, is_link
from exporters.errors import UsageError
from exporters.job import Job

#: Function that returns the bytes of the file that the database calls by that name.
Reader = Callable[[str], bytes]


def source_folder(job: Job, source: Path | None) -> Path:
    """The folder that holds the exports: the one of ``--source``, else the drop folder.

    Raises:
        UsageError: there is no such folder.
    """
    if source is not None and not source.is_dir():
        raise UsageError(f"--source {source}: there is no such folder")
    return source or job.config.drop


class DroppedExports:
    """The exports of the drop folder, each opened when it is first needed."""

    def __init__(self, drop: Path) -> None:
        self._drop, self._stack = drop, ExitStack()
        self._known: dict[str, Reader | Unreadable] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def read(self, origin: str, name: str) -> bytes:
        """The bytes of a file.

        Raises:
            Unreadable: the export is gone or damaged, does not hold the file, or holds more of it
                than is read.
        """
        if origin not in self._known:
            try:
                self._known[origin] = self._reader(origin)
            except Unreadable as err:
                self._known[origin] = err
        reader = self._known[origin]
        if isinstance(reader, Unreadable):
            raise reader
        return reader(name)

    def _reader(self, origin: str) -> Reader:
        path = self._drop / origin
        if origin != PurePosixPath(origin).name or origin in ("", ".", "..") or "\\" in origin:
            raise Unreadable("its export has an impossible name in the database")
        if path.is_dir():
            return _folder_reader(path)
        if not path.is_file():
            raise Unreadable(
                f"the export is not in {self._drop}; put it back, or give its folder with --source"
            )
        try:
            archive = ExportZip(path)
        except Unreadable as err:
            raise Unreadable(f"the export {err}") from err
        self._stack.callback(archive.close)
        return _zip_reader(archive)


def _zip_reader(archive: ExportZip) -> Reader:
    infos, _, _ = archive.members()
    names = MemberNames(infos)

    def read(name: str) -> bytes:
        info = infos[_found(names, name)]
        return bounded(partial(archive.read, info), info.file_size)

    return read


def _folder_reader(folder: Path) -> Reader:
    try:
        root = _root(folder)
        files, _ = folder_members(root)
    except OSError as err:
        raise Unreadable(f"the export cannot be listed ({err.strerror})") from err
    names = MemberNames(files)

    def read(name: str) -> bytes:
        found = _found(names, name)
        size = files[found].st_size
        return bounded(partial(first_bytes, root / found, size), size)

    return read


def _root(folder: Path) -> Path:
    """The folder that holds activities.csv: the export itself, or one directly below it."""
    below = sorted(path for path in folder.iterdir() if path.is_dir())
    return next(
        (p for p in (folder, *below) if not is_link(p) and (p / ACTIVITIES).is_file()), folder
    )


def _found(names: MemberNames, name: str) -> str:
    found = names.find(name)
    if found is None:
        raise Unreadable("the file is not in the export")
    return found
