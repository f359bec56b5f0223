"""Waits until something in a folder changes.

The system tells of a change at once where it can. It tells nothing of most network drives and of
folders that a virtual machine shares, so the folder is also looked through once a minute. In both
cases it counts what a look finds.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import watchfiles

#: Path, size and time of every file below a folder.
FolderState = frozenset[tuple[str, int, int]]

#: Seconds from one look to the next where the system tells nothing.
LOOK_S: Final = 60.0
#: Seconds without a change after which what was copied into the folder is taken to be complete.
_STILL_S: Final = 2.0


def folder_state(folder: Path) -> FolderState:
    """What lies in a folder now; nothing where there is no such folder."""
    found = set()
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            with suppress(OSError):  # gone meanwhile
                stat = os.stat(path)
                found.add((path, stat.st_size, stat.st_mtime_ns))
    return frozenset(found)


def wait_for_change(folder: Path, seen: FolderState) -> FolderState:
    """Wait until a folder differs from what was seen there, and no longer changes.

    Returns:
        What lies in the folder then.
    """
    while (found := folder_state(folder)) == seen:
        _wait_for_word(folder)
    while True:
        time.sleep(_STILL_S)
        if (now := folder_state(folder)) == found:
            return found
        found = now


def _wait_for_word(folder: Path) -> None:
    """Wait until the system tells of a change, or until it is time for the next look."""
    words = watchfiles.watch(
        folder, watch_filter=None, rust_timeout=int(1000 * LOOK_S), yield_on_timeout=True
    )
    try:
        next(words)
    except OSError:  # the folder is gone, or the system watches no more folders
        time.sleep(LOOK_S)
