"""Options, environment and ``.env`` in, one frozen ``Config`` out: which database to read, and where files go."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dotenv import dotenv_values
from sqlalchemy.engine import URL

_DEFAULT_PLAYGROUND: Final = "Playground"
_DATABASE_NAME: Final = "strava.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Where to read and where to write."""

    playground: Path
    database: URL | str

    @property
    def exports(self) -> Path:
        """Where files go unless ``--out`` says otherwise."""
        return self.playground / "Exports"

    @property
    def drop(self) -> Path:
        """Where the account's exports lie, with the device files in them."""
        return self.playground / "Strava Export"


def load_environment(folder: Path | None = None) -> dict[str, str]:
    """``.env`` of the current folder, overridden by the environment."""
    file = (folder or Path.cwd()) / ".env"
    values = dotenv_values(file) if file.is_file() else {}
    return {**{k: v for k, v in values.items() if v is not None}, **os.environ}


def make_config(
    environment: Mapping[str, str], *, playground: Path | None = None, database: str | URL | None = None
) -> Config:
    """Options before environment before defaults; the same order, and the same database, as the importer's."""
    folder = playground or Path(environment.get("STRAVA_PLAYGROUND") or _DEFAULT_PLAYGROUND)
    # As an object: a folder may have characters that mean something else in a URL.
    default = URL.create("sqlite", database=str(folder / _DATABASE_NAME))
    return Config(playground=folder, database=database or environment.get("DATABASE_URL") or default)
