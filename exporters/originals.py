"""The device files that the account's exports hold, as they are, renamed by start time and title: in ZIP or folder, out as files.

``import_files`` tells which export each file was read from; the export must still lie in the drop folder. What is not found is
listed. Nothing of a path inside an export is used to write, so that no name can lead out of ``--out``.
"""

from __future__ import annotations

import re
import shutil
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Final

import sqlalchemy as sa

from db.models import ImportFile, ImportIssue
from exporters.errors import ExportError
from exporters.files import whole_file
from exporters.job import Job, Outcome
from exporters.per_activity import Targets
from exporters.selection import Chosen

_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{1,8}(?:\.gz)?$", re.IGNORECASE)
_ERRORS: Final = (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError)

Opener = Callable[[], IO[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Original:
    """One device file: the activity, the path inside the export, and the ZIP or folder that holds it."""

    activity: Chosen
    name: str
    origin: str


def export(job: Job, *, source: Path | None = None) -> Outcome:
    """Copy every device file; the outcome lists what is missing."""
    drop = source or job.config.drop
    by_suffix: defaultdict[str, list[_Original]] = defaultdict(list)
    originals = list(_originals(job))
    for original in originals:
        by_suffix[_suffix(original.name)].append(original)
    targets = {suffix: Targets(job, suffix, [o.activity for o in some]) for suffix, some in by_suffix.items()}
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
    """Files that activities.csv names and the export did not hold when it was imported."""
    chosen = {activity.activity_id for activity in job.activities}
    query = sa.select(ImportIssue.activity_id, ImportIssue.origin, ImportIssue.name, ImportIssue.reason)
    kinds = ImportIssue.kind.in_(("missing", "lost"))
    for activity_id, origin, name, reason in job.connection.execute(query.where(kinds).order_by(ImportIssue.name)):
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
        for activity_id in (int(one) for one in re.findall(r"\d+", ids or "")):
            if activity_id in activities:
                found[activity_id] = _Original(activity=activities[activity_id], name=name, origin=origin)
    return (found[activity_id] for activity_id in activities if activity_id in found)


def _files() -> sa.Select[str, str, str | None]:
    return (
        sa.select(ImportFile.name, ImportFile.origin, ImportFile.activity_ids)
        .where(ImportFile.file_kind == "activity")
        .order_by(ImportFile.exported_at, ImportFile.file_id)
    )


def _copy(exports: _Exports, original: _Original, targets: Targets) -> str | None:
    """Copy one file; return why it could not be."""
    try:
        opener = exports.find(original.origin, original.name)
        if isinstance(opener, str):
            return opener
        with (
            opener() as source,
            targets.replaced(original.activity.activity_id) as path,
            whole_file(path) as unfinished,
            unfinished.open("wb") as file,
        ):
            shutil.copyfileobj(source, file, 1 << 20)
    except ExportError:
        raise
    except _ERRORS as err:
        return f"it cannot be read: {err}"
    return None


class _Exports:
    """The exports of the drop folder, opened when they are asked for."""

    def __init__(self, drop: Path, stack: ExitStack) -> None:
        self._drop, self._stack = drop, stack
        self._known: dict[str, dict[str, Opener] | str] = {}

    def find(self, origin: str, name: str) -> Opener | str:
        """What opens the file, or why nothing does."""
        if origin not in self._known:
            self._known[origin] = self._members(origin)
        members = self._known[origin]
        if isinstance(members, str):
            return members
        return members.get(_plain(name)) or "the export does not hold it"

    def _members(self, origin: str) -> dict[str, Opener] | str:
        path = self._drop / origin
        if origin != PurePosixPath(origin).name or origin in ("", ".", "..") or "\\" in origin:
            return "the export's name is no name"
        if path.is_dir():
            return _folder(path)
        if not path.is_file():
            return f"the export is no longer in {self._drop}; put it back, or name its folder with --source"
        try:
            return _zip(self._stack.enter_context(zipfile.ZipFile(path)))
        except _ERRORS as err:
            return f"the export cannot be read: {err}"


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("./").casefold()


def _zip(archive: zipfile.ZipFile) -> dict[str, Opener]:
    """Members by name, counted from the folder that holds activities.csv."""
    base = _base([info.filename for info in archive.infolist()])
    return {
        _plain(info.filename[len(base) :]): partial(archive.open, info)
        for info in archive.infolist()
        if info.filename.startswith(base) and not info.is_dir()
    }


def _folder(folder: Path) -> dict[str, Opener]:
    """The same for an unpacked export; links are passed over, since they could lead anywhere."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.resolve().is_relative_to(folder.resolve())]
    names = [path.relative_to(folder).as_posix() for path in files]
    base = _base(names)
    return {
        _plain(name[len(base) :]): partial(_open, path)
        for name, path in zip(names, files, strict=True)
        if name.startswith(base) and not path.is_symlink()
    }


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def _base(names: list[str]) -> str:
    """The folder inside an export that holds activities.csv, with a slash; empty for the top."""
    tables = sorted((name for name in names if PurePosixPath(name).name == "activities.csv"), key=len)
    return tables[0].removesuffix("activities.csv") if tables else ""
