"""Walks through a folder in search of device files, past exports and what other services made.

Only names, sizes and times are looked at, since a sync tool's folder may hold thousands of files.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from db.export_bytes import FORBIDDEN
from db.export_names import ACTIVITIES, HALF_DOWNLOADED, is_junk, is_link
from ingest.errors import CorruptFile, IngestError, NoPermission, NotAnExport
from ingest.extract.archive import Member, file_member
from ingest.extract.device_files import is_named_like_one
from ingest.extract.not_an_export import GARMIN, UPLOADED, Contents, about_contents, service_of
from ingest.transform.tables import TABLES

#: The folder of device files in an export of Strava.
_TRACKS: Final = "activities"
#: Names of a folder's files that are kept to tell what it is.
_KEPT: Final = 2_000


@dataclass(slots=True)
class Below:
    """What lies below a folder; names are relative to it."""

    #: Files that are named like device files.
    files: list[Member] = field(default_factory=list)
    #: ZIPs to look into.
    zips: list[str] = field(default_factory=list)
    #: The first names of files of any kind, the shallow ones first.
    names: list[str] = field(default_factory=list)
    #: What is not read, with the reason.
    problems: list[IngestError] = field(default_factory=list)


def look_below(root: Path, name: str, *, with_zips: bool) -> Below:
    """Look through a folder that is no export; hidden things, links and exports are passed over.

    Args:
        root: the folder.
        name: how messages name it.
        with_zips: whether ZIPs directly in it are to be looked into; of an unpacked export of
            Garmin, ZIPs of what devices have uploaded always are.
    """
    walk = _Walk(root=root, name=name, with_zips=with_zips)
    while walk.folders:
        walk.look_into(walk.folders.popleft())
    return walk.found


def unlisted(name: str, err: OSError) -> IngestError:
    """The error about a folder that cannot be listed."""
    if isinstance(err, PermissionError):
        return NoPermission(name, FORBIDDEN)
    return CorruptFile(name, f"cannot be listed ({err.strerror})")


@dataclass(slots=True, kw_only=True)
class _Walk:
    """The folders that are still to be looked into, and what was found until now."""

    root: Path
    name: str
    with_zips: bool
    #: Relative to the root, with a slash at the end; the root itself is empty.
    folders: deque[str] = field(default_factory=lambda: deque([""]))
    found: Below = field(default_factory=Below)

    def look_into(self, prefix: str) -> None:
        """Sort what lies directly in a folder."""
        try:
            entries = _entries(self.root / prefix)
        except OSError as err:
            self.found.problems.append(unlisted(self._origin(prefix), err))
            return
        files = [entry for entry in entries if entry.is_file() and not is_link(entry)]
        folders = [entry.name for entry in entries if entry.is_dir() and not is_link(entry)]
        self.found.names += [prefix + file.name for file in files[: _KEPT - len(self.found.names)]]
        places = f"{self.root.name}/{prefix}".lower().rstrip("/").split("/")
        is_upload = UPLOADED in places
        if service_of(places[-1:]) == GARMIN and not is_upload:
            folders = [name for name in folders if service_of([name]) == GARMIN]
        elif is_upload or not self._is_left_out(prefix, places[-1], files, folders):
            self._take(prefix, files, with_zips=is_upload or (self.with_zips and not prefix))
        else:
            return
        self.folders += [f"{prefix}{name}/" for name in folders if not _is_half(name)]

    def _is_left_out(
        self, prefix: str, place: str, files: Sequence[os.DirEntry[str]], folders: Sequence[str]
    ) -> bool:
        """Whether a folder is an export, a part of one, or another service's; says so, unless it is
        imported as an export.
        """
        names = [file.name for file in files]
        if ACTIVITIES in names:
            if prefix.count("/") > 1:  # one that lies higher was found as an export
                self._leave_out(self.name, "", [prefix + ACTIVITIES])
            return True
        tables = [prefix + name for name in names if name.lower() in TABLES]
        if tables and _TRACKS in folders:
            self._leave_out(self.name, "", tables)
            return True
        if service_of([place, *names]) not in (None, GARMIN):
            self._leave_out(self._origin(prefix), place, names)
            return True
        return False

    def _leave_out(self, origin: str, place: str, names: Sequence[str]) -> None:
        reason = about_contents(Contents(name=place, names=names or [place], is_zip=False))
        self.found.problems.append(NotAnExport(origin, str(reason)))

    def _take(self, prefix: str, files: Sequence[os.DirEntry[str]], *, with_zips: bool) -> None:
        for file in files:
            name = prefix + file.name
            if is_named_like_one(file.name):
                with suppress(OSError):  # it has just been moved away
                    self.found.files.append(file_member(name, file.stat()))
            elif with_zips and name.lower().endswith(".zip"):
                self.found.zips.append(name)

    def _origin(self, name: str) -> str:
        return f"{self.name}: {name.rstrip('/')}" if name else self.name


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder and is not passed over, in an order that is equal from run to run."""
    with os.scandir(folder) as entries:
        kept = (e for e in entries if not (e.name.startswith(".") or is_junk(e.name)))
        return sorted(kept, key=lambda entry: entry.name)


def _is_half(folder: str) -> bool:
    """Whether a browser keeps a download in it that is not complete."""
    return folder.lower().endswith(HALF_DOWNLOADED)
