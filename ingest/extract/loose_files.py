"""Opens what holds loose device files: a folder, a ZIP, or an account export of Garmin.

In Garmin's, the files lie in ZIPs in the ZIP. These are unpacked one after the other.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from ingest.errors import CorruptFile, IngestError, TooLarge, UnsupportedFormat
from ingest.extract.archive import Archive, FolderArchive, Member, ZipArchive
from ingest.extract.device_files import is_named_like_one
from ingest.extract.not_an_export import GARMIN, is_of_garmin, service_of

#: Bytes that a ZIP in a ZIP may have, for which there must be room in the temporary folder.
MAX_INNER_ZIP: Final = 4 * 1024**3
#: ZIPs that a ZIP may hold; exports of Garmin have a few.
_MOST_INNER_ZIPS: Final = 1_000
#: Bytes that all ZIPs in a ZIP may have together.
MAX_INNER_ZIPS: Final = 20 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseSource:
    """A folder or a ZIP that holds loose device files of one athlete."""

    #: A ZIP, or the folder that names count from: its files may lie at any depth.
    path: Path
    #: How messages and the ledger name it; equal from run to run.
    name: str
    #: The athlete of the folder ``Strava Export/<athlete id>/`` that it lies in, else 0.
    athlete_id: int
    #: Size and time of a ZIP, equal as long as nobody touches it; empty for a folder.
    stamp: str
    #: What to read in it: device files, and of Garmin's export the ZIPs that hold them. Empty for a
    #: ZIP that is known.
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLoose:
    """What was read before, as the ledger knows it, and needs no second look."""

    #: Name and stamp of each ZIP that was read whole.
    zips: frozenset[tuple[str, str]] = frozenset()
    #: The folder's name and the file's -> its size and time.
    files: Mapping[tuple[str, str], tuple[int, datetime | None]] = field(default_factory=dict)

    def has_zip(self, source: LooseSource) -> bool:
        """Whether a ZIP is the one that was read before."""
        return (source.name, source.stamp) in self.zips

    def has_file(self, folder: str, member: Member) -> bool:
        """Whether a file of a folder is the one that was read before."""
        return self.files.get((folder, member.name)) == (member.size, member.modified_at)


#: What is known at the first run.
NOTHING_READ: Final = KnownLoose()


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseFiles:
    """Device files to read out of one archive, which is open."""

    archive: Archive
    members: tuple[Member, ...]


@contextmanager
def open_loose(
    source: LooseSource, limit: int = MAX_INNER_ZIPS
) -> Iterator[Iterator[LooseFiles | IngestError]]:
    """Open a source as long as the block lasts.

    It gives archives with their files to read, each open until the next one is asked for, and
    errors about what in the source is not read.

    Args:
        source: the folder or ZIP.
        limit: bytes that the ZIPs in a ZIP may have together, unpacked.

    Raises:
        IngestError: the source itself cannot be opened.
    """
    if source.path.is_dir():
        folder = FolderArchive(source.path, source.name)
        yield iter([LooseFiles(archive=folder, members=source.members)])
        return
    with closing(ZipArchive(source.path, source.name)) as archive:
        is_nested = is_garmins(archive)
        with closing(_uploads(archive, limit) if is_nested else _loose_files(archive)) as found:
            yield found


def is_garmins(archive: Archive) -> bool:
    """Whether a ZIP is an account export of Garmin."""
    return service_of([archive.path.name, *archive.members]) == GARMIN


def loose_members(archive: Archive) -> tuple[Member, ...]:
    """What to read in a ZIP: device files, and of Garmin's export the ZIPs that hold them."""
    is_wanted = is_of_garmin if is_garmins(archive) else is_named_like_one
    return tuple(member for name, member in archive.members.items() if is_wanted(name))


def _loose_files(archive: Archive) -> Generator[LooseFiles | IngestError]:
    """The device files of a ZIP, and what in it is not read."""
    yield from archive.refused
    if zips := [member.name for member in archive.members.values() if _is_zip(member)]:
        more = f" (as are {len(zips) - 1:,} more)" if len(zips) > 1 else ""
        reason = f"is a ZIP in a ZIP{more}, which is not read; take it out, and use it by itself"
        yield UnsupportedFormat(archive.origin(zips[0]), reason)
    members = [member for name, member in archive.members.items() if is_named_like_one(name)]
    yield LooseFiles(archive=archive, members=tuple(members))


def _uploads(archive: ZipArchive, limit: int) -> Generator[LooseFiles | IngestError]:
    """The device files of Garmin's export, one inner ZIP after the other."""
    yield from archive.refused
    members = loose_members(archive)
    if plain := tuple(member for member in members if not _is_zip(member)):
        yield LooseFiles(archive=archive, members=plain)
    zips = list(filter(_is_zip, members))
    if len(zips) > _MOST_INNER_ZIPS:
        yield TooLarge(archive.name, f"holds more than the limit of {_MOST_INNER_ZIPS:,} ZIPs")
        return
    try:
        temporary = tempfile.TemporaryDirectory(prefix="strava-ingest-", ignore_cleanup_errors=True)
    except OSError as err:
        yield CorruptFile(archive.name, f"there is no temporary folder to unpack it into ({err})")
        return
    left = limit
    with temporary as folder:
        for number, member in enumerate(zips):
            if member.size > left:
                yield _too_large(archive, limit)
                return
            left -= member.size
            yield from _inner(archive, member, Path(folder, f"{number}.zip"))


def _is_zip(member: Member) -> bool:
    return member.name.lower().endswith(".zip")


def _too_large(archive: Archive, limit: int) -> TooLarge:
    return TooLarge(
        archive.name,
        f"the ZIPs in it have more than {limit / 1e9:,.0f} GB when unpacked; if this is your own "
        "export, raise STRAVA_MAX_EXPORT_GB and run again",
    )


def _inner(archive: ZipArchive, member: Member, path: Path) -> Generator[LooseFiles | IngestError]:
    """The device files of a ZIP in a ZIP."""
    try:
        # A directory that states less than there is would get past the sum of all.
        archive.copy(member, path, min(member.size, MAX_INNER_ZIP))
        with ZipArchive(path, archive.origin(member.name)) as inner:
            yield from _loose_files(inner)
    except IngestError as err:
        yield err
    finally:
        # Parser processes may still have it open, so that its space is free only when it is empty.
        path.write_bytes(b"")
