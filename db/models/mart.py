"""Defines the calendar and ``activity_facts``, which BI tools chart first.

``activity_facts`` has one wide row per activity, in friendly units. ``db.marts`` refills both.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from db.models.base import Base, calendar_day, flag, key, local, real, refers, utc, whole, word

#: Deletion rule of references: rows of marts are deleted with the rows they refer to and never
#: prevent that. Marts are refilled anyway.
GONE_WITH: Final = "CASCADE"


def athlete_key() -> Mapped[int]:
    """The athlete as the first part of a mart's key."""
    return key(
        sa.BigInteger, "Whose it is", sa.ForeignKey("athletes.athlete_id", ondelete=GONE_WITH)
    )


class Date(Base):
    """One day of the calendar."""

    __tablename__ = "dates"
    __table_args__ = {
        "comment": "One row per day, from the year of the first activity to that of the last (or "
        "of the newest export or answer of the API); days are only ever added"
    }

    date: Mapped[dt.date] = key(sa.Date, "The day")
    year: Mapped[int] = whole("Year", nullable=False, index=True)
    quarter: Mapped[int] = whole("1 to 4", nullable=False)
    month: Mapped[int] = whole("1 to 12", nullable=False)
    month_name: Mapped[str] = word("January ...", nullable=False)
    day_of_month: Mapped[int] = whole("1 to 31", nullable=False)
    day_of_year: Mapped[int] = whole("1 to 366", nullable=False)
    iso_year: Mapped[int] = whole("Year that the ISO week belongs to", nullable=False)
    iso_week: Mapped[int] = whole("ISO week, 1 to 53", nullable=False)
    weekday: Mapped[int] = whole("1 is Monday, 7 is Sunday", nullable=False)
    weekday_name: Mapped[str] = word("Monday ...", nullable=False)
    is_weekend: Mapped[bool] = flag("Saturday or Sunday", nullable=False)
    week_start: Mapped[dt.date] = calendar_day("Monday of its week", nullable=False)
    month_start: Mapped[dt.date] = calendar_day("First day of its month", nullable=False)
    quarter_start: Mapped[dt.date] = calendar_day("First day of its quarter", nullable=False)
    year_start: Mapped[dt.date] = calendar_day("First day of its year", nullable=False)


class ActivityFact(Base):
    """One activity, ready for charts."""

    __tablename__ = "activity_facts"
    __table_args__ = (
        sa.Index(None, "sport_group", "local_date"),
        {
            "comment": "One row per activity that has not vanished from Strava, in friendly units; "
            "refilled by each run that changes anything"
        },
    )

    activity_id: Mapped[int] = key(
        sa.BigInteger, "The activity", sa.ForeignKey("activities.activity_id", ondelete=GONE_WITH)
    )
    athlete_id: Mapped[int] = refers(
        sa.BigInteger,
        "athletes.athlete_id",
        "Whose activity it is",
        GONE_WITH,
        nullable=False,
        index=True,
    )
    athlete_name: Mapped[str | None] = word("First and last name")
    name: Mapped[str | None] = word("Title")
    sport_type: Mapped[str | None] = word("Strava's sport_type (Run, TrailRun, Ride ...)")
    sport_group: Mapped[str] = word(
        "run, ride, swim, walk, winter, water, strength, fitness, ball or other, by sport_type",
        nullable=False,
    )
    start_time_local: Mapped[dt.datetime | None] = local(
        "Start in local time, or in UTC where the zone is not known"
    )
    start_time_utc: Mapped[dt.datetime | None] = utc("Start")
    timezone_name: Mapped[str | None] = word("IANA zone of the start")
    local_date: Mapped[dt.date | None] = refers(
        sa.Date,
        "dates.date",
        "Day of start_time_local, from which all calendar columns of this table follow",
        index=True,
    )
    year: Mapped[int | None] = whole("Year")
    quarter: Mapped[int | None] = whole("1 to 4")
    month: Mapped[int | None] = whole("1 to 12")
    iso_year: Mapped[int | None] = whole("Year that the ISO week belongs to")
    iso_week: Mapped[int | None] = whole("ISO week, 1 to 53")
    day_of_year: Mapped[int | None] = whole("1 to 366")
    weekday: Mapped[int | None] = whole("1 is Monday, 7 is Sunday")
    weekday_name: Mapped[str | None] = word("Monday ...")
    hour: Mapped[int | None] = whole("Hour of start_time_local, 0 to 23")
    is_weekend: Mapped[bool | None] = flag("Saturday or Sunday")
    week_start: Mapped[dt.date | None] = calendar_day("Monday of its week")
    month_start: Mapped[dt.date | None] = calendar_day("First day of its month")
    year_start: Mapped[dt.date | None] = calendar_day("First day of its year")
    distance_km: Mapped[float | None] = real("Distance")
    distance_mi: Mapped[float | None] = real("Distance")
    moving_time_s: Mapped[float | None] = real("Moving time")
    moving_time_h: Mapped[float | None] = real("Moving time")
    elapsed_time_h: Mapped[float | None] = real("Elapsed time")
    total_elevation_gain_m: Mapped[float | None] = real("Climb")
    total_elevation_gain_ft: Mapped[float | None] = real("Climb")
    climb_m_per_km: Mapped[float | None] = real("Climb divided by distance")
    elev_high_m: Mapped[float | None] = real("Highest point")
    elev_low_m: Mapped[float | None] = real("Lowest point")
    average_speed_kmh: Mapped[float | None] = real(
        "Average speed as Strava has it, else distance divided by moving time"
    )
    average_speed_mph: Mapped[float | None] = real(
        "Average speed as Strava has it, else distance divided by moving time"
    )
    max_speed_kmh: Mapped[float | None] = real("Highest speed")
    max_speed_mph: Mapped[float | None] = real("Highest speed")
    pace_min_per_km: Mapped[float | None] = real("Moving time divided by distance; 5.5 is 5:30")
    pace_min_per_mi: Mapped[float | None] = real("Moving time divided by distance; 8.5 is 8:30")
    grade_adjusted_pace_min_per_km: Mapped[float | None] = real(
        "Pace on flat ground that costs the same effort: Strava's, else computed from the points; "
        "of runs only"
    )
    grade_adjusted_pace_min_per_mi: Mapped[float | None] = real(
        "Pace on flat ground that costs the same effort: Strava's, else computed from the points; "
        "of runs only"
    )
    pace_min_per_100m: Mapped[float | None] = real(
        "Moving time divided by distance, for swims; 1.75 is 1:45"
    )
    average_heartrate_bpm: Mapped[float | None] = real("Average heart rate")
    max_heartrate_bpm: Mapped[float | None] = real("Highest heart rate")
    average_cadence_rpm: Mapped[float | None] = real("Average cadence")
    average_power_w: Mapped[float | None] = real("Average power, measured or estimated by Strava")
    weighted_average_power_w: Mapped[float | None] = real(
        "Weighted average power; only where a device measured it"
    )
    max_power_w: Mapped[float | None] = real(
        "Highest power; where Strava gives none, the highest second of the file's points"
    )
    total_work_kj: Mapped[float | None] = real("Work")
    decoupling_pct: Mapped[float | None] = real(
        "How much less speed (of runs) or power a heart beat gave in the second half; of steady "
        "activities of at least 40 minutes"
    )
    calories_kcal: Mapped[float | None] = real("Energy")
    relative_effort: Mapped[float | None] = real("Strava's relative effort, from heart rate")
    training_load: Mapped[float | None] = real("Strava's training load")
    intensity_pct: Mapped[float | None] = real("Intensity, in percent of threshold power")
    perceived_exertion: Mapped[float | None] = real("The athlete's own rating, 1 to 10")
    total_steps: Mapped[int | None] = whole("Steps")
    average_temperature_c: Mapped[float | None] = real("Average temperature measured by the device")
    average_temperature_f: Mapped[float | None] = real("Average temperature measured by the device")
    gear_id: Mapped[int | None] = refers(
        sa.Integer, "gear.gear_id", "Bike or shoes", "SET NULL", index=True
    )
    gear_name: Mapped[str | None] = word("Bike or shoes")
    gear_type: Mapped[str | None] = word("bike or shoe")
    weather_temperature_c: Mapped[float | None] = real("Air temperature")
    weather_temperature_f: Mapped[float | None] = real("Air temperature")
    weather_apparent_temperature_c: Mapped[float | None] = real("Apparent temperature (feels like)")
    weather_apparent_temperature_f: Mapped[float | None] = real("Apparent temperature (feels like)")
    weather_humidity_pct: Mapped[float | None] = real("Relative humidity")
    weather_wind_speed_kmh: Mapped[float | None] = real("Wind speed")
    weather_wind_speed_mph: Mapped[float | None] = real("Wind speed")
    weather_wind_bearing_deg: Mapped[float | None] = real(
        "Direction that the wind comes from, 0 to 359"
    )
    weather_precipitation_intensity_mmph: Mapped[float | None] = real("Intensity of rain or snow")
    weather_cloud_cover_pct: Mapped[float | None] = real("Cloud cover")
    weather_uv_index: Mapped[float | None] = real("UV index")
    latitude: Mapped[float | None] = real("Position of the start; empty for virtual sports")
    longitude: Mapped[float | None] = real("Position of the start; empty for virtual sports")
    country: Mapped[str | None] = word(
        "Country of the start: that of the nearest town; empty without the extra places"
    )
    region: Mapped[str | None] = word("State, canton, province ... of that town")
    city: Mapped[str | None] = word("That town")
    end_latitude: Mapped[float | None] = real("Position of the end")
    end_longitude: Mapped[float | None] = real("Position of the end")
    device_name: Mapped[str | None] = word("Device or app that recorded it")
    kudos_count: Mapped[int | None] = whole("Kudos; known from the API only")
    achievement_count: Mapped[int | None] = whole("Achievements; known from the API only")
    athlete_count: Mapped[int | None] = whole(
        "Athletes who did the activity together; known from the API only"
    )
    known_from: Mapped[str | None] = word(
        "export, api (where no export holds it) or file (only a loose device file tells of it)"
    )
    has_track: Mapped[bool] = flag(
        "Whether track_points has points of the activity", nullable=False
    )
    is_commute: Mapped[bool | None] = flag("Whether it was a commute")
    is_trainer: Mapped[bool | None] = flag("Indoors on a trainer; known from the API only")
    is_manual: Mapped[bool | None] = flag("Entered by hand")
    is_private: Mapped[bool | None] = flag("Only the athlete sees it; known from the API only")
    is_flagged: Mapped[bool | None] = flag("Flagged on Strava")
    is_race: Mapped[bool | None] = flag("Tagged as a race or competition; empty if no source tells")
    is_long_run: Mapped[bool | None] = flag("Tagged as a long run")
    is_virtual: Mapped[bool | None] = flag(
        "VirtualRun, VirtualRide or VirtualRow; empty if the sport is not known"
    )
    strava_url: Mapped[str | None] = word(
        "Page of the activity on Strava; empty if only a device file tells of it"
    )
