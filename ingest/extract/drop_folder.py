"""Finds the exports in the drop folder, or at the places given in its stead, oldest first, and
explains what is not (yet) one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from db.export_names import (
    ACTIVITIES,
    EXPORT_FOLDERS,
    HALF_DOWNLOADED,
    IS_LINK,
    PACKED,
    is_junk,
    is_link,
)
from ingest.errors import BadTable, CorruptFile, IngestError, storable
from ingest.extract.archive import MAX_TABLE, Archive, open_archive
from ingest.extract.copy_check import first_look
from ingest.transform.tables import TABLES

_EOCD: Final = b"PK\x05\x06"
_EOCD_REACH: Final = 65_557  # the record and its longest comment


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export found: where it is, whose it is, and its date.

    ``athlete_id`` is 0 if nothing in the export tells. ``fingerprint`` is equal for this very copy
    only, ``content`` for every copy, packed or not.
    """

    path: Path
    athlete_id: int
    exported_at: datetime
    fingerprint: str
    content: str

    def __str__(self) -> str:
        return (
            f"{self.name}: export of {self.exported_at:%Y-%m-%d}, athlete "
            f"{self.athlete_id or 'unknown'}"
        )

    @property
    def name(self) -> str:
        """The export's name in messages and in the ledger."""
        return storable(self.path.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found."""

    exports: tuple[Export, ...]
    waiting: tuple[str, ...]
    problems: tuple[IngestError, ...]


def discover(drop: Path, known: frozenset[str] = frozenset(), given: Sequence[Path] = ()) -> Found:
    """Look for exports in the drop folder, or only at the places that are given.

    Args:
        drop: the folder that exports are dropped into; it need not exist.
        known: fingerprints of exports that were imported whole; their ZIPs need no second look.
        given: ZIPs and folders that exist; with them, the drop folder is not looked at.

    Returns:
        The exports, oldest first; sentences about ZIPs that are still being copied; errors about
        what is no export.
    """
    waiting: list[str] = []
    problems: list[IngestError] = []
    exports: dict[Path, Export] = {}
    failed: dict[Path, IngestError] = {}
    candidates = list(
        _given(given, waiting, problems) if given else _dropped(drop, waiting, problems)
    )
    first = first_look(candidates)
    for path in candidates:
        try:
            exports[path] = _export(path)
        except IngestError as err:
            failed[path] = err
    unsure = [
        p
        for p in candidates
        if p.is_file() and (p in failed or exports[p].fingerprint not in known)
    ]
    growing = first.growing(unsure)
    for path, problem in failed.items():
        if path in unsure and path not in growing and not _is_complete(path):
            waiting.append(
                f"{path.name} has no end: it is still being copied, or the download was cut off. "
                "Run again when the copy is complete, or download it again"
            )
        elif path not in growing:
            problems.append(problem)
    waiting += (
        f"{p.name} is still being copied (its size changes); run again when it is complete"
        for p in sorted(growing)
    )
    found = (export for path, export in exports.items() if path not in growing)
    return Found(
        exports=tuple(sorted(found, key=lambda e: (e.exported_at, e.name))),
        waiting=tuple(waiting),
        problems=tuple(problems),
    )


def _dropped(drop: Path, waiting: list[str], problems: list[IngestError]) -> Iterator[Path]:
    """Paths of the drop folder that may be exports."""
    is_export = _has_activities(drop)
    if is_export:
        yield drop
    for path in _listed(drop, problems):
        suffix = path.suffix.lower()
        if (
            path.name.startswith(".")
            or path.name == "__MACOSX"
            or (is_export and path.name in EXPORT_FOLDERS)
            or (os.path.isfile(path) and suffix not in (*PACKED, *HALF_DOWNLOADED))
        ):
            continue
        yield from _candidates(path, waiting, problems)


def _given(
    given: Sequence[Path], waiting: list[str], problems: list[IngestError]
) -> Iterator[Path]:
    """Those of the places given that may be exports."""
    for path in given:
        yield from _candidates(path, waiting, problems)


def _candidates(path: Path, waiting: list[str], problems: list[IngestError]) -> Iterator[Path]:
    """What may be an export at a path; half downloads, links and other archives are only noted."""
    suffix = path.suffix.lower()
    if suffix in HALF_DOWNLOADED:  # includes folders, as Safari's are
        waiting.append(
            f"{path.name} is still being downloaded; run again when the download is complete"
        )
    elif os.path.isdir(path):
        if is_link(path):
            problems.append(CorruptFile(path.name, f"{IS_LINK}; drop the folder itself here"))
        else:
            yield from _unpacked(path, problems)
    elif suffix == ".zip" and os.path.isfile(path):
        yield path
    elif os.path.isfile(path):
        problems.append(CorruptFile(path.name, "is not a ZIP; unpack it, and put the folder here"))


def _unpacked(folder: Path, problems: list[IngestError]) -> Iterator[Path]:
    """The folder itself if it holds an export, else the folders in it that do."""
    if _has_activities(folder):
        yield folder
        return
    inside = [path for path in _listed(folder, problems) if not is_junk(path.name)]
    found = [path for path in inside if _has_activities(path) and not is_link(path)]
    if inside and not found:
        problems.append(
            BadTable(
                folder.name,
                "holds no export: there is no activities.csv in it or in a folder directly below "
                "it",
            )
        )
    yield from found


def _listed(folder: Path, problems: list[IngestError]) -> list[Path]:
    try:
        return sorted(folder.iterdir()) if os.path.isdir(folder) else []
    except OSError as err:
        problems.append(CorruptFile(folder.name, f"cannot be listed ({err.strerror})"))
        return []


def _has_activities(folder: Path) -> bool:
    return os.path.isfile(folder / ACTIVITIES)  # Path.is_file raises where reading is forbidden


def _export(path: Path) -> Export:
    with open_archive(path) as archive:
        if not archive.is_export:
            raise _no_export(archive)
        return Export(
            path=path,
            athlete_id=_athlete(archive),
            exported_at=archive.exported_at,
            fingerprint=archive.fingerprint,
            content=archive.content,
        )


def _no_export(archive: Archive) -> IngestError:
    """Why an archive is no export, in as much detail as its directory allows."""
    about = f"{archive.path.name}: {ACTIVITIES}"
    for err in archive.refused:
        if err.origin == about:
            return err
    packed = next((name for name in archive.members if name.lower().endswith(".zip")), None)
    deep = next((name for name in archive.members if name.lower().endswith(f"/{ACTIVITIES}")), None)
    reason = "has no activities.csv, so it is not a Strava account export"
    if deep:
        reason = (
            f"has {deep} too deep in its folders; unpack it, and put the folder that holds "
            "activities.csv here"
        )
    elif packed:
        reason = (
            f"has no activities.csv, but {packed}; unpack {archive.path.name}, and put {packed} "
            "into this folder"
        )
    return BadTable(archive.path.name, reason)


def _athlete(archive: Archive) -> int:
    """The athlete's id from profile.csv, else from the name that Strava gives the ZIP."""
    for row in _rows(archive, "profile.csv"):
        if isinstance(number := row.get("athlete_id"), int):
            return number
    # Strava's name, perhaps with the " (1)" that browsers add to a second download. A number with
    # more digits fits no database.
    named = re.fullmatch(
        r"export_(\d{1,18})(?: ?\(\d+\))?(?:\.zip)?", archive.path.name, re.IGNORECASE
    )
    return int(named[1]) if named else 0


def _rows(archive: Archive, name: str) -> list[Mapping[str, object]]:
    member = archive.find(name)
    if member is None:
        return []
    try:
        return list(TABLES[name].read(archive.read(member, MAX_TABLE), archive.origin(name)).rows)
    except IngestError:
        return []


def _is_complete(path: Path) -> bool:
    """Whether a ZIP has its end-of-central-directory record; true if it cannot be read."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - _EOCD_REACH))
            return _EOCD in stream.read()
    except OSError:
        return True
