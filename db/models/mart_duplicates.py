"""Defines the table of activities that may be one, recorded twice."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from db.models.base import Base, calendar_day, flag, key, real, refers, utc, word
from db.models.mart import GONE_WITH


class DuplicateCandidate(Base):
    """Two activities of an athlete that may be one, recorded twice."""

    __tablename__ = "duplicate_candidates"
    __table_args__ = {
        "comment": "One row per pair of activities of an athlete that may be one, recorded twice: "
        "their times overlap by at least 80 % of the shorter, and their sports are of one group, "
        "or one is unknown; without activities that have vanished or lasted over 30 days"
    }

    activity_id: Mapped[int] = key(
        sa.BigInteger,
        "The activity that started first; of equal starts the one with the smaller id",
        sa.ForeignKey("activities.activity_id", ondelete=GONE_WITH),
    )
    other_activity_id: Mapped[int] = key(
        sa.BigInteger,
        "The other activity",
        sa.ForeignKey("activities.activity_id", ondelete=GONE_WITH),
        index=True,
    )
    athlete_id: Mapped[int] = refers(
        sa.BigInteger,
        "athletes.athlete_id",
        "Whose they are",
        GONE_WITH,
        nullable=False,
        index=True,
    )
    local_date: Mapped[dt.date] = calendar_day("Local day of the activity", nullable=False)
    other_local_date: Mapped[dt.date] = calendar_day("Local day of the other", nullable=False)
    name: Mapped[str | None] = word("Title of the activity")
    other_name: Mapped[str | None] = word("Title of the other")
    sport_type: Mapped[str | None] = word("Strava's sport_type of the activity")
    other_sport_type: Mapped[str | None] = word("Strava's sport_type of the other")
    start_time_utc: Mapped[dt.datetime] = utc("Start of the activity", nullable=False)
    other_start_time_utc: Mapped[dt.datetime] = utc("Start of the other", nullable=False)
    elapsed_time_s: Mapped[float] = real(
        "Elapsed time of the activity; its moving time where that alone is known", nullable=False
    )
    other_elapsed_time_s: Mapped[float] = real("The same of the other", nullable=False)
    distance_m: Mapped[float | None] = real("Distance of the activity")
    other_distance_m: Mapped[float | None] = real("Distance of the other")
    device_name: Mapped[str | None] = word("Device or app that recorded the activity")
    other_device_name: Mapped[str | None] = word("Device or app that recorded the other")
    overlap_s: Mapped[float] = real("Time that is in both", nullable=False)
    overlap_fraction: Mapped[float] = real(
        "overlap_s divided by the shorter elapsed time, 0.8 to 1", nullable=False
    )
    is_same_device: Mapped[bool | None] = flag(
        "Whether one device recorded both; empty where the serial number of one is not known"
    )
    is_same_route: Mapped[bool | None] = flag(
        "Whether they start and end within 100 m of each other; empty where a position is not known"
    )
    certainty: Mapped[str] = word(
        "high if device or route is the same, low if none is and the routes differ, else medium: "
        "nothing but their times tells",
        nullable=False,
    )
