"""Chooses the list of activities that is due at the API, and fetches it page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

import sqlalchemy as sa

from db.models import Activity
from ingest.config import ApiOptions
from ingest.errors import RequestFailed
from ingest.load.ledger import newest_export
from ingest.load.sync_state import SWEEP_BEGUN, SWEPT_AT, SweepProgress, add_sweep
from ingest.load.vanishing import ComingExport
from ingest.transform.api_json.list_page import ListPage, list_page
from ingest.transform.api_json.values import mappings, moment, wall_clock
from ingest.transform.records import Observation

Kind = Literal["quick", "sweep", "range"]
Ask = Callable[..., Any]
Now = Callable[[], datetime]

_PER_PAGE: Final = 200
#: Time before the newest activity that is listed again. Uploads often arrive up to a day late; the
#: sweep finds those that are later than this.
_OVERLAP: Final = timedelta(days=7)
_SWEEP_EVERY: Final = timedelta(days=7)
#: Largest difference between a day's begin or end in UTC and somewhere on earth.
_ZONES: Final = timedelta(hours=14)
_PATH: Final = "/athlete/activities"
#: Number of pages in a row without anything new that shows that the server ignores page numbers.
_IDLE: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One list of activities: all that start after and before these moments, in epoch seconds."""

    kind: Kind
    after: int
    before: int | None = None
    #: When a sweep began, maybe in an earlier run.
    begun_at: datetime
    #: Whether all of it was asked for with the permission to see private activities.
    sees_all: bool = False
    #: Local days, both included.
    begin: date | None = None
    end: date | None = None

    @property
    def text(self) -> str:
        """The list as people would call it."""
        return {
            "quick": "activities that are newer than the newest known one",
            "sweep": "the list of all activities",
            "range": "the activities of the given days",
        }[self.kind]

    @property
    def skips_purged(self) -> bool:
        """Whether purged activities are left alone: yes, unless the user asks for their days."""
        return self.kind != "range"

    def holds(self, summary: Observation) -> bool:
        """Whether an activity is on one of the days asked for.

        The moments are wide enough for every time zone, so they alone do not tell.
        """
        raw = summary.raw or {}
        start = wall_clock(raw.get("start_date_local")) or moment(raw.get("start_date"))
        if start is None:
            return True
        is_late = self.begin is None or start.date() >= self.begin
        return is_late and (self.end is None or start.date() <= self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What decides which list is due: what the database knows of one athlete, none of it later
    than now.

    One activity from a watch with a wrong clock would hide all others, and a date later than now
    was noted when the clock was wrong.
    """

    #: The start of the newest activity.
    newest_start: datetime | None = None
    #: The date of the newest export.
    exported_at: datetime | None = None
    #: When the last complete list was asked for.
    swept_at: datetime | None = None

    @classmethod
    def of(cls, connection: sa.Connection, athlete_id: int, now: datetime) -> Known:
        """Read it from the database."""
        start = sa.select(sa.func.max(Activity.start_time_utc)).where(
            Activity.athlete_id == athlete_id, Activity.start_time_utc <= now
        )
        exported_at = newest_export(connection, athlete_id)
        return cls(
            newest_start=connection.scalar(start),
            exported_at=exported_at if exported_at is not None and exported_at <= now else None,
            swept_at=SWEPT_AT.get(connection, athlete_id),
        )

    def with_exports(self, coming: Iterable[ComingExport], athlete_id: int, now: datetime) -> Known:
        """What would be known once these exports are imported, too."""
        mine = [export for export in coming if export.athlete_id == athlete_id]
        starts = [e.newest_start for e in mine if e.newest_start is not None]
        dates = [e.exported_at for e in mine if e.exported_at <= now]
        return replace(
            self,
            newest_start=max([*filter(None, [self.newest_start]), *starts], default=None),
            exported_at=max([*filter(None, [self.exported_at]), *dates], default=None),
        )

    def is_sweep_due(self, now: datetime, options: ApiOptions) -> bool:
        """Whether a complete list is due: a week after the last one.

        An export is one, too, but not of what the API shows.
        """
        if options.sweep or (options.enrich and self.swept_at is None):
            return True
        swept = self.swept_at if self.swept_at is not None and self.swept_at <= now else None
        dates = [when for when in (self.exported_at, swept) if when is not None]
        return not dates or now - max(dates) >= _SWEEP_EVERY


def choose(
    connection: sa.Connection | None,
    athlete_id: int,
    now: datetime,
    options: ApiOptions,
    *,
    sees_all: bool,
    coming: Iterable[ComingExport] = (),
) -> Query:
    """The list that is due; without a connection nothing is known but exports that are coming."""
    now = now.replace(microsecond=0)
    if options.begin is not None or options.end is not None:
        return _range(now, options.begin, options.end)
    known = Known() if connection is None else Known.of(connection, athlete_id, now)
    known = known.with_exports(coming, athlete_id, now)
    # The last complete list stands in where what it held is purged.
    since = known.newest_start or known.swept_at
    if since is None or known.is_sweep_due(now, options):
        begun = (
            None if connection is None else _begun(connection, athlete_id, now, sees_all=sees_all)
        )
        return begun or Query(kind="sweep", after=1, begun_at=now, sees_all=sees_all)
    return Query(kind="quick", after=max(1, int((since - _OVERLAP).timestamp())), begun_at=now)


def _range(now: datetime, begin: date | None, end: date | None) -> Query:
    after = 1 if begin is None else max(1, _epoch(begin, now) - _seconds(_ZONES) - 1)
    before = None if end is None else _epoch(end, now) + _seconds(timedelta(days=1) + _ZONES)
    return Query(kind="range", after=after, before=before, begun_at=now, begin=begin, end=end)


def _epoch(day: date, now: datetime) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=now.tzinfo).timestamp())


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _begun(
    connection: sa.Connection, athlete_id: int, now: datetime, *, sees_all: bool
) -> Query | None:
    """The rest of a sweep that Strava's limits cut off, if that is not long ago and it saw what
    this one would see.
    """
    begun = SWEEP_BEGUN.get(connection, athlete_id)
    if begun is None or begun.sees_all != sees_all:
        return None
    if not begun.begun_at <= now <= begun.begun_at + _SWEEP_EVERY:
        return None
    after = max(1, begun.after - _seconds(_OVERLAP))
    return Query(kind="sweep", after=after, begun_at=begun.begun_at, sees_all=sees_all)


def remember_progress(
    connection: sa.Connection, athlete_id: int, query: Query, page: ListPage
) -> None:
    """How far a sweep came; only where the oldest come first, as Strava says they do, does that
    mean anything.
    """
    starts = page.starts
    if query.kind != "sweep" or len(set(starts)) < 2 or starts != sorted(starts):
        return
    after = int(starts[-1].timestamp())
    begun = SweepProgress(begun_at=query.begun_at, after=after, sees_all=query.sees_all)
    SWEEP_BEGUN.set(connection, begun, athlete_id)


def pages(ask: Ask, query: Query, athlete_id: int, now: Now) -> Iterator[ListPage]:
    """The pages of a list up to the empty one; short pages come in between, and activities more
    than once.

    Raises:
        RequestFailed: an answer is no list, or the list does not end.
    """
    params: dict[str, int] = {"after": query.after, "per_page": _PER_PAGE}
    if query.before is not None:
        params["before"] = query.before
    seen: set[int] = set()
    number = idle = 0
    while True:
        number += 1
        answer = ask(_PATH, page=number, **params)
        if not isinstance(answer, list):
            raise RequestFailed(_PATH, f"page {number} is not a list")
        if not answer:
            return
        page = list_page(mappings(answer), athlete_id, now())
        ids = set(page.activity_ids)
        idle = idle + 1 if ids <= seen else 0
        if idle == _IDLE:
            raise RequestFailed(_PATH, f"the list does not end: {_IDLE} pages without anything new")
        seen |= ids
        yield page


def completed(connection: sa.Connection, athlete_id: int, query: Query) -> None:
    """Remember a complete sweep; one that saw private activities, too, counts for what vanished."""
    if query.kind != "sweep":
        return
    SWEPT_AT.set(connection, query.begun_at, athlete_id)
    SWEEP_BEGUN.set(connection, None, athlete_id)
    if query.sees_all:
        add_sweep(connection, athlete_id, query.begun_at)
