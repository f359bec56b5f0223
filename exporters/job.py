"""Defines what every exporter is given, and what it returns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from db.progress import ProgressView
from exporters.config import Config
from exporters.errors import UsageError
from exporters.selection import Chosen, Selection, chosen

#: Endings of the files that exporters write. A folder gets such a name only by mistake.
_FORMATS: Final = re.compile(
    r"\.(csv|db|fit|geojson|gpx|gz|html?|jpe?g|json|mp4|parquet|png|sqlite3?|tcx|xlsx)",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Job:
    """One export: what to read, where to write, and how.

    Not slotted, so that the list of activities can be cached when it is first read.
    """

    connection: sa.Connection
    out: Path
    config: Config
    #: Where to write instead of ``out``, if that is object storage: ``s3://bucket/folder``.
    url: str = ""
    selection: Selection = field(default_factory=Selection)
    overwrite: bool = False
    progress: ProgressView = field(default_factory=ProgressView)

    @cached_property
    def activities(self) -> Sequence[Chosen]:
        """The chosen activities by start."""
        return chosen(self.connection, self.selection)

    @property
    def point_count(self) -> int:
        """Track points of the chosen activities."""
        return sum(activity.point_count for activity in self.activities)

    def file(self, name: str, *endings: str) -> Path:
        """The only file that an exporter writes: ``out``, or ``name`` in the folder ``out``.

        ``out`` is the file if it ends like the name, or in one of the other endings. A folder that
        exists stays one, whatever its name.

        Raises:
            UsageError: ``out`` has the ending of another format.
        """
        ending, fitting = self.out.suffix.lower(), (Path(name).suffix, *endings)
        if self.out.is_dir() or not _FORMATS.fullmatch(ending):
            return self.out / name
        if ending not in fitting:
            raise UsageError(
                f"--out {self.out}: this writes one file that ends in {' or '.join(fitting)}, not "
                f"{ending}; give {self.out.with_suffix(fitting[0])}, or a folder"
            )
        return self.out

    def folder(self, one_file: str = "") -> Path:
        """The folder of an exporter that writes many files; ``one_file`` is how to get only one.

        Raises:
            UsageError: ``out`` is named like a file.
        """
        ending = self.out.suffix.lower()
        if _FORMATS.fullmatch(ending) and not self.out.is_dir():
            raise UsageError(
                f"--out {self.out}: this writes many files into a folder, not one {ending} file; "
                f"give a folder such as {_bare(self.out)}"
                + (f", or {one_file}" if one_file else "")
            )
        return self.out


def _bare(path: Path) -> Path:
    """The path without endings of files."""
    return _bare(path.with_suffix("")) if _FORMATS.fullmatch(path.suffix) else path


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an exporter has written.

    ``notes`` are for people; ``missing`` names each item that could not be exported.
    """

    files: int
    rows: int = 0
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    #: Commands of this program that the last of the notes advises.
    commands: tuple[str, ...] = ()
    #: The file or the database's URL, where that is all that was written; else it is the folder.
    out: Path | str | None = None
    #: Further figures for programs that read ``--json``.
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def error(self) -> str | None:
        """Why the export has failed, if it has: everything that should be exported is missing."""
        if self.files or not self.missing:
            return None
        return "nothing was written, since every file is missing that was asked for"
