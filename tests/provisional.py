"""Adds activities that only device files tell of, whose ids are provisional and so negative."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from db.models import ImportRun
from ingest.load.gear import GearBook
from ingest.load.marts import refill_stale
from ingest.load.writer import ActivityWrite, Batch, Writer
from ingest.transform.activity_track import ActivityTrack
from ingest.transform.derived import Told, Zones, derive
from ingest.transform.parsers import parse
from ingest.transform.records import Issue, Observation
from tests.builders import gpx_activity

#: The smallest id that a device file can get, for it must be exact as a float.
SMALLEST = 1 - 2**53
IDS = (SMALLEST, -1)


def add_provisional(
    engine: sa.Engine,
    activity_id: int,
    *,
    athlete_id: int = 77,
    start: datetime = datetime(2026, 1, 20, 7, tzinfo=UTC),
    points: int = 60,
    name: str = "From the watch",
) -> None:
    """Write a run of a device file that is cut off, by the importer's writer; refill the marts."""
    recording = parse(gpx_activity(points, start=start), "watch.gpx")
    derived = derive(
        recording.points,
        sport_type="Run",
        zones=Zones(),
        start_time_utc=recording.start_time_utc,
        told=Told(file_format=recording.format, figures=recording.figures),
    )
    fields = {
        "name": name,
        "sport_type": "Run",
        "start_time_utc": start,
        "elapsed_time_s": float(points),
    }
    seen = Observation(
        activity_id=activity_id,
        athlete_id=athlete_id,
        source="file",
        observed_at=start,
        fields=fields,
    )
    track = ActivityTrack(
        activity_id=activity_id, recording=recording, derived=derived, file_name="watch.gpx"
    )
    with engine.begin() as connection:
        run_id = connection.scalar(sa.select(sa.func.max(ImportRun.run_id))) or 0
        gear = GearBook(connection, athlete_id)
        writer = Writer(athlete_id=athlete_id, origin="watch.gpx", run_id=run_id, gear=gear)
        batch = Batch()
        issue = Issue(origin="watch.gpx", kind="partial", reason="cut", activity_id=activity_id)
        write = ActivityWrite(
            activity_id=activity_id, observations=(seen,), track=track, issues=(issue,)
        )
        batch.add(write)
        writer.write(connection, batch)
    refill_stale(engine)
