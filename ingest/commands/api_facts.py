"""Gathers how the connection to the Strava API stands, for ``status`` and for the local page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from db.models import PurgedActivity, QueueItem
from ingest import clock
from ingest.config import Config
from ingest.errors import NotAuthorized
from ingest.extract.api.rate_limits import Budget
from ingest.extract.api.tokens import TokenFile
from ingest.load import fetch_queue as queue
from ingest.load.purge import oldest
from ingest.load.sync_state import API_BUDGET

Facts = Mapping[str, Any]
#: How long Strava lets an app keep what came through the API.
KEPT: Final = timedelta(days=7)


def api_facts(connection: sa.Connection, config: Config) -> Facts:
    """The connection to the API, and what is left to fetch through it."""
    now = clock.now()
    left = queue.count_waiting(connection)
    try:
        tokens = TokenFile(config.token_file).load()
        athlete = None if tokens is None else f"{tokens.athlete_name} ({tokens.athlete_id})"
    except NotAuthorized as err:
        tokens, athlete = None, str(err)
    known = None if tokens is None else API_BUDGET.get(connection, tokens.client_id)
    budget = Budget.from_json(known)
    today = budget.left_today(now)
    return {
        "connected_as": athlete,
        "asked_at": None if known is None else budget.moment,
        "queue_left": left,
        "queue_parked": _count(connection, sa.select(QueueItem).where(QueueItem.is_parked)),
        "requests_left_now": max(0, budget.left(now)),
        "requests_left_today": today,
        "days_left": 0 if left == 0 else 1 + max(0, -(-(left - today) // budget.per_day)),
        "resume_at": budget.resume_at(now) if left and budget.left(now) <= 0 else None,
        "purged": _count(connection, sa.select(PurgedActivity)),
        "oldest_at": oldest(connection),
    }


def _count(connection: sa.Connection, query: sa.Select[Any]) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
