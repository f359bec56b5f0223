"""Updates what depends on all activities of an athlete: vanished ones, gear, local times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa

from db.models import Activity, ActivityObservation, Athlete, ImportFile, PurgedActivity
from ingest.load import sync_state
from ingest.load.gear_ids import relearn
from ingest.transform.merge import is_virtual, located, unknown_time
from ingest.transform.timezones import offset_at

#: Share of an athlete's activities; if more vanish at once, the export is probably damaged.
MAX_VANISHED: Final = 0.10
_SURE: Final = ("api", "file", "position")
#: Number of complete lists in a row without an activity after which it has vanished.
_SWEEPS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What ``reconcile`` changed of one athlete's activities, and what it refused to change."""

    athlete_id: int
    vanished: frozenset[int] = frozenset()
    held_back: int = 0


def reconcile(
    connection: sa.Connection, athlete_id: int, home: str | None, accept_vanished: bool
) -> Settled:
    """Mark vanished activities, match gear with its ids, fill in local times.

    It runs inside the caller's transaction.
    """
    vanished = vanishing(connection, athlete_id, accept_vanished)
    _mark(connection, vanished.dates)
    # Decodes every observation, so it runs only for athletes whose data changed.
    if athlete_id in sync_state.unsettled(connection):
        relearn(connection, athlete_id)
    _local_times(connection, athlete_id, home)
    sync_state.mark_settled(connection, athlete_id)
    return vanished.settled


def left_to_settle(connection: sa.Connection, home: str | None, accept_vanished: bool) -> set[int]:
    """The athletes that a killed run left unsettled.

    They are all athletes if the home zone is new, or vanished activities are accepted at any
    number.
    """
    athletes = set(sync_state.unsettled(connection))
    if accept_vanished or home != sync_state.HOME_ZONE.get(connection):
        athletes |= set(connection.scalars(sa.select(Athlete.athlete_id)))
    return athletes


def newest_export(connection: sa.Connection, athlete_id: int) -> datetime | None:
    """The date of an athlete's newest export that was imported whole."""
    query = sa.select(sa.func.max(ImportFile.exported_at)).where(
        ImportFile.athlete_id == athlete_id, ImportFile.file_kind == "export"
    )
    return connection.scalar(query)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lists:
    """When there were complete lists of an athlete's activities, oldest first.

    ``exports`` are the dates of exports, ``sweeps`` those of complete lists of the API.
    """

    exports: Sequence[datetime]
    sweeps: Sequence[datetime]

    @classmethod
    def of(
        cls, connection: sa.Connection | None, athlete_id: int, coming: Sequence[datetime]
    ) -> _Lists:
        """The lists that the database knows, and exports of these dates."""
        if connection is None:
            return cls(exports=sorted(coming), sweeps=())
        return cls(
            exports=sorted([*connection.scalars(_export_dates(athlete_id)), *coming]),
            sweeps=sync_state.sweeps(connection, athlete_id),
        )

    @property
    def newest(self) -> datetime | None:
        """The date of the newest list; an activity seen then or later has not vanished."""
        ends = (
            [*self.exports[-1:], *self.sweeps[-_SWEEPS:][:1]]
            if len(self.sweeps) >= _SWEEPS
            else self.exports[-1:]
        )
        return max(ends, default=None)

    def gone_at(self, last_seen: datetime, is_exported: bool) -> datetime | None:
        """When an activity vanished: at the first export, or second API list, without it."""
        found = []
        # An activity that no export ever held cannot vanish from one.
        if is_exported and (at := bisect_right(self.exports, last_seen)) < len(self.exports):
            found.append(self.exports[at])
        # A list of the API can miss an activity if another one is deleted between two of its pages.
        if (at := bisect_right(self.sweeps, last_seen) + _SWEEPS - 1) < len(self.sweeps):
            found.append(self.sweeps[at])
        return min(found, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingExport:
    """An export that a dry run finds: once imported, a complete list of an athlete's activities."""

    athlete_id: int
    exported_at: datetime
    activity_ids: frozenset[int]
    #: The start of its newest activity, without those that a wrong clock puts into the future.
    newest_start: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanishing:
    """What the complete lists say of activities that the newest of them lacks.

    ``dates`` tells when each was gone from Strava, ``None`` where it is there; only what differs
    from the database is in it.
    """

    settled: Settled
    dates: Mapping[int, datetime | None] = field(default_factory=dict)


def vanishing(
    connection: sa.Connection | None,
    athlete_id: int,
    accept: bool,
    coming: Sequence[ComingExport] = (),
    decided: Mapping[int, datetime | None] = MappingProxyType({}),
) -> Vanishing:
    """Decide what has vanished, and what is back.

    A dry run has exports that are ``coming``, has ``decided`` of those before the last of them, and
    may have no database yet.
    """
    coming = [export for export in coming if export.athlete_id == athlete_id]
    lists = _Lists.of(connection, athlete_id, [export.exported_at for export in coming])
    if lists.newest is None:
        return Vanishing(settled=Settled(athlete_id=athlete_id))
    rows: Sequence[Any] = []
    if connection is not None:
        rows = connection.execute(_in_question(athlete_id, lists.newest)).all()
    last_seen = {row.activity_id: _last_seen(row) for row in rows}
    before: dict[int, datetime | None] = {row.activity_id: row.vanished_at for row in rows}
    before.update(decided)
    exported = {row.activity_id for row in rows if row.is_exported}
    present = _present(connection, athlete_id) if coming else set()
    for export in coming:
        # Activities that the newest list holds are not in question.
        for i in (i for i in export.activity_ids if i in before or i not in present):
            last_seen[i] = max(last_seen.get(i, export.exported_at), export.exported_at)
            exported.add(i)
    after = {i: lists.gone_at(seen, i in exported) for i, seen in last_seen.items()}
    changed = {i: when for i, when in after.items() if when != before.get(i)}
    gone = {i for i, when in changed.items() if when is not None and before.get(i) is None}
    if gone and not accept:
        back = {i: when for i, when in changed.items() if when is None}
        present = _present(connection, athlete_id).union(*(e.activity_ids for e in coming))
        present -= {i for i, when in before.items() if when is not None} - back.keys()
        if len(gone) > len(present | back.keys()) * MAX_VANISHED:
            held_back = Settled(athlete_id=athlete_id, held_back=len(gone))
            return Vanishing(settled=held_back, dates=back)
    settled = Settled(athlete_id=athlete_id, vanished=frozenset(gone))
    return Vanishing(settled=settled, dates=changed)


def _present(connection: sa.Connection | None, athlete_id: int) -> set[int]:
    """The activities that have not vanished."""
    if connection is None:
        return set()
    here = sa.select(Activity.activity_id).where(
        Activity.athlete_id == athlete_id, Activity.vanished_at.is_(None)
    )
    return set(connection.scalars(here))


def _in_question(athlete_id: int, newest: datetime) -> sa.Select[Any]:
    """The activities that the newest list lacks, or that had vanished: few out of thousands."""
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
            # When the API last listed the activity, although its data was purged.
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
    """Give activities without a place the zone of the activity before them, else the home zone."""
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
            continue  # Strava takes the zone of the island that the game is set on
        if row.timezone_source in _SURE:
            # An indoor watch tells an offset without a place. Take the last zone or the home zone
            # if it has this offset.
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
