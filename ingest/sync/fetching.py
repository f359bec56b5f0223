"""Tokens and a database in; the list that is due and the requests that wait fetched into it, or only counted, out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from db.models import Activity, ActivityObservation, Athlete, PurgedActivity, QueueItem, Track
from ingest import clock
from ingest.config import Config
from ingest.errors import NotAuthorized, RateLimited, RequestFailed, StravaUnavailable
from ingest.load import ledger, queue
from ingest.load.owners import UNKNOWN, claim
from ingest.load.settle import Settled, settle
from ingest.progress import Progress
from ingest.report import Report
from ingest.sources.api_activity import activity_id
from ingest.sources.strava_client import StravaClient
from ingest.sources.tokens import TokenFile, Tokens
from ingest.sync import listing
from ingest.sync.budget import BUDGET, Budget
from ingest.sync.listing import Query
from ingest.sync.meter import Enough, RunMeter
from ingest.sync.summaries import PageWriter, count, judge
from ingest.sync.work import Worker

_SEES_ALL = "activity:read_all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """The API half of one run on one database."""

    engine: sa.Engine
    config: Config
    progress: Progress
    report: Report
    run_id: int

    def run(self) -> Settled:
        """Fetch what is newer, counting into the report; returns what settling found.

        Raises:
            NotAuthorized, StravaUnavailable: what was fetched before is stored, the rest waits for the next run.
        """
        options = self.config.api_options
        with self.engine.connect() as connection:
            budget = Budget.from_json(ledger.get_state(connection, BUDGET))
        meter = RunMeter(
            self.engine,
            budget,
            self.report,
            self.progress,
            max_requests=options.max_requests,
            wait=options.wait,
        )
        client = StravaClient(self.config.api, TokenFile(self.config.token_file), meter)
        ask = _patient(client) if options.wait else client.get
        athlete_id = client.tokens.athlete_id
        with self.engine.begin() as connection:
            check_athlete(connection, client.tokens)
            _ensure_athlete(connection, client.tokens)
        try:
            self._fetch(ask, client.tokens)
        except RateLimited:
            self.report.resume_at = meter.resume_at()
        except Enough:
            pass
        with self.engine.begin() as connection:
            home = self.config.timezone
            return settle(connection, athlete_id, home, self.config.accept_vanished)

    def _fetch(self, ask: listing.Ask, tokens: Tokens) -> None:
        options, athlete_id = self.config.api_options, tokens.athlete_id
        with self.engine.connect() as connection:
            query = listing.choose(
                connection, athlete_id, clock.now(), begin=options.begin, end=options.end, sweep=options.sweep
            )
        self.progress.stage(f"Strava API: asking for {query.text}")
        self._list(ask, query, tokens)
        if options.enrich:
            with self.engine.begin() as connection:
                _enrich(connection, athlete_id)
        Worker(
            engine=self.engine,
            ask=ask,
            athlete_id=athlete_id,
            run_id=self.run_id,
            report=self.report,
            progress=self.progress,
            sports=options.sports,
            limit=options.limit,
        ).run()

    def _list(self, ask: listing.Ask, query: Query, tokens: Tokens) -> None:
        athlete_id = tokens.athlete_id
        writer = PageWriter(
            athlete_id=athlete_id, run_id=self.run_id, report=self.report, skip_purged=listing.without_purged(query)
        )
        try:
            for page in listing.pages(ask, query):
                with self.engine.begin() as connection:
                    claim(connection, athlete_id, [i for raw in page if (i := activity_id(raw)) is not None])
                    writer.write(connection, page, max(clock.now(), query.begun_at))
                    listing.remember_progress(connection, athlete_id, query, page)
        except RequestFailed as err:
            raise StravaUnavailable(
                f"the list of activities could not be fetched ({err}); what was imported stands, run again later"
            ) from err
        with self.engine.begin() as connection:
            listing.completed(connection, athlete_id, query, sees_all=_SEES_ALL in tokens.scopes)


def rehearse_sync(connection: sa.Connection | None, config: Config, progress: Progress, report: Report) -> None:
    """Count what ``Sync.run`` would fetch; spends requests for the list only, and writes nothing."""
    options = config.api_options
    budget = Budget() if connection is None else Budget.from_json(ledger.get_state(connection, BUDGET))
    meter = RunMeter(None, budget, report, progress, max_requests=options.max_requests, wait=False)
    client = StravaClient(config.api, TokenFile(config.token_file), meter)
    athlete_id = client.tokens.athlete_id
    if connection is not None:
        check_athlete(connection, client.tokens)
        report.queue_left = queue.count_waiting(connection)
    query = listing.choose(
        connection, athlete_id, clock.now(), begin=options.begin, end=options.end, sweep=options.sweep
    )
    progress.stage(f"Strava API: asking for {query.text}")
    before, requests = (len(report.new), len(report.changed)), 0
    try:
        for page in listing.pages(client.get, query):
            seen = judge(connection, page, athlete_id, clock.now(), skip_purged=listing.without_purged(query))
            count(report, seen)
            requests += sum(len(each.requests) for each in seen)
    except RateLimited:
        report.resume_at = meter.resume_at()
    except Enough:
        pass
    except RequestFailed as err:
        raise StravaUnavailable(f"the list of activities could not be fetched ({err})") from err
    new, changed = len(report.new) - before[0], len(report.changed) - before[1]
    report.notes.append(
        f"the Strava API has {new:,} new and {changed:,} changed activities; fetching them would take {requests:,} requests"
        + (f", beside {report.queue_left:,} that wait already" if report.queue_left else "")
    )


def check_athlete(connection: sa.Connection, tokens: Tokens) -> None:
    """Refuse an account that is not the one of the exports.

    Raises:
        NotAuthorized: the database holds other athletes only.
    """
    athletes = set(connection.scalars(sa.select(Athlete.athlete_id).where(Athlete.athlete_id != UNKNOWN)))
    if athletes and tokens.athlete_id not in athletes:
        held = ", ".join(map(str, sorted(athletes)))
        raise NotAuthorized(
            f"connected to Strava as {tokens.athlete_name} (athlete {tokens.athlete_id}), but the database holds athlete {held}; "
            "connect with that account (python -m ingest connect), or give this one a playground of its own (--playground)"
        )


def _ensure_athlete(connection: sa.Connection, tokens: Tokens) -> None:
    known = sa.select(Athlete.athlete_id).where(Athlete.athlete_id == tokens.athlete_id)
    if connection.scalar(known) is None:
        names = {"first_name": tokens.first_name or None, "last_name": tokens.last_name or None}
        connection.execute(sa.insert(Athlete), {"athlete_id": tokens.athlete_id, **names})


def _enrich(connection: sa.Connection, athlete_id: int) -> None:
    """Queue what only details know of exported activities, and streams for those whose file gave no points."""
    held = sa.select(QueueItem.activity_id)
    purged = sa.select(PurgedActivity.activity_id)
    detailed = sa.select(ActivityObservation.activity_id).where(ActivityObservation.source == "api_detail")
    tracked = sa.select(Track.activity_id).where(Track.point_count > 0)
    mine = sa.select(Activity.activity_id, Activity.start_time_utc).where(
        Activity.athlete_id == athlete_id,
        Activity.vanished_at.is_(None),
        Activity.activity_id.not_in(purged),
        Activity.activity_id.not_in(held),
        Activity.activity_id.not_in(detailed),
    )
    details = connection.execute(mine).all()
    trackless = mine.where(Activity.activity_id.not_in(tracked), sa.func.coalesce(Activity.is_manual, False).is_(False))
    streams = connection.execute(trackless).all()
    now = clock.now()
    queue.enqueue(connection, ((i, "detail", s) for i, s in details), athlete_id, now, queue.ENRICHMENT)
    queue.enqueue(connection, ((i, "streams", s) for i, s in streams), athlete_id, now, queue.ENRICHMENT)


def _patient(client: StravaClient) -> Callable[..., Any]:
    """Ask until Strava no longer says to wait: the meter sleeps before the next attempt."""

    def ask(path: str, **params: Any) -> Any:
        while True:
            try:
                return client.get(path, **params)
            except RateLimited:
                continue

    return ask
