"""Builds one frozen ``Config``: which database to read, and where files go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import URL

from db.environment import database_of, drop_folder_of, playground_of
from db.invocation import Invocation
from exporters.object_storage import settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Where to read and where to write."""

    playground: Path
    #: URL of the database, not shown: it may hold a password.
    database: URL | str = field(repr=False)
    #: Writes the commands of hints.
    invocation: Invocation = field(default_factory=Invocation)
    #: Settings of object storage, not shown: they hold keys.
    object_storage: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def exports(self) -> Path:
        """Where files go unless ``--out`` says otherwise."""
        return self.playground / "Exports"

    @property
    def drop(self) -> Path:
        """Where the account's exports lie, with the device files in them."""
        return drop_folder_of(self.playground, self.database)


def make_config(
    environment: Mapping[str, str],
    *,
    playground: Path | None = None,
    database: str | URL | None = None,
) -> Config:
    """Options win over the environment, and the environment over defaults."""
    folder = playground_of(environment, playground)
    return Config(
        playground=folder,
        database=database_of(environment, database, folder),
        invocation=Invocation(database=database, playground=playground),
        object_storage=settings(environment),
    )
