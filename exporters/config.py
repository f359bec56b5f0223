"""Reads options, environment and ``.env`` into one frozen ``Config``.

It says which database to read, and where files go.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL

from db.settings_file import UnreadableSettings, read_settings
from exporters.errors import UsageError

_DEFAULT_PLAYGROUND: Final = "Playground"
_DATABASE_NAME: Final = "strava.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Where to read and where to write."""

    playground: Path
    #: URL of the database, not shown: it may hold a password.
    database: URL | str = field(repr=False)

    @property
    def exports(self) -> Path:
        """Where files go unless ``--out`` says otherwise."""
        return self.playground / "Exports"

    @property
    def drop(self) -> Path:
        """Where the account's exports lie, with the device files in them."""
        return self.playground / "Strava Export"


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


def make_config(
    environment: Mapping[str, str],
    *,
    playground: Path | None = None,
    database: str | URL | None = None,
) -> Config:
    """Options win over the environment, and the environment over defaults.

    The importer uses the same order, and so finds the same database.
    """
    folder = playground or Path(environment.get("STRAVA_PLAYGROUND") or _DEFAULT_PLAYGROUND)
    # An object, not a text: a folder's name may have characters that mean something in a URL.
    default = URL.create("sqlite", database=str(folder / _DATABASE_NAME))
    return Config(
        playground=folder, database=database or environment.get("DATABASE_URL") or default
    )
