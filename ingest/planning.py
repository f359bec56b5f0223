"""An export's rows and what the database knows of them in, a decision per row out: new, changed, unchanged or older, and which files to read."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import sqlalchemy as sa

from db.models import Activity, Track
from ingest.load import ledger, observations
from ingest.load.ledger import KnownFile
from ingest.load.observations import Exported
from ingest.parsers import parser_version
from ingest.rows import Issue, Observation
from ingest.sources.archive import Archive, Member
from ingest.sources.export import file_problem
from ingest.sources.reading import FileTask
from ingest.tables.activities import VERSION, ActivityLine

State = Literal["new", "changed", "unchanged", "older"]
#: Rows compared at once: bounds the memory that stored observations take.
CHUNK: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedActivity:
    """One row of activities.csv and what is to be done about it."""

    line: ActivityLine
    state: State
    #: What is wrong with its file already, before it is read.
    issue: Issue | None = None
    task: FileTask | None = None
    #: The issues stored for it are out of date, though its facts are not.
    stale_issues: bool = False
    #: It says the same as before in other words (Strava rounds numbers differently over the years).
    is_reworded: bool = False

    @property
    def is_write(self) -> bool:
        """Whether the database must be changed for it, beyond the date it was last seen."""
        return self.state in ("new", "changed") or self.task is not None or self.stale_issues


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done about an export's activities, in the order of their ids (the order of the points' table)."""

    activities: Sequence[PlannedActivity]
    tasks: Sequence[FileTask]


def observation(line: ActivityLine, athlete_id: int, exported_at: datetime) -> Observation:
    """What the export says of one activity."""
    fields = line.fields()
    fields["filename"] = line.filename
    if line.media:
        fields["media"] = list(line.media)
    return Observation(
        activity_id=line.activity_id,
        athlete_id=athlete_id,
        source="export",
        observed_at=exported_at,
        fields=fields,
        extra=line.extra(),
        digest=digest(line),
    )


def digest(line: ActivityLine) -> str:
    """A hash of a row and of how it is read."""
    said = "\x1f".join((str(VERSION), *line.plan.header.labels, *line.cells))
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def make_plan(
    connection: sa.Connection | None,
    archive: Archive,
    lines: Iterable[ActivityLine],
    athlete_id: int,
    exported_at: datetime,
) -> Plan:
    """Compare an export with the database; without a connection everything is new."""
    ordered = sorted(lines, key=lambda line: line.activity_id)
    tasks = _Tasks(archive, ordered, connection, athlete_id)
    activities: list[PlannedActivity] = []
    for chunk in _chunks(ordered):
        known = _Known.of(connection, {line.activity_id: digest(line) for line in chunk})
        activities += (_planned(line, known, tasks, archive, athlete_id, exported_at) for line in chunk)
    return Plan(activities=activities, tasks=tasks.chosen)


def _chunks(lines: Sequence[ActivityLine]) -> Iterator[Sequence[ActivityLine]]:
    return (lines[at : at + CHUNK] for at in range(0, len(lines), CHUNK))


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database knows of a chunk of activities."""

    exports: Mapping[int, Exported]
    #: The contents of those whose row is worded otherwise now.
    reworded: Mapping[int, Observation]
    tracks: Mapping[int, str | None]
    issues: Mapping[int, set[tuple[str, str]]]
    ids: frozenset[int]

    @classmethod
    def of(cls, connection: sa.Connection | None, digests: Mapping[int, str]) -> _Known:
        if connection is None:
            return cls({}, {}, {}, {}, frozenset())
        ids = list(digests)
        exports = observations.exported(connection, ids)
        reworded = [i for i, seen in exports.items() if seen.digest != digests[i]]
        stored = observations.stored(connection, reworded) if reworded else {}
        contents = {i: seen for i, every in stored.items() for seen in every if seen.source == "export"}
        query = sa.select(Track.activity_id, Track.file_name).where(Track.activity_id.in_(ids))
        tracks = {row.activity_id: row.file_name for row in connection.execute(query)}
        present = frozenset(connection.scalars(sa.select(Activity.activity_id).where(Activity.activity_id.in_(ids))))
        return cls(exports, contents, tracks, ledger.known_issues(connection, ids), present)


def _planned(
    line: ActivityLine, known: _Known, tasks: _Tasks, archive: Archive, athlete_id: int, exported_at: datetime
) -> PlannedActivity:
    state = _state(line, known, athlete_id, exported_at)
    if state == "older" and line.activity_id in known.tracks:
        return PlannedActivity(line=line, state=state)
    is_reworded = state == "unchanged" and line.activity_id in known.reworded
    issue = file_problem(archive, line)
    task = tasks.take(line) if issue is None else None
    stored = known.issues.get(line.activity_id, set())
    stale = issue is not None and (issue.kind, issue.origin.removeprefix(f"{archive.path.name}: ")) not in stored
    if state == "older" and task is None:
        stale = False
    return PlannedActivity(line=line, state=state, issue=issue, task=task, stale_issues=stale, is_reworded=is_reworded)


def _state(line: ActivityLine, known: _Known, athlete_id: int, exported_at: datetime) -> State:
    old = known.exports.get(line.activity_id)
    if old is None:
        return "changed" if line.activity_id in known.ids else "new"
    if old.observed_at > exported_at:
        return "older"
    if old.athlete_id != athlete_id:
        return "changed"
    contents = known.reworded.get(line.activity_id)
    if contents is None or observations.same(contents, observation(line, athlete_id, exported_at)):
        return "unchanged"
    return "changed"


class _Tasks:
    """The device files to read: each once, for all the rows that name it."""

    def __init__(
        self, archive: Archive, lines: Sequence[ActivityLine], connection: sa.Connection | None, athlete_id: int
    ) -> None:
        self.chosen: list[FileTask] = []
        self._archive = archive
        self._known = {} if connection is None else ledger.known_files(connection, athlete_id, "activity")
        self._rows: dict[str, list[ActivityLine]] = {}
        self._taken: set[str] = set()
        for line in lines:
            member = archive.find(line.filename) if line.filename else None
            if member is not None:
                self._rows.setdefault(member.name, []).append(line)

    def take(self, line: ActivityLine) -> FileTask | None:
        """The task of a row's file, given to the first row that names it; ``None`` where nothing is to be read."""
        member = self._archive.find(line.filename) if line.filename else None
        if member is None or not self._is_due(member):
            return None
        if member.name in self._taken:
            return next(task for task in reversed(self.chosen) if task.member.name == member.name)
        self._taken.add(member.name)
        wanted = tuple((row.activity_id, row.fields().get("start_time_utc")) for row in self._rows[member.name])
        self.chosen.append(FileTask(member=member, wanted=wanted))
        return self.chosen[-1]

    def _is_due(self, member: Member) -> bool:
        known = self._known.get(member.name)
        if known is None or known.activity_ids != owners(row.activity_id for row in self._rows[member.name]):
            return True
        if known.parser_version != parser_version(known.file_format):
            return True
        return not self._is_same(member, known)

    def _is_same(self, member: Member, known: KnownFile) -> bool:
        """Whether a member has the bytes that were read, as far as the directory tells."""
        if known.status == "missing" or member.size != known.size_bytes:
            return False
        if member.crc32 is not None:
            return member.crc32 == known.crc32
        if member.modified_at == known.modified_at and known.modified_at is not None:
            return True
        # A folder has no checksums: a file whose time alone changed, or that a ZIP held before, is compared by its bytes.
        return known.crc32 is not None and zlib.crc32(self._archive.read(member)) == known.crc32


def owners(ids: Iterable[int]) -> str:
    """The ids of the rows that name a file, as the ledger keeps them."""
    return ",".join(str(i) for i in sorted(ids))
