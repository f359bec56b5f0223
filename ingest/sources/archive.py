"""One interface over an export's two shapes: a ZIP read in place and an unpacked folder; names in, bytes out, never a path outside."""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Final

from ingest.errors import CorruptFile, IngestError, MissingFile, TooLarge

#: What operating systems strew into folders and ZIPs.
_JUNK: Final = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
#: The folders of an export; others beside activities.csv are the user's own (perhaps another export).
_FOLDERS: Final = ("activities", "media", "photos", "routes", "clubs")
MAX_MEMBER: Final = 512 * 1024 * 1024
_LINE: Final = "activities.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of an export; ``name`` is relative to the folder that holds activities.csv, with forward slashes."""

    name: str
    size: int
    crc32: int | None = None
    modified_at: datetime | None = None


class Archive(ABC):
    """The files of one export."""

    path: Path
    members: Mapping[str, Member]
    #: What was refused and why: links, names that leave the export.
    refused: tuple[IngestError, ...]

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_export(self) -> bool:
        """Whether activities.csv is there."""
        return _LINE in self.members

    @property
    @abstractmethod
    def exported_at(self) -> datetime:
        """The date of the export by its own contents (UTC), never by the time of the ZIP itself."""

    @property
    def fingerprint(self) -> str:
        """A hash of the directory: equal for equal contents, without reading them."""
        lines = (f"{m.name}\t{m.size}\t{m.crc32}\t{m.modified_at}\n" for m in self.members.values())
        return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()

    def find(self, name: str) -> Member | None:
        """The member that a cell of activities.csv means: any case, ``\\`` for ``/``, unpacked by a helpful browser or not."""
        plain = _clean(name)
        if plain is None:
            return None
        for candidate in (plain, plain.removesuffix(".gz"), f"{plain}.gz"):
            member = self.members.get(candidate) or self.members.get(self._folded.get(candidate.casefold(), ""))
            if member is not None:
                return member
        return None

    @property
    def _folded(self) -> Mapping[str, str]:
        folded = self.__dict__.get("_by_case")
        if folded is None:
            folded = self.__dict__["_by_case"] = {name.casefold(): name for name in self.members}
        return folded

    def read(self, member: Member, limit: int = MAX_MEMBER) -> bytes:
        """The bytes of a member.

        Raises:
            TooLarge: more than ``limit`` bytes.
            CorruptFile: the ZIP or the disk does not give them.
        """
        origin = self.origin(member.name)
        if member.size > limit:
            raise TooLarge(origin, f"has {member.size:,} bytes, more than the {limit:,} that are read")
        data = self._bytes(member, limit + 1)
        if len(data) > limit:
            raise TooLarge(origin, f"inflates to more than the {limit:,} bytes that are read")
        return data

    def origin(self, name: str) -> str:
        """How messages name a member."""
        return f"{self.path.name}: {name}"

    def missing(self, name: str) -> MissingFile:
        """The error for a file that activities.csv names and the export lacks."""
        return MissingFile(self.origin(name), "activities.csv names this file, the export does not hold it")

    @abstractmethod
    def _bytes(self, member: Member, count: int) -> bytes: ...

    def close(self) -> None:
        """Let go of the file."""


class ZipArchive(Archive):
    """A ZIP, read in place. One handle per process: a handle shared between processes gives false CRC errors."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as err:
            raise CorruptFile(path.name, f"cannot be opened as a ZIP ({err})") from err
        infos, self.refused = _safe(self._zip.infolist(), path.name)
        prefix = _prefix(infos)
        self._infos = {name.removeprefix(prefix): info for name, info in infos.items() if name.startswith(prefix)}
        self.members = {n: Member(name=n, size=i.file_size, crc32=i.CRC) for n, i in self._infos.items()}

    @property
    def exported_at(self) -> datetime:
        return max(_member_times(self._infos.values()), default=datetime(1980, 1, 1, tzinfo=UTC))

    def _bytes(self, member: Member, count: int) -> bytes:
        try:
            with self._zip.open(self._infos[member.name]) as stream:
                return stream.read(count)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as err:
            raise CorruptFile(self.origin(member.name), f"the ZIP does not give this member ({err})") from err

    def close(self) -> None:
        self._zip.close()


class FolderArchive(Archive):
    """An unpacked export."""

    def __init__(self, path: Path) -> None:
        self.path = path
        refused: list[IngestError] = []
        self.members = {m.name: m for m in _walk(path, refused)}
        self.refused = tuple(refused)

    @property
    def exported_at(self) -> datetime:
        times = (m.modified_at for m in self.members.values() if m.name.endswith(".csv") and m.modified_at)
        return max(times, default=datetime(1980, 1, 1, tzinfo=UTC))

    def _bytes(self, member: Member, count: int) -> bytes:
        try:
            with (self.path / member.name).open("rb") as stream:
                return stream.read(count)
        except OSError as err:
            raise CorruptFile(self.origin(member.name), f"cannot be read ({err.strerror})") from err


def open_archive(path: Path) -> Archive:
    """The export at ``path``, a ZIP or a folder.

    Raises:
        CorruptFile: it is neither.
    """
    return FolderArchive(path) if path.is_dir() else ZipArchive(path)


def _clean(name: str) -> str | None:
    """A member's name with forward slashes, or ``None`` where it would leave the export."""
    plain = name.replace("\\", "/")
    parts = PurePosixPath(plain).parts
    if not parts or plain.startswith("/") or ".." in parts or ":" in parts[0] or "\0" in plain:
        return None
    return "/".join(parts)


def _is_junk(name: str) -> bool:
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1].startswith("._") or parts[-1].lower() in _JUNK


def _safe(infos: Iterable[zipfile.ZipInfo], archive: str) -> tuple[dict[str, zipfile.ZipInfo], tuple[IngestError, ...]]:
    kept: dict[str, zipfile.ZipInfo] = {}
    refused: list[IngestError] = []
    for info in infos:
        name = _clean(info.filename)
        if name is None:
            refused.append(
                CorruptFile(f"{archive}: {info.filename}", "the name leads out of the export, so it is not read")
            )
        elif stat.S_ISLNK(info.external_attr >> 16):
            refused.append(CorruptFile(f"{archive}: {info.filename}", "is a link, and links are not followed"))
        elif not info.is_dir() and not _is_junk(name):
            kept[name] = info
    return kept, tuple(refused)


def _prefix(names: Iterable[str]) -> str:
    """The one folder that people's re-zipped exports have around everything, or nothing."""
    places = sorted((n for n in names if n.rpartition("/")[2].lower() == _LINE), key=lambda n: n.count("/"))
    if not places or places[0].count("/") > 1:
        return ""
    return places[0][: -len(_LINE)]


def _member_times(infos: Iterable[zipfile.ZipInfo]) -> Iterator[datetime]:
    for info in infos:
        try:
            yield datetime(*info.date_time, tzinfo=UTC)
        except ValueError:  # writers that leave the field zero
            continue


def _walk(root: Path, refused: list[IngestError]) -> Iterator[Member]:
    folders = [root, *(root / f for f in _FOLDERS if (root / f).is_dir() and not (root / f).is_symlink())]
    for folder in folders:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name if folder == root else f"{folder.name}/{entry.name}"
                if entry.is_symlink():
                    refused.append(CorruptFile(f"{root.name}: {name}", "is a link, and links are not followed"))
                elif entry.is_file() and not _is_junk(name):
                    yield _member(name, entry.stat())


def _member(name: str, found: os.stat_result) -> Member:
    return Member(name=name, size=found.st_size, modified_at=datetime.fromtimestamp(int(found.st_mtime), UTC))
