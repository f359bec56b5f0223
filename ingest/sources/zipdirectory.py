"""A ZIP's directory in, the members that may be read out: bounded, without links, junk and names that lead elsewhere."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ingest.errors import BadTable, CorruptFile, IngestError, TooLarge
from ingest.sources.names import ACTIVITIES, IS_LINK, LEADS_OUT, clean, is_junk, shown

#: An entry of a ZIP's directory takes about 90 bytes there and 1,000 in memory; the largest real export has 5,527.
MAX_DIRECTORY: Final = 24 * 1024 * 1024
#: So many refused members are named, the rest counted: a hostile directory could fill the ledger.
_NAMED: Final = 50
#: A member's own header without its name and extra field, whose lengths may differ from those in the directory.
_LOCAL_HEADER: Final = 30
#: Names of the methods that other packers use.
METHODS: Final = {9: "Deflate64", 12: "BZIP2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd"}
#: All that zipfile raises for damaged, encrypted or hostile bytes.
ZIP_ERRORS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,  # encrypted, or NotImplementedError: a method or version it does not know
    ValueError,  # names that are not in the encoding they claim
)


class BoundedFile:
    """A ZIP's file that refuses to give all of an absurd directory at once, which is how zipfile asks for it."""

    def __init__(self, path: Path) -> None:
        self._name, self._raw = path.name, path.open("rb")
        self.limit: int | None = MAX_DIRECTORY
        self.seek, self.tell, self.seekable = self._raw.seek, self._raw.tell, self._raw.seekable
        self.close = self._raw.close

    def read(self, count: int = -1) -> bytes:
        if self.limit is not None and count > self.limit:
            raise TooLarge(
                self._name, f"has a directory of {count:,} bytes, more than the {self.limit:,} that are read"
            )
        return self._raw.read(count)


def safe_members(
    infos: Iterable[zipfile.ZipInfo], archive: str
) -> tuple[dict[str, zipfile.ZipInfo], list[IngestError]]:
    """The members by their cleaned names, and what was refused."""
    kept: dict[str, zipfile.ZipInfo] = {}
    refused: list[IngestError] = []
    infos = list(infos)
    overlapping = _overlapping(infos)
    for info in infos:
        name, origin = clean(info.filename), f"{archive}: {shown(info.filename)}"
        if id(info) in overlapping:
            refused.append(CorruptFile(origin, "shares its bytes with another file of the ZIP, so it is not read"))
        elif name is None:
            refused.append(CorruptFile(origin, LEADS_OUT))
        elif stat.S_ISLNK(info.external_attr >> 16):
            refused.append(CorruptFile(origin, IS_LINK))
        elif not info.is_dir() and not is_junk(name):
            if name in kept:
                refused.append(CorruptFile(origin, "stands more than once in the ZIP; the last one counts"))
            kept[name] = info
    return kept, refused


def _overlapping(infos: Sequence[zipfile.ZipInfo]) -> set[int]:
    """Members (by ``id``) that begin before the one in front of them has ended: how small ZIPs inflate to terabytes."""
    found = set()
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            found.add(id(info))
        end = max(end, info.header_offset + _LOCAL_HEADER + info.compress_size)
    return found


def first_of(refused: Sequence[IngestError], archive: str) -> tuple[IngestError, ...]:
    """The first of many refused members, with a word about the rest."""
    if len(refused) <= _NAMED:
        return tuple(refused)
    rest = CorruptFile(archive, f"{len(refused) - _NAMED:,} more files in it are links, doubles or badly named")
    return (*refused[:_NAMED], rest)


def prefix_of(names: Iterable[str], archive: str, refused: list[IngestError]) -> str:
    """The one folder that people's re-zipped exports have around everything, or nothing."""
    places = sorted(n for n in names if n.count("/") <= 1 and n.rpartition("/")[2].lower() == ACTIVITIES)
    places.sort(key=lambda n: n.count("/"))
    if not places:
        return ""
    if len(places) > 1 and "/" in places[0]:
        others = ", ".join(places[1:6])
        refused.append(BadTable(f"{archive}: {others}", f"the ZIP holds several exports; only {places[0]} is read"))
    return places[0][: -len(ACTIVITIES)]


def member_times(infos: Iterable[zipfile.ZipInfo]) -> Iterator[datetime]:
    """When the members were written, by the directory's word."""
    for info in infos:
        try:
            yield datetime(*info.date_time, tzinfo=UTC)
        except ValueError:  # writers that leave the field zero
            continue
