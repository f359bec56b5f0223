"""Decides which activities have vanished from Strava, by complete lists of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa

from db.models import Activity, ActivityObservation, PurgedActivity
from ingest.load import ledger, sync_state
from ingest.transform.records import FILES

#: Share of an athlete's activities; if more vanish at once, the export is probably damaged.
MAX_VANISHED: Final = 0.10

#: Number of complete lists in a row without an activity after which it has vanished.
_SWEEPS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What ``reconcile`` changed of one athlete's activities, and what it refused to change."""

    athlete_id: int
    vanished: frozenset[int] = frozenset()
    held_back: int = 0


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
            exports=sorted([*ledger.export_dates(connection, athlete_id), *coming]),
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
    """The activities of Strava that have not vanished."""
    if connection is None:
        return set()
    here = sa.select(Activity.activity_id).where(
        Activity.athlete_id == athlete_id,
        Activity.vanished_at.is_(None),
        # Lists of Strava have no activities with provisional, negative ids.
        Activity.activity_id > 0,
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
        # What files recorded does not say that the activity is on Strava.
        .where(ActivityObservation.source.not_in(FILES))
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
