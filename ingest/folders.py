"""Makes folders of the playground, and makes new names in them safe on the disk."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ingest.errors import UsageError


def make_folder(folder: Path) -> None:
    """Make a folder of the playground.

    Raises:
        UsageError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise UsageError(
            f"the folder {folder} cannot be created ({err.strerror}); choose another one with "
            "--playground"
        ) from err


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder safe on the disk.

    Windows cannot open folders, and some network drives cannot sync them.
    """
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
