"""Finds the ZIPs that are still being copied: those that grow between two looks, or have no end.

The age of a file does not tell this. The archives are opened between the two looks, so that part of
the waiting costs nothing. Whether a ZIP without an end still grows, slowly, only the next run sees.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: Seconds between two looks at a file's size; a copy in progress grows within them.
APART_S: Final = 0.25
_EOCD: Final = b"PK\x05\x06"
_EOCD_REACH: Final = 65_557  # the record and its longest comment
#: The record: its mark, four numbers of disks and members, size and place of the list of members,
#: and the length of its comment.
_RECORD: Final = struct.Struct("<4s8xIIH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The sizes of ZIPs at a moment of the monotonic clock."""

    at: float
    sizes: Mapping[Path, int]

    def growing(self, paths: Collection[Path]) -> set[Path]:
        """Those of ``paths`` whose size changed; waits until ``APART_S`` after the first look."""
        if paths:
            time.sleep(max(0.0, self.at + APART_S - time.monotonic()))
        return {path for path in paths if zip_size(path) != self.sizes.get(path)}


def first_look(paths: Iterable[Path]) -> Look:
    """Look at those of the paths that are files."""
    sizes = {path: size for path in paths if (size := zip_size(path)) is not None}
    return Look(at=time.monotonic(), sizes=sizes)


def zip_size(path: Path) -> int | None:
    """The size of a file; ``None`` for a folder, or for a file that a browser has just renamed."""
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def has_end(path: Path) -> bool:
    """Whether a ZIP has its end-of-central-directory record; true if it cannot be read."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - _EOCD_REACH))
            return _EOCD in stream.read()
    except OSError:
        return True


def is_whole(path: Path) -> bool:
    """Whether a ZIP ends exactly where its own end record says, as no half of a copy does.

    Others, such as ZIPs of over 4 GB or with a comment, may be whole as well.
    """
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - _RECORD.size))
            mark, listed, at, comment = _RECORD.unpack(stream.read())
    except (OSError, struct.error):
        return False
    return bool(mark == _EOCD and at + listed + _RECORD.size == size and not comment)


def stamp(path: Path) -> str:
    """Size and time of a file, which change while it is copied; empty where it is gone.

    The size alone does not tell: some programs reserve all of the space before they copy.
    """
    try:
        found = path.stat()
    except OSError:
        return ""
    return f"{found.st_size} {found.st_mtime_ns}"
