"""Defines the parts of an activity that can be compared: splits, best efforts, segment efforts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from db.models.base import Base, big, column, flag, key, local, real, refers, utc, whole, word


def _activity() -> Mapped[int]:
    return key(sa.BigInteger, "The activity", sa.ForeignKey("activities.activity_id"))


class Split(Base):
    """One kilometre or mile."""

    __tablename__ = "splits"
    __table_args__ = {
        "comment": "One row per kilometre and per mile of an activity; source says who computed it"
    }

    activity_id: Mapped[int] = _activity()
    source: Mapped[str] = column(
        sa.String, "api: as Strava computed it; computed: by us from track_points", primary_key=True
    )
    unit: Mapped[str] = column(sa.String, "km or mi", primary_key=True)
    split_index: Mapped[int] = key(sa.Integer, "Order, from 0")
    distance_m: Mapped[float | None] = real("Distance")
    elapsed_time_s: Mapped[float | None] = real("Elapsed time")
    moving_time_s: Mapped[float | None] = real("Moving time")
    elevation_difference_m: Mapped[float | None] = real(
        "Altitude at the end minus altitude at the start"
    )
    average_speed_mps: Mapped[float | None] = real("Distance by moving time")
    average_grade_adjusted_speed_mps: Mapped[float | None] = real(
        "Speed on flat ground that costs the same effort; of runs only"
    )
    average_heartrate_bpm: Mapped[float | None] = real("Average heart rate")
    pace_zone: Mapped[int | None] = whole("Strava's pace zone")
    total_elevation_gain_m: Mapped[float | None] = real("Climb; only in computed splits")
    elevation_loss_m: Mapped[float | None] = real("Descent; only in computed splits")
    average_cadence_rpm: Mapped[float | None] = real(
        "Average cadence without zeros; only in computed splits"
    )
    average_power_w: Mapped[float | None] = real("Average power; only in computed splits")
    steepness_pct: Mapped[float | None] = real(
        "Rises and falls over pieces of about 100 m, added up without their signs and divided by "
        "the distance; only in computed splits of runs"
    )
    is_partial: Mapped[bool | None] = flag("Whether it is a last split, shorter than the unit")


class BestEffort(Base):
    """The fastest stretch of a standard distance inside a run."""

    __tablename__ = "best_efforts"
    __table_args__ = {
        "comment": "One row per standard distance and run: its fastest stretch; source says who "
        "found it"
    }

    activity_id: Mapped[int] = _activity()
    source: Mapped[str] = column(
        sa.String, "api: found by Strava; computed: found by us in track_points", primary_key=True
    )
    name: Mapped[str] = column(
        sa.String, "Strava's name of the distance (400m, 1K, Half-Marathon ...)", primary_key=True
    )
    best_effort_id: Mapped[int | None] = big("Strava's id")
    best_effort_id_text: Mapped[str | None] = word(
        "best_effort_id as text: ids above 2^53 are rounded by JavaScript"
    )
    distance_m: Mapped[float | None] = real("Distance")
    elapsed_time_s: Mapped[float | None] = real("Elapsed time")
    moving_time_s: Mapped[float | None] = real("Moving time")
    start_time_utc: Mapped[datetime | None] = utc("Start")
    start_index: Mapped[int | None] = whole(
        "First point: point_index in track_points; if source is api, index of Strava's streams"
    )
    end_index: Mapped[int | None] = whole(
        "Last point: point_index in track_points; if source is api, index of Strava's streams"
    )
    pr_rank: Mapped[int | None] = whole("Rank 1 to 3 among the athlete's own efforts at that time")


class PowerPeak(Base):
    """The highest average power over a fixed duration."""

    __tablename__ = "power_curve"
    __table_args__ = (
        sa.Index(None, "duration_s", "power_w"),
        {
            "comment": "One row per activity with power and per fixed duration (1 s to 5 h): the "
            "highest average power"
        },
    )

    activity_id: Mapped[int] = _activity()
    duration_s: Mapped[int] = key(sa.Integer, "Duration")
    power_w: Mapped[float | None] = real("Highest average power over the duration; zero is a value")
    start_elapsed_s: Mapped[float | None] = real("Begin, in seconds since tracks.start_time_utc")


class ZoneTime(Base):
    """Time in one heart-rate or power zone."""

    __tablename__ = "zone_times"
    __table_args__ = {
        "comment": "One row per activity and heart-rate or power zone: the time spent in it"
    }

    activity_id: Mapped[int] = _activity()
    zone_type: Mapped[str] = column(sa.String, "heartrate or power", primary_key=True)
    zone_index: Mapped[int] = key(sa.Integer, "Zone, from 1")
    lower_bound: Mapped[float | None] = real("From, in beats/min or W")
    upper_bound: Mapped[float | None] = real("Up to, in beats/min or W; empty for the last zone")
    time_s: Mapped[float | None] = real("Time in the zone")
    source: Mapped[str] = word(
        "api: zones of the Strava account; default: percentages of maximum heart rate (Strava's) "
        "or of FTP (Coggan's)",
        nullable=False,
    )


class HeartrateBand(Base):
    """What was done at five beats per minute."""

    __tablename__ = "heartrate_bands"
    __table_args__ = {
        "comment": "One row per activity and band of five beats per minute: time, distance and "
        "power at these heart rates, without rests"
    }

    activity_id: Mapped[int] = _activity()
    from_bpm: Mapped[int] = key(sa.Integer, "Lowest heart rate of the band")
    below_bpm: Mapped[int] = whole("The band ends below this heart rate", nullable=False)
    time_s: Mapped[float] = real("Time on the move", nullable=False)
    distance_m: Mapped[float | None] = real("Distance in that time")
    power_time_s: Mapped[float | None] = real("Part of time_s in which power is known")
    work_j: Mapped[float | None] = real("Work in power_time_s")


class Decoupling(Base):
    """How far pace or power and heart rate drifted apart."""

    __tablename__ = "decoupling"
    __table_args__ = {
        "comment": "One row per steady activity of at least 40 minutes with heart rate: how much "
        "less speed (of runs) or power (of other sports) a heart beat gave in its second half"
    }

    activity_id: Mapped[int] = _activity()
    basis: Mapped[str] = word(
        "What is divided by heart rate: grade_adjusted_pace, pace (of runs without altitudes) or "
        "power",
        nullable=False,
    )
    moving_time_s: Mapped[float] = real("Time without rests, which is halved", nullable=False)
    variation_pct: Mapped[float] = real(
        "Standard deviation of speed or power by its mean, over blocks of five minutes: at most "
        "10 for speed, 15 for power",
        nullable=False,
    )
    first_half_efficiency: Mapped[float] = real(
        "Metres per heart beat, or W per beats/min, in the first half", nullable=False
    )
    second_half_efficiency: Mapped[float] = real("The same in the second half", nullable=False)
    decoupling_pct: Mapped[float] = real(
        "By how much the second half is below the first; negative if it is above", nullable=False
    )


class SegmentEffort(Base):
    """One effort on a segment."""

    __tablename__ = "segment_efforts"
    __table_args__ = {
        "comment": "One row per effort on a Strava segment, with data of the segment; from the API "
        "only"
    }

    segment_effort_id: Mapped[int] = key(sa.BigInteger, "Strava's id of the effort")
    segment_effort_id_text: Mapped[str] = word(
        "segment_effort_id as text: ids above 2^53 are rounded by JavaScript", nullable=False
    )
    activity_id: Mapped[int] = refers(
        sa.BigInteger, "activities.activity_id", "The activity", nullable=False, index=True
    )
    effort_index: Mapped[int] = whole("Order inside the activity, from 0", nullable=False)
    segment_id: Mapped[int | None] = big("Strava's id of the segment", index=True)
    segment_id_text: Mapped[str | None] = word("segment_id as text")
    name: Mapped[str | None] = word("Name of the segment")
    start_time_utc: Mapped[datetime | None] = utc("Start")
    start_time_local: Mapped[datetime | None] = local("Start in local time")
    elapsed_time_s: Mapped[float | None] = real("Elapsed time")
    moving_time_s: Mapped[float | None] = real("Moving time")
    distance_m: Mapped[float | None] = real("Distance")
    start_index: Mapped[int | None] = whole("First point: index of the activity's streams")
    end_index: Mapped[int | None] = whole("Last point: index of the activity's streams")
    average_heartrate_bpm: Mapped[float | None] = real("Average heart rate")
    max_heartrate_bpm: Mapped[float | None] = real("Highest heart rate")
    average_cadence_rpm: Mapped[float | None] = real("Average cadence")
    average_power_w: Mapped[float | None] = real("Average power")
    is_device_power: Mapped[bool | None] = flag("Whether power was measured, not estimated")
    pr_rank: Mapped[int | None] = whole("Rank 1 to 3 among the athlete's own efforts at that time")
    kom_rank: Mapped[int | None] = whole("Rank 1 to 10 among all athletes at that time")
    is_hidden: Mapped[bool | None] = flag("Whether Strava hides it as unimportant")
    segment_sport_type: Mapped[str | None] = word("Ride or Run, in Strava's word")
    segment_distance_m: Mapped[float | None] = real("Length of the segment")
    segment_average_grade_pct: Mapped[float | None] = real("Average grade of the segment")
    segment_maximum_grade_pct: Mapped[float | None] = real("Steepest grade of the segment")
    segment_elev_high_m: Mapped[float | None] = real("Highest point of the segment")
    segment_elev_low_m: Mapped[float | None] = real("Lowest point of the segment")
    segment_climb_category: Mapped[int | None] = whole("Climb category 0 to 5; 5 is hors catégorie")
    segment_start_latitude: Mapped[float | None] = real("Start of the segment")
    segment_start_longitude: Mapped[float | None] = real("Start of the segment")
    segment_end_latitude: Mapped[float | None] = real("End of the segment")
    segment_end_longitude: Mapped[float | None] = real("End of the segment")
    segment_city: Mapped[str | None] = word("City of the segment")
    segment_state: Mapped[str | None] = word("State of the segment")
    segment_country: Mapped[str | None] = word("Country of the segment")
    is_segment_private: Mapped[bool | None] = flag("Whether only its creator sees the segment")
    is_segment_starred: Mapped[bool | None] = flag("Whether the athlete has starred the segment")
