"""Defines the table of pace and power at heart rates; ``db.marts`` refills it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from db.models.base import Base, column, key, real, whole
from db.models.mart import athlete_key


class PaceAtHeartRate(Base):
    """What an athlete does at a heart rate, month by month."""

    __tablename__ = "pace_at_heart_rate"
    __table_args__ = {
        "comment": "One row per athlete, sport group, month and band of five beats per minute: "
        "pace and power at these heart rates, without rests; from heartrate_bands"
    }

    athlete_id: Mapped[int] = athlete_key()
    sport_group: Mapped[str] = column(
        sa.String, "run, ride ... as in activity_facts", primary_key=True
    )
    month_start: Mapped[dt.date] = key(sa.Date, "First day of the month")
    from_bpm: Mapped[int] = key(sa.Integer, "Lowest heart rate of the band")
    below_bpm: Mapped[int] = whole("The band ends below this heart rate", nullable=False)
    activity_count: Mapped[int] = whole("Activities with that heart rate", nullable=False)
    time_s: Mapped[float] = real("Time on the move", nullable=False)
    distance_km: Mapped[float | None] = real("Distance in that time")
    pace_min_per_km: Mapped[float | None] = real(
        "Time divided by distance, of activities with a distance"
    )
    pace_min_per_mi: Mapped[float | None] = real(
        "Time divided by distance, of activities with a distance"
    )
    average_speed_kmh: Mapped[float | None] = real(
        "Distance divided by time, of activities with a distance"
    )
    average_power_w: Mapped[float | None] = real(
        "Average power, of the time in which it is known; zero is a value"
    )
