"""Finds the exports in the drop folder, or at the places given in its stead, oldest first, and
explains what is not (yet) one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from db.export_names import ACTIVITIES
from ingest.errors import CorruptFile, IngestError, NotAnExport, Unfinished, storable
from ingest.extract.archive import MAX_TABLE, Archive, open_archive
from ingest.extract.candidates import Candidates, dropped
from ingest.extract.candidates import given as sorted_given
from ingest.extract.copy_check import first_look, has_end, is_whole, stamp
from ingest.extract.not_an_export import (
    CUT_OFF,
    EMPTY,
    HEAD,
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
    #: What is still being copied or downloaded.
    waiting: tuple[IngestError, ...]
    #: What is no export, or cannot be read.
    problems: tuple[IngestError, ...]
    #: Name -> size and time of each ZIP without an end, to tell the next run.
    endless: Mapping[str, str] = field(default_factory=dict)


def discover(
    drop: Path,
    known: frozenset[str] = frozenset(),
    given: Sequence[Path] = (),
    endless: Mapping[str, str] | None = None,
) -> Found:
    """Look for exports in the drop folder, or only at the places that are given.

    Args:
        drop: the folder that exports are dropped into; it need not exist.
        known: fingerprints of exports that were imported whole; these ZIPs need no second look.
        given: ZIPs and folders that exist; with them, the drop folder is not looked at.
        endless: what the last run found of this; one that has not changed since was cut off.

    Returns:
        The exports, oldest first, and errors about what is not (yet) one.
    """
    candidates = sorted_given(given) if given else dropped(drop)
    exports: dict[Path, Export] = {}
    failed: dict[Path, IngestError] = {
        path: NotAnExport(candidates.name(path), EMPTY) for path in candidates.empty
    }
    first = first_look((*candidates.paths, *candidates.empty))
    for path in candidates.paths:
        try:
            exports[path] = _export(path)
        except IngestError as err:
            failed[path] = _renamed(err, path.name, candidates.name(path))
    unsure = [
        path
        for path in (*candidates.empty, *candidates.paths)
        if path.is_file()
        and (path in failed or not (exports[path].fingerprint in known or is_whole(path)))
    ]
    growing = first.growing(unsure)
    _add_growing(growing, candidates)
    found = (export for path, export in exports.items() if path not in growing)
    settled = {path: err for path, err in failed.items() if path not in growing}
    without_end = _add_failed(settled, endless or {}, candidates)
    return Found(
        exports=tuple(sorted(found, key=lambda e: (e.exported_at, e.name))),
        waiting=tuple(_grouped(candidates.waiting)),
        problems=tuple(_grouped(candidates.problems)),
        endless=without_end,
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
    """The errors; of many with the same reason, as of loose device files, only one."""
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


def _export(path: Path) -> Export:
    with open_archive(path) as archive:
        if not archive.is_export:
            raise _no_export(archive)
        if archive.needs_password:
            raise NotAnExport(path.name, NEEDS_PASSWORD)
        return Export(
            path=path,
            athlete_id=_athlete(archive),
            exported_at=archive.exported_at,
            fingerprint=archive.fingerprint,
            content=archive.content,
        )


def _no_export(archive: Archive) -> IngestError:
    """Why an archive is no export."""
    about = archive.origin(ACTIVITIES)
    refused = [err for err in archive.refused if err.origin == about or not archive.members]
    if refused:
        return refused[0]
    contents = Contents(
        name=archive.path.name,
        names=sorted(archive.members),
        head=lambda name: archive.head(archive.members[name], HEAD),
        is_zip=True,
        needs_password=archive.needs_password,
    )
    return NotAnExport(archive.path.name, about_contents(contents))


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
