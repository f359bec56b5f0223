"""Writes batches of activities, tracks, points, laps and ledger rows, one transaction each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from db.bulk import delete_points, write_points
from db.models import Activity, Lap, SwimLength, Track, TrackSession
from db.upsert import upsert
from ingest.load import ledger, observations, sync_state
from ingest.load.activity_rows import insert_of_activities
from ingest.load.derived import write_derived
from ingest.load.device_figures import write_pauses
from ingest.load.gear import GearBook
from ingest.load.marts import outdate
from ingest.load.tracks import stays, track_row
from ingest.load.workout_sets import write_file_sets
from ingest.transform.activity_track import ActivityTrack
from ingest.transform.merge import merge_observations
from ingest.transform.records import FILES, Issue, Observation, Recording

_COLUMNS: Final = tuple(c.name for c in Activity.__table__.columns)
#: Table -> field of ``Recording`` that holds its rows, and what tells them from those of the API.
_PARTS: Final[Mapping[Any, tuple[str, Mapping[str, str]]]] = {
    Lap: ("laps", {"source": "file"}),
    TrackSession: ("sessions", {}),
    SwimLength: ("lengths", {}),
}
_OF_OTHERS: Final = frozenset({"has_track", "vanished_at", "gear_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityWrite:
    """What is new about one activity."""

    activity_id: int
    observations: tuple[Observation, ...] = ()
    track: ActivityTrack | None = None
    #: Issues that replace the activity's stored ones; ``None`` leaves those as they are.
    issues: tuple[Issue, ...] | None = None


@dataclass(slots=True)
class Batch:
    """Activities and ledger rows of one transaction."""

    activities: list[ActivityWrite] = field(default_factory=list)
    files: list[Mapping[str, Any]] = field(default_factory=list)
    points: int = 0

    def add(self, activity: ActivityWrite) -> None:
        """Add an activity to the batch."""
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
            outdate(connection, ids)
            self._activities(connection, batch.activities, ids)
            outdate(connection, ids)
            batch.points -= self._tracks(connection, batch.activities)
            judged = [a for a in batch.activities if a.issues is not None]
            ledger.forget_issues(connection, self.athlete_id, ids=[a.activity_id for a in judged])
            issues = [issue for a in judged for issue in a.issues or ()]
            ledger.add_issues(connection, self.run_id, self.athlete_id, self.origin, issues)
        ledger.remember_files(connection, batch.files)
        sync_state.mark_unsettled(connection, self.athlete_id)

    def _activities(
        self, connection: sa.Connection, writes: Sequence[ActivityWrite], ids: Sequence[int]
    ) -> None:
        known = observations.stored(connection, ids)
        with_points = sa.select(Track.activity_id, Track.source).where(
            Track.activity_id.in_(ids), Track.point_count > 0
        )
        sources = {row.activity_id: row.source for row in connection.execute(with_points)}
        rows = []
        for write in writes:
            row = merge_observations([*known.get(write.activity_id, ()), *write.observations])
            rows.append(self._row(row, _has_points(write.track, sources.get(write.activity_id))))
        upsert(connection, Activity, rows, keep=("vanished_at",))
        observations.store(connection, (seen for write in writes for seen in write.observations))

    def _row(self, folded: Mapping[str, Any], has_track: bool) -> dict[str, Any]:
        row = {name: folded.get(name) for name in _COLUMNS if name not in _OF_OTHERS}
        row["gear_id"] = self.gear.resolve(folded)
        row["has_track"] = has_track
        row["vanished_at"] = None
        return row

    def _tracks(self, connection: sa.Connection, writes: Sequence[ActivityWrite]) -> int:
        """Write tracks, but not points poorer than the stored ones; returns how many those were."""
        tracks = [write.track for write in writes if write.track is not None]
        if not tracks:
            return 0
        some = Track.activity_id.in_([track.activity_id for track in tracks])
        held = {
            row.activity_id: row
            for row in connection.execute(sa.select(Track.__table__).where(some))
        }
        fresh = {t.activity_id: t for t in tracks if not stays(held.get(t.activity_id), t)}
        delete_points(connection, [i for i in fresh if i in held])
        upsert(connection, Track, [track_row(t, held.get(t.activity_id)) for t in tracks])
        self._parts(connection, [(t.activity_id, t.recording) for t in tracks if t.source in FILES])
        write_pauses(connection, {i: t.recording for i, t in fresh.items()}, held)
        write_derived(connection, [(i, t.derived) for i, t in fresh.items()], replaced=held)
        write_points(
            connection,
            [(i, t.recording.points) for i, t in fresh.items() if t.recording.point_count],
        )
        return sum(t.recording.point_count for t in tracks if t.activity_id not in fresh)

    def _parts(self, connection: sa.Connection, files: Sequence[tuple[int, Recording]]) -> None:
        """Replace laps, sessions and lengths by those of device files.

        This happens even if the richer points are the API's.
        """
        if not files:
            return
        # A device file's laps replace the API's; a file without laps leaves them.
        with_laps = [i for i, recording in files if recording.laps]
        connection.execute(
            sa.delete(Lap).where(Lap.activity_id.in_(with_laps), Lap.source == "api")
        )
        ids = [i for i, _ in files]
        for model, (name, own) in _PARTS.items():
            old = sa.delete(model).where(model.activity_id.in_(ids))
            connection.execute(old.filter_by(**own))
            rows = [(i, getattr(recording, name)) for i, recording in files]
            insert_of_activities(connection, model, own, rows)
        write_file_sets(connection, dict(files))


def _has_points(track: ActivityTrack | None, held: str | None) -> bool:
    """Whether there are points once a track is written; ``held`` is the source of stored ones."""
    if track is None:
        return held is not None
    return track.recording.point_count > 0 or (track.source in FILES and held == "api")
