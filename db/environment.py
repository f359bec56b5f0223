"""Reads the environment and the ``.env`` file, and where they say that things lie.

The importer and the exporters share it, and so find the same database.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dotenv import dotenv_values
from sqlalchemy.engine import URL

from db.errors import Advised
from db.url import parsed, sqlite_file

#: Names of the folders in the playground that exports are dropped into: one's own, and the demo's.
DROP_FOLDER: Final = "Strava Export"
_DEMO_FOLDER: Final = "Demo Export"


class UnreadableSettings(Advised):
    """The ``.env`` file cannot be read; the message names it and says what to do."""

    exit_code = 2


def load_environment(folder: Path | None = None) -> dict[str, str]:
    """``.env`` of the current folder, overridden by the environment.

    Raises:
        UnreadableSettings: the file may not be read, or is no text in UTF-8.
    """
    return {**_settings_of((folder or Path.cwd()) / ".env"), **os.environ}


def playground_of(environment: Mapping[str, str], given: Path | None) -> Path:
    """The playground: the option before the environment before the default."""
    return given or Path(environment.get("STRAVA_PLAYGROUND") or "Playground")


def database_of(
    environment: Mapping[str, str],
    given: str | URL | None,
    playground: Path,
) -> str | URL:
    """The database: the option before the environment before a SQLite file of the playground."""
    # An object, not a text: a folder's name may have characters that mean something in a URL.
    default = URL.create("sqlite", database=str(playground / "strava.db"))
    return given or environment.get("DATABASE_URL") or default


def demo_database(playground: Path) -> Path:
    """The database of the demo athlete."""
    return playground / "demo.db"


def drop_folder_of(playground: Path, database: str | URL) -> Path:
    """Where the exports of a database are dropped; those of the demo have a folder of their own."""
    file = sqlite_file(parsed(database))
    is_demo = file is not None and _is_same(file, demo_database(playground))
    return playground / (_DEMO_FOLDER if is_demo else DROP_FOLDER)


def _is_same(one: Path, other: Path) -> bool:
    return one.absolute().resolve() == other.absolute().resolve()


def _settings_of(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as err:
        raise UnreadableSettings(
            f"{file} cannot be read ({err.strerror}); make it readable, or move it away"
        ) from err
    except UnicodeDecodeError:
        text = "\0"  # not chained: the cause quotes the file, which may hold secrets
    if "\0" in text:
        raise UnreadableSettings(
            f"{file} is not text in UTF-8; save it as UTF-8 with a text editor, or move it away"
        )
    return {
        name: value
        for name, value in dotenv_values(stream=io.StringIO(text)).items()
        if value is not None
    }
