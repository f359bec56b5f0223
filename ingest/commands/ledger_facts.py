"""Reads what the database holds and what runs brought it, for ``status`` and the local page."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from db.models import (
    Activity,
    ActivityObservation,
    Athlete,
    Gear,
    ImportFile,
    ImportRun,
    Track,
)
from ingest.commands.api_facts import Facts, count_rows
from ingest.load import ledger
from ingest.load.loose_recordings import count_provisional

#: A run in the ledger that ended with an error.
_FAILED: Final = "failed"


def counts(connection: sa.Connection) -> Facts:
    """How many rows there are of what."""
    rows = partial(count_rows, connection)
    first, last = connection.execute(
        sa.select(sa.func.min(Activity.start_time_utc), sa.func.max(Activity.start_time_utc))
    ).one()
    points = connection.scalar(sa.select(sa.func.sum(Track.point_count))) or 0
    exported = sa.select(ActivityObservation.activity_id).where(
        ActivityObservation.source == "export"
    )
    return {
        "athletes": rows(Athlete),
        "activities": rows(Activity),
        # Those with negative ids come from loose device files.
        "only_from_api": rows(
            Activity, Activity.activity_id > 0, Activity.activity_id.not_in(exported)
        ),
        "only_from_files": count_provisional(connection),
        "vanished": rows(Activity, Activity.vanished_at.is_not(None)),
        "with_track": rows(Activity, Activity.has_track),
        "track_points": int(points),
        "gear": rows(Gear),
        "first_activity": first,
        "last_activity": last,
        "issues": ledger.count_issues(connection),
    }


def exports(connection: sa.Connection) -> list[Facts]:
    """The exports that were imported whole, the oldest first."""
    query = (
        sa.select(
            ImportFile.origin.label("name"),
            ImportFile.exported_at,
            ImportFile.row_count.label("activities"),
            ImportFile.athlete_id,
        )
        .where(ImportFile.file_kind == "export")
        .order_by(ImportFile.exported_at)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def runs(connection: sa.Connection) -> Facts:
    """The last run, and the last one that failed."""

    def last(*where: Any) -> Facts | None:
        columns = (ImportRun.started_at, ImportRun.status, ImportRun.version, ImportRun.error)
        query = sa.select(*columns).where(*where).order_by(ImportRun.run_id.desc()).limit(1)
        found = connection.execute(query).mappings().first()
        return None if found is None else dict(found)

    return {"last_run": last(), "last_failure": last(ImportRun.status == _FAILED)}
