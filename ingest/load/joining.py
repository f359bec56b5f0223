"""Moves what loose recordings told, and their points, to the activities that they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from db.batches import chunks
from db.bulk import delete_points
from db.models import (
    Activity,
    ActivityObservation,
    Lap,
    LooseRecording,
    SwimLength,
    Track,
    TrackPause,
    TrackPoint,
    TrackSession,
    WorkoutSet,
)
from db.upsert import upsert
from ingest import clock
from ingest.load.api_again import ask_for_streams, details_again
from ingest.load.derived import COMPUTED, remove_derived
from ingest.load.device_figures import remove_pauses
from ingest.load.forget_tracks import remove_files_of
from ingest.load.loose_recordings import loose_observation, read_again
from ingest.load.marts import outdate
from ingest.load.refold import delete_activities, fold_again, write_again
from ingest.load.tracks import beside_streams
from ingest.load.writer import ActivityWrite, Batch

#: Tables that a device file fills whether its points are used or not.
_PARTS: Final[tuple[tuple[Any, Mapping[str, str]], ...]] = (
    (Lap, {"source": "file"}),
    (TrackSession, {}),
    (SwimLength, {}),
    (WorkoutSet, {"source": "file"}),
)
#: Tables that hold the points and what follows from them.
_OF_POINTS: Final[tuple[tuple[Any, Mapping[str, str]], ...]] = (
    (TrackPoint, {}),
    (TrackPause, {}),
    *((model, same) for model, (_, same) in COMPUTED.items()),
)


def move_recordings(
    connection: sa.Connection, athlete_id: int, wanted: Mapping[int, int], run_id: int
) -> None:
    """Move the athlete's recordings to where they are ``wanted``: recording -> activity.

    A recording that is wanted nowhere leaves where it is. Activities of which nothing is left are
    deleted. Files whose points were given up before, and are wanted now, are noted to be read
    again.
    """
    places_now = sa.select(LooseRecording.provisional_id, LooseRecording.activity_id)
    rows = connection.execute(places_now.where(LooseRecording.athlete_id == athlete_id))
    moved = {i: place for i, place in rows if place != wanted.get(i)}
    told = sa.select(ActivityObservation.activity_id).where(
        ActivityObservation.athlete_id == athlete_id, ActivityObservation.source == "loose_file"
    )
    told_of = set(connection.scalars(told))
    for some in chunks(sorted(moved)):
        query = sa.select(LooseRecording.__table__).where(LooseRecording.provisional_id.in_(some))
        for recording in connection.execute(query).all():
            target = wanted.get(recording.provisional_id)
            if target is not None:
                _move(connection, recording, target, run_id)
                told_of.add(target)
    left = sorted(told_of - set(wanted.values()))
    for some in chunks(left):
        take_back(connection, athlete_id, some, run_id)
    ask_for_streams(connection, athlete_id, _without_track(connection, left), clock.now())
    places = [{"id": i, "place": wanted.get(i)} for i in sorted(moved)]
    if places:
        one = sa.update(LooseRecording).where(LooseRecording.provisional_id == sa.bindparam("id"))
        connection.execute(one.values(activity_id=sa.bindparam("place")), places)


def _without_track(connection: sa.Connection, ids: Sequence[int]) -> set[int]:
    """Those of these activities that have no track, and were recorded."""
    found: set[int] = set()
    for some in chunks(ids):
        tracked = sa.select(Track.activity_id).where(Track.activity_id == Activity.activity_id)
        query = sa.select(Activity.activity_id).where(
            Activity.activity_id.in_(some),
            ~tracked.exists(),
            sa.func.coalesce(Activity.is_manual, False).is_(False),
        )
        found |= set(connection.scalars(query))
    return found


def _move(connection: sa.Connection, recording: Any, target: int, run_id: int) -> None:
    """Move a recording to another activity, which is made if it is the recording's own."""
    held = _track(connection, target)
    if held is not None and held.source == "loose_file":
        remove_files_of(connection, [target])
        held = None
    seen = loose_observation(recording, target)
    _write(
        connection,
        recording.athlete_id,
        ActivityWrite(activity_id=target, observations=(seen,)),
        run_id,
    )
    place = recording.activity_id
    track = None if place is None else _track(connection, place)
    if (
        track is not None
        and track.source == "loose_file"
        and track.file_name == recording.file_name
    ):
        outdate(connection, [place])
        _move_track(connection, track, held, target)
        _write(connection, recording.athlete_id, ActivityWrite(activity_id=target), run_id)
    elif recording.point_count:
        read_again(connection, [recording.content_hash])


def _move_track(connection: sa.Connection, track: Any, held: Any | None, target: int) -> None:
    """Move the parts of a track, and the points if they are richer than the API's that are held."""
    place, row = track.activity_id, {**track._mapping, "activity_id": target}
    if row["is_time_naive"]:
        start = sa.select(Activity.start_time_utc).where(Activity.activity_id == target)
        row["start_time_utc"] = connection.scalar(start) or row["start_time_utc"]
    if held is not None:
        row = beside_streams(row, held)
    is_richer = row["source"] == "loose_file"
    _delete_points_of(connection, target if is_richer else place)
    upsert(connection, Track, [row])
    if is_richer:
        _rename(connection, _OF_POINTS, place, target)
    laps = sa.select(Lap.activity_id).where(Lap.activity_id == place, Lap.source == "file")
    if connection.scalar(laps.limit(1)) is not None:  # a device file's laps replace the API's
        connection.execute(sa.delete(Lap).where(Lap.activity_id == target, Lap.source == "api"))
    told = sa.select(WorkoutSet.activity_id).where(WorkoutSet.activity_id == target)
    has_sets = connection.scalar(told.limit(1)) is not None
    _rename(connection, _PARTS[:-1] if has_sets else _PARTS, place, target)
    connection.execute(sa.delete(Track).where(Track.activity_id == place))


def _rename(
    connection: sa.Connection,
    tables: Sequence[tuple[Any, Mapping[str, str]]],
    place: int,
    target: int,
) -> None:
    for model, same in tables:
        row = sa.update(model.__table__).where(model.__table__.c.activity_id == place)
        for name, value in same.items():
            row = row.where(model.__table__.c[name] == value)
        connection.execute(row.values(activity_id=target))


def _delete_points_of(connection: sa.Connection, activity_id: int) -> None:
    delete_points(connection, [activity_id])
    remove_derived(connection, [activity_id])
    remove_pauses(connection, [activity_id])


def take_back(connection: sa.Connection, athlete_id: int, ids: Sequence[int], run_id: int) -> None:
    """Remove what loose files told of activities that have a better source, or are none."""
    outdate(connection, ids)
    own = [i for i in ids if i < 0]
    delete_activities(connection, own)
    others = [i for i in ids if i > 0]
    seen = ActivityObservation
    connection.execute(
        sa.delete(seen).where(seen.activity_id.in_(others), seen.source == "loose_file")
    )
    with_file = sa.select(seen.activity_id).where(
        seen.activity_id.in_(others), seen.source == "file"
    )
    remove_files_of(connection, sorted(set(others) - set(connection.scalars(with_file))))
    fold_again(connection, athlete_id, others, run_id)
    for _ in details_again(
        connection, athlete_id, others
    ):  # the file's laps had replaced the API's
        pass  # no device file names gear


def _track(connection: sa.Connection, activity_id: int) -> Any | None:
    query = sa.select(Track.__table__).where(Track.activity_id == activity_id)
    return connection.execute(query).first()


def _write(connection: sa.Connection, athlete_id: int, write: ActivityWrite, run_id: int) -> None:
    batch = Batch()
    batch.add(write)
    write_again(connection, athlete_id, batch, run_id)
