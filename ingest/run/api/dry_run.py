"""Counts what the API half of a run would fetch, for ``--dry-run``.

It spends requests for lists only, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from db.models import Activity
from ingest import clock
from ingest.config import ApiOptions, Config
from ingest.errors import RateLimited, RequestFailed, StravaUnavailable
from ingest.load import fetch_queue as queue
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.api import listing
from ingest.run.api.meter import Enough
from ingest.run.api.pages import Seen, count_pages, judge, own
from ingest.run.api.sync import SEES_ALL, check_athlete, open_client, to_enrich


def rehearse_sync(
    connection: sa.Connection | None, config: Config, progress: Progress, report: Report
) -> None:
    """Count what a run would fetch; the activities that ``report`` has seen are those of the
    exports before it.

    Raises:
        NotAuthorized, StravaUnavailable: as the run would.
    """
    options = config.api_options
    exported = frozenset(report.seen | report.untouched)
    client, meter = open_client(connection, config, report, progress, None)
    athlete_id = client.tokens.athlete_id
    if connection is not None:
        check_athlete(connection, client.tokens)
    query = listing.choose(
        connection, athlete_id, clock.now(), options, sees_all=SEES_ALL in client.tokens.scopes
    )
    progress.stage(f"Strava API: asking for {query.text}")
    seen: dict[int, Seen] = {}
    try:
        for page in listing.pages(_between(client.get, connection), query):
            held = [raw for raw in own(page, athlete_id) if query.holds(raw)]
            judged = judge(
                connection,
                held,
                athlete_id,
                clock.now(),
                skip_purged=query.skips_purged,
                exported=exported,
            )
            seen |= {each.summary.activity_id: each for each in judged}
    except RateLimited:
        report.resume_at = meter.resume_at()
    except Enough:
        pass
    except RequestFailed as err:
        raise StravaUnavailable(f"the list of activities could not be fetched ({err})") from err
    count_pages(report, seen.values())
    _tell(connection, athlete_id, seen.values(), options, report)


def _between(ask: listing.Ask, connection: sa.Connection | None) -> listing.Ask:
    """Ask without a transaction: an open one would keep the database's other users waiting."""

    def asked(path: str, **params: int) -> object:
        if connection is not None:
            connection.rollback()
        return ask(path, **params)

    return asked


def _tell(
    connection: sa.Connection | None,
    athlete_id: int,
    seen: Collection[Seen],
    options: ApiOptions,
    report: Report,
) -> None:
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
        parts.append(f"details of exported ones {_enrichment(connection, athlete_id, seen):,}")
    if connection is not None and (waiting := queue.count_waiting(connection)):
        report.queue_left = waiting
        parts.append(f"{waiting:,} wait already")
    report.notes.append(", ".join(parts))


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
