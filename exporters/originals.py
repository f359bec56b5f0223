"""Copies the original device files out of the account's exports, renamed by start and title.

``import_files`` tells which export each file was read from; the export must still lie in the drop
folder. Files that are not found are listed. No part of a path inside an export is used to write, so
that no name can lead out of ``--out``. Exports are read by the same code as in the import, within
the same limits.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

import sqlalchemy as sa

from db.export_bytes import (
    ExportZip,
    Unreadable,
    bounded,
    first_bytes,
    folder_members,
)
from db.export_names import ACTIVITIES, MemberNames, is_link
from db.models import ImportFile, ImportIssue
from exporters.errors import UsageError
from exporters.files import whole_file
from exporters.job import Job, Outcome
from exporters.per_activity import Targets
from exporters.selection import Chosen

_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{1,8}(?:\.gz)?$", re.IGNORECASE)

#: Function that returns the bytes of the file that the database calls by that name.
Reader = Callable[[str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Original:
    """One device file: its activity, its path in the export, and the export's ZIP or folder."""

    activity: Chosen
    name: str
    origin: str


def export(job: Job, *, source: Path | None = None) -> Outcome:
    """Copy every device file; the outcome lists what is missing."""
    if source is not None and not source.is_dir():
        raise UsageError(f"--source {source}: there is no such folder")
    drop = source or job.config.drop
    by_suffix: defaultdict[str, list[_Original]] = defaultdict(list)
    originals = list(_originals(job))
    for original in originals:
        by_suffix[_suffix(original.name)].append(original)
    targets = {
        suffix: Targets(job, suffix, [o.activity for o in some])
        for suffix, some in by_suffix.items()
    }
    job.progress.begin("device files", len(originals))
    missing = list(_never_there(job))
    copied = 0
    with ExitStack() as stack:
        exports = _Exports(drop, stack)
        for original in originals:
            reason = _copy(exports, original, targets[_suffix(original.name)])
            missing += [f"{original.origin}: {original.name}: {reason}"] if reason else []
            copied += reason is None
            job.progress.advance()
    without = len(job.activities) - len(originals)
    notes = (f"{without:,} activities have no device file in an export",) if without else ()
    return Outcome(files=copied, notes=notes, missing=tuple(missing))


def _never_there(job: Job) -> Iterator[str]:
    """Files that activities.csv names but the export lacked when it was imported."""
    chosen = {activity.activity_id for activity in job.activities}
    query = sa.select(
        ImportIssue.activity_id, ImportIssue.origin, ImportIssue.name, ImportIssue.reason
    )
    kinds = ImportIssue.kind.in_(("missing", "lost"))
    for activity_id, origin, name, reason in job.connection.execute(
        query.where(kinds).order_by(ImportIssue.name)
    ):
        if activity_id in chosen:
            yield f"{origin}: {name}: {reason}"


def _suffix(name: str) -> str:
    found = _SUFFIX.search(name)
    return found[0].lower() if found else ".bin"


def _originals(job: Job) -> Iterator[_Original]:
    """The device file of each chosen activity, by start."""
    activities = {activity.activity_id: activity for activity in job.activities}
    found: dict[int, _Original] = {}
    for name, origin, ids in job.connection.execute(_files()):
        for activity_id in (int(one) for one in re.findall(r"-?\d+", ids or "")):
            if activity_id in activities:
                found[activity_id] = _Original(
                    activity=activities[activity_id], name=name, origin=origin
                )
    return (found[activity_id] for activity_id in activities if activity_id in found)


def _files() -> sa.Select[str, str, str | None]:
    return (
        sa.select(ImportFile.name, ImportFile.origin, ImportFile.activity_ids)
        .where(ImportFile.file_kind == "activity")
        .order_by(ImportFile.exported_at, ImportFile.file_id)
    )


def _copy(exports: _Exports, original: _Original, targets: Targets) -> str | None:
    """Copy one file; return why it could not be read."""
    try:
        data = exports.read(original.origin, original.name)
    except Unreadable as err:
        return str(err)
    with targets.replaced(original.activity.activity_id) as path, whole_file(path) as unfinished:
        unfinished.write_bytes(data)
    return None


class _Exports:
    """The exports of the drop folder, each opened when it is first needed."""

    def __init__(self, drop: Path, stack: ExitStack) -> None:
        self._drop, self._stack = drop, stack
        self._known: dict[str, Reader | Unreadable] = {}

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
