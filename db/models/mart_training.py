"""Defines the tables of training: load, Eddington numbers, streaks, records, pace.

``db.marts`` refills them, but ``pace_model``, which predictions write.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from db.models.base import Base, calendar_day, column, flag, key, real, refers, whole, word
from db.models.mart import GONE_WITH, athlete_key
from db.models.mart_totals import sport_group_key


class DailyLoad(Base):
    """Fitness, fatigue and form of one day."""

    __tablename__ = "daily_load"
    __table_args__ = (
        sa.Index(None, "date"),
        {
            "comment": "One row per athlete and day, also for rest days, from the first activity "
            "to the newest export or answer of the API (the last activity, if that is newer); "
            "athletes without any load have no rows"
        },
    )

    athlete_id: Mapped[int] = athlete_key()
    date: Mapped[dt.date] = key(sa.Date, "The day", sa.ForeignKey("dates.date"))
    load_source: Mapped[str] = word(
        "training_load or relative_effort, whichever more of the athlete's activities have; the "
        "two are never added",
        nullable=False,
    )
    load: Mapped[float] = real("Sum of load_source over the day's activities", nullable=False)
    ctl: Mapped[float] = real(
        "Chronic training load (fitness): exponential mean of load over 42 days", nullable=False
    )
    atl: Mapped[float] = real(
        "Acute training load (fatigue): exponential mean of load over 7 days", nullable=False
    )
    tsb: Mapped[float] = real(
        "Training stress balance (form): ctl minus atl, both of the day before", nullable=False
    )
    acute_chronic_ratio: Mapped[float | None] = real("atl divided by ctl")
    activity_count: Mapped[int] = whole("Activities", nullable=False)
    rest_days: Mapped[int] = whole(
        "Days since the last day with an activity of any sport: 0 on such a day, 1 on the first "
        "rest day after it ...",
        nullable=False,
    )
    distance_km: Mapped[float] = real("Distance", nullable=False)
    moving_time_h: Mapped[float] = real("Moving time", nullable=False)
    rolling_7d_distance_km: Mapped[float] = real(
        "Distance of the day and the six days before it", nullable=False
    )
    rolling_7d_moving_time_h: Mapped[float] = real(
        "Moving time of the day and the six days before it", nullable=False
    )


class Eddington(Base):
    """The Eddington number."""

    __tablename__ = "eddington"
    __table_args__ = {
        "comment": "One row per athlete, sport group and unit: the largest number E such that on E "
        "days the distance was at least E"
    }

    athlete_id: Mapped[int] = athlete_key()
    sport_group: Mapped[str] = sport_group_key()
    unit: Mapped[str] = column(sa.String, "km or mi", primary_key=True)
    eddington_number: Mapped[int] = whole("E, in km or mi as unit says", nullable=False)
    next_target: Mapped[int] = whole("E + 1, in km or mi as unit says", nullable=False)
    days_done: Mapped[int] = whole("Days that already count for the next target", nullable=False)
    days_needed: Mapped[int] = whole("Days still missing for the next target", nullable=False)


class Streak(Base):
    """Days or weeks in a row with an activity."""

    __tablename__ = "streaks"
    __table_args__ = {
        "comment": "One row per athlete, sport group and streak (days or ISO weeks in a row with "
        "an activity): all of at least two, the longest and the current one"
    }

    athlete_id: Mapped[int] = athlete_key()
    sport_group: Mapped[str] = sport_group_key()
    period_type: Mapped[str] = column(sa.String, "day or week", primary_key=True)
    start_date: Mapped[dt.date] = key(sa.Date, "First day; of weeks the Monday of the first week")
    end_date: Mapped[dt.date] = calendar_day(
        "Last day; of weeks the Sunday of the last week", nullable=False
    )
    length: Mapped[int] = whole("Number of days or weeks, as period_type says", nullable=False)
    activity_count: Mapped[int] = whole("Activities", nullable=False)
    is_longest: Mapped[bool] = flag(
        "Whether it is the longest; of equal ones the latest", nullable=False
    )
    is_current: Mapped[bool] = flag(
        "Whether it was unbroken at the athlete's last activity of any sport: it includes that day "
        "or week, or the one before",
        nullable=False,
    )


class PersonalRecord(Base):
    """A record over a standard distance, on the day it was set."""

    __tablename__ = "personal_records"
    __table_args__ = (
        sa.Index(None, "name", "is_current"),
        {
            "comment": "One row each time the best time over a standard distance was improved; "
            "from best_efforts, those of the API before our own, without flagged activities"
        },
    )

    athlete_id: Mapped[int] = athlete_key()
    sport_group: Mapped[str] = column(
        sa.String, "run, ride ... as in activity_facts", primary_key=True
    )
    name: Mapped[str] = column(
        sa.String, "Strava's name of the distance (400m, 1K ...)", primary_key=True
    )
    activity_id: Mapped[int] = key(
        sa.BigInteger,
        "The activity",
        sa.ForeignKey("activities.activity_id", ondelete=GONE_WITH),
        index=True,
    )
    source: Mapped[str] = word("api or computed", nullable=False)
    local_date: Mapped[dt.date | None] = calendar_day("Local day of the activity")
    record_index: Mapped[int] = whole(
        "1 for the first record, 2 for its first improvement ...", nullable=False
    )
    distance_m: Mapped[float | None] = real("Distance")
    elapsed_time_s: Mapped[float] = real("Elapsed time, which decides the record", nullable=False)
    pace_min_per_km: Mapped[float | None] = real("Elapsed time divided by distance")
    pace_min_per_mi: Mapped[float | None] = real("Elapsed time divided by distance")
    average_speed_kmh: Mapped[float | None] = real("Distance divided by elapsed time")
    improvement_s: Mapped[float | None] = real("By how much it beat the record before it")
    beaten_date: Mapped[dt.date | None] = calendar_day("Local day on which it was beaten")
    is_current: Mapped[bool] = flag("Whether nothing has beaten it", nullable=False)


class SplitPace(Base):
    """One split of a run: pace against climb."""

    __tablename__ = "split_pace"
    __table_args__ = (
        sa.Index(None, "athlete_id", "local_date"),
        {
            "comment": "One row per kilometre and per mile of a run, so filter by unit; our own "
            "splits, or the API's where we have none; without those that a jump of the GPS made "
            "faster than 8 m/s"
        },
    )

    activity_id: Mapped[int] = key(
        sa.BigInteger, "The activity", sa.ForeignKey("activities.activity_id", ondelete=GONE_WITH)
    )
    unit: Mapped[str] = column(sa.String, "km or mi", primary_key=True)
    split_index: Mapped[int] = key(sa.Integer, "Order, from 0")
    source: Mapped[str] = word("computed or api", nullable=False)
    athlete_id: Mapped[int] = refers(
        sa.BigInteger, "athletes.athlete_id", "Whose it is", GONE_WITH, nullable=False
    )
    sport_type: Mapped[str | None] = word("Run, TrailRun or VirtualRun")
    local_date: Mapped[dt.date | None] = calendar_day("Local day of the activity")
    distance_m: Mapped[float | None] = real("Distance; the last split is shorter")
    moving_time_s: Mapped[float | None] = real("Moving time")
    pace_min_per_km: Mapped[float | None] = real("Moving time divided by distance")
    pace_min_per_mi: Mapped[float | None] = real("Moving time divided by distance")
    grade_adjusted_pace_min_per_km: Mapped[float | None] = real(
        "Pace on flat ground that costs the same effort"
    )
    grade_adjusted_pace_min_per_mi: Mapped[float | None] = real(
        "Pace on flat ground that costs the same effort"
    )
    average_speed_kmh: Mapped[float | None] = real("Distance divided by moving time")
    elevation_difference_m: Mapped[float | None] = real(
        "Altitude at the end minus altitude at the start"
    )
    total_elevation_gain_m: Mapped[float | None] = real("Climb; empty if the split is the API's")
    elevation_loss_m: Mapped[float | None] = real("Descent; empty if the split is the API's")
    grade_pct: Mapped[float | None] = real(
        "Elevation difference divided by distance; 0 where as much is climbed as descended"
    )
    steepness_pct: Mapped[float | None] = real(
        "Rises and falls over pieces of about 100 m, added up without their signs and divided by "
        "the distance; empty if the split is the API's"
    )
    average_heartrate_bpm: Mapped[float | None] = real("Average heart rate")
    average_cadence_rpm: Mapped[float | None] = real(
        "Average cadence; empty if the split is the API's"
    )
    average_power_w: Mapped[float | None] = real("Average power; empty if the split is the API's")
    is_partial: Mapped[bool | None] = flag("Whether it is a last split, shorter than the unit")


class GradePace(Base):
    """What a grade costs one athlete, as a prediction found it."""

    __tablename__ = "pace_model"
    __table_args__ = {
        "comment": "One row per athlete, sport and grade in %: pace on it by pace on flat ground; "
        "written by predict, as of the last prediction"
    }

    athlete_id: Mapped[int] = athlete_key()
    sport_type: Mapped[str] = column(sa.String, "Run or TrailRun", primary_key=True)
    grade_pct: Mapped[int] = key(sa.Integer, "Grade, from -30 to 30")
    factor: Mapped[float] = real(
        "Pace on the grade by pace on flat ground, of this athlete", nullable=False
    )
    prior_factor: Mapped[float] = real(
        "The same by the published curve that thin data fall back to", nullable=False
    )
    support_km: Mapped[float] = real(
        "Distance that the athlete has run at the grade: what factor rests on", nullable=False
    )
    as_of: Mapped[dt.date] = calendar_day("Last day that the curve knows of", nullable=False)
