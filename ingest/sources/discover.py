"""The drop folder in, the exports in it out: oldest first, with what is not (yet) one."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ingest.errors import BadTable, CorruptFile, IngestError
from ingest.sources.archive import Archive, open_archive
from ingest.tables import TABLES

_EOCD: Final = b"PK\x05\x06"
_EOCD_REACH: Final = 65_557  # the record and its longest comment
#: Between the two looks at a ZIP that was not seen before; a copy in progress grows in less.
_LOOK_AGAIN_S: Final = 0.25
_HALF_DOWNLOADED: Final = (".crdownload", ".part", ".download", ".partial", ".opdownload")
_OTHER_PACKERS: Final = (".rar", ".7z", ".tar", ".tgz", ".gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export found: where it is, whose it is and of when. ``athlete_id`` 0 means that nothing in it tells."""

    path: Path
    athlete_id: int
    exported_at: datetime
    fingerprint: str

    @property
    def name(self) -> str:
        """How messages and the ledger name it."""
        return self.path.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What lies in the drop folder."""

    exports: tuple[Export, ...]
    waiting: tuple[str, ...]
    problems: tuple[IngestError, ...]


def discover(drop: Path, known: frozenset[str] = frozenset()) -> Found:
    """Look through the drop folder.

    Args:
        drop: the folder that exports are dropped into; it need not exist.
        known: fingerprints of exports that were imported whole; their ZIPs need no second look.

    Returns:
        The exports, oldest first; sentences about ZIPs that are still being copied; what is no export.
    """
    exports: list[Export] = []
    waiting: list[str] = []
    problems: list[IngestError] = []
    for path in _candidates(drop):
        if path.name.lower().endswith(_HALF_DOWNLOADED):
            waiting.append(f"{path.name} is still being downloaded; the next run takes it")
        elif path.is_file() and path.suffix.lower() in _OTHER_PACKERS:
            problems.append(CorruptFile(path.name, "is packed with another packer; unpack it into a folder of its own"))
        else:
            try:
                export = _export(path)
                if path.is_file() and export.fingerprint not in known and _grows(path):
                    waiting.append(f"{path.name} is still being copied (it grows); the next run takes it")
                    continue
                exports.append(export)
            except IngestError as err:
                if path.is_file() and not _is_complete(path):
                    waiting.append(
                        f"{path.name} is still being copied or was cut off (its end is missing); the next run looks again"
                    )
                    continue
                problems.append(err)
    exports.sort(key=lambda e: (e.exported_at, e.name))
    return Found(exports=tuple(exports), waiting=tuple(waiting), problems=tuple(problems))


def _candidates(drop: Path) -> Iterator[Path]:
    if not drop.is_dir():
        return
    if (drop / "activities.csv").is_file():
        yield drop
    for path in sorted(drop.iterdir()):
        if path.name.startswith(".") or path.name == "__MACOSX":
            continue
        if path.is_file() and path.suffix.lower() in (".zip", *_HALF_DOWNLOADED, *_OTHER_PACKERS):
            yield path
        elif path.is_dir() and not path.is_symlink():
            if (drop / "activities.csv").is_file() and path.name in (
                "activities",
                "media",
                "photos",
                "routes",
                "clubs",
            ):
                continue
            yield from _unpacked(path)


def _unpacked(folder: Path) -> Iterator[Path]:
    """The folder itself where it holds an export, else the ones below it that do."""
    if (folder / "activities.csv").is_file():
        yield folder
    else:
        yield from sorted(p.parent for p in folder.glob("*/activities.csv") if p.is_file())


def _export(path: Path) -> Export:
    with open_archive(path) as archive:
        if not archive.is_export:
            raise BadTable(path.name, "holds no activities.csv, so it is no Strava account export")
        return Export(
            path=path,
            athlete_id=_athlete(archive),
            exported_at=archive.exported_at,
            fingerprint=archive.fingerprint,
        )


def _athlete(archive: Archive) -> int:
    """The athlete's id by profile.csv, else by the name that Strava gives the ZIP."""
    member = archive.find("profile.csv")
    if member is not None:
        for row in _rows(archive, "profile.csv"):
            if isinstance(number := row.get("athlete_id"), int):
                return number
    named = re.search(r"export_(\d+)", archive.path.name)
    return int(named[1]) if named else 0


def _rows(archive: Archive, name: str) -> list[Mapping[str, object]]:
    member = archive.find(name)
    if member is None:
        return []
    try:
        return list(TABLES[name].read(archive.read(member), archive.origin(name)).rows)
    except IngestError:
        return []


def _is_complete(path: Path) -> bool:
    """Whether the end-of-central-directory record is there."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _EOCD_REACH))
        return _EOCD in stream.read()


def _grows(path: Path) -> bool:
    first = path.stat().st_size
    time.sleep(_LOOK_AGAIN_S)  # the second look that tells a copy in progress from a finished one
    return path.stat().st_size != first
