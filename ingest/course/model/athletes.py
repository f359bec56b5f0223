"""Chooses the athlete that a prediction is for, with the units and the days to look back on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import sqlalchemy as sa

from db.models import ActivityFact, Athlete
from exporters.report.units import Units, units_of
from ingest.errors import UsageError

#: Days of history that are looked at unless --since is given.
HISTORY_DAYS: Final = 730


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Somebody whose activities the database holds."""

    athlete_id: int
    units: Units
    #: The day of the newest activity.
    newest: date | None

    def first_day(self, day: date | None) -> date | None:
        """The first day of history: two years before the newest activity, or before ``day``."""
        last = min(filter(None, (day, self.newest)), default=None)
        return None if last is None else last - timedelta(days=HISTORY_DAYS)


def runner_of(connection: sa.Connection, athlete_id: int | None) -> Runner | None:
    """The athlete, or the one with most activities; ``None`` if there is no activity.

    Raises:
        UsageError: this athlete has no activities here.
    """
    facts = ActivityFact
    query = (
        sa.select(facts.athlete_id, sa.func.max(facts.local_date), Athlete.measurement_preference)
        .outerjoin(Athlete, Athlete.athlete_id == facts.athlete_id)
        .group_by(facts.athlete_id, Athlete.measurement_preference)
        .order_by(sa.func.count().desc(), facts.athlete_id)
    )
    runners = [
        Runner(athlete_id=found, newest=newest, units=units_of(preference))
        for found, newest, preference in connection.execute(query)
    ]
    if athlete_id is None:
        return next(iter(runners), None)
    for runner in runners:
        if runner.athlete_id == athlete_id:
            return runner
    known = ", ".join(str(runner.athlete_id) for runner in runners) or "none"
    raise UsageError(f"--athlete {athlete_id} has no activities here; athletes that have: {known}")
