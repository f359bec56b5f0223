"""The requests of an API app are counted where all its runs see them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
import sqlalchemy as sa

from db.engine import make_engine
from db.migrate import upgrade
from ingest import clock
from ingest.errors import RateLimited
from ingest.extract.api.rate_limits import Budget
from ingest.reporting.progress import Progress
from ingest.run.api.meter import RunMeter

NOW = datetime(2026, 11, 1, 9, 3, 30, tzinfo=UTC)


def headers(used: int) -> dict[str, str]:
    told = {f"X-{kind}-Limit": "4,1000" for kind in ("RateLimit", "ReadRateLimit")}
    told |= {f"X-{kind}-Usage": f"{used},{used}" for kind in ("RateLimit", "ReadRateLimit")}
    return told | {"Date": format_datetime(NOW, usegmt=True)}


def meter(engine: sa.Engine | None, client_id: int = 5) -> RunMeter:
    return RunMeter(engine, client_id, Budget(), Progress(), max_requests=None, wait=False)


def test_two_runs_share_what_is_left_and_count_what_is_under_way(
    engine: sa.Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    upgrade(engine, None)
    theirs = make_engine(database_url)
    one, two, stranger = meter(engine), meter(theirs), meter(theirs, client_id=6)
    one.before()
    one.after(200, headers(1))  # of the four of this quarter hour, one is kept back
    one.before()
    two.before()
    for each in (one, two):
        with pytest.raises(RateLimited):
            each.before()
    one.after(200, headers(2))  # the other's request has not come to Strava yet
    with pytest.raises(RateLimited):
        one.before()
    stranger.before()
    theirs.dispose()
