"""Fetches the list that is due and the requests that wait, into the database."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from db.lock import RunLock
from db.models import Athlete
from ingest import clock
from ingest.config import Config
from ingest.errors import NotAuthorized, NotFound, RateLimited, RequestFailed, StravaUnavailable
from ingest.extract.api.client import StravaClient
from ingest.extract.api.rate_limits import Budget
from ingest.extract.api.tokens import TokenFile, Tokens
from ingest.load import fetch_queue as queue
from ingest.load import sync_state
from ingest.load.athlete_claims import UNKNOWN, claim, owners
from ingest.load.derived import write_zones
from ingest.load.gear_ids import describe, nameless_ids, relearn
from ingest.load.meeting import meet_loose
from ingest.load.reconcile import reconcile
from ingest.load.vanishing import ComingExport
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.api import listing
from ingest.run.api.enrichment import enqueue_enrichment
from ingest.run.api.listing import Ask, Now, Query
from ingest.run.api.meter import Enough, RunMeter
from ingest.run.api.pages import PageWriter
from ingest.run.api.worker import Worker
from ingest.transform.api_json.detail import gear_row
from ingest.transform.api_json.values import json_text, mapping
from ingest.transform.api_json.zones import zones

SEES_ALL: Final = "activity:read_all"
_SEES_ZONES: Final = "profile:read_all"
_ZONES_EVERY: Final = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """The API half of one run on one database."""

    engine: sa.Engine
    lock: RunLock
    config: Config
    progress: Progress
    run_id: int

    def run(self) -> Iterator[Report]:
        """Fetch what is newer; yields what each page, request and the settling brought.

        Where Strava does not let us in, or fails, the last report says so: what was fetched before
        is stored, the rest waits for the next run.
        """
        try:
            with self.engine.connect() as connection:
                client, meter = open_client(connection, self.config, self.progress, self.engine)
                check_athlete(connection, client.tokens)
        except NotAuthorized as err:
            yield Report(api_problem=err)
            return
        with self.lock.athletes(client.tokens.athlete_id):
            yield from self._locked(client, meter)

    def _locked(self, client: StravaClient, meter: RunMeter) -> Iterator[Report]:
        tokens = client.tokens
        with self.engine.begin() as connection:
            _ensure_athlete(connection, tokens)
        ask = _patient(client) if self.config.api_options.wait else client.get
        end = Report()
        try:
            for part in self._fetch(ask, tokens, meter.now):
                yield replace(part, api_requests=meter.unreported())
        except RateLimited:
            end.resume_at = meter.resume_at()
        except Enough:
            pass
        except (NotAuthorized, StravaUnavailable) as err:
            end.api_problem = err
        except (Exception, KeyboardInterrupt):
            yield Report(api_requests=meter.unreported())  # the ledger counts them all the same
            raise
        finally:
            with self._unknown_locked(tokens.athlete_id), self.engine.begin() as connection:
                self._meet(connection, tokens.athlete_id)
                settled = reconcile(
                    connection, tokens.athlete_id, self.config.timezone, self.config.accept_vanished
                )
        end.api_requests = meter.unreported()
        yield end
        yield Report.of_settled(settled)

    def _fetch(self, ask: Ask, tokens: Tokens, now: Now) -> Iterator[Report]:
        options, athlete_id = self.config.api_options, tokens.athlete_id
        with self.engine.connect() as connection:
            query = listing.choose(
                connection, athlete_id, now(), options, sees_all=SEES_ALL in tokens.scopes
            )
        self.progress.stage(f"Strava API: asking for {query.text}")
        if query.kind == "sweep" and _SEES_ZONES in tokens.scopes:
            self._zones(ask, athlete_id)  # before the tracks that are measured by them
        problem = yield from self._list(ask, query, athlete_id, now)
        # Before streams are asked for, of which the files of a watch may spare many.
        with self._unknown_locked(athlete_id), self.engine.begin() as connection:
            self._meet(connection, athlete_id)
        if options.enrich:
            with self.engine.begin() as connection:
                enqueue_enrichment(connection, athlete_id)
        # The queue is worked off even if the list failed, since it does not depend on it.
        yield from Worker(
            engine=self.engine,
            ask=ask,
            now=now,
            athlete_id=athlete_id,
            run_id=self.run_id,
            progress=self.progress,
            sports=options.sports,
            limit=options.limit,
        ).run()
        self._name_gear(ask, athlete_id)
        if problem is not None:
            raise problem

    def _meet(self, connection: sa.Connection, athlete_id: int) -> None:
        """Meet loose files, if there is news of the athlete."""
        if athlete_id in sync_state.unsettled(connection):
            meet_loose(connection, athlete_id, self.run_id)

    @contextmanager
    def _unknown_locked(self, athlete_id: int) -> Iterator[None]:
        """Hold the unknown athlete's lock, too, where that one's loose files may change hands."""
        with self.engine.connect() as connection:
            athletes = owners(connection, athlete_id, ())
        with self.lock.athletes(*athletes):
            yield

    def _list(
        self, ask: Ask, query: Query, athlete_id: int, now: Now
    ) -> Generator[Report, None, StravaUnavailable | None]:
        """Take in a list, page by page; returns what stopped it."""
        try:
            for page in listing.pages(ask, query, athlete_id, now):
                # Before the first answer it was only known by our clock when the list began.
                query = replace(query, begun_at=min(query.begun_at, page.observed_at))
                writer = PageWriter(athlete_id=athlete_id, run_id=self.run_id, query=query)
                with self.engine.connect() as connection:
                    athletes = owners(connection, athlete_id, list(page.summaries))
                with self.lock.athletes(*athletes), self.engine.begin() as connection:
                    claim(connection, athlete_id, list(page.summaries))
                    report = writer.write(connection, page)
                    listing.remember_progress(connection, athlete_id, query, page)
                yield report
        except RequestFailed as err:
            return StravaUnavailable(
                f"the list of activities could not be fetched from Strava ({err}); what was "
                "imported until now is kept. Run again later"
            )
        with self.engine.begin() as connection:
            listing.completed(connection, athlete_id, query)
        return None

    def _zones(self, ask: Ask, athlete_id: int) -> None:
        """The athlete's zones, with a complete list about once a month."""
        now = clock.now()
        with self.engine.connect() as connection:
            asked_at = sync_state.ZONES_AT.get(connection, athlete_id)
        if asked_at is not None and timedelta() <= now - asked_at < _ZONES_EVERY:
            return
        try:
            told = list(zones(ask("/athlete/zones")))
        except (NotFound, RequestFailed):
            told = []
        with self.engine.begin() as connection:
            write_zones(connection, athlete_id, told)
            sync_state.ZONES_AT.set(connection, now, athlete_id)

    def _name_gear(self, ask: Ask, athlete_id: int) -> None:
        """Ask for gear that neither an export nor a detail has named: new shoes on an activity that
        an export holds.
        """
        with self.engine.begin() as connection:
            # A queued detail may name the gear, which would save this request.
            if queue.count_waiting(connection, athlete_id) or not nameless_ids(
                connection, athlete_id
            ):
                return
            relearn(connection, athlete_id)
            ids = nameless_ids(connection, athlete_id)
        for strava_gear_id in ids:
            try:
                row = gear_row(mapping(ask(f"/gear/{strava_gear_id}")))
            except (NotFound, RequestFailed):
                continue  # its id is name enough
            if row is not None and row.strava_gear_id == strava_gear_id:
                with self.engine.begin() as connection:
                    describe(connection, athlete_id, row)


def open_client(
    connection: sa.Connection | None,
    config: Config,
    progress: Progress,
    engine: sa.Engine | None,
) -> tuple[StravaClient, RunMeter]:
    """A client, and the meter that it asks; ``engine`` is where the budget is stored.

    Raises:
        NotAuthorized: there is no connection to Strava.
    """
    file = TokenFile(config.token_file)
    tokens = file.load()
    client_id = 0 if tokens is None else tokens.client_id
    known = None if connection is None else sync_state.API_BUDGET.get(connection, client_id)
    meter = RunMeter(
        engine,
        client_id,
        Budget.from_json(known),
        progress,
        max_requests=config.api_options.max_requests,
        wait=config.api_options.wait and engine is not None,
    )
    return StravaClient(config.api, file, meter), meter


def check_athlete(
    connection: sa.Connection | None, tokens: Tokens, coming: Iterable[ComingExport] = ()
) -> None:
    """Refuse an account that is not the one of the exports, those that are ``coming`` included.

    Raises:
        NotAuthorized: the database holds other athletes only.
    """
    athletes = {export.athlete_id for export in coming}
    if connection is not None:
        athletes |= set(connection.scalars(sa.select(Athlete.athlete_id)))
    athletes.discard(UNKNOWN)
    if athletes and tokens.athlete_id not in athletes:
        held = ", ".join(map(str, sorted(athletes)))
        raise NotAuthorized(
            f"connected to Strava as {tokens.athlete_name} (athlete {tokens.athlete_id}), but the "
            f"database holds athlete {held}. Use another folder for this athlete (--playground), "
            f"or connect as athlete {held}",
            "connect",
        )


def _ensure_athlete(connection: sa.Connection, tokens: Tokens) -> None:
    known = sa.select(Athlete.athlete_id).where(Athlete.athlete_id == tokens.athlete_id)
    if connection.scalar(known) is None:
        names = {
            "first_name": json_text(tokens.first_name),
            "last_name": json_text(tokens.last_name),
        }
        connection.execute(sa.insert(Athlete), {"athlete_id": tokens.athlete_id, **names})
        # Files of nobody may turn out to be theirs.
        sync_state.mark_unsettled(connection, tokens.athlete_id)


def _patient(client: StravaClient) -> Callable[..., Any]:
    """A function that asks again after Strava said to wait; the meter sleeps in between."""

    def ask(path: str, **params: Any) -> Any:
        while True:
            try:
                return client.get(path, **params)
            except RateLimited:
                continue

    return ask
