"""Brings the database up to date with one export.

First comes the diff, then small tables, then batches of activities, and last the ledger's note that
the export is done.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from db.references import references_put_off
from ingest.extract.archive import Archive
from ingest.extract.drop_folder import Export
from ingest.extract.export_files import as_issue
from ingest.load import observations
from ingest.load.reconcile import reconcile
from ingest.load.writer import ActivityWrite, Batch, TrackWrite, Writer
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.export.diff import (
    ExportDiff,
    PlannedActivity,
    diff_export,
    digest,
    observation,
    refuse_absurd,
)
from ingest.run.export.file_diff import joined_ids
from ingest.run.export.file_reader import ActivityRecording, FileRead
from ingest.run.export.readers import Readers, within
from ingest.run.export.tables import Surroundings
from ingest.transform.records import Issue, Observation
from ingest.transform.tables.activities import ActivityTable

log = logging.getLogger(__name__)

#: Most activities of a transaction, and the number of points at which it is closed.
_BATCH_ACTIVITIES: Final = 200
_BATCH_POINTS: Final = 150_000
_BATCH_CONFIRMED: Final = 10_000
#: Bytes of device files from which on it pays to put off PostgreSQL's check of references.
_MANY_BYTES: Final = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportImport:
    """The import of one export into one database."""

    engine: sa.Engine
    export: Export
    athlete_id: int
    archive: Archive
    table: ActivityTable
    surroundings: Surroundings
    run_id: int
    readers: Readers
    report: Report
    progress: Progress
    home: str | None
    accept_vanished: bool
    max_bytes: int
    _recordings: dict[int, FileRead] = field(default_factory=dict)

    def run(self) -> None:
        """Import the export; every transaction leaves a database that the next run can go
        on from.
        """
        with self.engine.begin() as connection:
            gear = self.surroundings.begin(connection)
        with self.engine.connect() as connection:
            diff = diff_export(
                connection, self.archive, self.table.lines, self.athlete_id, self.export.exported_at
            )
        refuse_absurd(diff, self.archive, self.max_bytes)
        count_diff(self.report, diff)
        writer = Writer(
            athlete_id=self.athlete_id, origin=self.export.name, run_id=self.run_id, gear=gear
        )
        size = sum(t.member.size for t in diff.tasks)
        self.progress.files(self.export.name, len(diff.tasks), size)
        with references_put_off(self.engine) if size > _MANY_BYTES else nullcontext():
            for batch, unchanged in self._batches(diff):
                digests = {p.line.activity_id: digest(p.line) for p in unchanged if p.is_reworded}
                with self.engine.begin() as connection:
                    ids = [p.line.activity_id for p in unchanged]
                    written = {a.activity_id for a in batch.activities}
                    for again in observations.overtakes(connection, ids, self.export.exported_at):
                        if again not in written:
                            batch.add(ActivityWrite(activity_id=again))
                    observations.confirm(connection, ids, self.export.exported_at, digests)
                    writer.write(connection, batch)
                self.report.points_written += batch.points
        with self.engine.begin() as connection:
            self.surroundings.finish(connection, gear)
            settled = reconcile(connection, self.athlete_id, self.home, self.accept_vanished)
        self.report.vanished |= settled.vanished
        note_held_back(self.report, self.athlete_id, settled.held_back)

    def _batches(self, diff: ExportDiff) -> Iterator[tuple[Batch, list[PlannedActivity]]]:
        """Transactions in the order of activity ids, with the activities whose facts this export
        only confirms.
        """
        reads = within(
            self.readers.read(self.archive, diff.tasks), self.max_bytes, self.export.name
        )
        batch, unchanged = Batch(), list[PlannedActivity]()
        for planned in diff.activities:
            if planned.state == "unchanged":
                unchanged.append(planned)
            if planned.is_write:
                self._into(batch, planned, reads)
            if (
                batch.points >= _BATCH_POINTS
                or len(batch.activities) >= _BATCH_ACTIVITIES
                or len(unchanged) >= _BATCH_CONFIRMED
            ):
                yield batch, unchanged
                batch, unchanged = Batch(), []
        yield batch, unchanged

    def _into(self, batch: Batch, planned: PlannedActivity, reads: Iterator[FileRead]) -> None:
        line, issue = planned.line, planned.issue
        seen: list[Observation] = []
        issues: tuple[Issue, ...] = () if issue is None else (issue,)
        if planned.state in ("new", "changed"):
            seen.append(observation(line, self.athlete_id, self.export.exported_at))
        read = self._read(planned, batch, reads)
        track = None
        if read is not None and read.error is None:
            found = next(r for r in read.recordings if r.activity_id == line.activity_id)
            track = TrackWrite(
                recording=found.recording,
                file_name=read.task.member.name,
                parser_version=read.version,
                derived=found.derived,
            )
            seen.append(self._file_observation(line.activity_id, found.fields))
            issues = tuple(_told(found, self.archive.origin(read.task.member.name))) or issues
        elif read is not None and read.error is not None:
            # An unreadable file is no issue of an activity that has its track already.
            issues = () if planned.has_track else (as_issue(read.error, line.activity_id),)
        is_judged = bool(issues) or track is not None or line.filename is None
        batch.add(
            ActivityWrite(
                activity_id=line.activity_id,
                observations=tuple(seen),
                track=track,
                issues=issues if is_judged else None,
            )
        )

    def _read(
        self, planned: PlannedActivity, batch: Batch, reads: Iterator[FileRead]
    ) -> FileRead | None:
        """What became of a row's file: read now, or kept since another row
        that shares it came first.
        """
        if planned.task is None:
            return None
        kept = self._recordings.pop(planned.line.activity_id, None)
        if kept is not None:
            return kept
        read = next(reads)
        if read.traceback:
            log.info("%s: %s", read.task.member.name, read.traceback)
        others = {wanted.activity_id for wanted in read.task.wanted} - {planned.line.activity_id}
        self._recordings.update(dict.fromkeys(others, read))
        batch.files.append(self._file_row(read))
        self.report.files_read += 1
        self.progress.file_done(sum(r.recording.point_count for r in read.recordings))
        return read

    def _file_observation(self, activity_id: int, fields: dict[str, Any]) -> Observation:
        return Observation(
            activity_id=activity_id,
            athlete_id=self.athlete_id,
            source="file",
            observed_at=self.export.exported_at,
            fields=fields,
        )

    def _file_row(self, read: FileRead) -> dict[str, Any]:
        is_partial = any(r.recording.partial for r in read.recordings)
        return self.surroundings.input_row(read.task.member, "activity") | {
            "crc32": read.crc32,
            "activity_ids": joined_ids(wanted.activity_id for wanted in read.task.wanted),
            "file_format": read.file_format,
            "parser_version": read.version,
            "status": "failed" if read.error else "partial" if is_partial else "read",
            "row_count": sum(r.recording.point_count for r in read.recordings),
        }


def _told(found: ActivityRecording, origin: str) -> Iterator[Issue]:
    """What of a file is not in its recording, and what was read otherwise than the file says."""
    recording = found.recording
    if recording.partial:
        yield Issue(
            origin=origin, kind="partial", reason=recording.partial, activity_id=found.activity_id
        )
    if recording.corrections:
        reason = "; ".join(recording.corrections)
        yield Issue(origin=origin, kind="corrected", reason=reason, activity_id=found.activity_id)


def count_diff(report: Report, diff: ExportDiff) -> None:
    """Put a diff's decisions into the report."""
    for planned in diff.activities:
        activity_id = planned.line.activity_id
        report.seen.add(activity_id)
        if planned.state == "new":
            report.new.add(activity_id)
        elif planned.state == "changed" or planned.task is not None:
            report.changed.add(activity_id)


def note_held_back(report: Report, athlete_id: int, held_back: int) -> None:
    """Say that too much would vanish at once."""
    if held_back:
        report.notes.append(
            f"{held_back} activities of athlete {athlete_id} are not in the newest export. That "
            "is more than 10 % at once, "
            "so they were not marked as vanished; if you did delete them, run again with "
            "--accept-vanished"
        )
