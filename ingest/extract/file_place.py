"""Names what lies in the drop folder, or elsewhere, the same in every run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.errors import storable

#: Digits of the longest athlete id that fits the database.
_MOST_DIGITS: Final = 18
#: Numbers that folders have for the years of their files.
_YEARS: Final = range(1970, 2100)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlace:
    """Where a file or a folder lies, and how it is named."""

    #: The folder that its name counts from: the drop folder for all that lies below that.
    folder: Path
    #: With forward slashes; empty for the folder itself.
    name: str
    #: The athlete of the folder ``Strava Export/<athlete id>/`` that it lies in, else 0.
    athlete_id: int = 0

    @property
    def folder_name(self) -> str:
        """How messages and the ledger name the folder."""
        return storable(os.path.basename(os.path.abspath(self.folder)))


def file_place_of(path: Path, drop: Path) -> FilePlace:
    """Where a thing lies: in the drop folder, or elsewhere in a folder that was given or that holds
    a file that was given.
    """
    if path.parent == drop:
        return FilePlace(folder=drop, name=path.name)
    absolute, root = Path(os.path.abspath(path)), Path(os.path.abspath(drop))
    if absolute.is_relative_to(root):
        name = "" if absolute == root else absolute.relative_to(root).as_posix()
        return FilePlace(folder=drop, name=name, athlete_id=_athlete(name))
    if path.is_dir():
        return FilePlace(folder=path, name="")
    return FilePlace(folder=path.parent, name=path.name)


def place_below(place: FilePlace, name: str, drop: Path) -> FilePlace:
    """Where a thing lies that has this name below a place."""
    full = f"{place.name}/{name}" if place.name else name
    athlete_id = _athlete(full) if place.folder == drop else 0
    return FilePlace(folder=place.folder, name=full, athlete_id=athlete_id)


def _athlete(name: str) -> int:
    """The number that the outermost folder of a name is; 0 if it is none, or a year."""
    folder, slash, _ = name.partition("/")
    is_id = folder.isascii() and folder.isdigit() and len(folder) <= _MOST_DIGITS
    number = int(folder) if slash and is_id else 0
    return 0 if number in _YEARS else number
