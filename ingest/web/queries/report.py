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


def athletes_of(connection: sa.Connection) -> Sequence[tuple[int, str]]:
    """Ids and names of athletes, the most active first."""
    athlete, name = ActivityFact.athlete_id, sa.func.max(ActivityFact.athlete_name)
    query = sa.select(athlete, name.label("name")).group_by(athlete)
    rows = connection.execute(query.order_by(sa.func.count().desc(), athlete))
    return [(row.athlete_id, row.name or str(row.athlete_id)) for row in rows]


def report_choices(connection: sa.Connection) -> ReportChoices:
    """What the form of the report offers."""
    sport, year = ActivityFact.sport_type, ActivityFact.year
    sports = connection.scalars(sa.select(sport).distinct())
    years = connection.scalars(sa.select(year).distinct())
    return ReportChoices(
        athletes=athletes_of(connection),
        sports=sorted(filter(None, sports)),
        years=sorted(filter(None, years), reverse=True),
    )
