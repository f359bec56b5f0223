"""Writes sets of strength workouts; an export's sets replace those of a device file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from db.batches import chunks
from db.bulk import insert_rows
from db.models import WorkoutSet
from ingest.load.small_tables import Rows, of_export
from ingest.transform.records import Recording, SetRow


def replace_workout_sets(
    connection: sa.Connection, athlete_id: int, exported_at: datetime, rows: Rows
) -> None:
    """Replace the strength sets that the export tells; they also replace those of a device file.

    Sets of activities that are not in the export are left out.
    """
    present = of_export(athlete_id, exported_at)
    own = set(connection.scalars(present))
    kept = [{**row, "source": "export"} for row in rows if row["activity_id"] in own]
    told = sa.delete(WorkoutSet).where(
        WorkoutSet.activity_id.in_(present), WorkoutSet.source == "export"
    )
    connection.execute(told)
    remove_sets(connection, sorted({row["activity_id"] for row in kept}))
    insert_rows(connection, WorkoutSet, kept)


def remove_sets(connection: sa.Connection, activity_ids: Sequence[int]) -> None:
    """Remove the sets that come from device files of some activities."""
    for some in chunks(activity_ids):
        mine = sa.delete(WorkoutSet).where(
            WorkoutSet.activity_id.in_(some), WorkoutSet.source == "file"
        )
        connection.execute(mine)


def write_file_sets(connection: sa.Connection, recordings: Mapping[int, Recording]) -> None:
    """Replace the sets of device files, for activities whose sets no export tells."""
    remove_sets(connection, list(recordings))
    with_sets = [i for i, recording in recordings.items() if recording.sets]
    told: set[int] = set()
    for some in chunks(with_sets):
        told |= set(
            connection.scalars(
                sa.select(WorkoutSet.activity_id).where(WorkoutSet.activity_id.in_(some))
            )
        )
    rows = [
        _file_set(i, one, recordings[i].start_time_utc)
        for i in with_sets
        if i not in told
        for one in recordings[i].sets
    ]
    insert_rows(connection, WorkoutSet, rows)


def _file_set(activity_id: int, row: SetRow, start: datetime | None) -> dict[str, Any]:
    began = row.start_time_utc
    return {
        "activity_id": activity_id,
        "set_index": row.set_index,
        "exercise_name": row.exercise_name,
        "repetitions": row.repetitions,
        "duration_s": row.duration_s,
        "weight_kg": row.weight_kg,
        "start_offset_s": None
        if start is None or began is None
        else (began - start).total_seconds(),
        "source": "file",
    }
