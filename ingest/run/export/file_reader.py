"""Reads one device file, and splits it by the activities whose rows in an export name it.

What follows from the points of each activity is computed here, too.
"""

from __future__ import annotations

import traceback
import zlib
from dataclasses import dataclass
from datetime import datetime

from ingest.errors import CorruptFile, IngestError, NoSamples, TooLarge
from ingest.extract.archive import Archive, Member
from ingest.run.export.loose_reader import loose_tracks
from ingest.transform.activity_track import ActivityTrack
from ingest.transform.derived import ASSUMED_ZONES, Told, Zones, derive
from ingest.transform.file_sports import file_sport_type
from ingest.transform.merge import sport
from ingest.transform.parsers import parse, parser_version
from ingest.transform.parsers.clocks import Expected
from ingest.transform.parsers.file_kinds import ignored_kind
from ingest.transform.parsers.gunzip import gunzip, is_gzip
from ingest.transform.parsers.limits import MAX_POINTS
from ingest.transform.provisional_ids import content_hash
from ingest.transform.recording_fields import (
    anchored,
    clock_corrected,
    file_fields,
    split,
    with_distance_of,
)
from ingest.transform.records import Recording, WantedActivity


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTask:
    """A device file to read, and the activities whose rows name it, with their athlete's zones."""

    member: Member
    wanted: tuple[WantedActivity, ...]
    #: When the export was made; no device recorded later.
    exported_at: datetime | None = None
    #: For a loose file, which no row names: whose it is by its place, 0 where that does not tell.
    loose_of: int | None = None
    zones: Zones = ASSUMED_ZONES


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """What became of a ``FileTask``: a track per activity, or the reason why there is none."""

    task: FileTask
    crc32: int | None
    tracks: tuple[ActivityTrack, ...] = ()
    error: IngestError | None = None
    #: Hash of the unpacked bytes.
    content_hash: str | None = None
    #: What a loose file is instead of an activity.
    ignored: str | None = None
    #: What the file inflated to.
    inflated_bytes: int = 0
    #: Where in our code an unexpected error came from.
    traceback: str | None = None

    @property
    def file_format(self) -> str | None:
        """The format by content."""
        return self.tracks[0].recording.format if self.tracks else None

    @property
    def point_count(self) -> int:
        """How many points its tracks have."""
        return sum(track.recording.point_count for track in self.tracks)

    @property
    def version(self) -> int:
        """The version of the parser that read it, or could not."""
        return parser_version(self.file_format)


def read_file(archive: Archive, task: FileTask) -> FileRead:
    """Read one device file; what is wrong with it, or with our reading of it, is part
    of the answer.
    """
    origin = archive.origin(task.member.name)
    # Without a checksum in the ledger the file is tried again: the archive failed, not the file,
    # and a sound copy of the ZIP has the same directory.
    crc32, data = None, b""
    try:
        data = archive.read(task.member)
        crc32 = zlib.crc32(data) if task.member.crc32 is None else task.member.crc32
        data = gunzip(data, origin) if is_gzip(data) else data
        content = content_hash(data)
        ignored = None if task.loose_of is None else ignored_kind(data, origin)
        return FileRead(
            task=task,
            crc32=crc32,
            tracks=_tracks(data, origin, task, content) if ignored is None else (),
            content_hash=content,
            ignored=ignored,
            inflated_bytes=len(data),
        )
    except IngestError as err:
        error: IngestError = err
    except MemoryError:
        error = TooLarge(origin, "needs more memory than this machine has free")
    except Exception as err:  # noqa: BLE001  # a fault of ours costs this file, not the import
        error = CorruptFile(origin, f"cannot be read: unexpected {type(err).__name__}: {err}")
        told = traceback.format_exc()
        return FileRead(
            task=task, crc32=crc32, error=error, inflated_bytes=len(data), traceback=told
        )
    return FileRead(task=task, crc32=crc32, error=error, inflated_bytes=len(data))


def _tracks(data: bytes, origin: str, task: FileTask, content: str) -> tuple[ActivityTrack, ...]:
    """What a file holds of each activity that wants it; of a loose one, each of its sessions.

    Raises:
        IngestError: it holds nothing, or more than is read.
    """
    expected = _expected(task)
    recording = parse(data, origin, expected)
    if not (recording.point_count or recording.laps or recording.sessions or recording.sets):
        raise NoSamples(origin, "holds no track points, laps or sessions")
    if recording.point_count > MAX_POINTS:
        raise TooLarge(
            origin,
            f"has {recording.point_count:,} points, more than the limit of {MAX_POINTS:,}",
        )
    if task.loose_of is not None:
        return loose_tracks(recording, content, task.loose_of, origin, task.zones)
    parts = split(
        clock_corrected(recording, expected), [activity.start_time_utc for activity in task.wanted]
    )
    return tuple(
        _track(activity, anchored(part, activity.start_time_utc), task)
        for activity, part in zip(task.wanted, parts, strict=True)
    )


def _expected(task: FileTask) -> Expected:
    """What all rows that name a file say of its times: from the first start to the last end."""
    starts = [
        activity.start_time_utc for activity in task.wanted if activity.start_time_utc is not None
    ]
    begin = min(starts, default=None)
    lasting = [activity.elapsed_time_s for activity in task.wanted]
    if begin is None or len(starts) < len(task.wanted) or not all(lasting):
        return Expected(start=begin, exported_at=task.exported_at)
    ends = [
        (start - begin).total_seconds() + (s or 0.0)
        for start, s in zip(starts, lasting, strict=True)
    ]
    return Expected(start=begin, elapsed_s=max(ends), exported_at=task.exported_at)


def _track(activity: WantedActivity, recording: Recording, task: FileTask) -> ActivityTrack:
    # The fold comes to the same sport, unless the API tells another; figures are then derived anew.
    words = {
        "sport_type": activity.sport_type,
        "file_sport_type": file_sport_type(recording),
        "guessed_sport_type": activity.guessed_sport_type,
    }
    sport_type = sport(words).get("sport_type")
    recording = with_distance_of(recording, sport_type)
    derived = derive(
        recording.points,
        sport_type=sport_type,
        zones=task.zones,
        start_time_utc=recording.start_time_utc,
        told=Told(file_format=recording.format, figures=recording.figures),
        lengths=recording.lengths,
    )
    return ActivityTrack(
        activity_id=activity.activity_id,
        recording=recording,
        derived=derived,
        file_name=task.member.name,
        parser_version=parser_version(recording.format),
        fields=file_fields(recording, derived),
    )
