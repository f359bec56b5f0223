"""An export's rows and what the database knows of them in, a decision per row out: new, changed, unchanged or older, and which files to read."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal, NamedTuple

import sqlalchemy as sa

from db.models import Activity, Track
from ingest.errors import IngestError
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
CHUNK: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedActivity:
    """One row of activities.csv and what is to be done about it."""

    line: ActivityLine
    state: State
    #: What is wrong with its file already, before it is read.
    issue: Issue | None = None
    task: FileTask | None = None
    #: Its track, from whatever export, is in the database already.
    has_track: bool = False
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
    hashed = _header_hash(line.plan.header.labels).copy()
    hashed.update("\x1f".join(line.cells).encode())
    return hashed.hexdigest()


@lru_cache(maxsize=2)
def _header_hash(labels: tuple[str, ...]) -> hashlib.blake2b:
    return hashlib.blake2b("\x1f".join((str(VERSION), *labels, "")).encode(), digest_size=16)


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


class KnownTrack(NamedTuple):
    """Where an activity's points come from."""

    file_name: str | None
    file_format: str | None
    parser_version: int | None

    def is_outdated(self, member: Member) -> bool:
        """Whether it was read from this very file by an older parser."""
        return self.file_name == member.name and self.parser_version != parser_version(self.file_format)


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
        first, last = (
            min(digests),
            max(digests),
        )  # a range needs no list of parameters, and what else is in it does no harm
        exports = observations.exported(connection, first, last)
        reworded = [i for i, seen in exports.items() if i in digests and seen.digest != digests[i]]
        stored = observations.stored(connection, reworded) if reworded else {}
        contents = {i: seen for i, every in stored.items() for seen in every if seen.source == "export"}
        columns = (Track.activity_id, Track.file_name, Track.file_format, Track.parser_version)
        query = sa.select(*columns).where(Track.activity_id.between(first, last))
        tracks = {row.activity_id: KnownTrack(*row[1:]) for row in connection.execute(query)}
        present = sa.select(Activity.activity_id).where(Activity.activity_id.between(first, last))
        issues = ledger.known_issues(connection, first, last)
        return cls(exports, contents, tracks, issues, frozenset(connection.scalars(present)))


def _planned(
    line: ActivityLine, known: _Known, tasks: _Tasks, archive: Archive, athlete_id: int, exported_at: datetime
) -> PlannedActivity:
    state = _state(line, known, athlete_id, exported_at)
    track, stored = known.tracks.get(line.activity_id), known.issues.get(line.activity_id, set())
    # With a track from another export nothing is missing, whichever of the two came first.
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
        self._taken: dict[str, FileTask] = {}
        for line in lines:
            member = archive.find(line.filename) if line.filename else None
            if member is not None:
                self._rows.setdefault(member.name, []).append(line)

    def take(
        self, line: ActivityLine, track: KnownTrack | None, issues: Collection[tuple[str, str]], is_older: bool
    ) -> FileTask | None:
        """The task of a row's file, the same for all rows that name it; ``None`` where nothing is to be read."""
        member = self._archive.find(line.filename) if line.filename else None
        if member is None or (is_older and track is not None and not track.is_outdated(member)):
            return None
        if not self._is_due(member) and not self._is_owed(member, track, issues):
            return None
        if member.name not in self._taken:
            wanted = tuple((row.activity_id, row.fields().get("start_time_utc")) for row in self._rows[member.name])
            self._taken[member.name] = FileTask(member=member, wanted=wanted)
            self.chosen.append(self._taken[member.name])
        return self._taken[member.name]

    def _is_due(self, member: Member) -> bool:
        """Whether the file itself is another than the one that was read."""
        known = self._known.get(member.name)
        if known is None or known.activity_ids != owners(row.activity_id for row in self._rows[member.name]):
            return True
        if known.parser_version != parser_version(known.file_format):
            return True
        return not self._is_same(member, known)

    def _is_owed(self, member: Member, track: KnownTrack | None, issues: Collection[tuple[str, str]]) -> bool:
        """Whether the row has not got what the file gave: a kill came between two rows of one file, or it had another before."""
        if self._known[member.name].status == "failed":
            return track is None and not any(name == member.name for _, name in issues)
        if track is None or track.file_name != member.name:
            return True
        return any(kind in ("missing", "lost") or name != member.name for kind, name in issues)

    def _is_same(self, member: Member, known: KnownFile) -> bool:
        """Whether a member has the bytes that were read, as far as the directory tells."""
        if known.crc32 is None or member.size != known.size_bytes:  # without a checksum it was the archive that failed
            return False
        if member.crc32 is not None:
            return member.crc32 == known.crc32
        if member.modified_at == known.modified_at and known.modified_at is not None:
            return True
        # A folder has no checksums: a file whose time alone changed, or that a ZIP held before, is compared by its bytes.
        try:
            return zlib.crc32(self._archive.read(member)) == known.crc32
        except IngestError:
            return False  # read again, it fails alone


def owners(ids: Iterable[int]) -> str:
    """The ids of the rows that name a file, as the ledger keeps them."""
    return ",".join(str(i) for i in sorted(ids))
