"""Decides which loose device files are read: new ones, changed ones, and those of older parsers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import URL

from db.errors import DatabaseProblem
from db.opening import snapshot
from ingest.errors import IngestError
from ingest.extract.archive import Member
from ingest.extract.export_files import reader_version
from ingest.extract.loose_files import NOTHING_READ, KnownLoose, LooseSource, open_loose
from ingest.load.loose_recordings import SeenFile, seen_files, seen_zips
from ingest.transform.parsers import parser_version


def seen_by_name(files: Sequence[SeenFile], *, are_named: bool) -> dict[str, SeenFile]:
    """The files of the ledger by name, as they were read last.

    Forgotten ones count as never seen where a command has named what to import (``are_named``).
    """
    forgotten = () if are_named else (file for file in files if file.is_forgotten)
    read = (file for file in files if not file.is_forgotten)
    return {file.name: file for file in (*forgotten, *read)}


def left_out_contents(
    files: Iterable[SeenFile], athlete_id: int, *, are_named: bool
) -> frozenset[str]:
    """Hashes of the contents that an athlete has forgotten, under whatever name they lie there."""
    return frozenset(
        file.content_hash
        for file in files
        if file.is_forgotten
        and not are_named
        and file.athlete_id == athlete_id
        and file.content_hash is not None
    )


def known_loose_of(files: Iterable[SeenFile], zips: Iterable[tuple[str, str]]) -> KnownLoose:
    """What needs no second look in the drop folder: the files and ZIPs of the ledger."""
    return KnownLoose(
        zips=frozenset(zips),
        files={
            (file.origin, file.name.removeprefix(f"{file.origin}: ")): (
                file.size_bytes or 0,
                file.modified_at,
            )
            for file in files
        },
    )


def known_loose(connection: sa.Connection) -> KnownLoose:
    """What this database knows of loose files, so that it needs no second look."""
    return known_loose_of(seen_files(connection), seen_zips(connection, reader_version()))


def loose_read_before(database: URL | str) -> KnownLoose:
    """What a database knows of loose files that may not be there yet, or be of an older version."""
    try:
        with snapshot(database) as connection:
            return known_loose(connection)
    except DatabaseProblem:
        return NOTHING_READ


def due_sources(
    sources: Iterable[LooseSource], seen: Mapping[str, SeenFile]
) -> tuple[LooseSource, ...]:
    """The places with files to read; of a folder, only these files. ZIPs tell when they are open,
    since the files of some lie in ZIPs in them.
    """
    return tuple(source for source in _due(sources, seen) if source.members)


def _due(sources: Iterable[LooseSource], seen: Mapping[str, SeenFile]) -> Iterator[LooseSource]:
    for source in sources:
        if source.stamp:
            yield source
        else:
            due = (m for m in source.members if is_due(m, seen.get(f"{source.name}: {m.name}")))
            yield replace(source, members=tuple(due))


def due_files(
    source: LooseSource, seen: Mapping[str, SeenFile], limit: int
) -> Iterator[Member | IngestError]:
    """The files to read in one place, and what in it is not read.

    Raises:
        IngestError: the place itself cannot be opened.
    """
    with open_loose(source, limit) as found:
        for files in found:
            if isinstance(files, IngestError):
                yield files
            else:
                origin = files.archive.origin
                yield from (m for m in files.members if is_due(m, seen.get(origin(m.name))))


def sources_of(
    sources: Iterable[LooseSource], files: Collection[SeenFile]
) -> tuple[LooseSource, ...]:
    """The places that hold some of these files: ZIPs, and folders with only these files."""
    names, zips = {file.name for file in files}, {file.origin for file in files}
    return tuple(source for source in _some(sources, names, zips) if source.members)


def lying_files(sources: Collection[LooseSource], files: Collection[SeenFile]) -> list[SeenFile]:
    """Those of these files that lie in the places; all that were read from a ZIP that is there."""
    names = {f"{source.name}: {m.name}" for source in sources for m in source.members}
    zips = {source.name for source in sources if source.stamp}
    return [file for file in files if file.name in names or file.origin in zips]


def _some(
    sources: Iterable[LooseSource], names: Collection[str], zips: Collection[str]
) -> Iterator[LooseSource]:
    for source in sources:
        if not source.stamp:
            some = (m for m in source.members if f"{source.name}: {m.name}" in names)
            yield replace(source, members=tuple(some))
        elif source.name in zips:
            yield source


def is_due(member: Member, seen: SeenFile | None) -> bool:
    """Whether a file was not read yet, is another one now, or is read otherwise by now."""
    if seen is None or seen.size_bytes != member.size:
        return True
    if member.crc32 is not None and member.crc32 != seen.crc32:
        return True
    if member.crc32 is None and member.modified_at != seen.modified_at:
        return True
    return not seen.is_forgotten and seen.parser_version != parser_version(seen.file_format)
