"""Reads the environment and the ``.env`` file, the settings that ``make_config`` takes."""

from __future__ import annotations

import os
from pathlib import Path

from db.settings_file import UnreadableSettings, read_settings
from ingest.errors import UsageError


def load_environment(folder: Path | None = None) -> dict[str, str]:
    """``.env`` of the current folder, overridden by the environment.

    Raises:
        UsageError: the file cannot be read.
    """
    try:
        values = read_settings((folder or Path.cwd()) / ".env")
    except UnreadableSettings as err:
        raise UsageError(str(err)) from err
    return {**values, **os.environ}
