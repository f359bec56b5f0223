"""Reads activities.csv; a few device files tell day from month where its dates do not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from ingest.errors import BadTable
from ingest.extract.archive import MAX_TABLE, Archive
from ingest.extract.export_files import ACTIVITIES
from ingest.run.export.file_reader import FileTask
from ingest.run.export.readers import Readers
from ingest.transform.records import WantedActivity
from ingest.transform.tables.activities import ActivityLine, ActivityTable, read_activities

#: So many device files are read to tell day from month.
_PEEKED: Final = 20


def activities_of(archive: Archive, readers: Readers) -> ActivityTable:
    """Read activities.csv; ``readers`` read a few device files where the dates alone do not tell
    day from month.

    Raises:
        IngestError: it is missing, too large or no table of activities.
    """
    member = archive.find(ACTIVITIES)
    if member is None:
        raise BadTable(
            archive.path.name, "has no activities.csv, so it is not a Strava account export"
        )
    data, origin = archive.read(member, MAX_TABLE), archive.origin(ACTIVITIES)
    table = read_activities(data, origin)
    if table.dates.is_doubtful and (starts := file_starts(archive, table.lines, readers)):
        return read_activities(data, origin, starts)
    return table


def file_starts(
    archive: Archive, lines: Iterable[ActivityLine], readers: Readers
) -> dict[int, datetime]:
    """When some activities started, by their smallest device files:
    enough to tell day from month.
    """
    named = [
        (member, line)
        for line in lines
        if line.filename and (member := archive.find(line.filename)) is not None
    ]
    smallest = sorted(named, key=lambda pair: pair[0].size)[:_PEEKED]
    tasks = [
        FileTask(member=member, wanted=(WantedActivity(line.activity_id),))
        for member, line in smallest
    ]
    # What is wrong with a file is told when it is read for its activity.
    found = [track for read in readers.read(archive, tasks) for track in read.tracks]
    starts = {track.activity_id: track.recording.start_time_utc for track in found}
    return {activity_id: start for activity_id, start in starts.items() if start is not None}
