"""A page of the API's list in; its activities compared with the database, folded into it, and the queue filled with what they cost, out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa

from db.models import PurgedActivity
from ingest.load import ledger, observations, queue
from ingest.load.gear import GearBook
from ingest.load.gear_ids import GearIds
from ingest.load.queue import Item
from ingest.load.writer import ActivityWrite, Batch, Writer
from ingest.merge import with_known_start
from ingest.report import Report
from ingest.rows import Observation
from ingest.sources.api_activity import activity_id, has_other_streams, is_manual, observation

#: ``first``: an export has it, the API shows it for the first time; ``recounted``: nothing but kudos and the like changed.
State = Literal["new", "first", "changed", "recounted", "same"]
_WRITTEN: Final = ("new", "first", "changed", "recounted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One activity of a page, and what it costs."""

    summary: Observation
    state: State
    #: What an export said of it.
    exported: Observation | None
    requests: tuple[Item, ...]

    @property
    def work(self) -> Iterator[tuple[int, Item, datetime | None]]:
        """What to put into the queue."""
        for item in self.requests:
            yield self.summary.activity_id, item, self.summary.fields.get("start_time_utc")


def judge(
    connection: sa.Connection | None,
    page: Iterable[Mapping[str, Any]],
    athlete_id: int,
    observed_at: datetime,
    *,
    skip_purged: bool,
) -> list[Seen]:
    """Compare a page with the database; without a connection everything is new. Activities that were purged are left out."""
    fresh = {found: raw for raw in page if (found := activity_id(raw)) is not None}
    known: Mapping[int, Sequence[Observation]] = {}
    if connection is not None:
        if skip_purged:
            for purged in purged_of(connection, fresh):
                del fresh[purged]
        known = observations.stored(connection, list(fresh))
    return [
        _seen(observation(raw, athlete_id, observed_at, "api_summary"), known.get(i, ())) for i, raw in fresh.items()
    ]


def _seen(shown: Observation, every: Sequence[Observation]) -> Seen:
    summary, known = with_known_start(shown, every), {seen.source: seen for seen in every}
    old, exported = known.get("api_summary"), known.get("export")
    assert summary.raw is not None
    requests: tuple[Item, ...] = ()
    if old is None and exported is not None:
        state: State = "first"
    elif old is None or old.raw is None:
        state, requests = "new", ("detail", "streams")
    elif old.digest != summary.digest:
        state = "changed"
        requests = ("detail", "streams") if has_other_streams(old.raw, summary.raw) else ("detail",)
    else:
        state = "same" if old.raw == summary.raw else "recounted"
    if is_manual(summary.raw) or "file" in known:
        requests = tuple(item for item in requests if item != "streams")
    return Seen(summary=summary, state=state, exported=exported, requests=requests)


def purged_of(connection: sa.Connection, ids: Iterable[int]) -> set[int]:
    """Those whose API data was purged."""
    return set(
        connection.scalars(sa.select(PurgedActivity.activity_id).where(PurgedActivity.activity_id.in_(list(ids))))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWriter:
    """Writes the pages of one athlete's list."""

    athlete_id: int
    run_id: int
    report: Report
    #: Activities that were purged stay so, unless they are asked for.
    skip_purged: bool

    def write(self, connection: sa.Connection, page: Sequence[Mapping[str, Any]], observed_at: datetime) -> None:
        """Write a page inside the caller's transaction."""
        ids = [found for raw in page if (found := activity_id(raw)) is not None]
        self._note_purged(connection, ids, observed_at)
        every = judge(connection, page, self.athlete_id, observed_at, skip_purged=self.skip_purged)
        written = [seen for seen in every if seen.state in _WRITTEN]
        if written:
            self._write(connection, written)
        same = [seen.summary.activity_id for seen in every if seen.state == "same"]
        observations.confirm(connection, same, observed_at, {}, "api_summary")
        queue.enqueue(connection, (work for seen in every for work in seen.work), self.athlete_id, observed_at)
        count(self.report, every)

    def _note_purged(self, connection: sa.Connection, ids: Sequence[int], observed_at: datetime) -> None:
        some = PurgedActivity.activity_id.in_(ids)
        if self.skip_purged:
            connection.execute(sa.update(PurgedActivity).where(some).values(seen_at=observed_at))
        else:
            connection.execute(sa.delete(PurgedActivity).where(some))

    def _write(self, connection: sa.Connection, written: Sequence[Seen]) -> None:
        gear = GearBook(connection, self.athlete_id)
        ids = GearIds(connection, self.athlete_id, gear)
        pairs = [(seen, seen.summary.fields.get("strava_gear_id")) for seen in written]
        ids.learn((seen.exported, exact) for seen, exact in pairs if seen.exported is not None and exact)
        ids.ensure(exact for _, exact in pairs if exact)
        batch = Batch()
        for seen in written:
            batch.add(ActivityWrite(activity_id=seen.summary.activity_id, observations=(seen.summary,)))
        Writer(athlete_id=self.athlete_id, origin=ledger.API, run_id=self.run_id, gear=gear).write(connection, batch)


def count(report: Report, every: Iterable[Seen]) -> None:
    """Put what was seen into the report."""
    for seen in every:
        report.seen.add(seen.summary.activity_id)
        if seen.state == "new":
            report.new.add(seen.summary.activity_id)
        elif seen.state == "changed":
            report.changed.add(seen.summary.activity_id)
