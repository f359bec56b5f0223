"""Settles what needs all activities of an athlete: vanished ones, gear, local times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from db.models import Activity, ActivityObservation, ImportFile, PurgedActivity
from ingest.load import sync_state
from ingest.load.gear_ids import relearn
from ingest.transform.merge import is_virtual, located, unknown_time
from ingest.transform.timezones import offset_at

#: Share of an athlete's activities beyond which vanishing at once looks like a damaged export.
MAX_VANISHED: Final = 0.10
_SURE: Final = ("api", "file", "position")
#: Number of sweeps in a row without an activity after which it has vanished.
_SWEEPS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What settling changed of one athlete's activities, and what it refused to."""

    athlete_id: int
    vanished: frozenset[int] = frozenset()
    held_back: int = 0


def reconcile(
    connection: sa.Connection, athlete_id: int, home: str | None, accept_vanished: bool
) -> Settled:
    """Mark what vanished, match gear with its ids and fill in local times, inside the caller's
    transaction.
    """
    settled = _vanish(connection, athlete_id, accept_vanished)
    # Decodes every observation, so it runs only for athletes whose data changed.
    if athlete_id in sync_state.unsettled(connection):
        relearn(connection, athlete_id)
    _local_times(connection, athlete_id, home)
    sync_state.mark_settled(connection, athlete_id)
    return settled


def newest_export(connection: sa.Connection, athlete_id: int) -> datetime | None:
    """The date of the newest export of an athlete that was imported whole."""
    query = sa.select(sa.func.max(ImportFile.exported_at)).where(
        ImportFile.athlete_id == athlete_id, ImportFile.file_kind == "export"
    )
    return connection.scalar(query)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lists:
    """When there were complete lists of an athlete's activities, oldest first: exports, and sweeps
    of the API.
    """

    exports: Sequence[datetime]
    sweeps: Sequence[datetime]

    @property
    def newest(self) -> datetime | None:
        """The date of the newest list; what was seen then or later has not vanished."""
        ends = (
            [*self.exports[-1:], *self.sweeps[-_SWEEPS:][:1]]
            if len(self.sweeps) >= _SWEEPS
            else self.exports[-1:]
        )
        return max(ends, default=None)

    def gone_at(self, last_seen: datetime, is_exported: bool) -> datetime | None:
        """When an activity had vanished: by the first export without it,
        or the second sweep in a row.
        """
        found = []
        # What no export ever held cannot vanish from one.
        if is_exported and (at := bisect_right(self.exports, last_seen)) < len(self.exports):
            found.append(self.exports[at])
        # One sweep can miss an activity, when another is deleted between two of its pages.
        if (at := bisect_right(self.sweeps, last_seen) + _SWEEPS - 1) < len(self.sweeps):
            found.append(self.sweeps[at])
        return min(found, default=None)


def _vanish(connection: sa.Connection, athlete_id: int, accept: bool) -> Settled:
    """Mark rows that complete lists no longer hold as gone from Strava, others as back."""
    lists = _Lists(
        exports=sorted(connection.scalars(_export_dates(athlete_id))),
        sweeps=sync_state.sweeps(connection, athlete_id),
    )
    if lists.newest is None:
        return Settled(athlete_id=athlete_id)
    rows = connection.execute(_in_question(athlete_id, lists.newest)).all()
    after = {row.activity_id: lists.gone_at(_last_seen(row), bool(row.is_exported)) for row in rows}
    before = {row.activity_id: row.vanished_at for row in rows}
    _mark(
        connection, {i: None for i, when in after.items() if when is None and before[i] is not None}
    )
    gone = {i for i, when in after.items() if when is not None and before[i] is None}
    here = sa.select(sa.func.count()).where(
        Activity.athlete_id == athlete_id, Activity.vanished_at.is_(None)
    )
    present = connection.scalar(here) or 0
    if len(gone) > present * MAX_VANISHED and not accept:
        return Settled(athlete_id=athlete_id, held_back=len(gone))
    _mark(
        connection, {i: when for i, when in after.items() if when is not None and when != before[i]}
    )
    return Settled(athlete_id=athlete_id, vanished=frozenset(gone))


def _in_question(athlete_id: int, newest: datetime) -> sa.Select[Any]:
    """The activities that the newest list lacks, or that vanished before, out of thousands."""
    seen = (
        sa.select(
            ActivityObservation.activity_id,
            sa.func.max(ActivityObservation.observed_at).label("last_seen"),
            sa.func.max(sa.case((ActivityObservation.source == "export", 1), else_=0)).label(
                "is_exported"
            ),
        )
        .where(ActivityObservation.source != "file")
        .group_by(ActivityObservation.activity_id)
        .subquery()
    )
    return (
        sa.select(
            Activity.activity_id,
            Activity.vanished_at,
            seen.c.last_seen,
            seen.c.is_exported,
            # The API lists it, though nothing of what it says is kept.
            PurgedActivity.seen_at,
        )
        .join(seen, seen.c.activity_id == Activity.activity_id)
        .outerjoin(PurgedActivity, PurgedActivity.activity_id == Activity.activity_id)
        .where(
            Activity.athlete_id == athlete_id,
            sa.or_(seen.c.last_seen < newest, Activity.vanished_at.is_not(None)),
        )
    )


def _last_seen(row: Any) -> datetime:
    last_seen: datetime = row.last_seen
    return last_seen if row.seen_at is None else max(last_seen, row.seen_at)


def _export_dates(athlete_id: int) -> sa.Select[datetime]:
    return sa.select(ImportFile.exported_at).where(
        ImportFile.athlete_id == athlete_id, ImportFile.file_kind == "export"
    )


def _mark(connection: sa.Connection, dates: Mapping[int, datetime | None]) -> None:
    table = Activity.__table__
    statement = (
        sa.update(Activity)
        .where(table.c.activity_id == sa.bindparam("id"))
        .values(vanished_at=sa.bindparam("at"))
    )
    if dates:
        sync_state.mark_stale(connection)
        connection.execute(statement, [{"id": i, "at": when} for i, when in dates.items()])


def _local_times(connection: sa.Connection, athlete_id: int, home: str | None) -> None:
    """Give activities without a place the zone of the one before them, else the home zone."""
    query = (
        sa.select(
            Activity.activity_id,
            Activity.start_time_utc,
            Activity.timezone_name,
            Activity.utc_offset_s,
            Activity.timezone_source,
            Activity.start_time_local,
            Activity.sport_type,
        )
        .where(Activity.athlete_id == athlete_id, Activity.start_time_utc.is_not(None))
        .order_by(Activity.start_time_utc, Activity.activity_id)
    )
    changed = list(_guesses(connection.execute(query).all(), home))
    if changed:
        sync_state.mark_stale(connection)
        names = ("timezone_name", "utc_offset_s", "start_time_local", "timezone_source")
        statement = sa.update(Activity).where(Activity.activity_id == sa.bindparam("id"))
        connection.execute(statement.values({n: sa.bindparam(f"new_{n}") for n in names}), changed)


def _guesses(rows: Any, home: str | None) -> Iterator[dict[str, Any]]:
    before: tuple[str | None, int] | None = None
    for row in rows:
        if row.timezone_source == "api" and is_virtual(row._mapping):
            continue  # Strava takes the zone of the island where the game is
        if row.timezone_source in _SURE:
            # A watch indoors tells an offset without a place. If the last zone or the home zone has
            # this offset, it is taken.
            names = (row.timezone_name, before[0] if before else None, home)
            agreeing = (
                n for n in names if n and offset_at(n, row.start_time_utc) == row.utc_offset_s
            )
            before = (next(agreeing, None), row.utc_offset_s)
            continue
        guess = _guess(row.start_time_utc, before, home)
        if any(value != getattr(row, name) for name, value in guess.items()):
            yield {"id": row.activity_id, **{f"new_{name}": value for name, value in guess.items()}}


def _guess(
    start: datetime, before: tuple[str | None, int] | None, home: str | None
) -> dict[str, Any]:
    if before is not None:
        name, offset = before
        by_name = offset_at(name, start) if name else None
        return located(start, name, offset if by_name is None else by_name, "neighbour")
    if home is not None and (offset_home := offset_at(home, start)) is not None:
        return located(start, home, offset_home, "home")
    return unknown_time()
