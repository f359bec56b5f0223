"""Reads what meets: an athlete's loose recordings, and Strava's activities."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from db.batches import chunks
from db.models import Activity, ActivityObservation, ImportFile, LooseRecording, Track
from ingest.load.loose_recordings import LOOSE
from ingest.transform.api_json.route import shown_route
from ingest.transform.same_activity import RecordingOutline, minute_of
from ingest.transform.track_rank import Worth, worth_of_row

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseRow:
    """A row of ``loose_recordings``, and what tells whether it is of the same activity."""

    row: Any
    recorded: RecordingOutline | None
    worth: Worth
    #: Whether the file still has these contents; of one that was changed, the new ones count.
    is_current: bool

    @property
    def id(self) -> int:
        return int(self.row.provisional_id)

    @property
    def richness(self) -> tuple[Any, ...]:
        """The highest is used where several are of one activity."""
        return (self.is_current, *self.worth.rank, self.worth.point_count, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class StravaRow:
    """An activity of Strava's."""

    activity_id: int
    recorded: RecordingOutline | None
    start_time_utc: datetime | None
    has_vanished: bool


def loose_of(connection: sa.Connection, athlete_id: int) -> Iterator[LooseRow]:
    """The loose recordings of an athlete."""
    columns = [c for c in LooseRecording.__table__.columns if c.name != "payload"]
    source = sa.literal("loose_file").label("source")
    query = sa.select(*columns, source).where(LooseRecording.athlete_id == athlete_id)
    held = set(
        connection.scalars(
            sa.select(ImportFile.content_hash).where(
                ImportFile.athlete_id == athlete_id, ImportFile.file_kind == LOOSE
            )
        )
    )
    for row in connection.execute(query):
        yield LooseRow(
            row=row,
            recorded=_recorded(row, row.device_serial_number, row.route_polyline),
            worth=worth_of_row(row),
            is_current=row.content_hash in held,
        )


def strava_of(
    connection: sa.Connection,
    athlete_id: int,
    loose: Collection[LooseRow],
    with_file: Collection[int],
) -> Iterator[StravaRow]:
    """Strava's activities of an athlete; ``with_file`` are those with a file in an export.

    Device and route are Strava's own word: what a loose file told, which met the activity before,
    is no evidence.
    """
    columns = (
        Activity.activity_id,
        Activity.start_time_utc,
        Activity.elapsed_time_s,
        Activity.sport_type,
        Activity.vanished_at,
        Track.device_serial_number,
        Track.route_polyline,
    )
    query = sa.select(*columns).outerjoin(Track, Track.activity_id == Activity.activity_id)
    # What only a loose file tells of any more, after the rest was forgotten, is not Strava's.
    told = sa.select(ActivityObservation.activity_id).where(
        ActivityObservation.athlete_id == athlete_id, ActivityObservation.source != "loose_file"
    )
    mine = query.where(Activity.activity_id > 0, Activity.activity_id.in_(told))
    rows = connection.execute(mine).all()
    shown = _shown_routes(connection, _near(rows, loose))
    for row in rows:
        # The points of streams go when richer ones of a file come, and their route with them.
        is_lasting = row.activity_id in with_file
        route = row.route_polyline if is_lasting else None
        serial = row.device_serial_number if is_lasting else None
        yield StravaRow(
            activity_id=row.activity_id,
            recorded=_recorded(row, serial, shown.get(row.activity_id, route)),
            start_time_utc=row.start_time_utc,
            has_vanished=row.vanished_at is not None,
        )


def _recorded(row: Any, serial: str | None, route: str | None) -> RecordingOutline | None:
    from db.marts.sports import group_of  # imported late: few databases have loose files

    if row.start_time_utc is None:
        return None
    return RecordingOutline(
        start_time_utc=row.start_time_utc,
        elapsed_time_s=row.elapsed_time_s,
        sport_group=group_of(row.sport_type),
        device_serial_number=serial,
        route_polyline=route,
    )


def _near(rows: Iterable[Any], loose: Iterable[LooseRow]) -> list[int]:
    """The activities that start when a loose recording does."""
    minutes = {
        minute_of(start) + beside
        for each in loose
        if (start := each.row.start_time_utc) is not None
        for beside in (-1, 0, 1)
    }
    return [
        row.activity_id
        for row in rows
        if row.start_time_utc is not None and minute_of(row.start_time_utc) in minutes
    ]


def _shown_routes(connection: sa.Connection, ids: Sequence[int]) -> dict[int, str]:
    """The routes that the API shows of activities, of which streams may not be asked for."""
    seen, found = ActivityObservation, dict[int, str]()
    for source in ("api_detail", "api_summary"):  # the summary's is preferred
        for some in chunks(ids):
            query = sa.select(seen.activity_id, seen.payload).where(
                seen.activity_id.in_(some), seen.source == source
            )
            for activity_id, payload in connection.execute(query):
                route = shown_route(json.loads(payload).get("raw") or {})
                if route is not None:
                    found[activity_id] = route
    return found


def files_of(
    connection: sa.Connection, athlete_id: int, loose: Iterable[LooseRow]
) -> tuple[dict[str, list[list[int]]], set[int]]:
    """Contents -> for each file with these, the activities whose rows name it; and all activities
    that have a file.
    """
    wanted = {each.row.content_hash for each in loose}
    equal: dict[str, list[list[int]]] = {}
    with_file: set[int] = set()
    query = sa.select(ImportFile.content_hash, ImportFile.activity_ids).where(
        ImportFile.athlete_id == athlete_id,
        ImportFile.file_kind == "activity",
        ImportFile.status.in_(("read", "partial")),
    )
    for content_hash, ids in connection.execute(query):
        activities = [int(i) for i in (ids or "").split(",") if i]
        with_file.update(activities)
        if content_hash is not None and content_hash in wanted:
            equal.setdefault(content_hash, []).append(activities)
    return equal, with_file


def made_by_others(
    connection: sa.Connection, athlete_id: int, loose: Iterable[LooseRow]
) -> set[tuple[str, datetime]]:
    """Device and start of other athletes' activities, of the devices of these recordings."""
    serials = sorted({s for each in loose if (s := each.row.device_serial_number)})
    found: set[tuple[str, datetime]] = set()
    for some in chunks(serials):
        query = (
            sa.select(Track.device_serial_number, Activity.start_time_utc)
            .join(Activity, Activity.activity_id == Track.activity_id)
            .where(
                Track.device_serial_number.in_(some),
                Activity.athlete_id.not_in((athlete_id, 0)),
                Activity.activity_id > 0,
            )
        )
        found |= {
            (serial, start) for serial, start in connection.execute(query) if serial and start
        }
    return found


class ByStart(Generic[T]):
    """Things by the minute in which they start."""

    def __init__(self, pairs: Iterable[tuple[RecordingOutline | None, T]] = ()) -> None:
        self._minutes: defaultdict[int, list[T]] = defaultdict(list)
        for recorded, thing in pairs:
            self.add(recorded, thing)

    def add(self, recorded: RecordingOutline | None, thing: T) -> None:
        if recorded is not None:
            self._minutes[minute_of(recorded.start_time_utc)].append(thing)

    def near(self, recorded: RecordingOutline | None) -> list[T]:
        """What may start within a minute of this."""
        if recorded is None:
            return []
        minute = minute_of(recorded.start_time_utc)
        return [x for m in (minute - 1, minute, minute + 1) for x in self._minutes.get(m, ())]
