"""Counts what the API half of a run would fetch, for ``--dry-run``.

It spends requests for lists only, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import sqlalchemy as sa

from db.models import Activity
from ingest import clock
from ingest.config import ApiOptions, Config
from ingest.errors import NotAuthorized, RateLimited, RequestFailed, StravaUnavailable
from ingest.load import fetch_queue as queue
from ingest.load.vanishing import ComingExport
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.api import listing
from ingest.run.api.enrichment import to_enrich
from ingest.run.api.meter import Enough
from ingest.run.api.pages import Seen, judge, left_alone, report_of
from ingest.run.api.sync import SEES_ALL, check_athlete, open_client


def dry_run_sync(
    connection: sa.Connection | None,
    config: Config,
    progress: Progress,
    coming: Sequence[ComingExport],
    exported: Collection[int],
) -> Iterator[Report]:
    """Count what a run would fetch, given the exports that it would import before.

    ``exported`` are the activities of those, and of the exports that need not be opened again.
    """
    try:
        client, meter = open_client(connection, config, progress, None)
        check_athlete(connection, client.tokens, coming)
    except NotAuthorized as err:
        yield Report(api_problem=err)
        return
    athlete_id, options = client.tokens.athlete_id, config.api_options
    query = listing.choose(
        connection,
        athlete_id,
        clock.now(),
        options,
        sees_all=SEES_ALL in client.tokens.scopes,
        coming=coming,
    )
    progress.stage(f"Strava API: asking for {query.text}")
    seen: dict[int, Seen] = {}
    end = Report()
    try:
        for page in listing.pages(_between(client.get, connection), query, athlete_id, clock.now):
            purged = left_alone(connection, page, query)
            judged = judge(connection, page, query, purged, exported)
            end.purged |= purged
            seen |= {each.summary.activity_id: each for each in judged}
    except RateLimited:
        end.resume_at = meter.resume_at()
    except Enough:
        pass
    except RequestFailed as err:
        end.api_problem = StravaUnavailable(
            f"the list of activities could not be fetched ({err}); try again later"
        )
    except (NotAuthorized, StravaUnavailable) as err:
        end.api_problem = err
    end.api_requests = meter.unreported()
    yield end
    if end.api_problem is None:
        yield report_of(seen.values())
        yield _told(connection, athlete_id, seen.values(), options)


def _between(ask: listing.Ask, connection: sa.Connection | None) -> listing.Ask:
    """Ask without a transaction: an open one would keep the database's other users waiting."""

    def asked(path: str, **params: int) -> object:
        if connection is not None:
            connection.rollback()
        return ask(path, **params)

    return asked


def _told(
    connection: sa.Connection | None,
    athlete_id: int,
    seen: Collection[Seen],
    options: ApiOptions,
) -> Report:
    """What a run would ask for, in a sentence, and what waits already."""
    wanted = [each for each in seen if each.requests and _is_chosen(each, options)]
    wanted.sort(key=lambda each: str(each.summary.fields.get("start_time_utc")), reverse=True)
    requests = sum(len(each.requests) for each in wanted[: options.limit])
    new = sum(each.state == "new" for each in seen)
    changed = sum(each.state == "changed" for each in seen)
    parts = [
        f"the Strava API has {new:,} new and {changed:,} changed activities; fetching them would "
        f"take {requests:,} requests"
    ]
    if options.enrich:
        parts.append(
            "details of exported activities would take "
            f"{_enrichment(connection, athlete_id, seen):,} more"
        )
    waiting = 0 if connection is None else queue.count_waiting(connection)
    if waiting:
        parts.append(f"{waiting:,} requests of earlier runs are still to be made")
    return Report(queue_left=waiting, notes=[", ".join(parts)])


def _is_chosen(seen: Seen, options: ApiOptions) -> bool:
    return (
        not options.sports
        or str(seen.summary.fields.get("sport_type")).casefold() in options.sports
    )


def _enrichment(connection: sa.Connection | None, athlete_id: int, seen: Collection[Seen]) -> int:
    """Details that ``--enrich`` would ask for: of activities that the API shows now,
    or showed before.
    """
    shown = {each.summary.activity_id for each in seen if each.state == "first"}
    if connection is not None:
        details, _ = to_enrich(athlete_id)
        shown |= set(connection.scalars(details.with_only_columns(Activity.activity_id)))
    return len(shown)
