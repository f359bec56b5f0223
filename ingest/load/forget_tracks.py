"""Removes what device files gave activities, and gives back what is known once they are read again.

A track whose points are the API's stays, without what the file said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from db.batches import chunks
from db.bulk import delete_points
from db.models import ImportFile, Lap, LooseRecording, QueueItem, SwimLength, Track, TrackSession
from ingest.load.derived import remove_derived
from ingest.load.device_figures import remove_pauses
from ingest.load.forgotten import KnownExport, dated_by
from ingest.load.tracks import without_file
from ingest.load.workout_sets import remove_sets
from ingest.transform.records import FILES

_PARTS: Final[tuple[tuple[Any, Mapping[str, str]], ...]] = (
    (Lap, {"source": "file"}),
    (TrackSession, {}),
    (SwimLength, {}),
)


@dataclass(slots=True)
class Removed:
    """Tracks of device files that were removed."""

    tracks: set[int] = field(default_factory=set)
    #: When streams of the API were found to be poorer than the file.
    compared: dict[int, datetime] = field(default_factory=dict)
    #: Activities whose streams wait in the queue now.
    asked: set[int] = field(default_factory=set)

    def add(self, other: Removed) -> None:
        """Add those of further activities."""
        self.tracks |= other.tracks
        self.compared |= other.compared


def remove_file_tracks(
    connection: sa.Connection, athlete_id: int, ids: Sequence[int], kept: Sequence[KnownExport]
) -> Removed:
    """Remove what device files gave activities, but for files of the exports that are kept."""
    names = sa.select(ImportFile.name).where(
        ImportFile.athlete_id == athlete_id,
        ImportFile.file_kind == "activity",
        dated_by(ImportFile.exported_at, kept),
    )
    with_file = sa.select(Track.activity_id, Track.source, Track.fetched_at).where(
        Track.activity_id.in_(ids), Track.file_name.is_not(None), Track.file_name.not_in(names)
    )
    # Loose files stay, also beside points of the API.
    loose = sa.select(LooseRecording.file_name).where(LooseRecording.athlete_id == athlete_id)
    rows = connection.execute(with_file.where(Track.file_name.not_in(loose))).all()
    own = _remove(connection, rows)
    compared = {row.activity_id: row.fetched_at for row in rows if row.source == "file"}
    return Removed(
        tracks=set(own), compared={i: when for i, when in compared.items() if when is not None}
    )


def remove_files_of(connection: sa.Connection, ids: Sequence[int]) -> None:
    """Remove what device files, of whatever source, gave some activities."""
    for some in chunks(ids):
        _remove(
            connection,
            connection.execute(
                sa.select(Track.activity_id, Track.source).where(
                    Track.activity_id.in_(some), Track.file_name.is_not(None)
                )
            ).all(),
        )


def _remove(connection: sa.Connection, rows: Sequence[Any]) -> list[int]:
    """Remove what files gave to rows of ``tracks``; returns those that had the files' points."""
    own = [row.activity_id for row in rows if row.source in FILES]
    every = [row.activity_id for row in rows]
    delete_points(connection, own)
    remove_derived(connection, own)
    remove_pauses(connection, own)
    for model, same in _PARTS:
        part = sa.delete(model).where(model.activity_id.in_(every))
        connection.execute(part.filter_by(**same))
    remove_sets(connection, every)
    connection.execute(sa.delete(Track).where(Track.activity_id.in_(own)))
    rest = sa.update(Track).where(Track.activity_id.in_(set(every) - set(own)))
    connection.execute(rest.values(**without_file()))
    return own


def give_back(connection: sa.Connection, removed: Removed) -> None:
    """Note of tracks that were read again what was known of them; no streams are asked for then."""
    for activity_id, when in removed.compared.items():
        row = sa.update(Track).where(Track.activity_id == activity_id, Track.source == "file")
        connection.execute(row.values(fetched_at=when))
    for some in chunks(sorted(removed.asked)):
        files = sa.select(Track.activity_id).where(
            Track.activity_id.in_(some), Track.source == "file"
        )
        waiting = sa.delete(QueueItem).where(
            QueueItem.activity_id.in_(files), QueueItem.item == "streams"
        )
        connection.execute(waiting)
