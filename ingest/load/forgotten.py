"""Remembers which exports were imported, and which were forgotten and are not to come back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from db.models import ImportFile

_FORGOTTEN: Final = "forgotten"


class KnownExport(NamedTuple):
    """An export that was imported whole, or was cut off when it was read again."""

    file_id: int
    athlete_id: int
    #: Its name in the folder, then a blank and its fingerprint.
    full_name: str
    #: Its name in the folder.
    name: str
    exported_at: datetime
    content: str | None

    @property
    def marks(self) -> set[str]:
        """What tells this copy, and every copy of its contents."""
        return {self.full_name.rpartition(" ")[2], *filter(None, [self.content])}


def dated_by(column: Any, exports: Iterable[KnownExport]) -> sa.ColumnElement[bool]:
    """Whether a time is the date of one of these exports; dates of no exports are not."""
    return sa.or_(sa.false(), *(column == export.exported_at for export in exports))


def remembered_exports(
    connection: sa.Connection, *, with_forgotten: bool = False
) -> list[KnownExport]:
    """The exports of the ledger, oldest first; forgotten ones are among them only on request."""
    kinds = ("export", _FORGOTTEN) if with_forgotten else ("export",)
    columns = (
        ImportFile.file_id,
        ImportFile.athlete_id,
        ImportFile.name,
        ImportFile.origin,
        ImportFile.exported_at,
        ImportFile.content_hash,
    )
    query = sa.select(*columns).where(ImportFile.file_kind.in_(kinds))
    ordered = query.order_by(ImportFile.exported_at, ImportFile.file_id)
    return [KnownExport(*row) for row in connection.execute(ordered)]


def remember_forgotten(connection: sa.Connection, exports: Iterable[KnownExport]) -> None:
    """Note that exports are forgotten: runs leave them out unless they are named."""
    for export in exports:
        same = (ImportFile.athlete_id == export.athlete_id, ImportFile.name == export.full_name)
        connection.execute(sa.delete(ImportFile).where(*same, ImportFile.file_kind == _FORGOTTEN))
        row = sa.update(ImportFile).where(ImportFile.file_id == export.file_id)
        connection.execute(row.values(file_kind=_FORGOTTEN, parser_version=None))


def forgotten(connection: sa.Connection) -> set[str]:
    """Fingerprints and contents of the exports that runs leave out."""
    query = sa.select(ImportFile.name, ImportFile.content_hash).where(
        ImportFile.file_kind == _FORGOTTEN
    )
    rows = connection.execute(query).all()
    return {row.name.rpartition(" ")[2] for row in rows} | {
        row.content_hash for row in rows if row.content_hash
    }


def welcome_back(connection: sa.Connection, fingerprint: str, content: str) -> None:
    """Note that an export was imported again, since it was named."""
    is_it = sa.or_(
        ImportFile.name.endswith(f" {fingerprint}", autoescape=True),
        ImportFile.content_hash == content,
    )
    connection.execute(sa.delete(ImportFile).where(ImportFile.file_kind == _FORGOTTEN, is_it))
