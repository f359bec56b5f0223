"""Decides whether each row of an export is new, changed, unchanged or older.

It compares the rows with the database, and also decides which device files to read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import sqlalchemy as sa

from db.batches import chunks
from db.models import Activity, Track
from ingest.errors import TooLarge
from ingest.extract.export_files import file_problem
from ingest.load import ledger, observations
from ingest.load.athlete_claims import UNKNOWN
from ingest.load.observations import Exported
from ingest.reporting.report import Report
from ingest.run.export.file_diff import FileTasks, KnownTrack
from ingest.run.export.file_reader import FileTask
from ingest.run.export.open_export import OpenExport
from ingest.transform.records import Issue, Observation
from ingest.transform.tables.activities import VERSION, ActivityLine

State = Literal["new", "changed", "unchanged", "older"]
#: Number of rows compared at once, which bounds the memory that stored observations take.
CHUNK: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedActivity:
    """One row of activities.csv and what is to be done about it."""

    line: ActivityLine
    state: State
    #: Issue of its file that shows before the file is read.
    issue: Issue | None = None
    task: FileTask | None = None
    #: Whether its track, from whatever export, is in the database already.
    has_track: bool = False
    #: Whether the issues stored for it are out of date, though its facts are not.
    stale_issues: bool = False
    #: Whether it says the same as before in other words: Strava's rounding changed over the years.
    is_reworded: bool = False

    @property
    def is_write(self) -> bool:
        """Whether the database must be changed for it, beyond the date it was last seen."""
        return self.state in ("new", "changed") or self.task is not None or self.stale_issues


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDiff:
    """What is to be done about an export's activities, in the order of their ids (the order of the
    points' table).
    """

    activities: Sequence[PlannedActivity]
    tasks: Sequence[FileTask]

    @property
    def size(self) -> int:
        """Bytes of the device files to read, as the archive has them."""
        return sum(task.member.size for task in self.tasks)

    def report(self) -> Report:
        """What it decides, as the summary counts it."""
        part = Report()
        for planned in self.activities:
            activity_id = planned.line.activity_id
            part.seen.add(activity_id)
            if planned.state == "new":
                part.new.add(activity_id)
            elif planned.state == "changed" or planned.task is not None:
                part.changed.add(activity_id)
        return part


def observation(line: ActivityLine, export: OpenExport) -> Observation:
    """What the export says of one activity."""
    fields = line.fields()
    fields["filename"] = line.filename
    if line.media:
        fields["media"] = list(line.media)
    return Observation(
        activity_id=line.activity_id,
        athlete_id=export.athlete_id,
        source="export",
        observed_at=export.exported_at,
        fields=fields,
        extra=line.extra(),
        digest=digest(line),
    )


def digest(line: ActivityLine) -> str:
    """A hash of a row and of how it is read."""
    hashed = _header_hash((line.layout.dates.key, *line.layout.header.labels)).copy()
    hashed.update("\x1f".join(line.cells).encode())
    return hashed.hexdigest()


@lru_cache(maxsize=2)
def _header_hash(labels: tuple[str, ...]) -> hashlib.blake2b:
    return hashlib.blake2b("\x1f".join((str(VERSION), *labels, "")).encode(), digest_size=16)


def _refuse_too_large(diff: ExportDiff, name: str, limit: int) -> None:
    """Refuse an export whose device files are larger together than anyone's."""
    size = diff.size
    if size > limit:
        raise TooLarge(
            name,
            f"has {size / 1e9:,.0f} GB of device files to read, more than the limit of "
            f"{limit / 1e9:,.0f} GB; if this is your own export, run again with "
            f"STRAVA_MAX_EXPORT_GB={size // 10**9 + 1} in the environment",
        )


def diff_export(connection: sa.Connection | None, export: OpenExport, max_bytes: int) -> ExportDiff:
    """Compare an export with the database; without a connection everything is new.

    Raises:
        TooLarge: its device files to read have more than ``max_bytes``.
    """
    ordered = sorted(export.table.lines, key=lambda line: line.activity_id)
    tasks = FileTasks(export, ordered, connection)
    activities: list[PlannedActivity] = []
    for chunk in chunks(ordered, CHUNK):
        known = _Known.of(connection, {line.activity_id: digest(line) for line in chunk})
        activities += (_planned(line, known, tasks, export) for line in chunk)
    diff = ExportDiff(activities=activities, tasks=tasks.chosen)
    _refuse_too_large(diff, export.archive.path.name, max_bytes)
    return diff


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database knows of a chunk of activities."""

    exports: Mapping[int, Exported]
    #: The contents of those whose row is worded otherwise now.
    reworded: Mapping[int, Observation]
    tracks: Mapping[int, KnownTrack]
    issues: Mapping[int, set[tuple[str, str]]]
    ids: frozenset[int]

    @classmethod
    def of(cls, connection: sa.Connection | None, digests: Mapping[int, str]) -> _Known:
        if connection is None:
            return cls({}, {}, {}, {}, frozenset())
        # A range of ids needs no list of parameters; further activities in it do no harm.
        first, last = min(digests), max(digests)
        exports = observations.exported(connection, first, last)
        reworded = [i for i, seen in exports.items() if i in digests and seen.digest != digests[i]]
        stored = observations.stored(connection, reworded) if reworded else {}
        contents = {
            i: seen for i, every in stored.items() for seen in every if seen.source == "export"
        }
        columns = (Track.activity_id, Track.file_name, Track.file_format, Track.parser_version)
        # Tracks of the API do not count: an issue of the device file stays one beside them.
        query = sa.select(*columns).where(
            Track.activity_id.between(first, last), Track.file_name.is_not(None)
        )
        tracks = {row.activity_id: KnownTrack(*row[1:]) for row in connection.execute(query)}
        present = sa.select(Activity.activity_id).where(Activity.activity_id.between(first, last))
        issues = ledger.known_issues(connection, first, last)
        return cls(exports, contents, tracks, issues, frozenset(connection.scalars(present)))


def _planned(
    line: ActivityLine, known: _Known, tasks: FileTasks, export: OpenExport
) -> PlannedActivity:
    archive = export.archive
    state = _state(line, known, export)
    track, stored = known.tracks.get(line.activity_id), known.issues.get(line.activity_id, set())
    # Where another export gave the track, nothing is missing, whichever of the two came first.
    issue = file_problem(archive, line) if track is None else None
    task = tasks.take(line, track, stored, is_older=state == "older")
    if issue is not None:
        is_stale = (issue.kind, issue.origin.removeprefix(f"{archive.path.name}: ")) not in stored
    else:
        is_stale = line.filename is None and bool(stored)
    return PlannedActivity(
        line=line,
        state=state,
        issue=issue,
        task=task,
        has_track=track is not None,
        stale_issues=is_stale and state != "older",
        is_reworded=state == "unchanged" and line.activity_id in known.reworded,
    )


def _state(line: ActivityLine, known: _Known, export: OpenExport) -> State:
    old = known.exports.get(line.activity_id)
    if old is None:
        return "changed" if line.activity_id in known.ids else "new"
    if old.observed_at > export.exported_at:
        return "older"
    # The unknown athlete's activities become those of the first export that names one.
    if old.athlete_id not in (export.athlete_id, UNKNOWN):
        return "changed"
    contents = known.reworded.get(line.activity_id)
    if contents is None or observations.same(contents, observation(line, export)):
        return "unchanged"
    return "changed"
