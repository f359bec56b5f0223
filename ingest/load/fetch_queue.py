"""Keeps the requests that are still to be made, in ``sync_queue``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa

from db.batches import chunks
from db.models import Activity, ImportIssue, QueueItem, Track
from db.upsert import upsert
from ingest.load import ledger
from ingest.transform.records import FILES, Issue

Item = Literal["detail", "streams"]
NEWS: Final = 0
ENRICHMENT: Final = 1
#: Number of days on which a request may fail before it is given up until its activity changes.
_MAX_DAYS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One request to make; ``has_file`` says whether a device file gives the activity's track."""

    activity_id: int
    item: Item
    athlete_id: int
    sport_type: str | None
    start_time_utc: datetime | None
    has_file: bool
    failed_days: int
    failed_at: datetime | None

    @property
    def name(self) -> str:
        """What the request is called in the ledger."""
        return f"{self.item} of activity {self.activity_id}"


def enqueue(
    connection: sa.Connection,
    items: Iterable[tuple[int, Item, datetime | None]],
    athlete_id: int,
    now: datetime,
    priority: int = NEWS,
) -> None:
    """Put requests into the queue.

    Requests for new or changed activities (``NEWS``) replace waiting ones, and bring back those
    that were given up. Other requests leave both alone. Strava knows no activity with a
    provisional, negative id, so it is never asked for one.
    """
    rows: list[dict[str, Any]] = [
        {
            "activity_id": activity_id,
            "item": item,
            "athlete_id": athlete_id,
            "priority": priority,
            "start_time_utc": start,
            "queued_at": now,
            "failed_days": 0,
            "failed_at": None,
            "error": None,
            "is_parked": False,
        }
        for activity_id, item, start in items
        if activity_id > 0
    ]
    kept = () if priority == NEWS else tuple(rows[0]) if rows else ()
    upsert(connection, QueueItem, rows, keep=kept)
    if priority == NEWS:
        revive(connection, sorted({row["activity_id"] for row in rows}))


def waiting(connection: sa.Connection, athlete_id: int) -> list[Work]:
    """The requests in the order to make them.

    Those that never failed come first, and the newest activities before older ones.
    """
    file_track = sa.and_(Track.activity_id == QueueItem.activity_id, Track.source.in_(FILES))
    query = (
        sa.select(
            QueueItem.activity_id,
            QueueItem.item,
            QueueItem.athlete_id,
            Activity.sport_type,
            QueueItem.start_time_utc,
            Track.activity_id.is_not(None).label("has_file"),
            QueueItem.failed_days,
            QueueItem.failed_at,
        )
        .join(Activity, Activity.activity_id == QueueItem.activity_id)
        .outerjoin(Track, file_track)
        .where(QueueItem.athlete_id == athlete_id, QueueItem.is_parked.is_(False))
        .order_by(
            sa.case((QueueItem.failed_days > 0, 1), else_=0),
            QueueItem.priority,
            sa.nulls_last(QueueItem.start_time_utc.desc()),
            QueueItem.activity_id.desc(),
            QueueItem.item,
        )
    )
    return [Work(**row) for row in connection.execute(query).mappings()]


def count_waiting(connection: sa.Connection, athlete_id: int | None = None) -> int:
    """How many requests are left to make, without those that were given up."""
    query = sa.select(sa.func.count()).select_from(QueueItem).where(QueueItem.is_parked.is_(False))
    return (
        connection.scalar(
            query if athlete_id is None else query.where(QueueItem.athlete_id == athlete_id)
        )
        or 0
    )


def done(connection: sa.Connection, work: Work) -> None:
    """Take a request out of the queue."""
    connection.execute(
        sa.delete(QueueItem).where(
            QueueItem.activity_id == work.activity_id, QueueItem.item == work.item
        )
    )
    _forget_issues(connection, [work.activity_id], work.name)


def failed(
    connection: sa.Connection,
    work: Work,
    reason: str,
    now: datetime,
    run_id: int,
    *,
    tell: bool = False,
) -> None:
    """Note that a request failed; give it up if it has failed on too many days.

    An issue is written when it is given up, or at once with ``tell``.
    """
    is_new_day = work.failed_at is None or work.failed_at.date() != now.date()
    days = work.failed_days + is_new_day
    row = sa.update(QueueItem).where(
        QueueItem.activity_id == work.activity_id, QueueItem.item == work.item
    )
    connection.execute(
        row.values(failed_days=days, failed_at=now, error=reason, is_parked=days >= _MAX_DAYS)
    )
    if days >= _MAX_DAYS or tell:
        given_up = (
            f"failed on {days} days, so it is not tried again until the activity changes on "
            f"Strava; last: {reason}"
        )
        told = given_up if days >= _MAX_DAYS else reason
        issue = Issue(origin=work.name, kind="api", reason=told, activity_id=work.activity_id)
        _forget_issues(connection, [work.activity_id], work.name)
        ledger.add_issues(connection, run_id, work.athlete_id, ledger.API, [issue])


def tell_of_api(
    connection: sa.Connection,
    run_id: int,
    athlete_id: int,
    names: Sequence[str],
    issues: Iterable[Issue],
) -> None:
    """Replace the issues about these parts of the API's answers by ``issues``."""
    for some in chunks(sorted(names)):
        old = sa.delete(ImportIssue).where(
            ImportIssue.origin == ledger.API, ImportIssue.name.in_(some)
        )
        connection.execute(old.where(ImportIssue.athlete_id == athlete_id))
    ledger.add_issues(connection, run_id, athlete_id, ledger.API, issues)


def revive(connection: sa.Connection, activity_ids: Sequence[int]) -> None:
    """Bring back requests that were given up, for activities that have changed."""
    back = {"is_parked": False, "failed_days": 0, "failed_at": None, "error": None}
    for some in chunks(activity_ids):
        parked = sa.update(QueueItem).where(QueueItem.activity_id.in_(some), QueueItem.is_parked)
        connection.execute(parked.values(back))
    _forget_issues(connection, activity_ids)


def take_out(connection: sa.Connection, activity_ids: Sequence[int]) -> None:
    """Take activities out of the queue."""
    for some in chunks(activity_ids):
        connection.execute(sa.delete(QueueItem).where(QueueItem.activity_id.in_(some)))
    _forget_issues(connection, activity_ids)


def _forget_issues(connection: sa.Connection, activity_ids: Sequence[int], *names: str) -> None:
    """Remove issues about failed requests of activities: all of them, or the named ones."""
    for some in chunks(activity_ids):
        of_api = sa.delete(ImportIssue).where(
            ImportIssue.activity_id.in_(some), ImportIssue.origin == ledger.API
        )
        connection.execute(of_api.where(ImportIssue.name.in_(names)) if names else of_api)
