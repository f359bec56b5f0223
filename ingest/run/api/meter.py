"""Counts the requests of a run, and refuses those beyond Strava's limits or the user's own."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from db.lock import in_turn
from ingest import clock
from ingest.errors import RateLimited
from ingest.extract.api.rate_limits import Budget
from ingest.load import sync_state
from ingest.reporting.progress import Progress

#: Difference from Strava's clock at which ours is still right: answers take time, and their dates
#: are in whole seconds.
_RIGHT: Final = timedelta(minutes=1)


class Enough(Exception):
    """The run has made as many requests as the user allows it."""


class RunMeter:
    """The meter of one run; what it counts is stored at once, so that other processes know.

    The budget is the API app's, which the runs of several athletes may share.
    """

    def __init__(
        self,
        engine: sa.Engine | None,
        client_id: int,
        budget: Budget,
        progress: Progress,
        *,
        max_requests: int | None,
        wait: bool,
    ) -> None:
        """``engine`` is where the budget of the API app is stored; ``None`` where nothing may be
        written.
        """
        self.budget, self._client_id = budget, client_id
        self._engine, self._progress = engine, progress
        self._max_requests, self._wait = max_requests, wait
        self._knows_time = False
        self._requests = self._reported = 0

    def before(self) -> None:
        """Allow a request, wait for the time when it is allowed, or refuse it.

        Raises:
            Enough: the user's own limit is reached.
            RateLimited: Strava's limit is reached, but for one request that is left to others.
        """
        if self._max_requests is not None and self._requests >= self._max_requests:
            raise Enough
        while not self._is_allowed():
            if not self._wait:
                raise RateLimited("the limit of requests is reached")
            self._sleep_until(self.budget.resume_at(clock.now()))

    def after(self, status: int | None, headers: Mapping[str, str]) -> None:
        """Count a request."""
        self._requests += 1
        self._knows_time = self._knows_time or "Date" in headers
        with self._counting():
            self.budget = self.budget.after(status, headers, clock.now())

    def unreported(self) -> int:
        """How many requests were made since this was asked for last."""
        new, self._reported = self._requests - self._reported, self._requests
        return new

    def now(self) -> datetime:
        """The time by Strava's clock, once an answer of this run has told it and where ours is not
        right.

        What was seen at a time that is yet to come would count for more than all that Strava says
        until then.
        """
        skew = timedelta(seconds=self.budget.skew_s)
        return clock.now() + skew if self._knows_time and abs(skew) > _RIGHT else clock.now()

    def resume_at(self) -> datetime:
        """When the next request may be sent."""
        return self.budget.resume_at(clock.now())

    def _is_allowed(self) -> bool:
        with self._counting():
            is_allowed = self.budget.left(clock.now()) > 0
            if is_allowed:
                self.budget = self.budget.allowed(clock.now())
        return is_allowed

    @contextmanager
    def _counting(self) -> Iterator[None]:
        """Change the budget as it is stored, in turn with other runs."""
        if self._engine is None:
            yield
            return
        with self._engine.begin() as connection:
            in_turn(connection, "api budget")
            stored = sync_state.API_BUDGET.get(connection, self._client_id)
            self.budget = Budget.from_json(stored)
            yield
            sync_state.API_BUDGET.set(connection, self.budget.to_json(), self._client_id)

    def _sleep_until(self, moment: datetime) -> None:
        while (left := (moment - clock.now()).total_seconds()) > 0:
            self._progress.waiting(left, moment)
            time.sleep(min(1.0, left))
        self._progress.waiting(0, moment)
