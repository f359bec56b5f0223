"""Sorts what lies in the drop folder, or what was given: what may be an export, loose device files,
and what is neither.

Nothing is opened here but the first bytes of regular files, so neither a pipe nor a huge file can
hold up a run.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from db.export_bytes import FORBIDDEN, Forbidden, Unreadable, first_bytes
from db.export_names import (
    ACTIVITIES,
    EXPORT_FOLDERS,
    HALF_DOWNLOADED,
    IS_LINK,
    LEADS_OUT,
    is_junk,
    is_link,
    is_text,
    lies_beside,
    shown,
)
from ingest.errors import CorruptFile, IngestError, NoPermission, NotAnExport, Unfinished
from ingest.extract.archive import Member, file_member
from ingest.extract.copy_check import has_end
from ingest.extract.device_files import HEAD, device_format, is_named_like_one, is_passed_over
from ingest.extract.file_place import FilePlace, file_place_of, place_below
from ingest.extract.loose_files import NOTHING_READ, KnownLoose
from ingest.extract.loose_folder import Below, look_below, unlisted
from ingest.extract.not_an_export import (
    DEAD_LINK,
    NO_FILE,
    ZIP_STARTS,
    Contents,
    about_contents,
    about_file,
)
from ingest.transform.tables import IGNORED, TABLES


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFile:
    """A device file that lies by itself in a folder."""

    path: Path
    place: FilePlace
    member: Member
    #: Whether it was read before, and has not changed since.
    is_known: bool


@dataclass(slots=True)
class Candidates:
    """What was looked at, sorted."""

    #: The drop folder, and what was read before.
    drop: Path
    known: KnownLoose
    #: ZIPs, by content, and folders that hold activities.csv.
    paths: list[Path] = field(default_factory=list)
    device_files: list[DeviceFile] = field(default_factory=list)
    #: Files without content, which may be the beginning of a copy.
    empty: list[Path] = field(default_factory=list)
    waiting: list[IngestError] = field(default_factory=list)
    problems: list[IngestError] = field(default_factory=list)
    #: Names of things in messages, where their own names do not tell them apart.
    names: dict[Path, str] = field(default_factory=dict)

    def name(self, path: Path) -> str:
        """How messages name a thing."""
        return self.names.get(path, path.name)


def dropped(drop: Path, known: KnownLoose = NOTHING_READ) -> Candidates:
    """What lies in the drop folder, which need not exist; hidden files, junk and what a program
    writes until it is done are passed over.
    """
    found = Candidates(drop=drop, known=known)
    try:
        # The drop folder can be an unpacked export itself; most files in it are then part of that.
        is_export = holds_activities(drop) and _holds_more(drop)
        paths = sorted(drop.iterdir()) if os.path.isdir(drop) else []
    except OSError as err:
        found.problems.append(unlisted(drop.name, err))
        return found
    if is_export:
        found.paths.append(drop)
    for path in paths:
        if is_passed_over(path.name):
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


def given(paths: Sequence[Path], drop: Path, known: KnownLoose = NOTHING_READ) -> Candidates:
    """What the command line names; all of it exists."""
    often = Counter(path.name for path in paths)
    names = {path: str(path) for path in paths if often[path.name] > 1}
    found = Candidates(drop=drop, known=known, names=names)
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
        info = os.stat(path)
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
    elif stat.S_ISDIR(info.st_mode):
        _sort_folder(path, name, found)
    elif not stat.S_ISREG(info.st_mode):
        found.problems.append(NotAnExport(name, NO_FILE))
    else:
        place = file_place_of(path, found.drop)
        _sort_file(path, place, file_member(place.name, info), found)


def _sort_file(path: Path, place: FilePlace, member: Member, found: Candidates) -> None:
    """Take a file as a device file, as what may be an export, or as neither."""
    is_known = found.known.has_file(place.folder_name, member)
    file = DeviceFile(path=path, place=place, member=member, is_known=is_known)
    if is_known:
        found.device_files.append(file)
    elif not member.size:
        if not any(os.path.lexists(f"{path}{ending}") for ending in HALF_DOWNLOADED):
            found.empty.append(path)  # else it keeps the name for a download that Firefox has begun
    elif (head := _head(path, found)) is not None:
        _sort_content(file, head, found)


def _head(path: Path, found: Candidates) -> bytes | None:
    """The first bytes of a file; without them there is a problem."""
    try:
        return first_bytes(path, HEAD, HEAD)
    except Forbidden as err:
        found.problems.append(NoPermission(found.name(path), str(err)))
    except Unreadable as err:
        found.problems.append(CorruptFile(found.name(path), str(err)))
    return None


def _sort_content(file: DeviceFile, head: bytes, found: Candidates) -> None:
    path, name = file.path, found.name(file.path)
    may_be_zip = "/" not in file.place.name or not is_named_like_one(path.name)
    if may_be_zip and _is_zip(path, head):
        found.paths.append(path)
    elif device_format(head) is None:
        found.problems.append(NotAnExport(name, about_file(path.name, head)))
    elif path.is_symlink():
        found.problems.append(CorruptFile(name, f"{IS_LINK}; use the file itself"))
    elif not is_text(file.place.name):
        found.problems.append(CorruptFile(shown(name), LEADS_OUT))
    else:
        found.device_files.append(file)


def _is_zip(path: Path, head: bytes) -> bool:
    """Whether it begins like a ZIP, or is a ZIP that begins like none: behind another program's
    bytes, or in space that was reserved for a copy and holds zeros until then.
    """
    # Of one that is being copied there may be a byte only.
    if any(start.startswith(head[: len(start)]) for start in ZIP_STARTS):
        return True
    return path.suffix.lower() == ".zip" and (not head.strip(b"\0") or has_end(path))


def _sort_folder(folder: Path, name: str, found: Candidates) -> None:
    """Take the folder itself if it holds an export, else the exports directly in it, and the device
    files below it.
    """
    if is_link(folder):
        found.problems.append(CorruptFile(name, f"{IS_LINK}; use the folder itself"))
        return
    try:
        if holds_activities(folder):
            found.paths.append(folder)
            return
        inside = sorted(entry for entry in folder.iterdir() if not is_junk(entry.name))
    except OSError as err:
        found.problems.append(unlisted(name, err))
        return
    exports = []
    problems: dict[str, IngestError] = {}
    for path in inside:
        try:
            if holds_activities(path) and not is_link(path):
                exports.append(path)
        except PermissionError:
            problem = NoPermission(f"{name}: {path.name}", FORBIDDEN)
            problems[str(problem)] = problem
    found.paths += exports
    below = look_below(folder, name, with_zips=_is_of_athlete(folder, found.drop))
    problems |= {str(problem): problem for problem in below.problems}
    found.problems += problems.values()
    _take_below(folder, name, below, found)
    if not (exports or problems or below.files or below.zips):
        contents = Contents(name=folder.name, names=below.names, is_zip=False)
        if (reason := about_contents(contents)) is not None:
            found.problems.append(NotAnExport(name, reason))


def _is_of_athlete(folder: Path, drop: Path) -> bool:
    """Whether a folder directly in the drop folder is named by an athlete's id."""
    place = file_place_of(folder, drop)
    return place.name.isdigit() and place_below(place, "x", drop).athlete_id > 0


def _take_below(folder: Path, name: str, below: Below, found: Candidates) -> None:
    """Sort the device files and ZIPs that lie below a folder."""
    place = file_place_of(folder, found.drop)
    for member in below.files:
        path, inside = folder / member.name, place_below(place, member.name, found.drop)
        found.names[path] = f"{name}: {member.name}"
        _sort_file(path, inside, replace(member, name=inside.name), found)
    for zipped in below.zips:
        found.names[folder / zipped] = f"{name}: {zipped}"
        found.paths.append(folder / zipped)
