"""Removes what loose device files brought, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from db.batches import chunks
from db.models import ActivityAlias, ImportFile, ImportIssue, LooseRecording, Track
from ingest.load import ledger, sync_state
from ingest.load.api_again import ask_for_streams
from ingest.load.forget import is_left, remove_athlete
from ingest.load.joining import take_back
from ingest.load.loose_recordings import (
    LOOSE,
    SeenFile,
    has_loose,
    remember_forgotten_loose,
    seen_files,
)
from ingest.load.meeting import meet_loose
from ingest.load.reconcile import reconcile


def copies_of(connection: sa.Connection, file: SeenFile) -> list[SeenFile]:
    """A file and its copies: those of the same athlete that brought the same contents."""
    mine = LooseRecording.athlete_id == file.athlete_id
    # Before the file changed, it may have brought others than it does now.
    brought = sa.select(LooseRecording.content_hash).where(
        mine, LooseRecording.file_name == file.name
    )
    hashes = {*connection.scalars(brought), file.content_hash} - {None}
    return [
        other
        for other in seen_files(connection)
        if other.athlete_id == file.athlete_id
        and not other.is_forgotten
        and (other.name == file.name or other.content_hash in hashes)
    ]


def remove_loose(
    connection: sa.Connection, files: Sequence[SeenFile], run_id: int, now: datetime
) -> None:
    """Remove what files of one athlete brought, and decide anew where the others belong.

    The ledger still knows them as forgotten.
    """
    athlete_id = files[0].athlete_id
    # The calendar ends with the last activity of all athletes.
    sync_state.mark_stale(connection, athlete_id, sync_state.EVERY_DAY)
    places = _remove_recordings(connection, files)
    with_points = _with_points(connection, places)
    take_back(connection, athlete_id, places, run_id)
    of_strava = [i for i in places if i > 0]
    remember_forgotten_loose(connection, files)
    _remove_issues(connection, athlete_id, {ledger.short_name(file.name) for file in files})
    meet_loose(connection, athlete_id, run_id)
    told = LooseRecording.activity_id
    told_still = set(connection.scalars(sa.select(told).where(told.in_(of_strava))))
    ask_for_streams(connection, athlete_id, with_points - told_still, now)
    home = sync_state.HOME_ZONE.get(connection)
    reconcile(connection, athlete_id, home, accept_vanished=False)
    if not (
        is_left(connection, athlete_id)
        or has_loose(connection, athlete_id)
        or _has_export(connection, athlete_id)
    ):
        remove_athlete(connection, athlete_id, forgotten=True)


def forget_failed(connection: sa.Connection, files: Collection[SeenFile]) -> None:
    """Forget files that could not be read, and lie nowhere any more; what they had brought before
    they were damaged stays.
    """
    for file in files:
        _remove_issues(connection, file.athlete_id, [ledger.short_name(file.name)])
        brought = sa.exists().where(
            LooseRecording.athlete_id == file.athlete_id, LooseRecording.file_name == file.name
        )
        row = sa.delete(ImportFile).where(
            ImportFile.athlete_id == file.athlete_id,
            ImportFile.file_kind == LOOSE,
            ImportFile.name == file.name,
            ~brought,
        )
        connection.execute(row)


def provisional_ids_of(
    connection: sa.Connection, files: Sequence[SeenFile]
) -> dict[int, int | None]:
    """Provisional ids of the files' recordings -> the activity that each tells of."""
    names = sorted(file.name for file in files)
    hashes = sorted({file.content_hash for file in files if file.content_hash is not None})
    mine = LooseRecording.athlete_id == files[0].athlete_id
    found: dict[int, int | None] = {}
    for column, values in (
        (LooseRecording.file_name, names),
        (LooseRecording.content_hash, hashes),
    ):
        for some in chunks(values):
            query = sa.select(LooseRecording.provisional_id, LooseRecording.activity_id)
            rows = connection.execute(query.where(mine, column.in_(some)))
            found.update((row.provisional_id, row.activity_id) for row in rows)
    return found


def _remove_recordings(connection: sa.Connection, files: Sequence[SeenFile]) -> list[int]:
    """Remove what is known of the files' recordings; returns the activities that they told of."""
    found = provisional_ids_of(connection, files)
    for ids in chunks(sorted(found)):
        for model in (ActivityAlias, LooseRecording):
            connection.execute(sa.delete(model).where(model.provisional_id.in_(ids)))
    return sorted({place for place in found.values() if place is not None})


def _with_points(connection: sa.Connection, ids: Sequence[int]) -> set[int]:
    """Those of these activities whose points are a loose file's."""
    found: set[int] = set()
    for some in chunks(ids):
        query = sa.select(Track.activity_id).where(
            Track.activity_id.in_(some), Track.source == "loose_file"
        )
        found |= set(connection.scalars(query))
    return found


def _remove_issues(connection: sa.Connection, athlete_id: int, names: Collection[str]) -> None:
    for some in chunks(sorted(names)):
        connection.execute(
            sa.delete(ImportIssue).where(
                ImportIssue.athlete_id == athlete_id,
                ImportIssue.origin == ledger.LOOSE_FILES,
                ImportIssue.name.in_(some),
            )
        )


def _has_export(connection: sa.Connection, athlete_id: int) -> bool:
    query = sa.select(ImportFile.file_id).where(
        ImportFile.athlete_id == athlete_id, ImportFile.file_kind == "export"
    )
    return connection.scalar(query.limit(1)) is not None
