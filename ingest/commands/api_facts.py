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
from ingest.load.api_data import oldest
from ingest.load.sync_state import API_BUDGET

Facts = Mapping[str, Any]
#: How long Strava lets an app keep what came through the API.
KEPT: Final = timedelta(days=7)


def api_facts(connection: sa.Connection, config: Config) -> Facts:
    """The connection to the API, and what is left to fetch through it."""
    now = clock.now()
    left = queue.count_waiting(connection)
    tokens, trouble = None, None
    try:
        tokens = TokenFile(config.token_file).load()
    except NotAuthorized as err:
        trouble = err.message
    known = None if tokens is None else API_BUDGET.get(connection, tokens.client_id)
    budget = Budget.from_json(known)
    today = budget.left_today(now)
    return {
        "connected_as": tokens and f"{tokens.athlete_name} ({tokens.athlete_id})",
        "trouble": trouble,
        "asked_at": None if known is None else budget.moment,
        "queue_left": left,
        "queue_parked": count_rows(connection, QueueItem, QueueItem.is_parked),
        "requests_left_now": max(0, budget.left(now)),
        "requests_left_today": today,
        "days_left": 0 if left == 0 else 1 + max(0, -(-(left - today) // budget.per_day)),
        "resume_at": budget.resume_at(now) if left and budget.left(now) <= 0 else None,
        "purged": count_rows(connection, PurgedActivity),
        "oldest_at": oldest(connection),
    }


def is_too_old(api: Facts) -> bool:
    """Whether the database holds what came through the API longer ago than Strava lets it."""
    return api["oldest_at"] is not None and clock.now() - api["oldest_at"] > KEPT


def count_rows(connection: sa.Connection, model: Any, *where: Any) -> int:
    """How many rows of a table there are, or how many of them fulfil conditions."""
    return connection.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0
