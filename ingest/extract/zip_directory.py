"""Reads a ZIP's directory: its times, its one outer folder, and the members it refuses."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

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


def several_exports(archive: str, tables: Sequence[str]) -> Iterator[IngestError]:
    """The error for a ZIP that holds further exports; ``tables`` are their activities.csv."""
    if len(tables) > 1 and "/" in tables[0]:
        others = ", ".join(tables[1:6])
        yield BadTable(
            f"{archive}: {others}", f"the ZIP holds several exports; only {tables[0]} is read"
        )


def member_times(infos: Iterable[zipfile.ZipInfo]) -> Iterator[datetime]:
    """When the members were written, as the directory says."""
    for info in infos:
        try:
            yield datetime(*info.date_time, tzinfo=UTC)
        except ValueError:  # some programs leave the field zero
            continue
