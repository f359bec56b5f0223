"""Foretells which loose device files are to be read again once something is forgotten.

The points of a recording are given up where another one, or an export's own file, tells of the same
activity. They are wanted again when that goes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from db.batches import chunks
from db.models import Activity, ImportFile, LooseRecording, Track
from ingest.load.forgotten import KnownExport, dated_by
from ingest.load.loose_recordings import SeenFile, has_loose, seen_files, to_read_again
from ingest.load.meeting_decision import Meeting


def to_read(
    connection: sa.Connection,
    athlete_id: int,
    *,
    gone: Collection[int] = (),
    bereft: Collection[int] = (),
) -> list[SeenFile]:
    """The files whose points the database lacks, and will want.

    Args:
        connection: only read.
        athlete_id: whose files they are.
        gone: provisional ids of the recordings that are forgotten.
        bereft: activities whose file in an export is forgotten.
    """
    if not has_loose(connection, athlete_id):
        return []
    meeting = Meeting.of(connection, athlete_id).without(gone, bereft)
    wanted = set(meeting.telling(meeting.belongs()).values()) - _with_points(connection, athlete_id)
    hashes = {meeting.loose[i].row.content_hash for i in wanted if meeting.loose[i].row.point_count}
    hashes -= {file.content_hash for file in to_read_again(connection)}
    return [
        file
        for file in seen_files(connection)
        if file.content_hash in hashes and file.athlete_id == athlete_id and not file.is_forgotten
    ]


def bereft_activities(
    connection: sa.Connection,
    athlete_id: int,
    gone: Iterable[KnownExport],
    newest_there: datetime | None,
) -> set[int]:
    """Activities whose file was read from an export that is forgotten, and which no other export
    that can be read again holds: ``newest_there`` is the date of the newest of these.
    """
    query = sa.select(ImportFile.activity_ids).where(
        ImportFile.athlete_id == athlete_id,
        ImportFile.file_kind == "activity",
        dated_by(ImportFile.exported_at, gone),
    )
    named = {int(i) for ids in connection.scalars(query) for i in (ids or "").split(",") if i}
    if newest_there is None:
        return named
    held: set[int] = set()
    for some in chunks(sorted(named)):
        older = sa.select(Activity.activity_id).where(
            Activity.activity_id.in_(some), Activity.start_time_utc < newest_there
        )
        held |= set(connection.scalars(older))
    return named - held


def _with_points(connection: sa.Connection, athlete_id: int) -> set[int]:
    """The recordings whose points the database holds."""
    query = (
        sa.select(LooseRecording.provisional_id)
        .join(Track, Track.activity_id == LooseRecording.activity_id)
        .where(
            LooseRecording.athlete_id == athlete_id,
            Track.source == "loose_file",
            Track.file_name == LooseRecording.file_name,
        )
    )
    return set(connection.scalars(query))
