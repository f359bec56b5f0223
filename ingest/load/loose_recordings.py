"""Stores what loose device files recorded, and which of these files were read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from db.batches import chunks
from db.models import Activity, ImportFile, LooseRecording
from db.upsert import upsert
from ingest.load import observations
from ingest.transform.records import Observation
from ingest.transform.track_rank import known_points

if TYPE_CHECKING:
    from ingest.transform.activity_track import ActivityTrack

#: Kinds of the ledger's rows: files that were read, and files that are not to be read again.
LOOSE: Final = "loose"
FORGOTTEN_LOOSE: Final = "forgotten-loose"
#: Kind of the rows of ZIPs that were read whole.
LOOSE_ZIP: Final = "loose-zip"
_NO_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseFile:
    """A loose device file and what it recorded: a track per session."""

    name: str
    athlete_id: int
    content_hash: str
    tracks: Sequence[ActivityTrack]
    #: Whether an export gave the same bytes, so that its points are there already.
    is_exported: bool = False


class SeenFile(NamedTuple):
    """A loose file as the ledger knows it."""

    name: str
    #: The folder or ZIP that it lies in.
    origin: str
    athlete_id: int
    size_bytes: int | None
    crc32: int | None
    modified_at: datetime | None
    content_hash: str | None
    file_format: str | None
    parser_version: int | None
    is_forgotten: bool
    #: Whether it could not be read.
    has_failed: bool


def seen_files(connection: sa.Connection) -> list[SeenFile]:
    """The loose files that were read, and those that are forgotten."""
    columns = (
        ImportFile.name,
        ImportFile.origin,
        ImportFile.athlete_id,
        ImportFile.size_bytes,
        ImportFile.crc32,
        ImportFile.modified_at,
        ImportFile.content_hash,
        ImportFile.file_format,
        ImportFile.parser_version,
        (ImportFile.file_kind == FORGOTTEN_LOOSE).label("is_forgotten"),
        (ImportFile.status == "failed").label("has_failed"),
    )
    query = sa.select(*columns).where(ImportFile.file_kind.in_((LOOSE, FORGOTTEN_LOOSE)))
    return [SeenFile(*tuple(row)) for row in connection.execute(query)]


def remember_forgotten_loose(connection: sa.Connection, files: Iterable[SeenFile]) -> None:
    """Note that files are forgotten: runs leave them out unless they are named."""
    for file in files:
        mine = (ImportFile.athlete_id == file.athlete_id, ImportFile.name == file.name)
        old = sa.delete(ImportFile).where(*mine, ImportFile.file_kind == FORGOTTEN_LOOSE)
        connection.execute(old)
        row = sa.update(ImportFile).where(*mine, ImportFile.file_kind == LOOSE)
        connection.execute(row.values(file_kind=FORGOTTEN_LOOSE))


def welcome_loose_back(connection: sa.Connection, athlete_id: int, hashes: Iterable[str]) -> None:
    """Note that files with these contents were imported, though they may have been forgotten."""
    for some in chunks(sorted(hashes)):
        connection.execute(
            sa.delete(ImportFile).where(
                ImportFile.athlete_id == athlete_id,
                ImportFile.file_kind == FORGOTTEN_LOOSE,
                ImportFile.content_hash.in_(some),
            )
        )


def loose_observation(recording: Any, activity_id: int) -> Observation:
    """What a row of ``loose_recordings`` says of an activity."""
    stored = SimpleNamespace(
        activity_id=activity_id,
        athlete_id=recording.athlete_id,
        source="loose_file",
        observed_at=_end(recording.start_time_utc, recording.elapsed_time_s),
        digest=None,
        payload=recording.payload,
    )
    return observations.decode(stored)


def loose_fields_of(recording: Any) -> dict[str, Any]:
    """The fields that a row of ``loose_recordings`` tells, as JSON has them."""
    fields: dict[str, Any] = json.loads(recording.payload)["fields"]
    return fields


def observation_of(track: ActivityTrack, athlete_id: int) -> Observation:
    """What a recording that was just read says of its activity."""
    fields = track.fields
    return Observation(
        activity_id=track.activity_id,
        athlete_id=athlete_id,
        source="loose_file",
        observed_at=_end(fields.get("start_time_utc"), fields.get("elapsed_time_s")),
        fields=fields,
    )


def remember_recordings(connection: sa.Connection, files: Iterable[LooseFile]) -> None:
    """Write what files recorded; each is an activity of its own until it meets another one.

    What an older parser found in the same contents, and this one does not, goes.
    """
    rows = {
        track.activity_id: _row(file, index, track)
        for file in files
        for index, track in enumerate(file.tracks)
    }
    _remove_others_of(connection, rows)
    upsert(connection, LooseRecording, list(rows.values()))


def _remove_others_of(connection: sa.Connection, rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Remove the other recordings of the same contents and athletes."""
    same = sorted({(row["athlete_id"], row["content_hash"]) for row in rows.values()})
    key = sa.tuple_(LooseRecording.athlete_id, LooseRecording.content_hash)
    for some in chunks(same):
        known = connection.scalars(sa.select(LooseRecording.provisional_id).where(key.in_(some)))
        others = sorted(set(known) - set(rows))
        if others:
            old = LooseRecording.provisional_id.in_(others)
            connection.execute(sa.delete(LooseRecording).where(old))


def _row(file: LooseFile, index: int, track: ActivityTrack) -> dict[str, Any]:
    recording, fields = track.recording, track.fields
    return {
        "provisional_id": track.activity_id,
        "athlete_id": file.athlete_id,
        "content_hash": file.content_hash,
        "session_index": index,
        "file_name": file.name,
        "activity_id": None if file.is_exported else track.activity_id,
        "start_time_utc": fields.get("start_time_utc"),
        "elapsed_time_s": fields.get("elapsed_time_s"),
        # A guess says nothing against the sport of an activity that it may meet.
        "sport_type": fields.get("file_sport_type"),
        "device_name": recording.device.name,
        "device_serial_number": recording.device.serial_number,
        "point_count": recording.point_count,
        **{f"{name}_count": count for name, count in known_points(recording.points).items()},
        "is_partial": recording.partial is not None,
        "route_polyline": track.derived.route.polyline,
        "payload": observations.encode(observation_of(track, file.athlete_id)),
    }


def exported_contents(connection: sa.Connection, athlete_id: int) -> set[str]:
    """Contents of the device files that exports gave for activities of an athlete."""
    mine = sa.select(Activity.activity_id).where(Activity.athlete_id == athlete_id)
    known = {str(i) for i in connection.scalars(mine)}
    query = sa.select(ImportFile.content_hash, ImportFile.activity_ids).where(
        ImportFile.athlete_id == athlete_id,
        ImportFile.file_kind == "activity",
        ImportFile.status.in_(("read", "partial")),
        ImportFile.content_hash.is_not(None),
    )
    rows = connection.execute(query)
    return {
        content
        for content, ids in rows
        if content is not None and not known.isdisjoint((ids or "").split(","))
    }


def has_loose(connection: sa.Connection, athlete_id: int) -> bool:
    """Whether loose files tell of an athlete."""
    mine = sa.select(LooseRecording.provisional_id).where(LooseRecording.athlete_id == athlete_id)
    return connection.scalar(mine.limit(1)) is not None


def seen_zips(connection: sa.Connection, version: int) -> list[tuple[str, str]]:
    """Name and stamp of the ZIPs of loose files that readers of this version have read whole."""
    query = sa.select(ImportFile.origin, ImportFile.name).where(
        ImportFile.file_kind == LOOSE_ZIP, ImportFile.parser_version == version
    )
    return [(origin, name.removeprefix(f"{origin} ")) for origin, name in connection.execute(query)]


def telling_ids(connection: sa.Connection, athlete_id: int) -> set[int]:
    """The activities of which loose files tell what no better source does."""
    query = sa.select(LooseRecording.activity_id).where(
        LooseRecording.athlete_id == athlete_id, LooseRecording.activity_id.is_not(None)
    )
    return {i for i in connection.scalars(query) if i is not None}


def count_provisional(connection: sa.Connection) -> int:
    """How many activities only loose files tell of."""
    query = sa.select(sa.func.count()).where(Activity.activity_id < 0)
    return connection.scalar(query) or 0


def read_again(connection: sa.Connection, hashes: Iterable[str]) -> None:
    """Have the next run read files with these contents again, since their points are wanted."""
    for some in chunks(sorted(hashes)):
        files = (ImportFile.file_kind == LOOSE, ImportFile.content_hash.in_(some))
        places = connection.scalars(sa.select(ImportFile.origin).where(*files).distinct()).all()
        zips = (ImportFile.file_kind == LOOSE_ZIP, ImportFile.origin.in_(places))
        for rows in (files, zips):
            connection.execute(sa.update(ImportFile).where(*rows).values(parser_version=None))


def to_read_again(connection: sa.Connection) -> list[SeenFile]:
    """The files whose points are wanted, that were given up before."""
    wanted = (ImportFile.file_kind == LOOSE, ImportFile.parser_version.is_(None))
    if connection.scalar(sa.select(ImportFile.file_id).where(*wanted).limit(1)) is None:
        return []
    return [
        file
        for file in seen_files(connection)
        if file.parser_version is None and not file.is_forgotten
    ]


def _end(start: datetime | None, elapsed_s: float | None) -> datetime:
    """When a recording ended: its word is no newer than that."""
    begin = start or _NO_TIME
    try:
        return begin + timedelta(seconds=elapsed_s or 0.0)
    except OverflowError:  # a damaged file may tell any duration
        return begin
