"""Decides which of two tracks keeps its points, and builds the row of ``tracks``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final

import sqlalchemy as sa

from db.batches import chunks
from db.models import QueueItem, Track
from ingest.load.derived import OF_TRACK, of_track
from ingest.load.device_figures import OF_FIGURES, of_figures
from ingest.transform.activity_track import ActivityTrack
from ingest.transform.records import FILES, Recording
from ingest.transform.track_rank import WEIGHED, Worth, known_points, worth_of, worth_of_row

#: Columns that describe the points, whether of a file or of streams; the other columns describe the
#: device file, if there is one.
_OF_POINTS: Final = (
    "source",
    "start_time_utc",
    "point_count",
    *(f"{name}_count" for name in WEIGHED),
    "is_partial",
    "partial_reason",
    "is_time_naive",
    "is_distance_computed",
    "fetched_at",
    *OF_FIGURES,
    *OF_TRACK,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTrack:
    """A device file's track, and what decides whether to ask for streams beside it."""

    worth: Worth
    #: When streams were found to be poorer, if they were asked for.
    compared_at: datetime | None
    #: Whether streams are in the queue already, or were asked for without success.
    is_queued: bool


def file_tracks(connection: sa.Connection, ids: Iterable[int]) -> dict[int, FileTrack]:
    """Those of these activities whose track comes from a device file, with points or without."""
    asked = sa.and_(QueueItem.activity_id == Track.activity_id, QueueItem.item == "streams")
    query = sa.select(Track.__table__, QueueItem.activity_id.label("queued")).outerjoin(
        QueueItem, asked
    )
    found = {}
    for some in chunks(list(ids)):
        for row in connection.execute(
            query.where(Track.activity_id.in_(some), Track.source.in_(FILES))
        ):
            found[row.activity_id] = FileTrack(
                worth=worth_of_row(row),
                compared_at=row.fetched_at,
                is_queued=row.queued is not None,
            )
    return found


def note_compared(connection: sa.Connection, activity_id: int, now: datetime) -> None:
    """Note that streams are no richer than the device file, so that none are asked for again."""
    row = sa.update(Track).where(Track.activity_id == activity_id, Track.source.in_(FILES))
    connection.execute(row.values(fetched_at=now))


def stays(held: Any | None, track: ActivityTrack) -> bool:
    """Whether the points of a row of ``tracks`` stay.

    A newer reading of the same source always replaces them, and an export's file those of a loose
    one.
    """
    if held is None or held.source == track.source:
        return False
    if held.source in FILES and track.source in FILES:
        return bool(held.source == "file")
    return worth_of_row(held).rank > worth_of(track.recording, track.source).rank


def track_row(track: ActivityTrack, held: Any | None) -> dict[str, Any]:
    """The row of an activity after a track is written.

    It describes the points that are then there, and the device file.
    """
    row = _row(track)
    if held is None:
        return row
    if track.source != "api":
        return row if held.source in FILES else beside_streams(row, held)
    old = dict(held._mapping)
    if stays(held, track):
        return old | {"fetched_at": track.fetched_at}
    return row if held.file_name is None else old | _of_points(row)


def beside_streams(row: Mapping[str, Any], held: Any) -> dict[str, Any]:
    """The row of a device file's track where a row of the API's streams is ``held`` already.

    It is the same whether the file or the streams came first.
    """
    file, streams = worth_of_row(SimpleNamespace(**row)), worth_of_row(held)
    if streams.rank > file.rank:
        return {**row, **_of_points(held._mapping)}
    # They were found to be poorer, if they would be asked for now.
    return {**row, "fetched_at": held.fetched_at if file.lacks(streams.columns) else None}


def without_points() -> dict[str, Any]:
    """What a row says of the points once the API's are removed, without ``fetched_at``."""
    nothing = _row(ActivityTrack(activity_id=0, recording=Recording(format="")))
    return {
        name: nothing[name] for name in _OF_POINTS if name not in ("start_time_utc", "fetched_at")
    }


def without_file() -> dict[str, Any]:
    """What a row of the API's points says of the device file once there is none."""
    nothing = _row(ActivityTrack(activity_id=0, recording=Recording(format="streams")))
    return {
        name: value
        for name, value in nothing.items()
        if name not in _OF_POINTS and name != "activity_id"
    }


def _of_points(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _OF_POINTS}


def _row(track: ActivityTrack) -> dict[str, Any]:
    recording = track.recording
    return {
        "activity_id": track.activity_id,
        "source": track.source,
        "file_name": track.file_name,
        "file_format": recording.format,
        "start_time_utc": recording.start_time_utc,
        "point_count": recording.point_count,
        **{f"{name}_count": count for name, count in known_points(recording.points).items()},
        "is_partial": recording.partial is not None,
        "partial_reason": recording.partial,
        "is_time_naive": recording.naive_time,
        "is_distance_computed": recording.distance_is_haversine,
        "parser_version": track.parser_version,
        "file_sport": recording.sport,
        "file_title": recording.name,
        "device_manufacturer": recording.device.manufacturer,
        "device_product": recording.device.product,
        "device_serial_number": recording.device.serial_number,
        "device_software_version": recording.device.software_version,
        "fetched_at": track.fetched_at,
        **of_figures(recording.figures),
        **of_track(track.derived),
    }
