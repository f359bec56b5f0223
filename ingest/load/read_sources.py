"""Remembers from which files and URLs exports were imported whole, so that they are not read twice.

A row of ``import_files`` of the kind ``source`` names the URL; its ``origin`` is the ledger's name
of the export that was there, and ``content_hash`` tells the version of the file (an etag).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import sqlalchemy as sa

from db.models import ImportFile
from ingest.load.ledger import remember_files

SOURCE: Final = "source"


class KnownSource(NamedTuple):
    """What was imported from a URL."""

    tag: str
    athlete_id: int
    #: How many activities the export lists.
    activities: int


def known_sources(connection: sa.Connection, version: int) -> dict[str, KnownSource]:
    """URL -> what readers of this version have imported from there whole, as the ledger has it."""
    export = sa.alias(ImportFile.__table__)
    query = (
        sa.select(ImportFile.name, ImportFile.content_hash, export.c.athlete_id, export.c.row_count)
        .join(export, sa.and_(export.c.name == ImportFile.origin, export.c.file_kind == "export"))
        .where(ImportFile.file_kind == SOURCE, export.c.parser_version == version)
    )
    return {
        name: KnownSource(tag, athlete_id, activities or 0)
        for name, tag, athlete_id, activities in connection.execute(query)
    }


def remember_source(
    connection: sa.Connection, url: str, tag: str, athlete_id: int, export: str
) -> None:
    """Note that an athlete's export, by its name in the ledger, was imported from a URL whole.

    Nothing is noted where the ledger does not have the export.
    """
    table = ImportFile.__table__
    found = connection.execute(
        sa.select(table).where(
            table.c.athlete_id == athlete_id, table.c.file_kind == "export", table.c.name == export
        )
    ).mappings()
    rows = [
        {
            **{name: value for name, value in row.items() if name != "file_id"},
            "file_kind": SOURCE,
            "name": url,
            "origin": export,
            "content_hash": tag,
        }
        for row in found
    ]
    if rows:
        remember_files(connection, rows)
