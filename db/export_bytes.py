"""Reads files of an account export from a ZIP or a folder, within bounds on their size.

The import and the exporters ``originals`` and ``media`` read exports through it.

An export comes from elsewhere: its ZIP can be damaged or hostile. Names, links and sizes are
checked here, once, so that nobody who reads an export can forget it.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from db.export_names import (
    ACTIVITIES,
    EXPORT_FOLDERS,
    IS_LINK,
    LEADS_OUT,
    clean_name,
    is_junk,
    is_link,
    is_text,
    lies_beside,
    tables_at,
)

#: Bytes that a member may have, packed or inflated: it is held in memory whole.
MAX_MEMBER: Final = 128 * 1024 * 1024
#: Bytes that a ZIP's directory may have. An entry takes about 90 bytes there and 1,000 in memory;
#: the largest real export has 5,527 entries.
MAX_DIRECTORY: Final = 24 * 1024 * 1024
#: Bytes of a member's own header without its name and extra field, whose lengths may differ from
#: those in the directory.
_LOCAL_HEADER: Final = 30
#: Bytes that are copied at once.
_PIECE: Final = 1024 * 1024
#: Methods of compression that are read. Python's other decompressors cannot be stopped at a limit,
#: and nobody packs exports with them.
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: Names of the methods that other packers use.
_OTHER_METHODS: Final = {
    9: "Deflate64",
    12: "BZIP2",
    14: "LZMA",
    93: "Zstandard",
    95: "XZ",
    98: "PPMd",
}
FORBIDDEN: Final = (
    "may not be read (permission denied); let the user who runs this read it, or close the program "
    "that holds it open"
)
_SHARED: Final = "shares its bytes with another file of the ZIP, so it is not read"
_TWICE: Final = "is in the ZIP more than once; the last one is read"
#: Exceptions that zipfile raises for damaged, encrypted or hostile bytes.
_ZIP_ERRORS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,  # encrypted, or NotImplementedError: a method or version it does not know
    ValueError,  # names that are not in the encoding they claim
)

#: A refused member: its name as it is, and why it is not read.
Refused = tuple[str, str]


class Unreadable(Exception):
    """A file of an export, or the export itself, cannot be read.

    The message says why, without naming it.
    """


class Oversized(Unreadable):
    """The file has more bytes than the limit."""


class Forbidden(Unreadable):
    """This user may not read it."""

    def __init__(self) -> None:
        super().__init__(FORBIDDEN)


class _BoundedFile:
    """A ZIP file that refuses to read an absurdly large directory.

    zipfile asks for the whole directory at once, whatever its size.
    """

    def __init__(self, path: Path) -> None:
        self._raw = path.open("rb")
        self.limit: int | None = MAX_DIRECTORY
        self.seek, self.tell, self.seekable = self._raw.seek, self._raw.tell, self._raw.seekable
        self.close = self._raw.close

    def read(self, count: int = -1) -> bytes:
        if self.limit is not None and count > self.limit:
            raise Oversized(
                f"has a list of files of {count:,} bytes, more than the limit of {self.limit:,}"
            )
        return self._raw.read(count)


class ExportZip:
    """A ZIP that is open for reading."""

    def __init__(self, path: Path) -> None:
        """Read its directory.

        Raises:
            Forbidden: this user may not read it.
            Oversized: the directory is absurd.
            Unreadable: it is no ZIP, or cannot be opened.
        """
        try:
            self._file = _BoundedFile(path)
        except PermissionError as err:
            raise Forbidden from err
        except OSError as err:
            raise Unreadable(f"cannot be opened ({err.strerror})") from err
        try:
            self._zip = zipfile.ZipFile(self._file)
        except Unreadable:
            self._file.close()
            raise
        except _ZIP_ERRORS as err:
            self._file.close()
            raise Unreadable(f"cannot be opened as a ZIP ({err}); download it again") from err
        self._file.limit = None

    def members(self) -> tuple[dict[str, zipfile.ZipInfo], list[Refused], list[str]]:
        """The members that may be read, by their cleaned names in the folder that holds
        activities.csv; what was refused; and every place of activities.csv, that one first.
        """
        infos = self._zip.infolist()
        overlapping = _overlapping(infos)
        kept: dict[str, zipfile.ZipInfo] = {}
        refused: list[Refused] = []
        for info in infos:
            name = clean_name(info.filename)
            if id(info) in overlapping:
                refused.append((info.filename, _SHARED))
            elif name is None:
                refused.append((info.filename, LEADS_OUT))
            elif stat.S_ISLNK(info.external_attr >> 16):
                refused.append((info.filename, IS_LINK))
            elif not info.is_dir() and not is_junk(name):
                if name in kept:
                    refused.append((info.filename, _TWICE))
                kept[name] = info
        tables = tables_at(kept)
        place = tables[0][: -len(ACTIVITIES)] if tables else ""
        inside = {n.removeprefix(place): info for n, info in kept.items() if n.startswith(place)}
        return inside, refused, tables

    def read(self, info: zipfile.ZipInfo, count: int) -> bytes:
        """The first ``count`` bytes of a member, or fewer where it has no more.

        Raises:
            Unreadable: the ZIP does not give them.
        """
        try:
            with self._open(info) as stream:
                # zlib preallocates the bytes asked for, so ask for no more than the member's stated
                # size and one.
                data = stream.read(min(count, info.file_size + 1))
        except _ZIP_ERRORS as err:
            raise _damaged(err) from err
        if len(data) < min(info.file_size, count):
            raise _cut(len(data), info)
        return data

    def copy(self, info: zipfile.ZipInfo, target: IO[bytes], limit: int) -> None:
        """Write a member to an open file, piece by piece.

        Raises:
            Oversized: it has more than ``limit`` bytes.
            Unreadable: the ZIP does not give them.
            OSError: the disk does not take them.
        """
        if info.file_size > limit:
            raise Oversized(f"has {info.file_size:,} bytes, more than the limit of {limit:,}")
        copied = 0
        for piece in self._pieces(info):
            copied += len(piece)
            if copied > limit:
                raise Oversized(f"has more than the limit of {limit:,} bytes when unpacked")
            target.write(piece)
        if copied < info.file_size:
            raise _cut(copied, info)

    def _pieces(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        try:
            with self._open(info) as stream:
                while piece := stream.read(_PIECE):
                    yield piece
        except _ZIP_ERRORS as err:
            raise _damaged(err) from err

    def _open(self, info: zipfile.ZipInfo) -> IO[bytes]:
        if info.compress_type not in _METHODS:
            method = (
                f"method {info.compress_type} ({_OTHER_METHODS.get(info.compress_type, 'unknown')})"
            )
            raise Unreadable(
                f"is compressed with {method}, which is not supported; unpack the export "
                "into a folder"
            )
        return self._zip.open(info)

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()
        self._file.close()


def _damaged(err: Exception) -> Unreadable:
    return Unreadable(f"cannot be read out of the ZIP, which may be damaged ({err})")


def _cut(size: int, info: zipfile.ZipInfo) -> Unreadable:
    return Unreadable(
        f"has {size:,} bytes, but the ZIP says {info.file_size:,}: the ZIP is damaged"
    )


def _overlapping(infos: Sequence[zipfile.ZipInfo]) -> set[int]:
    """The ids of members that begin before the one in front of them has ended.

    That is how small ZIPs inflate to terabytes.
    """
    found = set()
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            found.add(id(info))
        end = max(end, info.header_offset + _LOCAL_HEADER + info.compress_size)
    return found


def folder_members(root: Path) -> tuple[dict[str, os.stat_result], list[Refused]]:
    """The files of an unpacked export by name, and what was refused.

    Raises:
        OSError: the folder cannot be listed.
    """
    refused: list[Refused] = []
    members = dict(_folder_files(root, root, refused))
    for folder in (root / name for name in EXPORT_FOLDERS):
        try:
            if folder.is_dir() and not is_link(folder):
                members |= _folder_files(root, folder, refused)
        except OSError as err:
            is_forbidden = isinstance(err, PermissionError)
            reason = FORBIDDEN if is_forbidden else f"cannot be listed ({err.strerror})"
            refused.append((folder.name, reason))
    return members, refused


def _folder_files(
    root: Path, folder: Path, refused: list[Refused]
) -> Iterator[tuple[str, os.stat_result]]:
    """The files of one folder of an export, named from its root; links are not followed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name if folder == root else f"{folder.name}/{entry.name}"
            if is_link(entry):
                refused.append((name, IS_LINK))
            elif not entry.is_file() or is_junk(name) or (folder == root and lies_beside(name)):
                continue
            elif is_text(name):
                yield name, entry.stat()
            else:
                refused.append((name, LEADS_OUT))


def first_bytes(path: Path, size: int, count: int) -> bytes:
    """The first ``count`` bytes of an unpacked file; its folder says it has ``size`` bytes.

    Raises:
        Forbidden: this user may not read it.
        Unreadable: the disk does not give them.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(min(count, size + 1))  # read(n) preallocates n bytes: bound n first
    except PermissionError as err:
        raise Forbidden from err
    except OSError as err:
        raise Unreadable(f"cannot be read ({err.strerror})") from err


def bounded(read: Callable[[int], bytes], size: int, limit: int = MAX_MEMBER) -> bytes:
    """All bytes of a file; ``read(n)`` returns its first ``n`` bytes.

    Raises:
        Oversized: it has more than ``limit``, whatever the directory says.
    """
    if size > limit:
        raise Oversized(f"has {size:,} bytes, more than the limit of {limit:,}")
    data = read(limit + 1)
    if len(data) > limit:
        raise Oversized(f"has more than the limit of {limit:,} bytes when unpacked")
    return data
