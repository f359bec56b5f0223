"""Defines the activity: one row, merged from everything that sources say of it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from db.models.base import Base, big, flag, key, local, real, refers, text, utc, whole, word


class Activity(Base):
    """One row per activity."""

    __tablename__ = "activities"
    __table_args__ = {"comment": "One row per activity, whatever source it came from"}

    activity_id: Mapped[int] = key(
        sa.BigInteger,
        "Strava's activity id; provisional and negative while only a loose device file tells of "
        "the activity",
    )
    athlete_id: Mapped[int] = refers(
        sa.BigInteger, "athletes.athlete_id", "Whose activity it is", nullable=False, index=True
    )
    name: Mapped[str | None] = text("Title")
    description: Mapped[str | None] = text("Description")
    private_note: Mapped[str | None] = text("Private note")
    sport_type: Mapped[str | None] = word(
        "Strava's sport_type (Run, Ride, ...); empty if neither the label nor the device file "
        "tells it",
        index=True,
    )
    sport_type_source: Mapped[str | None] = word(
        "Where sport_type comes from: api, export (a known label), file (the device file) or guess "
        "(a label as speakers of its language use it, or the speed of a file that names no sport)"
    )
    activity_type_label: Mapped[str | None] = word(
        "Sport as the export writes it, in the athlete's language"
    )
    start_time_utc: Mapped[datetime | None] = utc("Start", index=True)
    start_time_local: Mapped[datetime | None] = local(
        "Start in local time; empty where the zone is not known", index=True
    )
    timezone_name: Mapped[str | None] = word("IANA zone of the start")
    utc_offset_s: Mapped[int | None] = whole("Local time minus UTC at the start")
    timezone_source: Mapped[str] = word(
        "Where the local time comes from: api, file (the device file), position (of the start), "
        "neighbour (the activity before), home (--timezone) or unknown",
        nullable=False,
    )
    distance_m: Mapped[float | None] = real("Distance as Strava counts it")
    moving_time_s: Mapped[float | None] = real("Moving time")
    elapsed_time_s: Mapped[float | None] = real("Elapsed time")
    timer_time_s: Mapped[float | None] = real("Time that the device's timer ran, without pauses")
    total_elevation_gain_m: Mapped[float | None] = real("Climb")
    elevation_loss_m: Mapped[float | None] = real("Descent")
    elev_high_m: Mapped[float | None] = real("Highest point")
    elev_low_m: Mapped[float | None] = real("Lowest point")
    max_grade_pct: Mapped[float | None] = real("Steepest grade")
    average_grade_pct: Mapped[float | None] = real("Net grade")
    average_positive_grade_pct: Mapped[float | None] = real("Average grade uphill")
    average_negative_grade_pct: Mapped[float | None] = real("Average grade downhill")
    average_speed_mps: Mapped[float | None] = real("Distance by moving time")
    max_speed_mps: Mapped[float | None] = real("Highest speed")
    average_elapsed_speed_mps: Mapped[float | None] = real("Distance by elapsed time")
    average_grade_adjusted_speed_mps: Mapped[float | None] = real(
        "Speed on flat ground that costs the same effort"
    )
    grade_adjusted_distance_m: Mapped[float | None] = real(
        "Distance on flat ground that costs the same effort"
    )
    dirt_distance_m: Mapped[float | None] = real("Distance on unpaved ways")
    newly_explored_distance_m: Mapped[float | None] = real(
        "Distance on roads and paths that are new to the athlete"
    )
    newly_explored_dirt_distance_m: Mapped[float | None] = real(
        "Unpaved distance on roads and paths that are new to the athlete"
    )
    downhill_distance_m: Mapped[float | None] = real("Distance downhill")
    uphill_time_s: Mapped[float | None] = real("Time uphill")
    downhill_time_s: Mapped[float | None] = real("Time downhill")
    other_time_s: Mapped[float | None] = real("Time neither uphill nor downhill")
    number_of_runs: Mapped[int | None] = whole("Runs of a ski or snowboard day")
    average_heartrate_bpm: Mapped[float | None] = real("Average heart rate")
    max_heartrate_bpm: Mapped[float | None] = real("Highest heart rate")
    average_cadence_rpm: Mapped[float | None] = real("Average cadence")
    max_cadence_rpm: Mapped[float | None] = real("Highest cadence")
    average_power_w: Mapped[float | None] = real("Average power, measured or estimated by Strava")
    weighted_average_power_w: Mapped[float | None] = real(
        "Weighted average power; only where a device measured it"
    )
    max_power_w: Mapped[float | None] = real(
        "Highest power; where Strava gives none, the highest second of the file's points"
    )
    power_count: Mapped[int | None] = whole("Samples with power")
    total_work_j: Mapped[float | None] = real("Work")
    calories_kcal: Mapped[float | None] = real("Energy")
    relative_effort: Mapped[float | None] = real("Strava's relative effort, from heart rate")
    perceived_exertion: Mapped[float | None] = real("The athlete's own rating, 1 to 10")
    perceived_relative_effort: Mapped[float | None] = real(
        "Relative effort from the athlete's rating"
    )
    prefer_perceived_exertion: Mapped[bool | None] = flag(
        "Whether the athlete prefers their own rating"
    )
    training_load: Mapped[float | None] = real("Strava's training load")
    intensity_pct: Mapped[float | None] = real("Intensity, in percent of threshold power")
    average_temperature_c: Mapped[float | None] = real("Average temperature measured by the device")
    max_temperature_c: Mapped[float | None] = real("Highest temperature measured by the device")
    total_steps: Mapped[int | None] = whole("Steps")
    total_cycles: Mapped[int | None] = whole("Strokes or pedal turns")
    pool_length_m: Mapped[float | None] = real("Length of the pool")
    total_sets: Mapped[int | None] = whole("Sets of a strength workout")
    total_reps: Mapped[int | None] = whole("Repetitions of a strength workout")
    total_weight_lifted_kg: Mapped[float | None] = real("Total weight lifted")
    jump_count: Mapped[int | None] = whole("Mountain bike jumps")
    total_grit: Mapped[float | None] = real("Mountain bike grit")
    average_flow: Mapped[float | None] = real("Mountain bike flow")
    carbon_saved_kg: Mapped[float | None] = real("CO2 saved by a commute")
    activity_count: Mapped[int | None] = whole("Strava's column Activity Count, undocumented")
    athlete_weight_kg: Mapped[float | None] = real("The athlete's weight at the time")
    bike_weight_kg: Mapped[float | None] = real("The bike's weight at the time")
    gear_id: Mapped[int | None] = refers(sa.Integer, "gear.gear_id", "Bike or shoes", index=True)
    export_bike_id: Mapped[int | None] = big(
        "Bike id of the export; older rows round it to a 32-bit float, so it is never a key"
    )
    export_gear_id: Mapped[int | None] = big(
        "Shoe id of the export; older rows round it to a 32-bit float, so it is never a key"
    )
    is_commute: Mapped[bool | None] = flag("Whether it was a commute")
    is_trainer: Mapped[bool | None] = flag("Indoors on a trainer; known from the API only")
    is_manual: Mapped[bool | None] = flag("Entered by hand")
    is_private: Mapped[bool | None] = flag("Only the athlete sees it; known from the API only")
    is_flagged: Mapped[bool | None] = flag("Flagged on Strava")
    flag_code: Mapped[int | None] = whole("Strava's flag number: 0, 1 or 2")
    is_recovery: Mapped[bool | None] = flag("Tagged as recovery")
    is_with_pet: Mapped[bool | None] = flag("Tagged as with a pet")
    is_competition: Mapped[bool | None] = flag("Tagged as a competition")
    is_long_run: Mapped[bool | None] = flag("Tagged as a long run")
    is_for_a_cause: Mapped[bool | None] = flag("Tagged as for a cause")
    is_with_kid: Mapped[bool | None] = flag("Tagged as with a kid")
    weather_observation_time_utc: Mapped[datetime | None] = utc(
        "When the weather was observed; older rows are exact to 128 s"
    )
    weather_condition_code: Mapped[int | None] = whole(
        "Strava's weather code, 1 to 8, undocumented"
    )
    weather_temperature_c: Mapped[float | None] = real("Air temperature")
    weather_apparent_temperature_c: Mapped[float | None] = real("Apparent temperature (feels like)")
    weather_dewpoint_c: Mapped[float | None] = real("Dew point")
    weather_humidity: Mapped[float | None] = real("Relative humidity, 0 to 1")
    weather_pressure_hpa: Mapped[float | None] = real("Air pressure")
    weather_wind_speed_mps: Mapped[float | None] = real("Wind speed")
    weather_wind_gust_mps: Mapped[float | None] = real("Gusts")
    weather_wind_bearing_deg: Mapped[float | None] = real(
        "Direction that the wind comes from, 0 to 359"
    )
    weather_precipitation_intensity_mmph: Mapped[float | None] = real("Intensity of rain or snow")
    weather_precipitation_probability: Mapped[float | None] = real(
        "Probability of rain or snow, 0 to 1"
    )
    weather_precipitation_type_code: Mapped[int | None] = whole(
        "Strava's code for the kind of precipitation, undocumented"
    )
    weather_cloud_cover: Mapped[float | None] = real("Cloud cover, 0 to 1")
    weather_visibility_m: Mapped[float | None] = real("Visibility; 16093 means 10 miles or more")
    weather_uv_index: Mapped[float | None] = real("UV index")
    weather_ozone_du: Mapped[float | None] = real("Ozone")
    weather_sunrise_time_utc: Mapped[datetime | None] = utc(
        "Sunrise; older rows are exact to 128 s"
    )
    weather_sunset_time_utc: Mapped[datetime | None] = utc("Sunset; older rows are exact to 128 s")
    weather_moon_phase: Mapped[float | None] = real("Phase of the moon, 0 to 1")
    device_name: Mapped[str | None] = word("Device or app that recorded it")
    upload_id: Mapped[int | None] = big("Strava's id of the upload; known from the API only")
    external_id: Mapped[str | None] = word(
        "Name under which the file was uploaded; known from the API only"
    )
    visibility: Mapped[str | None] = word(
        "everyone, followers_only or only_me; known from the API only"
    )
    workout_type: Mapped[int | None] = whole(
        "Strava's number: 1 race, 2 long run, 3 workout (runs); 11 race, 12 workout (rides)"
    )
    is_device_power: Mapped[bool | None] = flag(
        "Whether power was measured, not estimated; known from the API only"
    )
    is_hidden_from_home: Mapped[bool | None] = flag(
        "Whether it is left out of followers' feeds; known from the API only"
    )
    kudos_count: Mapped[int | None] = whole("Kudos; known from the API only")
    comment_count: Mapped[int | None] = whole("Comments; known from the API only")
    achievement_count: Mapped[int | None] = whole("Achievements; known from the API only")
    pr_count: Mapped[int | None] = whole("Personal records on segments; known from the API only")
    athlete_count: Mapped[int | None] = whole(
        "Athletes who did the activity together; known from the API only"
    )
    photo_count: Mapped[int | None] = whole("Photos; known from the API only")
    start_latitude: Mapped[float | None] = real(
        "Position of the first point that has one; empty for virtual sports"
    )
    start_longitude: Mapped[float | None] = real(
        "Position of the first point that has one; empty for virtual sports"
    )
    end_latitude: Mapped[float | None] = real(
        "Position of the last point that has one; empty for virtual sports"
    )
    end_longitude: Mapped[float | None] = real(
        "Position of the last point that has one; empty for virtual sports"
    )
    has_track: Mapped[bool] = flag(
        "Whether track_points has points of the activity", nullable=False
    )
    known_from: Mapped[str | None] = word(
        "export, api (where no export holds it) or file (only a loose device file tells of it)"
    )
    vanished_at: Mapped[datetime | None] = utc(
        "When it had vanished from Strava: the date of the export, or of the API's complete list, "
        "without it; empty while it exists"
    )
