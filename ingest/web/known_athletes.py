"""Keeps what plans of courses rest on, so that a changed goal does not read all points anew."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from datetime import date
from threading import Lock
from typing import Final

import sqlalchemy as sa

from db.models import ActivityFact, ImportRun
from ingest.course.plan.planned import KnownAthlete, known_of

#: Athletes, sports and days that are kept, in memory.
_KEPT: Final = 4


class KnownAthletes:
    """The athletes that courses were planned for last."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, KnownAthlete] = OrderedDict()
        self._lock = Lock()

    def find(
        self,
        connection: sa.Connection,
        database: str,
        *,
        athlete_id: int | None,
        sport: str,
        day: date | None,
    ) -> KnownAthlete:
        """What the database tells of an athlete; it is read again after a run or a purge.

        Raises:
            UsageError: the sport is not offered, or this athlete has no activities.
        """
        run = sa.select(sa.func.max(ImportRun.run_id), sa.func.max(ImportRun.finished_at))
        count = connection.scalar(sa.select(sa.func.count(ActivityFact.activity_id)))
        state = (*connection.execute(run).one(), count)
        key = (database, state, athlete_id, sport, day or date.today())
        with self._lock:
            if (found := self._known.get(key)) is not None:
                self._known.move_to_end(key)
                return found
        found = known_of(connection, athlete_id=athlete_id, sport=sport, since=None, day=day)
        with self._lock:
            self._known[key] = found
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return found
