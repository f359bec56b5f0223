"""Brings loose device files into the database: each as activities of its own, which then meet those
that Strava tells of.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa

from db.lock import RunLock
from db.models import Athlete
from ingest.config import Config
from ingest.errors import IngestError
from ingest.extract.archive import Archive, Member
from ingest.extract.export_files import as_issue
from ingest.extract.loose_files import LooseSource, open_loose
from ingest.load import ledger, sync_state
from ingest.load.athlete_claims import UNKNOWN, owner_of_loose
from ingest.load.derived import zones_of
from ingest.load.gear import GearBook
from ingest.load.loose_recordings import (
    LooseFile,
    SeenFile,
    exported_contents,
    observation_of,
    remember_recordings,
    seen_files,
    telling_ids,
    welcome_loose_back,
)
from ingest.load.meeting import meet_loose
from ingest.load.reconcile import reconcile
from ingest.load.small_tables import ensure_athlete
from ingest.load.writer import ActivityWrite, Batch, Writer
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.export.file_reader import FileRead, FileTask
from ingest.run.export.loose_due import is_due, left_out_contents, seen_by_name
from ingest.run.export.loose_rows import LooseRows
from ingest.run.export.readers import Readers, within
from ingest.run.export.track_issues import issues_of
from ingest.transform.activity_track import ActivityTrack
from ingest.transform.derived import Zones
from ingest.transform.records import Issue

log = logging.getLogger(__name__)

#: Most files of a transaction, and the number of points at which it is closed.
_BATCH_FILES: Final = 200
_BATCH_POINTS: Final = 150_000


@dataclass(slots=True)
class _Part:
    """The files of one transaction."""

    batch: Batch = field(default_factory=Batch)
    files: list[LooseFile] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return len(self.batch.files) >= _BATCH_FILES or self.batch.points >= _BATCH_POINTS


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseImport:
    """The import of the loose files of some places into one database."""

    engine: sa.Engine
    lock: RunLock
    readers: Readers
    progress: Progress
    config: Config
    run_id: int
    #: Whether the command line names the files: then they are imported though they were forgotten.
    are_named: bool

    def run(self, sources: Iterable[LooseSource]) -> Iterator[Report]:
        """Import what is new in these places, and yield what each transaction brought.

        Every transaction leaves a database that the next run can go on from.
        """
        with self.engine.connect() as connection:
            owners: dict[int, list[tuple[LooseSource, int]]] = {}
            for source in sources:
                named = source.athlete_id or self.config.athlete_id or 0
                owner = owner_of_loose(connection, named)
                owners.setdefault(owner, []).append((source, named))
        for athlete_id, places in sorted(owners.items()):
            with self.lock.athletes(athlete_id):
                yield from self._of_athlete(athlete_id, places)

    def _of_athlete(
        self, athlete_id: int, places: Sequence[tuple[LooseSource, int]]
    ) -> Iterator[Report]:
        with self.engine.begin() as connection:
            seen = seen_files(connection)
            exported = exported_contents(connection, athlete_id)
            before = telling_ids(connection, athlete_id)
        known = seen_by_name(seen, are_named=self.are_named)
        left_out = left_out_contents(seen, athlete_id, are_named=self.are_named)
        brought: set[int] = set()
        for source, named in places:
            reading = _Reading(self, athlete_id, named, known, left_out, exported)
            yield from reading.run(source)
            brought |= reading.brought
        with self.engine.begin() as connection:
            meet_loose(connection, athlete_id, self.run_id)
            settled = reconcile(
                connection, athlete_id, self.config.timezone, self.config.accept_vanished
            )
            after = telling_ids(connection, athlete_id)
        own = {i for i in after if i < 0}
        joined = {i for i in after if i > 0} - before
        yield Report(seen=brought & own, new=(brought & own) - before, changed=joined)
        yield Report.of_settled(settled)


@dataclass(slots=True)
class _Reading:
    """The reading of the places of one athlete."""

    run_of: LooseImport
    athlete_id: int
    #: Whose files they are by their place, 0 where that does not tell.
    named: int
    known: Mapping[str, SeenFile]
    #: Hashes of contents that are forgotten, and of those that the athlete's exports gave.
    left_out: Collection[str]
    exported: Collection[str]
    #: The ids of what was read.
    brought: set[int] = field(default_factory=set)

    def run(self, source: LooseSource) -> Iterator[Report]:
        """Read what is new in one place."""
        run = self.run_of
        try:
            with open_loose(source, run.config.max_export_bytes) as found:
                for files in found:
                    if isinstance(files, IngestError):
                        self._tell([files], [files.origin])
                    else:
                        yield from self._read(source, files.archive, files.members)
        except IngestError as err:
            yield Report(exports_failed=[err])
            return
        if source.stamp:
            self._remember_zip(source)
        yield Report(has_loose_files=True)

    def _read(
        self, source: LooseSource, archive: Archive, members: Collection[Member]
    ) -> Iterator[Report]:
        run = self.run_of
        with run.engine.connect() as connection:
            zones = zones_of(connection, self.athlete_id)
        tasks = [
            self._task(member, zones)
            for member in members
            if is_due(member, self.known.get(archive.origin(member.name)))
        ]
        if not tasks:
            return
        run.progress.files(source.name, len(tasks), sum(task.member.size for task in tasks))
        reads = within(run.readers.read(archive, tasks), run.config.max_export_bytes, source.name)
        part = _Part()
        for read in reads:
            self._add(part, read, source, archive.origin(read.task.member.name))
            run.progress.file_done(read.point_count)
            if part.is_full:
                yield self._write(part)
                part = _Part()
        yield self._write(part)

    def _task(self, member: Member, zones: Zones) -> FileTask:
        return FileTask(member=member, wanted=(), loose_of=self.named, zones=zones)

    def _add(self, part: _Part, read: FileRead, source: LooseSource, name: str) -> None:
        if read.traceback:
            log.info("%s: %s", name, read.traceback)
        is_left_out = read.content_hash in self.left_out
        row = self._rows(source).file_row(read, name, is_left_out=is_left_out)
        part.batch.files.append(row)
        if read.error is not None:
            part.issues.append(as_issue(read.error))
        if read.content_hash is None or not read.tracks or read.content_hash in self.left_out:
            return
        # Of several sessions, one may be an activity that the export does not know.
        is_exported = read.content_hash in self.exported and len(read.tracks) == 1
        part.files.append(
            LooseFile(
                name=name,
                athlete_id=self.athlete_id,
                content_hash=read.content_hash,
                tracks=read.tracks,
                is_exported=is_exported,
            )
        )
        for track in read.tracks:
            if not is_exported:
                self._add_activity(part, track)
            # By the file's name, since its activity may turn out to be another one.
            part.issues += (
                Issue(origin=issue.origin, kind=issue.kind, reason=issue.reason)
                for issue in issues_of(track, name)
            )

    def _add_activity(self, part: _Part, track: ActivityTrack) -> None:
        self.brought.add(track.activity_id)
        seen = observation_of(track, self.athlete_id)
        part.batch.add(
            ActivityWrite(activity_id=track.activity_id, observations=(seen,), track=track)
        )

    def _write(self, part: _Part) -> Report:
        run = self.run_of
        with run.engine.begin() as connection:
            if part.files:  # whoever has only files that hold nothing is no athlete
                ensure_athlete(connection, self.athlete_id, {})
                self._have_others_look(connection)
            remember_recordings(connection, part.files)
            welcome_loose_back(connection, self.athlete_id, [f.content_hash for f in part.files])
            writer = Writer(
                athlete_id=self.athlete_id,
                origin=ledger.LOOSE_FILES,
                run_id=run.run_id,
                gear=GearBook(connection, self.athlete_id),
            )
            # Of copies, the last one is written, whose name ``remember_recordings`` keeps, too.
            part.batch.activities = list({a.activity_id: a for a in part.batch.activities}.values())
            writer.write(connection, part.batch)
            names = [row["name"] for row in part.batch.files]
            ledger.forget_issues(connection, self.athlete_id, names=names)
            ledger.add_issues(
                connection, run.run_id, self.athlete_id, ledger.LOOSE_FILES, part.issues
            )
        return Report(
            points_written=part.batch.points,
            files_read=len(part.batch.files),
            loose_files_read=len(part.batch.files),
            activities_written=len(part.batch.activities),
        )

    def _have_others_look(self, connection: sa.Connection) -> None:
        """Have all athletes meet the files of nobody, whose owner one of them may be."""
        if self.athlete_id == UNKNOWN:
            known = sa.select(Athlete.athlete_id).where(Athlete.athlete_id != UNKNOWN)
            for athlete_id in connection.scalars(known).all():
                sync_state.mark_unsettled(connection, athlete_id)

    def _tell(self, errors: Iterable[IngestError], names: Sequence[str]) -> None:
        run = self.run_of
        with run.engine.begin() as connection:
            ledger.forget_issues(connection, self.athlete_id, names=names)
            issues = [as_issue(err) for err in errors]
            ledger.add_issues(connection, run.run_id, self.athlete_id, ledger.LOOSE_FILES, issues)

    def _remember_zip(self, source: LooseSource) -> None:
        """Note that a ZIP was read whole, so that the next run does not open it."""
        with self.run_of.engine.begin() as connection:
            ledger.remember_files(connection, [self._rows(source).zip_row()])

    def _rows(self, source: LooseSource) -> LooseRows:
        return LooseRows(source=source, athlete_id=self.athlete_id, run_id=self.run_of.run_id)
