"""Sorts what lies in the drop folder, or what was given: what may be an export, and what is none.

Nothing is opened here but the first bytes of regular files, so neither a pipe nor a huge file can
hold up a run.
"""

from __future__ import annotations

import os
import stat
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from db.export_bytes import FORBIDDEN, Forbidden, Unreadable, first_bytes
from db.export_names import (
    ACTIVITIES,
    EXPORT_FOLDERS,
    HALF_DOWNLOADED,
    IS_LINK,
    is_junk,
    is_link,
    lies_beside,
)
from ingest.errors import CorruptFile, IngestError, NoPermission, NotAnExport, Unfinished
from ingest.extract.copy_check import has_end
from ingest.extract.not_an_export import (
    DEAD_LINK,
    HEAD,
    NO_FILE,
    ZIP_STARTS,
    Contents,
    about_contents,
    about_file,
)
from ingest.transform.tables import IGNORED, TABLES

#: Files of a folder that are listed to tell what it is, and how deep.
_LISTED: Final = 2_000
_DEEP: Final = 4


@dataclass(slots=True)
class Candidates:
    """What was looked at, sorted."""

    #: ZIPs, by content, and folders that hold activities.csv.
    paths: list[Path] = field(default_factory=list)
    #: Files without content, which may be the beginning of a copy.
    empty: list[Path] = field(default_factory=list)
    waiting: list[IngestError] = field(default_factory=list)
    problems: list[IngestError] = field(default_factory=list)
    #: Names of things in messages, where their own names do not tell them apart.
    names: Mapping[Path, str] = field(default_factory=dict)

    def name(self, path: Path) -> str:
        """How messages name a thing."""
        return self.names.get(path, path.name)


def dropped(drop: Path) -> Candidates:
    """What lies in the drop folder, which need not exist; hidden files and junk are passed over."""
    found = Candidates()
    try:
        # The drop folder can be an unpacked export itself; most files in it are then part of that.
        is_export = holds_activities(drop) and _holds_more(drop)
        paths = sorted(drop.iterdir()) if os.path.isdir(drop) else []
    except OSError as err:
        found.problems.append(_unlisted(drop.name, err))
        return found
    if is_export:
        found.paths.append(drop)
    for path in paths:
        if path.name.startswith(".") or is_junk(path.name):
            continue
        is_part = path.name in EXPORT_FOLDERS or (
            os.path.isfile(path) and not lies_beside(path.name)
        )
        if not (is_export and is_part):
            _sort(path, found)
    return found


def _holds_more(drop: Path) -> bool:
    """Whether anything of an export is there beside activities.csv, which may have been dropped
    alone.
    """
    parts = {*EXPORT_FOLDERS, *TABLES, *IGNORED} - {ACTIVITIES}
    return any(path.name in parts for path in drop.iterdir())


def given(paths: Sequence[Path]) -> Candidates:
    """What the command line names; all of it exists."""
    often = Counter(path.name for path in paths)
    found = Candidates(names={path: str(path) for path in paths if often[path.name] > 1})
    for path in paths:
        _sort(path, found)
    return found


def holds_activities(folder: Path) -> bool:
    """Whether activities.csv lies directly in a folder.

    Raises:
        PermissionError: this user may not look into it.
    """
    try:
        return stat.S_ISREG(os.stat(folder / ACTIVITIES).st_mode)
    except PermissionError:
        raise
    except OSError:
        return False


def _sort(path: Path, found: Candidates) -> None:
    """Put one thing where it belongs."""
    name = found.name(path)
    try:
        mode, size = (info := os.stat(path)).st_mode, info.st_size
    except PermissionError:
        found.problems.append(NoPermission(name, FORBIDDEN))
        return
    except OSError:
        if path.is_symlink():
            found.problems.append(NotAnExport(name, DEAD_LINK))
        return  # else it has just been moved away
    if path.suffix.lower() in HALF_DOWNLOADED:  # includes folders, as Safari's are
        reason = "is still being downloaded; run again when the download is complete"
        found.waiting.append(Unfinished(name, reason))
    elif stat.S_ISDIR(mode):
        _sort_folder(path, name, found)
    elif not stat.S_ISREG(mode):
        found.problems.append(NotAnExport(name, NO_FILE))
    elif size:
        _sort_file(path, name, found)
    elif not any(os.path.lexists(f"{path}{ending}") for ending in HALF_DOWNLOADED):
        found.empty.append(path)  # else it keeps the name for a download that Firefox has begun


def _sort_file(path: Path, name: str, found: Candidates) -> None:
    try:
        head = first_bytes(path, HEAD, HEAD)
    except Forbidden as err:
        found.problems.append(NoPermission(name, str(err)))
    except Unreadable as err:
        found.problems.append(CorruptFile(name, str(err)))
    else:
        if _begins_a_zip(head) or (path.suffix.lower() == ".zip" and _is_zip(path, head)):
            found.paths.append(path)
        else:
            found.problems.append(NotAnExport(name, about_file(path.name, head)))


def _begins_a_zip(head: bytes) -> bool:
    """Whether a ZIP begins like this; of one that is being copied there may be a byte only."""
    return any(start.startswith(head[: len(start)]) for start in ZIP_STARTS)


def _is_zip(path: Path, head: bytes) -> bool:
    """Whether it is a ZIP that begins like none: behind another program's bytes, or in space that
    was reserved for a copy and holds zeros until then.
    """
    return not head.strip(b"\0") or has_end(path)


def _sort_folder(folder: Path, name: str, found: Candidates) -> None:
    """Take the folder itself if it holds an export, else the folders in it that do."""
    if is_link(folder):
        found.problems.append(CorruptFile(name, f"{IS_LINK}; use the folder itself"))
        return
    try:
        if holds_activities(folder):
            found.paths.append(folder)
            return
        inside = sorted(entry for entry in folder.iterdir() if not is_junk(entry.name))
    except OSError as err:
        found.problems.append(_unlisted(name, err))
        return
    before = len(found.paths)
    forbidden = []
    for path in inside:
        try:
            if holds_activities(path) and not is_link(path):
                found.paths.append(path)
        except PermissionError:
            forbidden.append(NoPermission(f"{name}: {path.name}", FORBIDDEN))
    if forbidden:
        found.problems += forbidden
    elif len(found.paths) == before:
        names = list(islice(_files(folder), _LISTED))
        contents = Contents(
            name=folder.name, names=names, head=partial(_head, folder), is_zip=False
        )
        found.problems.append(NotAnExport(name, about_contents(contents)))


def _files(root: Path) -> Iterator[str]:
    """Names of files in a folder and those below it, the shallow ones first."""
    folders = deque([(root, "")])
    while folders:
        folder, prefix = folders.popleft()
        for entry in _entries(folder):
            name = f"{prefix}{entry.name}"
            if entry.name.startswith(".") or is_junk(entry.name) or is_link(entry):
                continue
            if entry.is_file():
                yield name
            elif entry.is_dir() and name.count("/") < _DEEP:
                folders.append((Path(entry.path), f"{name}/"))


def _entries(folder: Path) -> Iterable[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(islice(entries, _LISTED), key=lambda entry: entry.name)
    except OSError:
        return ()


def _head(folder: Path, name: str) -> bytes:
    try:
        return first_bytes(folder / name, HEAD, HEAD)
    except Unreadable as err:
        raise CorruptFile(name, str(err)) from err


def _unlisted(name: str, err: OSError) -> IngestError:
    if isinstance(err, PermissionError):
        return NoPermission(name, FORBIDDEN)
    return CorruptFile(name, f"cannot be listed ({err.strerror})")
