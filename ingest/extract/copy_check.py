"""Finds the ZIPs that are still being copied: those that grow between two looks.

The age of a file does not tell this. The archives are opened between the two looks, so that part of
the waiting costs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: Seconds between two looks at a file's size; a copy in progress grows within them.
APART_S: Final = 0.25


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
