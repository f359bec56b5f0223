"""Finds the exports in the drop folder, or at the places given in its stead, oldest first, and the
loose device files; explains what is neither, or not yet.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from db.export_names import ACTIVITIES
from ingest.errors import CorruptFile, IngestError, NotAnExport, Unfinished, storable
from ingest.extract.archive import MAX_TABLE, Archive, open_archive
from ingest.extract.candidates import Candidates, DeviceFile, dropped
from ingest.extract.candidates import given as sorted_given
from ingest.extract.copy_check import first_look, has_end, is_whole, stamp
from ingest.extract.file_place import file_place_of
from ingest.extract.loose_files import NOTHING_READ, KnownLoose, LooseSource, loose_members
from ingest.extract.not_an_export import (
    CUT_OFF,
    EMPTY,
    NEEDS_PASSWORD,
    Contents,
    about_contents,
)
from ingest.transform.tables import TABLES

#: Things with one reason that are named each; of more, only the first one is.
_NAMED: Final = 5


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
    #: What holds loose device files: a folder for each athlete, and ZIPs.
    loose: tuple[LooseSource, ...] = ()
    #: What is still being copied or downloaded.
    waiting: tuple[IngestError, ...]
    #: What is neither an export nor a device file, or cannot be read.
    problems: tuple[IngestError, ...]
    #: Name -> size and time of each ZIP without an end, to tell the next run.
    endless: Mapping[str, str] = field(default_factory=dict)


def discover(
    drop: Path,
    known: frozenset[str] = frozenset(),
    given: Sequence[Path] = (),
    endless: Mapping[str, str] | None = None,
    known_loose: KnownLoose = NOTHING_READ,
    on_new: Callable[[], object] = lambda: None,
) -> Found:
    """Look for exports and loose device files in the drop folder, or only at the places given.

    Args:
        drop: the folder that exports are dropped into; it need not exist.
        known: fingerprints of exports that were imported whole; these ZIPs need no second look.
        given: ZIPs, folders and device files that exist; with them, the drop folder is not looked
            at.
        endless: what the last run found of this; one that has not changed since was cut off.
        known_loose: the device files, and ZIPs of such, that were read before: they are found, but
            not opened.
        on_new: called where there is something new, before the waiting for what may still be
            copied: time in which the caller can make ready to read it.

    Returns:
        The exports, oldest first, what holds device files, and errors about what is neither.
    """
    candidates = sorted_given(given, drop, known_loose) if given else dropped(drop, known_loose)
    exports: dict[Path, Export | LooseSource] = {}
    failed: dict[Path, IngestError] = {
        path: NotAnExport(candidates.name(path), EMPTY) for path in candidates.empty
    }
    new_files = [file.path for file in candidates.device_files if not file.is_known]
    first = first_look((*candidates.paths, *candidates.empty, *new_files))
    if new_files:
        on_new()
    for path in candidates.paths:
        try:
            exports[path] = _opened(path, candidates)
        except IngestError as err:
            failed[path] = _renamed(err, path.name, candidates.name(path))
    unsure = [
        path
        for path in (*candidates.empty, *candidates.paths)
        if path.is_file()
        and (path in failed or not (_is_known(exports[path], known, known_loose) or is_whole(path)))
    ]
    if not all(_is_known(export, known, known_loose) for export in exports.values()):
        on_new()
    growing = first.growing([*unsure, *new_files])
    _add_growing(growing, candidates)
    found = [export for path, export in exports.items() if path not in growing]
    settled = {path: err for path, err in failed.items() if path not in growing}
    without_end = _add_failed(settled, endless or {}, candidates)
    files = [file for file in candidates.device_files if file.path not in growing]
    return Found(
        exports=tuple(
            sorted(
                (one for one in found if isinstance(one, Export)),
                key=lambda export: (export.exported_at, export.name),
            )
        ),
        loose=(*_folders(files), *(one for one in found if isinstance(one, LooseSource))),
        waiting=tuple(_grouped(candidates.waiting)),
        problems=tuple(_grouped(candidates.problems)),
        endless=without_end,
    )


def _is_known(found: Export | LooseSource, known: frozenset[str], known_loose: KnownLoose) -> bool:
    if isinstance(found, LooseSource):
        return known_loose.has_zip(found)
    return found.fingerprint in known


def _folders(files: Iterable[DeviceFile]) -> Iterator[LooseSource]:
    """The folders that files lie in, one for each athlete."""
    of_athlete: defaultdict[tuple[Path, int], list[DeviceFile]] = defaultdict(list)
    for file in files:
        of_athlete[file.place.folder, file.place.athlete_id].append(file)
    for (folder, athlete_id), some in sorted(of_athlete.items()):
        yield LooseSource(
            path=folder,
            name=some[0].place.folder_name,
            athlete_id=athlete_id,
            stamp="",
            # A file is given twice where its folder is given, too.
            members=tuple({file.member.name: file.member for file in some}.values()),
        )


def _add_growing(growing: set[Path], candidates: Candidates) -> None:
    reason = "is still being copied (its size changes); run again when it is complete"
    candidates.waiting += (Unfinished(candidates.name(path), reason) for path in sorted(growing))


def _add_failed(
    failed: Mapping[Path, IngestError], endless: Mapping[str, str], candidates: Candidates
) -> dict[str, str]:
    """Sort what could not be read; returns the ZIPs without an end."""
    found: dict[str, str] = {}
    empty = frozenset(candidates.empty)
    for path, problem in failed.items():
        name = candidates.name(path)
        if path in empty or not path.is_file() or has_end(path):
            candidates.problems.append(problem)
            continue
        found[name] = stamp(path)
        if endless.get(name) == found[name]:
            candidates.problems.append(CorruptFile(name, CUT_OFF))
        else:
            reason = (
                "has no end: it is still being copied, or the download was cut off. Run again when "
                "the copy is complete, or download it again"
            )
            candidates.waiting.append(Unfinished(name, reason))
    return found


def _grouped(errors: Sequence[IngestError]) -> Iterator[IngestError]:
    """The errors; of many with the same reason, as of a folder of photos, only one."""
    alike: defaultdict[tuple[type[IngestError], str], list[IngestError]] = defaultdict(list)
    for err in errors:
        alike[type(err), err.reason].append(err)
    for (kind, reason), some in alike.items():
        if len(some) <= _NAMED:
            yield from some
        else:
            yield kind(f"{some[0].origin} and {len(some) - 1:,} more like it", reason)


def _renamed(err: IngestError, own: str, name: str) -> IngestError:
    """The error about a thing by the name that tells it apart from others."""
    return err if own == name else type(err)(name + err.origin[len(own) :], err.reason)


def _opened(path: Path, candidates: Candidates) -> Export | LooseSource:
    """What a ZIP or a folder is: an export, or a ZIP of device files."""
    place = file_place_of(path, candidates.drop)
    source = LooseSource(
        path=path,
        name=storable(place.name),
        athlete_id=place.athlete_id,
        stamp=stamp(path),
        members=(),
    )
    if candidates.known.has_zip(source):
        return source
    with open_archive(path) as archive:
        if archive.is_export:
            return _export(archive)
        _refuse(archive)
        return replace(source, members=loose_members(archive))


def _export(archive: Archive) -> Export:
    if archive.needs_password:
        raise NotAnExport(archive.name, NEEDS_PASSWORD)
    return Export(
        path=archive.path,
        athlete_id=_athlete(archive),
        exported_at=archive.exported_at,
        fingerprint=archive.fingerprint,
        content=archive.content,
    )


def _refuse(archive: Archive) -> None:
    """Raise an error about a ZIP that is neither an export nor one of device files."""
    about = archive.origin(ACTIVITIES)
    refused = [err for err in archive.refused if err.origin == about or not archive.members]
    if refused:
        raise refused[0]
    if archive.path.is_dir():
        raise CorruptFile(archive.name, "has lost its activities.csv just now; run again")
    contents = Contents(
        name=archive.name,
        names=sorted(archive.members),
        is_zip=True,
        needs_password=archive.needs_password,
    )
    if (reason := about_contents(contents)) is not None:
        raise NotAnExport(archive.name, reason)


def _athlete(archive: Archive) -> int:
    """The athlete's id from profile.csv, else from the name that Strava gives the ZIP."""
    for row in _rows(archive, "profile.csv"):
        if isinstance(number := row.get("athlete_id"), int):
            return number
    # Strava's name, perhaps with the " (1)" that browsers add to a second download, or with other
    # endings. A number with more digits fits no database.
    named = re.fullmatch(
        r"export_(\d{1,18})(?: ?\(\d+\))?(?:\.\w+)*", archive.path.name, re.IGNORECASE
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
