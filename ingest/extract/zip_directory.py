"""Reads a ZIP's directory: its times, its one outer folder, and the members it refuses."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from db.export_bytes import tables_at
from db.export_names import ACTIVITIES
from ingest.errors import BadTable, CorruptFile, IngestError

#: Number of refused members that are named. The rest is only counted, because a hostile directory
#: could fill the ledger.
_NAMED: Final = 50


def first_of(refused: Sequence[IngestError], archive: str) -> tuple[IngestError, ...]:
    """The first of many refused members, and how many more there are."""
    if len(refused) <= _NAMED:
        return tuple(refused)
    rest = CorruptFile(
        archive, f"{len(refused) - _NAMED:,} more files in it are links, doubles or badly named"
    )
    return (*refused[:_NAMED], rest)


def prefix_of(names: Iterable[str], archive: str, refused: list[IngestError]) -> str:
    """The one folder around everything in a ZIP that a person made; empty without one."""
    places = tables_at(names)
    if not places:
        return ""
    if len(places) > 1 and "/" in places[0]:
        others = ", ".join(places[1:6])
        refused.append(
            BadTable(
                f"{archive}: {others}", f"the ZIP holds several exports; only {places[0]} is read"
            )
        )
    return places[0][: -len(ACTIVITIES)]


def member_times(infos: Iterable[zipfile.ZipInfo]) -> Iterator[datetime]:
    """When the members were written, as the directory says."""
    for info in infos:
        try:
            yield datetime(*info.date_time, tzinfo=UTC)
        except ValueError:  # some programs leave the field zero
            continue
