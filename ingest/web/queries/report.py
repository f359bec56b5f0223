"""Lists what the report can be about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from db.models import ActivityFact


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportChoices:
    """What the report can be about."""

    #: Ids and names of athletes, the most active first.
    athletes: Sequence[tuple[int, str]]
    sports: Sequence[str]
    #: The newest first.
    years: Sequence[int]


def report_choices(connection: sa.Connection) -> ReportChoices:
    """What the form of the report offers."""
    athlete, name = ActivityFact.athlete_id, sa.func.max(ActivityFact.athlete_name)
    athletes = sa.select(athlete, name.label("name")).group_by(athlete)
    rows = connection.execute(athletes.order_by(sa.func.count().desc(), athlete))
    sport, year = ActivityFact.sport_type, ActivityFact.year
    sports = connection.scalars(sa.select(sport).distinct())
    years = connection.scalars(sa.select(year).distinct())
    return ReportChoices(
        athletes=[(row.athlete_id, row.name or str(row.athlete_id)) for row in rows],
        sports=sorted(filter(None, sports)),
        years=sorted(filter(None, years), reverse=True),
    )
