"""Finds the files that exporters have written to their places in the playground."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from db.export_names import is_text
from exporters.registry import EXPORTERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file that an exporter has written."""

    #: Its path within the exporter's folder, with slashes.
    name: str
    path: Path
    size: int
    written_at: datetime


def place_of(exports: Path, exporter: str) -> Path:
    """The folder, or the only file, that an exporter writes unless it is told another place."""
    return exports / (EXPORTERS[exporter].out or exporter)


def written(place: Path) -> Sequence[Written]:
    """The files in a place, by name.

    Neither links, which could lead out of it, nor hidden files, which are not whole yet.
    """
    found = _files(place) if place.is_dir() else [place]
    return sorted(_facts(found, place), key=lambda file: file.name)


def _files(place: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(place):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(folder, name) for name in names if not name.startswith("."))


def _facts(paths: Iterable[Path], place: Path) -> Iterator[Written]:
    for path in paths:
        name = path.name if path == place else path.relative_to(place).as_posix()
        with suppress(OSError):  # it is not there, or has just been replaced
            facts = path.lstat()
            if stat.S_ISREG(facts.st_mode) and is_text(name):
                at = datetime.fromtimestamp(facts.st_mtime, UTC)
                yield Written(name=name, path=path, size=facts.st_size, written_at=at)
