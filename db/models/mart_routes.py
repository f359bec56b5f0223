"""Defines the table of routes that were done more than once; ``db.marts`` refills it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from db.models.base import Base, calendar_day, flag, key, real, refers, whole, word
from db.models.mart import GONE_WITH


class RouteGroup(Base):
    """One activity on a route that was done more than once."""

    __tablename__ = "route_groups"
    __table_args__ = (
        sa.Index(None, "athlete_id", "route_id"),
        {
            "comment": "One row per activity on a route that an athlete did at least twice in a "
            "sport group: equal start and end, length within 3 %, and the same way between them, "
            "in the same direction; routes below 1 km do not count"
        },
    )

    activity_id: Mapped[int] = key(
        sa.BigInteger, "The activity", sa.ForeignKey("activities.activity_id", ondelete=GONE_WITH)
    )
    athlete_id: Mapped[int] = refers(
        sa.BigInteger, "athletes.athlete_id", "Whose it is", GONE_WITH, nullable=False
    )
    route_id: Mapped[int] = refers(
        sa.BigInteger,
        "activities.activity_id",
        "The route: the first activity on it",
        GONE_WITH,
        nullable=False,
        index=True,
    )
    route_name: Mapped[str | None] = word("Title of the first activity on the route")
    sport_group: Mapped[str] = word("run, ride ... as in activity_facts", nullable=False)
    activity_count: Mapped[int] = whole("Activities on the route", nullable=False)
    visit_index: Mapped[int] = whole("1 for the first activity on the route ...", nullable=False)
    name: Mapped[str | None] = word("Title of the activity")
    local_date: Mapped[dt.date | None] = calendar_day("Local day of the activity")
    route_length_km: Mapped[float] = real("Length of the route as recorded", nullable=False)
    distance_km: Mapped[float | None] = real("Distance of the activity")
    moving_time_s: Mapped[float | None] = real("Moving time, which decides the rank")
    pace_min_per_km: Mapped[float | None] = real("Moving time divided by distance")
    average_speed_kmh: Mapped[float | None] = real("Average speed")
    average_heartrate_bpm: Mapped[float | None] = real("Average heart rate")
    time_rank: Mapped[int | None] = whole(
        "1 for the least moving time on the route; of equal times the earlier activity is first; "
        "empty without a time"
    )
    is_fastest: Mapped[bool] = flag("Whether time_rank is 1", nullable=False)
