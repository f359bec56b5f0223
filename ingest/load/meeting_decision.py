"""Decides which activity each loose recording belongs to, and whose word and points count.

The decision rests on nothing but the recordings and Strava's activities of the athlete, so the same
ones end alike in whatever order they came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ingest.load import ledger
from ingest.load.meeting_rows import (
    ByStart,
    LooseRow,
    StravaRow,
    files_of,
    loose_of,
    made_by_others,
    strava_of,
)
from ingest.transform.records import Issue
from ingest.transform.same_activity import is_same_activity


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """The loose recordings and Strava's activities of one athlete."""

    loose: Mapping[int, LooseRow]
    #: Rows of ``loose_recordings`` by the contents of their file.
    sessions: Mapping[str, Sequence[Any]]
    strava: Mapping[int, StravaRow]
    #: Contents of a file -> the activities whose rows name a file with the same.
    equal: Mapping[str, Sequence[Sequence[int]]]
    #: Strava's activities that have their export's own file.
    with_file: Collection[int]
    #: Device and start of other athletes' activities.
    others: Collection[tuple[str, datetime]]

    @classmethod
    def of(
        cls, connection: sa.Connection, athlete_id: int, files_owner: int | None = None
    ) -> Meeting:
        """Made from the database; ``files_owner`` is whose loose files they are, if another's."""
        owner = athlete_id if files_owner is None else files_owner
        loose = {each.id: each for each in loose_of(connection, owner)}
        equal, with_file = files_of(connection, athlete_id, loose.values())
        rows = strava_of(connection, athlete_id, loose.values(), with_file)
        strava = {each.activity_id: each for each in rows}
        sessions = defaultdict[str, list[Any]](list)
        for each in loose.values():
            sessions[each.row.content_hash].append(each.row)
        return cls(
            loose=loose,
            sessions=sessions,
            strava=strava,
            equal={
                content: [[i for i in named if i in strava] for named in files]
                for content, files in equal.items()
            },
            with_file=with_file,
            others=made_by_others(connection, athlete_id, loose.values()),
        )

    def without(self, gone: Collection[int], bereft: Collection[int]) -> Meeting:
        """The same without some recordings, and without the export's files of some activities."""
        return replace(
            self,
            loose={i: each for i, each in self.loose.items() if i not in gone},
            sessions={
                content: left
                for content, rows in self.sessions.items()
                if (left := [row for row in rows if row.provisional_id not in gone])
            },
            equal={
                content: [[i for i in named if i not in bereft] for named in files]
                for content, files in self.equal.items()
            },
            with_file=set(self.with_file) - set(bereft),
        )

    def belongs(self) -> dict[int, list[int]]:
        """Recording -> the activities that it is of: Strava's, else its own or an equal one's."""
        return {
            loose.id: targets or [group[0].id]
            for group, targets in self.joined()
            for loose in group
        }

    def joined(self) -> Iterator[tuple[list[LooseRow], list[int]]]:
        """Recordings of one activity, the richest first, and Strava's ids of it, if any."""
        near = ByStart((each.recorded, each) for each in self.strava.values())
        for group in self._groups():
            yield group, self._equal_ids(group) or self._alike(group, near)

    def _groups(self) -> list[list[LooseRow]]:
        groups: list[list[LooseRow]] = []
        leaders = ByStart[list[LooseRow]]()
        for loose in sorted(self.loose.values(), key=lambda each: each.richness, reverse=True):
            found = next(
                (group for group in leaders.near(loose.recorded) if _is_one(group[0], loose)), None
            )
            if found is None:
                groups.append(group := [loose])
                leaders.add(loose.recorded, group)
            else:
                found.append(loose)
        return groups

    def _equal_ids(self, group: Iterable[LooseRow]) -> list[int]:
        """The activities whose file has the same bytes.

        Of a file of several sessions, an activity is the one that starts nearest. Sessions that
        none starts with belong to those that alone name their file, and so have all its points.
        """
        found: set[int] = set()
        for loose in group:
            files = self.equal.get(loose.row.content_hash, ())
            session = loose.row.session_index
            nearest = {
                i
                for named in files
                for i in named
                if self._nearest_session(loose.row.content_hash, i) == session
            }
            found |= nearest or {named[0] for named in files if len(named) == 1}
        return sorted(found)

    def _nearest_session(self, content_hash: str, activity_id: int) -> int:
        start = self.strava[activity_id].start_time_utc
        nearest = min(
            self.sessions[content_hash],
            key=lambda row: (_apart(row.start_time_utc, start), row.session_index),
        )
        return int(nearest.session_index)

    def _alike(self, group: Sequence[LooseRow], near: ByStart[StravaRow]) -> list[int]:
        found = [
            (
                each.has_vanished,
                _apart(each.start_time_utc, loose.row.start_time_utc),
                each.activity_id,
            )
            for loose in group
            if loose.recorded is not None and loose.recorded.made_by not in self.others
            for each in near.near(loose.recorded)
            if each.recorded is not None and is_same_activity(each.recorded, loose.recorded)
        ]
        return [min(found)[-1]] if found else []

    def telling(self, belongs: Mapping[int, Sequence[int]]) -> dict[int, int]:
        """Activity -> the recording whose word and points count for it: none where the export has a
        file of its own.
        """
        best: dict[int, LooseRow] = {}
        for i, activities in belongs.items():
            for activity_id in activities:
                if activity_id in self.with_file:
                    continue
                held = best.get(activity_id)
                if held is None or self.loose[i].richness > held.richness:
                    best[activity_id] = self.loose[i]
        return {activity_id: loose.id for activity_id, loose in best.items()}

    def duplicates(
        self, belongs: Mapping[int, Sequence[int]], telling: Mapping[int, int]
    ) -> Iterator[Issue]:
        """Recordings by another device than the one whose points are used."""
        for i, activities in sorted(belongs.items()):
            mine, activity_id = self.loose[i], activities[0]
            used = telling.get(activity_id)
            if used == i or mine.row.content_hash in self.equal:
                continue
            if used is not None and self.loose[used].row.file_name == mine.row.file_name:
                continue  # the same file before it grew
            other = (
                self.loose[used].row.device_serial_number
                if used is not None
                else self._serial(activity_id)
            )
            if other is not None and other == mine.row.device_serial_number:
                continue
            yield Issue(
                origin=mine.row.file_name,
                kind=ledger.DUPLICATE,
                reason=f"is another recording ({mine.row.device_name or 'device unknown'}) of "
                f"activity {activity_id}, which has a track already; its points are not used",
                activity_id=activity_id,
            )

    def _serial(self, activity_id: int) -> str | None:
        recorded = self.strava[activity_id].recorded if activity_id in self.strava else None
        return recorded.device_serial_number if recorded else None


def _is_one(one: LooseRow, other: LooseRow) -> bool:
    if one.row.content_hash == other.row.content_hash:  # one file in two places
        return bool(one.row.session_index == other.row.session_index)
    if _grew(one.row, other.row):
        return True
    return (
        one.recorded is not None
        and other.recorded is not None
        and is_same_activity(one.recorded, other.recorded)
    )


def _grew(one: Any, other: Any) -> bool:
    """Whether two recordings are of one file, which was read before it was complete."""
    start = one.start_time_utc
    return bool(one.file_name == other.file_name and start and start == other.start_time_utc)


def _apart(one: datetime | None, other: datetime | None) -> timedelta:
    return timedelta.max if one is None or other is None else abs(one - other)
