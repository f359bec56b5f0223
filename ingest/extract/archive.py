"""Reads files by name, from a ZIP in place or from a folder: those of an export, or loose ones.

No name leads to a path outside of the export.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from db.export_bytes import (
    FORBIDDEN,
    MAX_MEMBER,
    ExportZip,
    Forbidden,
    Oversized,
    Refused,
    Unreadable,
    bounded,
    first_bytes,
    folder_members,
)
from db.export_names import ACTIVITIES, MemberNames, shown
from ingest.errors import (
    CorruptFile,
    IngestError,
    MissingFile,
    NoPermission,
    TooLarge,
    Unfinished,
)
from ingest.extract.zip_directory import first_of, member_times, several_exports

#: Largest table in bytes. A row of activities.csv takes about 700, so this is 90,000 activities; as
#: text and cells it takes ten times as much memory.
MAX_TABLE: Final = 64 * 1024 * 1024
#: Size in bytes that no member has. A directory can claim any size of 64 bits, and larger ones than
#: this would not fit the ledger's sums.
_ABSURD: Final = 1 << 40
#: Bit of a member's flags in a ZIP.
_ENCRYPTED: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of an export.

    ``name`` is relative to the folder that holds activities.csv, with forward slashes.
    """

    name: str
    size: int
    crc32: int | None = None
    modified_at: datetime | None = None


class Archive(ABC):
    """The files of one export, or loose device files."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.path = path
        #: How messages name it.
        self.name = path.name if name is None else name

    @property
    @abstractmethod
    def members(self) -> dict[str, Member]:
        """Its files by name."""

    @property
    @abstractmethod
    def refused(self) -> tuple[IngestError, ...]:
        """Members that are not read, with the reason: links, and names that lead out."""

    @property
    def needs_password(self) -> bool:
        """Whether activities.csv is encrypted; without it, whether any member is."""
        return False

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_export(self) -> bool:
        """Whether activities.csv is there."""
        return self.find(ACTIVITIES) is not None

    @property
    @abstractmethod
    def exported_at(self) -> datetime:
        """The date of the export by its contents (UTC), never by the time of the ZIP itself."""

    @property
    def fingerprint(self) -> str:
        """A hash of the directory, the export's date and the ZIP's size and time.

        It stays equal while nobody has touched this copy.
        """
        own = self.path.stat() if self.path.is_file() else None
        stamp = f"{own.st_size} {own.st_mtime_ns}" if own else ""
        # Includes the date: a newer export with the contents of an older one counts as new, since
        # it undoes what changed between them.
        return _hash([f"{self.exported_at} {stamp}\n", *self._lines()])

    @cached_property
    def directory(self) -> str:
        """A hash of a ZIP's directory, which shows whether another ZIP took its place.

        It is empty for a folder, which may grow.
        """
        return _hash(self._lines())

    def _lines(self) -> list[str]:
        return sorted(
            f"{m.name}\t{m.size}\t{m.crc32}\t{m.modified_at}\n" for m in self.members.values()
        )

    @property
    def content(self) -> str:
        """A hash of names, sizes and activities.csv, whatever the times.

        It is equal for every copy of an export, packed or not.
        """
        member = self.find(ACTIVITIES)
        assert member is not None
        crc32 = zlib.crc32(self.read(member, MAX_TABLE)) if member.crc32 is None else member.crc32
        return _hash(
            [f"{crc32}\n", *sorted(f"{m.name}\t{m.size}\n" for m in self.members.values())]
        )

    def find(self, name: str) -> Member | None:
        """The member that a cell of activities.csv means."""
        found = self._names.find(name)
        return None if found is None else self.members[found]

    @cached_property
    def _names(self) -> MemberNames:
        return MemberNames(self.members)

    def read(self, member: Member, limit: int = MAX_MEMBER) -> bytes:
        """The bytes of a member.

        Raises:
            TooLarge: more than ``limit`` bytes.
            CorruptFile: the ZIP or the disk does not give them.
        """
        try:
            return bounded(lambda count: self._bytes(member, count), member.size, limit)
        except Oversized as err:
            raise TooLarge(self.origin(member.name), str(err)) from err

    def head(self, member: Member, count: int) -> bytes:
        """The first ``count`` bytes of a member, or fewer where it has no more.

        Raises:
            CorruptFile: the ZIP or the disk does not give them.
        """
        return self._bytes(member, count)

    def origin(self, name: str) -> str:
        """How messages name a member."""
        return f"{self.name}: {name}"

    def missing(self, name: str) -> MissingFile:
        """The error for a file that activities.csv names and the export lacks."""
        return MissingFile(
            self.origin(name), "activities.csv names this file, but the export does not hold it"
        )

    @abstractmethod
    def _bytes(self, member: Member, count: int) -> bytes: ...

    @abstractmethod
    def close(self) -> None:
        """Close the file."""


class ZipArchive(Archive):
    """A ZIP, read in place.

    Each process needs its own: a handle shared between processes gives false CRC errors.
    """

    def __init__(self, path: Path, name: str | None = None) -> None:
        super().__init__(path, name)
        try:
            self._zip = ExportZip(path)
        except Unreadable as err:
            raise _error(self.name, err) from err
        self._infos, found, tables = self._zip.members()
        refused = [*_errors(self, found), *several_exports(self.name, tables)]
        self._refused = first_of(refused, self.name)
        self._members = {
            n: Member(name=n, size=min(i.file_size, _ABSURD), crc32=i.CRC)
            for n, i in self._infos.items()
        }

    @property
    def members(self) -> dict[str, Member]:
        return self._members

    @property
    def refused(self) -> tuple[IngestError, ...]:
        return self._refused

    @property
    def exported_at(self) -> datetime:
        return max(member_times(self._infos.values()), default=datetime(1980, 1, 1, tzinfo=UTC))

    @property
    def needs_password(self) -> bool:
        table = self.find(ACTIVITIES)
        infos = self._infos.values() if table is None else [self._infos[table.name]]
        return any(info.flag_bits & _ENCRYPTED for info in infos)

    def _bytes(self, member: Member, count: int) -> bytes:
        origin, info = self.origin(member.name), self._infos.get(member.name)
        if info is None:
            raise CorruptFile(origin, "is not in the ZIP any more")
        try:
            return self._zip.read(info, count)
        except Unreadable as err:
            raise CorruptFile(origin, str(err)) from err

    def copy(self, member: Member, path: Path, limit: int) -> None:
        """Write a member to a new file.

        Raises:
            TooLarge: it has more than ``limit`` bytes.
            CorruptFile: the ZIP does not give them, or the disk does not take them.
        """
        origin = self.origin(member.name)
        try:
            with path.open("xb") as target:
                self._zip.copy(self._infos[member.name], target, limit)
        except Unreadable as err:
            raise _error(origin, err) from err
        except OSError as err:
            reason = f"cannot be unpacked into {path.parent} ({err.strerror})"
            raise CorruptFile(origin, reason) from err

    def close(self) -> None:
        self._zip.close()


class FolderArchive(Archive):
    """An unpacked export, or a folder of loose device files.

    Files are read by name without a list of them, so that a process that reads some files of a
    large folder need not list it.
    """

    directory = ""

    @property
    def members(self) -> dict[str, Member]:
        """The files that an unpacked export has, whatever else lies below the folder.

        Raises:
            CorruptFile: the folder cannot be listed.
            NoPermission: this user may not list it.
        """
        return self._listed[0]

    @property
    def refused(self) -> tuple[IngestError, ...]:
        return self._listed[1]

    @cached_property
    def _listed(self) -> tuple[dict[str, Member], tuple[IngestError, ...]]:
        try:
            found, refused = folder_members(self.path)
        except PermissionError as err:
            raise NoPermission(self.name, FORBIDDEN) from err
        except OSError as err:
            raise CorruptFile(self.name, f"cannot be listed ({err.strerror})") from err
        members = {name: file_member(name, stat) for name, stat in found.items()}
        return members, first_of(_errors(self, refused), self.name)

    @property
    def exported_at(self) -> datetime:
        times = (
            m.modified_at
            for m in self.members.values()
            if m.name.lower().endswith(".csv") and m.modified_at
        )
        return max(times, default=datetime(1980, 1, 1, tzinfo=UTC))

    def _bytes(self, member: Member, count: int) -> bytes:
        try:
            data = first_bytes(self.path / member.name, member.size, count)
        except Unreadable as err:
            raise _error(self.origin(member.name), err) from err
        if len(data) > member.size:
            reason = "grew while it was read; the next run reads it again"
            raise Unfinished(self.origin(member.name), reason)
        return data

    def close(self) -> None:
        """Do nothing, since a folder holds no open file."""


def open_archive(path: Path, name: str | None = None) -> Archive:
    """The export at ``path``, a ZIP or a folder; ``name`` is how messages name it, if not by the
    name of the path.

    Raises:
        CorruptFile: it is neither.
        NoPermission: this user may not read it.
        TooLarge: its list of files is absurd.
    """
    return FolderArchive(path, name) if path.is_dir() else ZipArchive(path, name)


def _error(origin: str, err: Unreadable) -> IngestError:
    """Why something could not be read, with its name."""
    if isinstance(err, Forbidden):
        return NoPermission(origin, str(err))
    return (TooLarge if isinstance(err, Oversized) else CorruptFile)(origin, str(err))


def _errors(archive: Archive, refused: Iterable[Refused]) -> list[IngestError]:
    return [
        (NoPermission if reason == FORBIDDEN else CorruptFile)(archive.origin(shown(name)), reason)
        for name, reason in refused
    ]


def file_member(name: str, found: os.stat_result) -> Member:
    """A file of a folder as a member."""
    try:
        modified_at = datetime.fromtimestamp(int(found.st_mtime), UTC)
    except (OverflowError, ValueError, OSError):  # file systems hold years that Python cannot
        modified_at = None
    return Member(name=name, size=found.st_size, modified_at=modified_at)


def _hash(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogatepass")).hexdigest()
