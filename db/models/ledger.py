"""Defines the ledger: what was read, when, from where, and what could not be read.

It also keeps what each source says of each activity.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from db.models.base import (
    Base,
    big,
    column,
    flag,
    key,
    real,
    refers,
    surrogate,
    text,
    utc,
    whole,
    word,
)


class ImportRun(Base):
    """One run of the importer."""

    __tablename__ = "import_runs"
    __table_args__ = {"comment": "One row per run of the importer"}

    run_id: Mapped[int] = surrogate("Key of this database")
    started_at: Mapped[datetime] = utc("Start", nullable=False)
    finished_at: Mapped[datetime | None] = utc("End; empty when the run was killed")
    status: Mapped[str] = word("running, done or failed", nullable=False)
    version: Mapped[str] = word("Version of strava-ingest", nullable=False)
    activities_new: Mapped[int | None] = whole("Activities seen for the first time")
    activities_changed: Mapped[int | None] = whole("Activities with new data or a new file")
    activities_unchanged: Mapped[int | None] = whole("Activities without changes")
    activities_vanished: Mapped[int | None] = whole(
        "Activities missing in a newer export, or in two complete lists of the API in a row"
    )
    files_read: Mapped[int | None] = whole("Device files read")
    points_written: Mapped[int | None] = big("Track points written")
    issues: Mapped[int | None] = whole("Inputs that could not be read whole")
    seconds: Mapped[float | None] = real("Duration in seconds")
    api_requests: Mapped[int | None] = whole("Requests to the Strava API")
    queue_left: Mapped[int | None] = whole("Requests to the Strava API that were left to make")
    resume_at: Mapped[datetime | None] = utc(
        "When the API's limits let the next run continue; empty if they did not stop this one"
    )
    error: Mapped[str | None] = text("Why the run failed")


class ImportFile(Base):
    """One input: an export, a CSV or a device file."""

    __tablename__ = "import_files"
    __table_args__ = (
        sa.UniqueConstraint("athlete_id", "file_kind", "name"),
        # Each run asks for the exports of all athletes, which are few among their device files.
        sa.Index(None, "file_kind"),
        {"comment": "One row per input (export, CSV or device file) as it was last read"},
    )

    file_id: Mapped[int] = surrogate("Key of this database")
    athlete_id: Mapped[int] = big("Whose export it belongs to", nullable=False)
    file_kind: Mapped[str] = word(
        "export, table, activity or loose (a device file of no export); source for a place that "
        "`fleet` has imported an export from; forgotten or forgotten-loose for an export or a "
        "loose file that is not to be imported again",
        nullable=False,
    )
    name: Mapped[str] = word(
        "Path in the export or in the drop folder; for an export its name and a hash of its "
        "directory; for a source its path or URL",
        nullable=False,
    )
    origin: Mapped[str] = word("ZIP or folder it was read from", nullable=False)
    exported_at: Mapped[datetime] = utc(
        "Date of that export, or time of a loose file", nullable=False
    )
    size_bytes: Mapped[int | None] = big("Size")
    crc32: Mapped[int | None] = big("CRC-32 of the bytes")
    modified_at: Mapped[datetime | None] = utc("Modification time of a file in an unpacked folder")
    activity_ids: Mapped[str | None] = text(
        "Ids of the activities whose rows name this device file; provisional ones of a loose file"
    )
    content_hash: Mapped[str | None] = word(
        "For an export, hash of its contents, equal for all copies, packed or not; for a device "
        "file, hash of its unpacked bytes; for a source, what tells this version (an etag)"
    )
    file_format: Mapped[str | None] = word("fit, gpx, tcx, csv, zip or folder")
    parser_version: Mapped[int | None] = whole("Version of the parser that read it")
    status: Mapped[str] = word("read, partial, failed, ignored or missing", nullable=False)
    row_count: Mapped[int | None] = whole("Points, rows or activities read")
    run_id: Mapped[int] = refers(
        sa.Integer, "import_runs.run_id", "The run that read it", nullable=False
    )


class ImportIssue(Base):
    """An input that could not be read whole, or was corrected."""

    __tablename__ = "import_issues"
    __table_args__ = (
        sa.Index(None, "athlete_id", "name"),
        {
            "comment": "One row per input that could not be read whole, or was corrected, and why; "
            "removed once it can be read"
        },
    )

    issue_id: Mapped[int] = surrogate("Key of this database")
    athlete_id: Mapped[int] = big("Whose export it belongs to", nullable=False)
    origin: Mapped[str] = word("ZIP or folder it was found in", nullable=False)
    name: Mapped[str] = word("The input: path in the export", nullable=False)
    activity_id: Mapped[int | None] = big("The activity that lacks this input", index=True)
    kind: Mapped[str] = word(
        "missing, missing-track, corrupt, partial, corrected, duplicate, empty, unsupported, "
        "too-large, "
        "table, unknown ...",
        nullable=False,
    )
    reason: Mapped[str] = text("What is wrong, as a sentence", nullable=False)
    found_at: Mapped[datetime] = utc("When it was found", nullable=False)
    run_id: Mapped[int] = refers(
        sa.Integer, "import_runs.run_id", "The run that found it", nullable=False
    )


class ActivityObservation(Base):
    """What one source says of one activity; only the newest observation of each source is kept."""

    __tablename__ = "activity_observations"
    __table_args__ = (
        sa.Index(None, "athlete_id", "source"),
        {
            "comment": "What each source says of an activity, the newest observation of each; the "
            "row of activities is merged from these"
        },
    )

    activity_id: Mapped[int] = key(
        sa.BigInteger, "The activity", sa.ForeignKey("activities.activity_id")
    )
    source: Mapped[str] = column(
        sa.String, "export, file, loose_file, api_summary or api_detail", primary_key=True
    )
    athlete_id: Mapped[int] = big("Whose activity it is", nullable=False)
    observed_at: Mapped[datetime] = utc(
        "Date of the export, time of the API's answer, or end of a loose file's recording",
        nullable=False,
    )
    digest: Mapped[str | None] = word(
        "Hash of what it was read from: the row of activities.csv, or the API's answer without its "
        "counters"
    )
    payload: Mapped[str] = text(
        "JSON: fields by column name, unknown columns, and the API's answer", nullable=False
    )


class QueueItem(Base):
    """One request that the API half still has to make."""

    __tablename__ = "sync_queue"
    __table_args__ = {"comment": "One row per request to the Strava API that is still to be made"}

    activity_id: Mapped[int] = key(
        sa.BigInteger, "The activity", sa.ForeignKey("activities.activity_id")
    )
    item: Mapped[str] = column(sa.String, "detail or streams", primary_key=True)
    athlete_id: Mapped[int] = big("Whose activity it is", nullable=False)
    priority: Mapped[int] = whole(
        "0 for new and changed activities, 1 for those that --enrich asks for", nullable=False
    )
    start_time_utc: Mapped[datetime | None] = utc("Start of the activity; the newest comes first")
    queued_at: Mapped[datetime] = utc("When it was put into the queue", nullable=False)
    failed_days: Mapped[int] = whole("Days on which it failed", nullable=False)
    failed_at: Mapped[datetime | None] = utc("When it failed last")
    error: Mapped[str | None] = text("Why it failed last")
    is_parked: Mapped[bool] = flag(
        "Given up until the activity changes; import_issues says why", nullable=False
    )


class PurgedActivity(Base):
    """An activity whose API data was removed on purpose."""

    __tablename__ = "purged_activities"
    __table_args__ = {
        "comment": "One row per activity whose API data was purged; it is not fetched again unless "
        "asked for"
    }

    activity_id: Mapped[int] = key(sa.BigInteger, "The activity")
    athlete_id: Mapped[int] = big("Whose activity it is", nullable=False)
    purged_at: Mapped[datetime] = utc("When its API data was purged", nullable=False)
    seen_at: Mapped[datetime | None] = utc(
        "When the API last listed it, so that it does not count as vanished"
    )


class SyncState(Base):
    """What a run must remember."""

    __tablename__ = "sync_state"
    __table_args__ = {"comment": "Values that the importer keeps between runs, by name"}

    name: Mapped[str] = key(sa.String, "Name of the value")
    value: Mapped[str | None] = text("The value")


class DataDictionary(Base):
    """What every column means."""

    __tablename__ = "data_dictionary"
    __table_args__ = {"comment": "The meaning and unit of every table and column of this database"}

    table_name: Mapped[str] = key(sa.String, "Table or view")
    column_name: Mapped[str] = key(sa.String, "Column; empty for the table itself")
    unit: Mapped[str | None] = word("Unit")
    description: Mapped[str | None] = text("Meaning")
