"""Stores the device's figures that go with the points, and reads them back.

They are kept in columns of ``tracks`` and in rows of ``track_pauses``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from db.batches import chunks
from db.bulk import insert_rows
from db.models import TrackPause
from ingest.transform.derived import Told
from ingest.transform.records import DeviceFigures, Recording

#: Column of ``tracks`` -> the device figure that it holds.
OF_FIGURES: Final = {
    "timer_time_s": "timer_time_s",
    "device_ascent_m": "ascent_m",
    "device_descent_m": "descent_m",
    "is_barometric": "is_barometric",
    "has_moving_stream": "has_moving_stream",
}


def of_figures(figures: DeviceFigures) -> dict[str, Any]:
    """The columns ``OF_FIGURES``."""
    return {column: getattr(figures, name) for column, name in OF_FIGURES.items()}


def told_of(connection: sa.Connection, track: Any) -> Told | None:
    """What the source said beside a track's points; ``None`` if an older version dropped it."""
    file_format = "streams" if track.source == "api" else track.file_format or ""
    if track.has_moving_stream is None:
        return Told(file_format=file_format) if file_format == "gpx" else None
    table = TrackPause.__table__
    query = (
        sa.select(table)
        .where(table.c.activity_id == track.activity_id)
        .order_by(table.c.pause_index)
    )
    pauses = tuple((row.start_elapsed_s, row.end_elapsed_s) for row in connection.execute(query))
    kept = {name: getattr(track, column) for column, name in OF_FIGURES.items()}
    return Told(file_format=file_format, figures=DeviceFigures(pauses=pauses, **kept))


def write_pauses(
    connection: sa.Connection, recordings: Mapping[int, Recording], replaced: Collection[int]
) -> None:
    """Write the pauses of tracks; ``replaced`` are the tracks that may have some already."""
    remove_pauses(connection, [i for i in recordings if i in replaced])
    rows = [
        {"activity_id": i, "pause_index": index, "start_elapsed_s": begin, "end_elapsed_s": end}
        for i, recording in recordings.items()
        for index, (begin, end) in enumerate(recording.figures.pauses)
    ]
    insert_rows(connection, TrackPause, rows)


def remove_pauses(connection: sa.Connection, activity_ids: Sequence[int]) -> None:
    """Remove the pauses of points that are removed."""
    for some in chunks(activity_ids):
        connection.execute(sa.delete(TrackPause).where(TrackPause.activity_id.in_(some)))
