"""Brings the database up to date with one export.

First comes the diff, then small tables, then batches of activities, and last the ledger's note that
the export is done.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from db.lock import RunLock
from db.references import references_put_off
from ingest.config import Config
from ingest.extract.export_files import as_issue
from ingest.load import observations
from ingest.load.meeting import have_others_meet, meet_loose
from ingest.load.reconcile import reconcile
from ingest.load.writer import ActivityWrite, Batch, Writer
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.export.diff import ExportDiff, PlannedActivity, diff_export, digest, observation
from ingest.run.export.file_diff import joined_ids
from ingest.run.export.file_reader import FileRead, FileTask
from ingest.run.export.open_export import OpenExport
from ingest.run.export.readers import Readers, within
from ingest.run.export.tables import ExportTables
from ingest.run.export.track_issues import issues_of
from ingest.transform.activity_track import ActivityTrack
from ingest.transform.records import Issue, Observation

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
    lock: RunLock
    export: OpenExport
    readers: Readers
    progress: Progress
    config: Config
    #: Files that are read, and still wanted by activities whose rows name them, too.
    _kept: dict[str, FileRead] = field(default_factory=dict)
    #: How many activities still want each file.
    _wanting: Counter[str] = field(default_factory=Counter)

    def run(self) -> Iterator[Report]:
        """Import the export, and yield what each transaction brought.

        Every transaction leaves a database that the next run can go on from.
        """
        export, tables = self.export, ExportTables.of(self.export)
        with self.engine.begin() as connection:
            gear = tables.begin(connection)
        with self.engine.connect() as connection:
            diff = diff_export(connection, export, self.config.max_export_bytes)
        yield diff.report()
        yield Report(notes=[*filter(None, [export.note])])
        writer = Writer(
            athlete_id=export.athlete_id, origin=export.name, run_id=export.run_id, gear=gear
        )
        self.progress.files(export.name, len(diff.tasks), diff.size)
        with (
            references_put_off(self.engine, self.lock) if diff.size > _MANY_BYTES else nullcontext()
        ):
            for batch, unchanged in self._batches(diff):
                with self.engine.begin() as connection:
                    self._confirm(connection, batch, unchanged)
                    writer.write(connection, batch)
                yield Report(
                    points_written=batch.points,
                    files_read=len(batch.files),
                    activities_written=len(batch.activities),
                )
        with self.engine.begin() as connection:
            tables.finish(connection, gear)
            meet_loose(connection, export.athlete_id, export.run_id)
            have_others_meet(connection, export.athlete_id)
            settled = reconcile(
                connection, export.athlete_id, self.config.timezone, self.config.accept_vanished
            )
        yield Report.of_settled(settled)

    def _confirm(
        self, connection: sa.Connection, batch: Batch, unchanged: Sequence[PlannedActivity]
    ) -> None:
        """Note what this export confirms; merge again where that makes it the newest source."""
        ids = [planned.line.activity_id for planned in unchanged]
        digests = {p.line.activity_id: digest(p.line) for p in unchanged if p.is_reworded}
        written = {activity.activity_id for activity in batch.activities}
        for again in observations.overtakes(connection, ids, self.export.exported_at):
            if again not in written:
                batch.add(ActivityWrite(activity_id=again))
        observations.confirm(connection, ids, self.export.exported_at, digests)

    def _batches(self, diff: ExportDiff) -> Iterator[tuple[Batch, list[PlannedActivity]]]:
        """Transactions in the order of activity ids, with the activities whose facts this export
        only confirms.
        """
        reads = within(
            self.readers.read(self.export.archive, diff.tasks),
            self.config.max_export_bytes,
            self.export.name,
        )
        self._wanting.update(p.task.member.name for p in diff.activities if p.task is not None)
        batch, unchanged = Batch(), list[PlannedActivity]()
        for planned in diff.activities:
            if planned.state == "unchanged":
                unchanged.append(planned)
            if planned.is_write:
                batch.add(self._write(planned, self._read(planned.task, batch, reads)))
            if (
                batch.points >= _BATCH_POINTS
                or len(batch.activities) >= _BATCH_ACTIVITIES
                or len(unchanged) >= _BATCH_CONFIRMED
            ):
                yield batch, unchanged
                batch, unchanged = Batch(), []
        yield batch, unchanged

    def _read(
        self, task: FileTask | None, batch: Batch, reads: Iterator[FileRead]
    ) -> FileRead | None:
        """What became of a file; files that other activities want first are kept for them."""
        if task is None:
            return None
        name = task.member.name
        while name not in self._kept:
            read = next(reads)
            self._kept[read.task.member.name] = read
            batch.files.append(self._file_row(read))
            if read.traceback:
                log.info("%s: %s", read.task.member.name, read.traceback)
            self.progress.file_done(read.point_count)
        self._wanting[name] -= 1
        return self._kept[name] if self._wanting[name] else self._kept.pop(name)

    def _write(self, planned: PlannedActivity, read: FileRead | None) -> ActivityWrite:
        """What to write of an activity, given what became of its file."""
        line, issue = planned.line, planned.issue
        seen: list[Observation] = []
        issues: tuple[Issue, ...] = () if issue is None else (issue,)
        if planned.state in ("new", "changed"):
            seen.append(observation(line, self.export))
        track = None
        if read is not None and read.error is None:
            track = next(t for t in read.tracks if t.activity_id == line.activity_id)
            seen.append(self._file_observation(track))
            origin = self.export.archive.origin(read.task.member.name)
            issues = tuple(issues_of(track, origin)) or issues
        elif read is not None and read.error is not None:
            # An unreadable file is no issue of an activity that has its track already.
            issues = () if planned.has_track else (as_issue(read.error, line.activity_id),)
        is_judged = bool(issues) or track is not None or line.filename is None
        return ActivityWrite(
            activity_id=line.activity_id,
            observations=tuple(seen),
            track=track,
            issues=issues if is_judged else None,
        )

    def _file_observation(self, track: ActivityTrack) -> Observation:
        return Observation(
            activity_id=track.activity_id,
            athlete_id=self.export.athlete_id,
            source="file",
            observed_at=self.export.exported_at,
            fields=track.fields,
        )

    def _file_row(self, read: FileRead) -> dict[str, Any]:
        is_partial = any(track.recording.partial for track in read.tracks)
        return self.export.ledger_row(
            read.task.member,
            "activity",
            crc32=read.crc32,
            content_hash=read.content_hash,
            activity_ids=joined_ids(wanted.activity_id for wanted in read.task.wanted),
            file_format=read.file_format,
            parser_version=read.version,
            status="failed" if read.error else "partial" if is_partial else "read",
            row_count=read.point_count,
        )
