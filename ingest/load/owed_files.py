"""Finds the device files to read again when the API's streams are removed.

The streams had replaced the points of these files. If a file is gone, its track is removed, and the
next export that holds the file is read again for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from db.models import Activity, ImportFile, Track
from ingest.load import ledger, observations
from ingest.transform.records import Issue, Observation, WantedActivity

_LOST: Final = (
    "the track points of this activity came from the API and were purged, and no export in the "
    'folder "Strava Export" holds its device file; put an export with the file there and run again'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedFile:
    """A device file to read again, as the ledger knows it."""

    name: str
    origin: str
    size_bytes: int | None
    crc32: int | None
    #: Whether the file has points; also true if the ledger does not know.
    has_points: bool
    #: All activities whose rows name the file.
    wanted: tuple[WantedActivity, ...]
    #: For each activity that gets its points back, when its streams were fetched.
    owing: Mapping[int, datetime | None]


def owed_files(connection: sa.Connection, activity_ids: Sequence[int]) -> list[OwedFile]:
    """The device files of those of these activities whose track comes from the API."""
    rows = connection.execute(_files(activity_ids)).all()
    ids = {i for row in rows for i in _owners(row)}
    said = observations.stored(connection, sorted(ids))
    exported = {i: seen for i, every in said.items() for seen in every if seen.source == "export"}
    by_name = defaultdict[str, list[Any]](list)
    for row in rows:
        by_name[row.file_name].append(row)
    return [_owed(some, exported) for some in by_name.values()]


def _files(activity_ids: Sequence[int]) -> sa.Select[*tuple[Any, ...]]:
    of_activity = sa.and_(
        ImportFile.athlete_id == Activity.athlete_id,
        ImportFile.file_kind == "activity",
        ImportFile.name == Track.file_name,
    )
    columns = (
        ImportFile.origin,
        ImportFile.size_bytes,
        ImportFile.crc32,
        ImportFile.row_count,
        ImportFile.activity_ids,
    )
    return (
        sa.select(Track.activity_id, Track.file_name, Track.fetched_at, *columns)
        .join(Activity, Activity.activity_id == Track.activity_id)
        .outerjoin(ImportFile, of_activity)
        .where(
            Track.activity_id.in_(activity_ids), Track.source == "api", Track.file_name.is_not(None)
        )
    )


def _owners(row: Any) -> set[int]:
    return {row.activity_id, *map(int, filter(None, (row.activity_ids or "").split(",")))}


def _owed(rows: Sequence[Any], exported: Mapping[int, Observation]) -> OwedFile:
    first = rows[0]
    fields = {i: exported[i].fields if i in exported else {} for i in sorted(_owners(first))}
    return OwedFile(
        name=first.file_name,
        origin=first.origin or "",
        size_bytes=first.size_bytes,
        crc32=first.crc32,
        has_points=first.row_count != 0,
        wanted=tuple(WantedActivity.of(i, known) for i, known in fields.items()),
        owing={row.activity_id: row.fetched_at for row in rows},
    )


def give_up(
    connection: sa.Connection, run_id: int, athlete_id: int, files: Iterable[tuple[OwedFile, int]]
) -> None:
    """Remove the tracks of activities whose file is gone.

    The ledger makes the next export that holds the file be read for it.
    """
    for file, activity_id in files:
        connection.execute(sa.delete(Track).where(Track.activity_id == activity_id))
        ledger.forget_issues(connection, athlete_id, ids=[activity_id])
        issue = Issue(origin=file.name, kind="missing-track", reason=_LOST, activity_id=activity_id)
        ledger.add_issues(connection, run_id, athlete_id, file.origin, [issue])
        ledger.forget_file(connection, athlete_id, file.name)
