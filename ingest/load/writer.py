"""Batches of activities in, rows of activities, tracks, points, laps and the ledger out, one transaction each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from db.bulk import delete_points, insert_rows, write_points
from db.models import Activity, Lap, SwimLength, Track, TrackSession
from db.upsert import upsert
from ingest.derived import NOTHING, Derived
from ingest.load import ledger, observations
from ingest.load.derived import OF_TRACK, of_track, write_derived
from ingest.load.gear import GearBook
from ingest.load.workout_sets import write_file_sets
from ingest.merge import fold
from ingest.rows import Issue, Observation, Recording, as_dict

_COLUMNS: Final = tuple(c.name for c in Activity.__table__.columns)
_OF_OTHERS: Final = frozenset({"has_track", "vanished_at", "gear_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackWrite:
    """A recording, and the file (or the streams of the API) it comes from."""

    recording: Recording
    file_name: str | None
    parser_version: int | None
    source: str = "file"
    #: When streams were fetched.
    fetched_at: datetime | None = None
    derived: Derived = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityWrite:
    """What is new of one activity."""

    activity_id: int
    observations: tuple[Observation, ...] = ()
    track: TrackWrite | None = None
    #: What is wrong with its inputs now, in place of what was; ``None`` leaves that as it is.
    issues: tuple[Issue, ...] | None = None


@dataclass(slots=True)
class Batch:
    """Activities and ledger rows of one transaction."""

    activities: list[ActivityWrite] = field(default_factory=list)
    files: list[Mapping[str, Any]] = field(default_factory=list)
    points: int = 0

    def add(self, activity: ActivityWrite) -> None:
        """Put an activity into the batch."""
        self.activities.append(activity)
        if activity.track is not None:
            self.points += activity.track.recording.point_count


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes batches of one athlete's export, or of the API's answers."""

    athlete_id: int
    origin: str
    run_id: int
    gear: GearBook

    def write(self, connection: sa.Connection, batch: Batch) -> None:
        """Write a batch inside the caller's transaction."""
        ids = [a.activity_id for a in batch.activities]
        if ids:
            ledger.mark_stale(connection)
            self._activities(connection, batch.activities, ids)
            self._tracks(connection, [a for a in batch.activities if a.track is not None])
            judged = [a for a in batch.activities if a.issues is not None]
            ledger.forget_issues(connection, self.athlete_id, ids=[a.activity_id for a in judged])
            issues = [issue for a in judged for issue in a.issues or ()]
            ledger.add_issues(connection, self.run_id, self.athlete_id, self.origin, issues)
        ledger.remember_files(connection, batch.files)
        ledger.mark_unsettled(connection, self.athlete_id)

    def _activities(self, connection: sa.Connection, writes: Sequence[ActivityWrite], ids: Sequence[int]) -> None:
        known = observations.stored(connection, ids)
        with_points = sa.select(Track.activity_id, Track.source).where(
            Track.activity_id.in_(ids), Track.point_count > 0
        )
        sources = {row.activity_id: row.source for row in connection.execute(with_points)}
        rows = []
        for write in writes:
            row = fold([*known.get(write.activity_id, ()), *write.observations])
            rows.append(self._row(row, _has_points(write.track, sources.get(write.activity_id))))
        upsert(connection, Activity, rows, keep=("vanished_at",))
        observations.store(connection, (seen for write in writes for seen in write.observations))

    def _row(self, folded: Mapping[str, Any], has_track: bool) -> dict[str, Any]:
        row = {name: folded.get(name) for name in _COLUMNS if name not in _OF_OTHERS}
        row["gear_id"] = self.gear.resolve(folded)
        row["has_track"] = has_track
        row["vanished_at"] = None
        return row

    def _tracks(self, connection: sa.Connection, writes: Sequence[ActivityWrite]) -> None:
        if not writes:
            return
        some = Track.activity_id.in_([w.activity_id for w in writes])
        held = {row.activity_id: row for row in connection.execute(sa.select(Track.__table__).where(some))}
        replaced = list(held)
        # A file without points (a treadmill's) has laps to give, and nothing to replace the API's points with.
        kept = {w.activity_id for w in writes if _keeps_streams(w, held.get(w.activity_id))}
        if replaced:
            delete_points(connection, [i for i in replaced if i not in kept])
            for model in (Lap, TrackSession, SwimLength):
                old = sa.delete(model).where(model.__table__.c.activity_id.in_(replaced))
                connection.execute(old if model is not Lap else old.where(Lap.source == "file"))
        pairs = [(w.activity_id, w.track) for w in writes if w.track is not None]
        # A device file's laps replace the API's; a file without any leaves those.
        with_laps = [i for i, track in pairs if track.recording.laps]
        connection.execute(sa.delete(Lap).where(Lap.activity_id.in_(with_laps), Lap.source == "api"))
        upsert(connection, Track, [_track_row(i, t) | (_of_streams(held[i]) if i in kept else {}) for i, t in pairs])
        insert_rows(
            connection,
            Lap,
            [{"activity_id": i, "source": t.source, **as_dict(x)} for i, t in pairs for x in t.recording.laps],
        )
        insert_rows(
            connection, TrackSession, [{"activity_id": i, **as_dict(x)} for i, t in pairs for x in t.recording.sessions]
        )
        insert_rows(
            connection, SwimLength, [{"activity_id": i, **as_dict(x)} for i, t in pairs for x in t.recording.lengths]
        )
        write_file_sets(connection, {i: t.recording for i, t in pairs if t.source == "file"})
        write_derived(connection, [(i, t.derived) for i, t in pairs if i not in kept], replaced=held)
        write_points(connection, [(i, t.recording.points) for i, t in pairs if t.recording.point_count])


def _has_points(track: TrackWrite | None, held: str | None) -> bool:
    """Whether there are points once a track is written; ``held`` is the source of those there are."""
    if track is None:
        return held is not None
    return track.recording.point_count > 0 or (track.source == "file" and held == "api")


def _keeps_streams(write: ActivityWrite, held: Any | None) -> bool:
    if write.track is None or held is None or write.track.recording.point_count:
        return False
    return write.track.source == "file" and held.source == "api" and held.point_count > 0


def _of_streams(held: Any) -> dict[str, Any]:
    """What stays of a track of the API that a file without points describes further."""
    return {name: getattr(held, name) for name in ("source", "point_count", "start_time_utc", "fetched_at", *OF_TRACK)}


def _track_row(activity_id: int, track: TrackWrite) -> dict[str, Any]:
    recording = track.recording
    return {
        "activity_id": activity_id,
        "source": track.source,
        "file_name": track.file_name,
        "file_format": recording.format,
        "start_time_utc": recording.start_time_utc,
        "point_count": recording.point_count,
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
        **of_track(track.derived),
    }
