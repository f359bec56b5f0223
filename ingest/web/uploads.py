"""Takes exports that a browser sends into the drop folder, piece by piece, so that each upload can
go on where it stopped.

A piece is appended to ``NAME.part``, a name that runs pass over. The whole file gets its own name.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from starlette.concurrency import run_in_threadpool

from db.export_names import is_text
from ingest.errors import UsageError
from ingest.folders import make_folder, sync_folder

#: Bytes of a block; the digest of a file is that of the digests of its blocks, since browsers can
#: only digest what is in memory. ``static/import.js`` does the same.
BLOCK: Final = 8 << 20
#: Bytes that are gathered before they are written.
_WRITE: Final = 1 << 20
#: Bytes that stay free on the disk.
_SPARE: Final = 50 << 20
#: Bytes of a name; file systems allow 255, and the endings need some.
_LONGEST: Final = 200
#: Ending of a file that is not whole yet; runs pass such files over.
_PART: Final = ".part"
#: Characters that file systems of Windows refuse.
_NOT_IN_NAMES: Final = re.compile(r'[<>:"|?*]')
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Refused(UsageError):
    """A file cannot be taken; the message says why."""


class DiskFull(Refused):
    """There is no room for a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """How much of a file is there; ``path`` is set once it is whole."""

    size: int
    path: Path | None = None


@dataclass(slots=True)
class Uploads:
    """The uploads into a drop folder."""

    drop: Path
    _busy: set[str] = field(default_factory=set)

    def there(self, name: str, size: int) -> tuple[int, str]:
        """Bytes that are there of a file of this name, and their digest; makes sure of room.

        Raises:
            Refused: the name, or no room.
        """
        part = self._part(safe_name(name))
        make_folder(self.drop)
        have = part.stat().st_size if part.is_file() else 0
        free = shutil.disk_usage(self.drop).free
        if size - min(have, size) + _SPARE > free:
            raise DiskFull(
                f"{name} has {_gb(size)}, and the disk has only {_gb(free)} left; make room there"
            )
        return have, content_digest(part) if have else ""

    def halves(self) -> list[str]:
        """Names of files of which a part is there."""
        if not self.drop.is_dir():
            return []
        names = (path.name for path in self.drop.iterdir() if path.is_file())
        return sorted(
            name[: -len(_PART)]
            for name in names
            if is_text(name) and name.lower().endswith(f".zip{_PART}")
        )

    async def take(self, name: str, size: int, offset: int, pieces: AsyncIterator[bytes]) -> Stored:
        """Append a piece that begins at ``offset`` to a file that will have ``size`` bytes.

        Raises:
            Refused: the name, a piece that does not fit, or a disk that does not take it.
        """
        wanted = safe_name(name)
        with self._alone(wanted):
            part = self._part(wanted)
            try:
                make_folder(self.drop)
                with _opened(part, offset) as file:
                    await _write(file, pieces, size - offset)
                    have = file.tell()
                    if have == size:
                        file.flush()
                        await run_in_threadpool(os.fsync, file.fileno())
                return Stored(size=have, path=self._named(part, wanted) if have == size else None)
            except OSError as err:
                if err.errno not in _FULL:
                    raise Refused(f"{name} cannot be written ({err.strerror or err})") from err
                # Else the disk would stay full, and the database could not be written either.
                part.unlink(missing_ok=True)
                raise DiskFull(f"there is no room for {name}: {err.strerror}; make room") from err

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        if name in self._busy:
            raise Refused(f"{name} is being sent already, perhaps from another window")
        self._busy.add(name)
        try:
            yield
        finally:
            self._busy.discard(name)

    def _part(self, name: str) -> Path:
        return self.drop / f"{name}{_PART}"

    def _named(self, part: Path, name: str) -> Path:
        """Give a whole file its name, or one beside it if an export of that name is there."""
        for path in _names(self.drop / name):
            with suppress(FileExistsError):
                # Taken first, so that nothing that is there can be replaced.
                path.open("xb").close()
                os.replace(part, path)
                sync_folder(self.drop)
                return path
        raise AssertionError("there is always another number")


def safe_name(name: str) -> str:
    """The name of an export as it may stand in the drop folder.

    Raises:
        Refused: it is no plain name of a ZIP.
    """
    plain = _NOT_IN_NAMES.sub("_", name.strip())
    is_plain = is_text(plain) and not re.search(r"[/\\]", plain) and not plain.startswith(".")
    if not is_plain or len(plain.encode("utf-8", "replace")) > _LONGEST:
        raise Refused("the name of the file is no plain name; rename the file")
    if not plain.lower().endswith(".zip"):
        raise Refused(f"{plain} is no ZIP; Strava's export is one, such as export_12345.zip")
    return plain


def content_digest(file: Path) -> str:
    """The digest of the digests of a file's blocks."""
    whole = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            whole.update(hashlib.sha256(block).digest())
    return whole.hexdigest()


@contextmanager
def _opened(part: Path, offset: int) -> Iterator[IO[bytes]]:
    """The half of a file that is there, open at its end; an ``offset`` of 0 begins anew."""
    misfit = Refused("the piece does not fit to what is there; choose the file again")
    try:
        file = part.open("r+b" if offset else "wb")
    except FileNotFoundError as err:
        raise misfit from err
    with file:
        if file.seek(0, os.SEEK_END) != offset:
            raise misfit
        yield file


async def _write(file: IO[bytes], pieces: AsyncIterator[bytes], most: int) -> None:
    gathered = bytearray()
    try:
        async for piece in pieces:
            most -= len(piece)
            if most < 0:
                raise Refused("the file is longer than it was said to be; choose it again")
            gathered += piece
            if len(gathered) >= _WRITE:
                await run_in_threadpool(file.write, bytes(gathered))
                gathered.clear()
    finally:  # also of a connection that broke, to go on from
        file.write(gathered)
        file.flush()


def _names(path: Path) -> Iterator[Path]:
    """The path, then the names that browsers give to second downloads."""
    yield path
    number = 0
    while True:
        number += 1
        yield path.with_name(f"{path.stem} ({number}){path.suffix}")


def _gb(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e8 else f"{size / 1e6:,.1f} MB"
