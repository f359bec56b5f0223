"""Defines sums over activities: per period, per year to date, per gear.

``db.marts`` refills them.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from db.models.base import Base, calendar_day, column, flag, key, real, refers, whole, word
from db.models.mart import GONE_WITH, athlete_key

SPORT_GROUP = "run, ride, swim ... as in activity_facts, or all"


def sport_group_key() -> Mapped[str]:
    """The sport group as a part of a mart's key."""
    return column(sa.String, SPORT_GROUP, primary_key=True)


class _Totals:
    """The sums that all tables of totals have."""

    activity_count: Mapped[int] = whole("Activities", nullable=False, sort_order=10)
    distance_km: Mapped[float] = real("Distance", nullable=False, sort_order=10)
    distance_mi: Mapped[float] = real("Distance", nullable=False, sort_order=10)
    moving_time_h: Mapped[float] = real("Moving time", nullable=False, sort_order=10)
    total_elevation_gain_m: Mapped[float] = real("Climb", nullable=False, sort_order=10)
    total_elevation_gain_ft: Mapped[float] = real("Climb", nullable=False, sort_order=10)


class PeriodSummary(_Totals, Base):
    """One period of one athlete in one sport."""

    __tablename__ = "period_summary"
    __table_args__ = (
        sa.Index(None, "period_type", "sport_group", "period_start"),
        {
            "comment": "One row per athlete, period with an activity (day, ISO week, month or "
            "year) and sport group; the group all sums up the others, so filter by one group"
        },
    )

    athlete_id: Mapped[int] = athlete_key()
    period_type: Mapped[str] = column(sa.String, "day, week, month or year", primary_key=True)
    period_start: Mapped[dt.date] = key(sa.Date, "First day of the period; of a week its Monday")
    sport_group: Mapped[str] = sport_group_key()
    year: Mapped[int] = whole("Year of period_start", nullable=False)
    active_days: Mapped[int] = whole("Days with an activity", nullable=False)
    elapsed_time_h: Mapped[float] = real("Elapsed time", nullable=False, sort_order=11)
    calories_kcal: Mapped[float] = real(
        "Energy, of activities that have it", nullable=False, sort_order=11
    )
    relative_effort: Mapped[float] = real(
        "Strava's relative effort, of activities that have it", nullable=False, sort_order=11
    )
    training_load: Mapped[float] = real(
        "Strava's training load, of activities that have it", nullable=False, sort_order=11
    )
    longest_distance_km: Mapped[float | None] = real(
        "Distance of the longest activity", sort_order=11
    )
    average_speed_kmh: Mapped[float | None] = real(
        "Distance divided by moving time, of activities with both; empty for the group all",
        sort_order=11,
    )
    pace_min_per_km: Mapped[float | None] = real(
        "Moving time divided by distance, of activities with both; empty for the group all",
        sort_order=11,
    )


class YearToDate(_Totals, Base):
    """The sums of a year up to a day."""

    __tablename__ = "year_to_date"
    __table_args__ = {
        "comment": "One row per athlete, sport group, year and day: the sums since 1 January, "
        "to compare years; the athlete's last year ends with their last activity"
    }

    athlete_id: Mapped[int] = athlete_key()
    sport_group: Mapped[str] = sport_group_key()
    year: Mapped[int] = key(sa.Integer, "Year")
    day_of_year: Mapped[int] = key(sa.Integer, "1 to 366")
    date: Mapped[dt.date] = refers(sa.Date, "dates.date", "The day", nullable=False)


class GearMileage(_Totals, Base):
    """How much a bike, a pair of shoes or a component was used."""

    __tablename__ = "gear_mileage"
    __table_args__ = {
        "comment": "One row per bike or pair of shoes (part_index 0) and per component of a bike "
        "(part_index from 1); each component has the whole use of its bike, since exports do not "
        "tell when it was fitted"
    }

    gear_id: Mapped[int] = key(
        sa.Integer, "The bike or shoes", sa.ForeignKey("gear.gear_id", ondelete=GONE_WITH)
    )
    part_index: Mapped[int] = key(sa.Integer, "0 for the gear itself, components from 1")
    athlete_id: Mapped[int] = refers(
        sa.BigInteger, "athletes.athlete_id", "Whose it is", GONE_WITH, nullable=False
    )
    part: Mapped[str] = word("gear or component", nullable=False)
    gear_name: Mapped[str] = word("Bike or shoes", nullable=False)
    gear_type: Mapped[str | None] = word("bike or shoe")
    component_type: Mapped[str | None] = word("Chain, frame, ... as Strava names it")
    brand: Mapped[str | None] = word("Brand")
    model: Mapped[str | None] = word("Model")
    is_retired: Mapped[bool | None] = flag("Whether the gear is retired; known from the API only")
    first_used_date: Mapped[dt.date | None] = calendar_day("Local day of the first activity")
    last_used_date: Mapped[dt.date | None] = calendar_day("Local day of the last activity")
    strava_distance_km: Mapped[float | None] = real(
        "Distance on Strava's own counter of the gear; known from the API only", sort_order=11
    )
    distance_limit_km: Mapped[float | None] = real(
        "Distance after which the gear is due to be replaced, from gear_limits.csv in the "
        "playground; empty for components",
        sort_order=11,
    )
    is_due: Mapped[bool | None] = flag(
        "Whether distance_km has reached distance_limit_km; empty where no limit is set",
        sort_order=11,
    )
