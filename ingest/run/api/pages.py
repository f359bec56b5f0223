"""Compares a page of the API's list with the database, stores it and queues what it lacks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import sqlalchemy as sa

from db.models import PurgedActivity
from ingest.load import fetch_queue as queue
from ingest.load import ledger, observations
from ingest.load.fetch_queue import Item
from ingest.load.gear import GearBook
from ingest.load.gear_ids import ensure_ids
from ingest.load.tracks import FileTrack, file_tracks
from ingest.load.writer import ActivityWrite, Batch, Writer
from ingest.reporting.report import Report
from ingest.run.api.listing import Query
from ingest.transform.api_json.activity import has_other_streams, is_manual, shown_columns
from ingest.transform.api_json.list_page import ListPage
from ingest.transform.merge import with_known_start
from ingest.transform.records import Issue, Observation

#: State of an activity on a page. ``first``: an export has it, the API shows it for the first time;
#: ``recounted``: nothing but kudos and the like changed.
State = Literal["new", "first", "changed", "recounted", "same"]
_WRITTEN: Final = ("new", "first", "changed", "recounted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One activity of a page, and what it costs."""

    summary: Observation
    state: State
    requests: tuple[Item, ...]

    @property
    def work(self) -> Iterator[tuple[int, Item, datetime | None]]:
        """What to put into the queue."""
        for item in self.requests:
            yield self.summary.activity_id, item, self.summary.fields.get("start_time_utc")


def judge(
    connection: sa.Connection | None,
    page: ListPage,
    query: Query,
    purged: Collection[int],
    exported: Collection[int] = (),
) -> list[Seen]:
    """Compare a page with the database; without a connection everything is new.

    ``purged`` are left out; ``exported`` are further activities that an export is known to hold.
    """
    fresh = {
        i: summary
        for i, summary in page.summaries.items()
        if query.holds(summary) and i not in purged
    }
    known: Mapping[int, Sequence[Observation]] = {}
    files: Mapping[int, FileTrack] = {}
    if connection is not None:
        known = observations.stored(connection, list(fresh))
        files = file_tracks(connection, fresh)
    return [
        _seen(summary, known.get(i, ()), files.get(i), is_exported=i in exported)
        for i, summary in fresh.items()
    ]


def _seen(
    shown: Observation, every: Sequence[Observation], file: FileTrack | None, *, is_exported: bool
) -> Seen:
    summary, known = with_known_start(shown, every), {seen.source: seen for seen in every}
    old = known.get("api_summary")
    assert summary.raw is not None
    requests: tuple[Item, ...] = ()
    if old is None and (is_exported or "export" in known):
        state: State = "first"
    elif old is None or old.raw is None:
        state, requests = "new", ("detail", "streams")
    elif old.digest != summary.digest:
        state = "changed"
        requests = ("detail", "streams") if has_other_streams(old.raw, summary.raw) else ("detail",)
    else:
        state = "same" if old.raw == summary.raw else "recounted"
    if is_manual(summary.raw) or (
        file is not None and not file.worth.lacks(shown_columns(summary.raw))
    ):
        requests = tuple(item for item in requests if item != "streams")
    elif file is not None and "streams" not in requests and _is_due(file, old, summary):
        requests = (*requests, "streams")
    return Seen(summary=summary, state=state, requests=requests)


def _is_due(file: FileTrack, old: Observation | None, summary: Observation) -> bool:
    """Whether streams were not asked for beside a device file, or not since the API shows these
    columns.
    """
    assert summary.raw is not None
    if (
        old is not None
        and old.raw is not None
        and shown_columns(old.raw) != shown_columns(summary.raw)
    ):
        return True
    return file.compared_at is None and not file.is_queued


def left_alone(connection: sa.Connection | None, page: ListPage, query: Query) -> set[int]:
    """Activities of a page that are not fetched again since their API data was purged."""
    if connection is None or not query.skips_purged:
        return set()
    is_here = PurgedActivity.activity_id.in_(list(page.summaries))
    return set(connection.scalars(sa.select(PurgedActivity.activity_id).where(is_here)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWriter:
    """Writes the pages of one athlete's list."""

    athlete_id: int
    run_id: int
    query: Query

    def write(self, connection: sa.Connection, page: ListPage) -> Report:
        """Write a page inside the caller's transaction; what it holds, as the summary counts it."""
        observed_at = page.observed_at
        held = [i for i, summary in page.summaries.items() if self.query.holds(summary)]
        self._note_purged(connection, held, observed_at)
        purged = left_alone(connection, page, self.query)
        every = judge(connection, page, self.query, purged)
        same = [seen.summary.activity_id for seen in every if seen.state == "same"]
        again = observations.overtakes(connection, same, observed_at, "api_summary")
        observations.confirm(connection, same, observed_at, {}, "api_summary")
        self._write(connection, [seen for seen in every if seen.state in _WRITTEN], again)
        queue.enqueue(
            connection, (work for seen in every for work in seen.work), self.athlete_id, observed_at
        )
        report = report_of(every)
        report.purged = purged
        report.notes += self._tell_foreign(connection, page)
        return report

    def _tell_foreign(self, connection: sa.Connection, page: ListPage) -> list[str]:
        """Make issues of the activities that are another athlete's;
        nothing else is done with them.
        """
        names = {i: f"activity {i} of the list" for i in page.activity_ids}
        issues = [
            Issue(
                origin=names[found],
                kind="foreign",
                reason=f"belongs to athlete {owner}, not to {self.athlete_id}; left out",
                activity_id=found,
            )
            for found, owner in page.foreign.items()
        ]
        queue.tell_of_api(connection, self.run_id, self.athlete_id, list(names.values()), issues)
        if not issues:
            return []
        return [f"{len(issues)} activities of Strava's list are another athlete's; see `issues`"]

    def _note_purged(
        self, connection: sa.Connection, ids: Sequence[int], observed_at: datetime
    ) -> None:
        some = PurgedActivity.activity_id.in_(ids)
        if self.query.skips_purged:
            connection.execute(sa.update(PurgedActivity).where(some).values(seen_at=observed_at))
        else:
            connection.execute(sa.delete(PurgedActivity).where(some))

    def _write(
        self, connection: sa.Connection, written: Sequence[Seen], again: Sequence[int]
    ) -> None:
        """Write summaries, and fold ``again`` what is stored."""
        if not written and not again:
            return
        ids = (seen.summary.fields.get("strava_gear_id") for seen in written)
        ensure_ids(connection, self.athlete_id, filter(None, ids))
        gear = GearBook(connection, self.athlete_id)
        batch = Batch()
        for seen in written:
            batch.add(
                ActivityWrite(activity_id=seen.summary.activity_id, observations=(seen.summary,))
            )
        for number in again:
            batch.add(ActivityWrite(activity_id=number))
        Writer(athlete_id=self.athlete_id, origin=ledger.API, run_id=self.run_id, gear=gear).write(
            connection, batch
        )


def report_of(every: Iterable[Seen]) -> Report:
    """What the activities of pages are, as the summary counts it."""
    report = Report()
    for seen in every:
        report.seen.add(seen.summary.activity_id)
        if seen.state == "new":
            report.new.add(seen.summary.activity_id)
        elif seen.state == "changed":
            report.changed.add(seen.summary.activity_id)
    return report
