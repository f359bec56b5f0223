"""Add the marts, and what is computed from track points: more of splits, power curve, zones, the
simplified route.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261121_0227"
down_revision: str | None = "20261121_0121"


def upgrade() -> None:
    op.create_table(
        "dates",
        sa.Column("date", sa.Date(), autoincrement=False, nullable=False, comment="The day"),
        sa.Column("year", sa.Integer(), nullable=False, comment="Year"),
        sa.Column("quarter", sa.Integer(), nullable=False, comment="1 to 4"),
        sa.Column("month", sa.Integer(), nullable=False, comment="1 to 12"),
        sa.Column("month_name", sa.String(), nullable=False, comment="January ..."),
        sa.Column("day_of_month", sa.Integer(), nullable=False, comment="1 to 31"),
        sa.Column("day_of_year", sa.Integer(), nullable=False, comment="1 to 366"),
        sa.Column(
            "iso_year", sa.Integer(), nullable=False, comment="Year that the ISO week belongs to"
        ),
        sa.Column("iso_week", sa.Integer(), nullable=False, comment="ISO week, 1 to 53"),
        sa.Column("weekday", sa.Integer(), nullable=False, comment="1 is Monday, 7 is Sunday"),
        sa.Column("weekday_name", sa.String(), nullable=False, comment="Monday ..."),
        sa.Column("is_weekend", sa.Boolean(), nullable=False, comment="Saturday or Sunday"),
        sa.Column("week_start", sa.Date(), nullable=False, comment="Monday of its week"),
        sa.Column("month_start", sa.Date(), nullable=False, comment="First day of its month"),
        sa.Column("quarter_start", sa.Date(), nullable=False, comment="First day of its quarter"),
        sa.Column("year_start", sa.Date(), nullable=False, comment="First day of its year"),
        sa.PrimaryKeyConstraint("date", name=op.f("pk_dates")),
        comment="One row per day, from the first to the last year with an activity; made anew by "
        "each run that changes something",
    )
    with op.batch_alter_table("dates") as batch_op:
        batch_op.create_index(batch_op.f("ix_dates_year"), ["year"], unique=False)

    op.create_table(
        "athlete_zones",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column("zone_type", sa.String(), nullable=False, comment="heartrate or power"),
        sa.Column(
            "zone_index", sa.Integer(), autoincrement=False, nullable=False, comment="Zone, from 1"
        ),
        sa.Column("lower_bound", sa.Double(), nullable=True, comment="From, in beats/min or W"),
        sa.Column(
            "upper_bound",
            sa.Double(),
            nullable=True,
            comment="Up to, in beats/min or W; empty for the last zone",
        ),
        sa.Column(
            "source",
            sa.String(),
            nullable=False,
            comment="api: zones of the Strava account; default: Strava's percentages of maximum "
            "heart rate or FTP",
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"], ["athletes.athlete_id"], name=op.f("fk_athlete_zones_athlete_id")
        ),
        sa.PrimaryKeyConstraint(
            "athlete_id", "zone_type", "zone_index", name=op.f("pk_athlete_zones")
        ),
        comment="One row per heart-rate or power zone of an athlete, as it is now",
    )
    op.create_table(
        "daily_load",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column("date", sa.Date(), autoincrement=False, nullable=False, comment="The day"),
        sa.Column(
            "load_source",
            sa.String(),
            nullable=False,
            comment="training_load or relative_effort: whichever more of the athlete's activities "
            "have; never both in one sum",
        ),
        sa.Column(
            "load",
            sa.Double(),
            nullable=False,
            comment="Sum of load_source over the day's activities",
        ),
        sa.Column(
            "ctl",
            sa.Double(),
            nullable=False,
            comment="Chronic load (fitness): mean of load, 42 days exponential",
        ),
        sa.Column(
            "atl",
            sa.Double(),
            nullable=False,
            comment="Acute load (fatigue): mean of load, 7 days exponential",
        ),
        sa.Column(
            "tsb",
            sa.Double(),
            nullable=False,
            comment="Balance (form): ctl less atl, both of the day before",
        ),
        sa.Column("acute_chronic_ratio", sa.Double(), nullable=True, comment="atl by ctl"),
        sa.Column("activity_count", sa.Integer(), nullable=False, comment="Activities"),
        sa.Column("distance_km", sa.Double(), nullable=False, comment="Distance"),
        sa.Column("moving_time_h", sa.Double(), nullable=False, comment="Moving time"),
        sa.Column(
            "rolling_7d_distance_km",
            sa.Double(),
            nullable=False,
            comment="Distance of the day and the six before",
        ),
        sa.Column(
            "rolling_7d_moving_time_h",
            sa.Double(),
            nullable=False,
            comment="Moving time of the day and the six before",
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"],
            ["athletes.athlete_id"],
            name=op.f("fk_daily_load_athlete_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["date"], ["dates.date"], name=op.f("fk_daily_load_date")),
        sa.PrimaryKeyConstraint("athlete_id", "date", name=op.f("pk_daily_load")),
        comment="One row per athlete and day, from the first to the last activity, rest days too; "
        "athletes without any load have none",
    )
    op.create_table(
        "eddington",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column(
            "sport_group",
            sa.String(),
            nullable=False,
            comment="run, ride, swim ... as in activity_facts, or all",
        ),
        sa.Column("unit", sa.String(), nullable=False, comment="km or mi"),
        sa.Column("eddington_number", sa.Integer(), nullable=False, comment="E"),
        sa.Column("next_target", sa.Integer(), nullable=False, comment="E + 1"),
        sa.Column(
            "days_done",
            sa.Integer(),
            nullable=False,
            comment="Days that count for the next target already",
        ),
        sa.Column(
            "days_needed",
            sa.Integer(),
            nullable=False,
            comment="Days still missing for the next target",
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"],
            ["athletes.athlete_id"],
            name=op.f("fk_eddington_athlete_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("athlete_id", "sport_group", "unit", name=op.f("pk_eddington")),
        comment="One row per athlete, sport group and unit: the greatest number E such that on E "
        "days the distance was E or more",
    )
    op.create_table(
        "period_summary",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column("period_type", sa.String(), nullable=False, comment="day, week, month or year"),
        sa.Column(
            "period_start",
            sa.Date(),
            autoincrement=False,
            nullable=False,
            comment="First day: of a week its Monday",
        ),
        sa.Column(
            "sport_group",
            sa.String(),
            nullable=False,
            comment="run, ride, swim ... as in activity_facts, or all",
        ),
        sa.Column("year", sa.Integer(), nullable=False, comment="Year of period_start"),
        sa.Column("active_days", sa.Integer(), nullable=False, comment="Days with an activity"),
        sa.Column("activity_count", sa.Integer(), nullable=False, comment="Activities"),
        sa.Column("distance_km", sa.Double(), nullable=False, comment="Distance"),
        sa.Column("distance_mi", sa.Double(), nullable=False, comment="Distance"),
        sa.Column("moving_time_h", sa.Double(), nullable=False, comment="Moving time"),
        sa.Column("total_elevation_gain_m", sa.Double(), nullable=False, comment="Climb"),
        sa.Column("total_elevation_gain_ft", sa.Double(), nullable=False, comment="Climb"),
        sa.Column("elapsed_time_h", sa.Double(), nullable=False, comment="Elapsed time"),
        sa.Column("calories_kcal", sa.Double(), nullable=False, comment="Energy, as far as known"),
        sa.Column(
            "relative_effort",
            sa.Double(),
            nullable=False,
            comment="Strava's relative effort, as far as known",
        ),
        sa.Column(
            "training_load",
            sa.Double(),
            nullable=False,
            comment="Strava's training load, as far as known",
        ),
        sa.Column("longest_distance_km", sa.Double(), nullable=True, comment="Longest activity"),
        sa.Column(
            "average_speed_kmh", sa.Double(), nullable=True, comment="Distance by moving time"
        ),
        sa.Column("pace_min_per_km", sa.Double(), nullable=True, comment="Moving time by distance"),
        sa.ForeignKeyConstraint(
            ["athlete_id"],
            ["athletes.athlete_id"],
            name=op.f("fk_period_summary_athlete_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "athlete_id",
            "period_type",
            "period_start",
            "sport_group",
            name=op.f("pk_period_summary"),
        ),
        comment="One row per athlete, day, ISO week, month or year with an activity, and sport "
        "group; sport_group all is the sum over sports, so filter by one",
    )
    with op.batch_alter_table("period_summary") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_period_summary_period_type_sport_group_period_start"),
            ["period_type", "sport_group", "period_start"],
            unique=False,
        )

    op.create_table(
        "streaks",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column(
            "sport_group",
            sa.String(),
            nullable=False,
            comment="run, ride, swim ... as in activity_facts, or all",
        ),
        sa.Column("period_type", sa.String(), nullable=False, comment="day or week"),
        sa.Column(
            "start_date",
            sa.Date(),
            autoincrement=False,
            nullable=False,
            comment="First day; of weeks the Monday of the first",
        ),
        sa.Column(
            "end_date",
            sa.Date(),
            nullable=False,
            comment="Last day; of weeks the Sunday of the last",
        ),
        sa.Column("length", sa.Integer(), nullable=False, comment="Days or weeks"),
        sa.Column("activity_count", sa.Integer(), nullable=False, comment="Activities"),
        sa.Column(
            "is_longest", sa.Boolean(), nullable=False, comment="The longest, the later of two"
        ),
        sa.Column(
            "is_current",
            sa.Boolean(),
            nullable=False,
            comment="Unbroken at the athlete's last activity of any sport: it reaches that day or "
            "week or the one before",
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"],
            ["athletes.athlete_id"],
            name=op.f("fk_streaks_athlete_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "athlete_id", "sport_group", "period_type", "start_date", name=op.f("pk_streaks")
        ),
        comment="One row per athlete, sport group and unbroken row of days or ISO weeks with an "
        "activity, of two or more or the last one",
    )
    op.create_table(
        "year_to_date",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column(
            "sport_group",
            sa.String(),
            nullable=False,
            comment="run, ride, swim ... as in activity_facts, or all",
        ),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False, comment="Year"),
        sa.Column(
            "day_of_year", sa.Integer(), autoincrement=False, nullable=False, comment="1 to 366"
        ),
        sa.Column("date", sa.Date(), nullable=False, comment="The day"),
        sa.Column("activity_count", sa.Integer(), nullable=False, comment="Activities"),
        sa.Column("distance_km", sa.Double(), nullable=False, comment="Distance"),
        sa.Column("distance_mi", sa.Double(), nullable=False, comment="Distance"),
        sa.Column("moving_time_h", sa.Double(), nullable=False, comment="Moving time"),
        sa.Column("total_elevation_gain_m", sa.Double(), nullable=False, comment="Climb"),
        sa.Column("total_elevation_gain_ft", sa.Double(), nullable=False, comment="Climb"),
        sa.ForeignKeyConstraint(
            ["athlete_id"],
            ["athletes.athlete_id"],
            name=op.f("fk_year_to_date_athlete_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["date"], ["dates.date"], name=op.f("fk_year_to_date_date")),
        sa.PrimaryKeyConstraint(
            "athlete_id", "sport_group", "year", "day_of_year", name=op.f("pk_year_to_date")
        ),
        comment="One row per athlete, sport group, year and day: the sums since 1 January, to "
        "compare years; the athlete's last year ends with their last activity",
    )
    with op.batch_alter_table("year_to_date") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_year_to_date_sport_group_year"), ["sport_group", "year"], unique=False
        )

    op.create_table(
        "gear_mileage",
        sa.Column(
            "gear_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="The bike or shoes",
        ),
        sa.Column(
            "part_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="0 for the gear itself, components from 1",
        ),
        sa.Column("athlete_id", sa.BigInteger(), nullable=False, comment="Whose it is"),
        sa.Column("part", sa.String(), nullable=False, comment="gear or component"),
        sa.Column("gear_name", sa.String(), nullable=False, comment="Bike or shoes"),
        sa.Column("gear_type", sa.String(), nullable=True, comment="bike or shoe"),
        sa.Column(
            "component_type",
            sa.String(),
            nullable=True,
            comment="Chain, frame, ... in Strava's word",
        ),
        sa.Column("brand", sa.String(), nullable=True, comment="Brand"),
        sa.Column("model", sa.String(), nullable=True, comment="Model"),
        sa.Column(
            "is_retired", sa.Boolean(), nullable=True, comment="Out of use; known from the API only"
        ),
        sa.Column(
            "first_used_date", sa.Date(), nullable=True, comment="Local day of the first activity"
        ),
        sa.Column(
            "last_used_date", sa.Date(), nullable=True, comment="Local day of the last activity"
        ),
        sa.Column("activity_count", sa.Integer(), nullable=False, comment="Activities"),
        sa.Column("distance_km", sa.Double(), nullable=False, comment="Distance"),
        sa.Column("distance_mi", sa.Double(), nullable=False, comment="Distance"),
        sa.Column("moving_time_h", sa.Double(), nullable=False, comment="Moving time"),
        sa.Column("total_elevation_gain_m", sa.Double(), nullable=False, comment="Climb"),
        sa.Column("total_elevation_gain_ft", sa.Double(), nullable=False, comment="Climb"),
        sa.Column(
            "strava_distance_km",
            sa.Double(),
            nullable=True,
            comment="What Strava's own counter shows; known from the API only",
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"],
            ["athletes.athlete_id"],
            name=op.f("fk_gear_mileage_athlete_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["gear_id"], ["gear.gear_id"], name=op.f("fk_gear_mileage_gear_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("gear_id", "part_index", name=op.f("pk_gear_mileage")),
        comment="One row per gear (part_index 0) and per component of a bike (from 1); components "
        "share their bike's whole use, since exports do not tell when they were fitted",
    )
    op.create_table(
        "activity_facts",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column("athlete_id", sa.BigInteger(), nullable=False, comment="Whose activity it is"),
        sa.Column("athlete_name", sa.String(), nullable=True, comment="First and last name"),
        sa.Column("name", sa.String(), nullable=True, comment="Title"),
        sa.Column(
            "sport_type",
            sa.String(),
            nullable=True,
            comment="Strava's sport_type (Run, TrailRun, Ride ...)",
        ),
        sa.Column(
            "sport_group",
            sa.String(),
            nullable=False,
            comment="run, ride, swim, walk, winter, water, strength, fitness, ball or other, by "
            "sport_type",
        ),
        sa.Column(
            "start_time_local",
            sa.TIMESTAMP(),
            nullable=True,
            comment="Start on the clock of the place, where unknown in UTC",
        ),
        sa.Column("start_time_utc", sa.TIMESTAMP(), nullable=True, comment="Start"),
        sa.Column("timezone_name", sa.String(), nullable=True, comment="IANA zone of the start"),
        sa.Column(
            "local_date",
            sa.Date(),
            nullable=True,
            comment="Day of start_time_local; all calendar columns here follow from it",
        ),
        sa.Column("year", sa.Integer(), nullable=True, comment="Year"),
        sa.Column("quarter", sa.Integer(), nullable=True, comment="1 to 4"),
        sa.Column("month", sa.Integer(), nullable=True, comment="1 to 12"),
        sa.Column("iso_week", sa.Integer(), nullable=True, comment="ISO week, 1 to 53"),
        sa.Column("day_of_year", sa.Integer(), nullable=True, comment="1 to 366"),
        sa.Column("weekday", sa.Integer(), nullable=True, comment="1 is Monday, 7 is Sunday"),
        sa.Column("weekday_name", sa.String(), nullable=True, comment="Monday ..."),
        sa.Column("hour", sa.Integer(), nullable=True, comment="Hour of start_time_local, 0 to 23"),
        sa.Column("is_weekend", sa.Boolean(), nullable=True, comment="Saturday or Sunday"),
        sa.Column("week_start", sa.Date(), nullable=True, comment="Monday of its week"),
        sa.Column("month_start", sa.Date(), nullable=True, comment="First day of its month"),
        sa.Column("year_start", sa.Date(), nullable=True, comment="First day of its year"),
        sa.Column("distance_km", sa.Double(), nullable=True, comment="Distance"),
        sa.Column("distance_mi", sa.Double(), nullable=True, comment="Distance"),
        sa.Column("moving_time_s", sa.Double(), nullable=True, comment="Moving time"),
        sa.Column("moving_time_h", sa.Double(), nullable=True, comment="Moving time"),
        sa.Column("elapsed_time_h", sa.Double(), nullable=True, comment="Elapsed time"),
        sa.Column("total_elevation_gain_m", sa.Double(), nullable=True, comment="Climb"),
        sa.Column("total_elevation_gain_ft", sa.Double(), nullable=True, comment="Climb"),
        sa.Column("climb_m_per_km", sa.Double(), nullable=True, comment="Climb by distance"),
        sa.Column("elev_high_m", sa.Double(), nullable=True, comment="Highest point"),
        sa.Column("elev_low_m", sa.Double(), nullable=True, comment="Lowest point"),
        sa.Column(
            "average_speed_kmh", sa.Double(), nullable=True, comment="Distance by moving time"
        ),
        sa.Column(
            "average_speed_mph", sa.Double(), nullable=True, comment="Distance by moving time"
        ),
        sa.Column("max_speed_kmh", sa.Double(), nullable=True, comment="Highest speed"),
        sa.Column("max_speed_mph", sa.Double(), nullable=True, comment="Highest speed"),
        sa.Column(
            "pace_min_per_km",
            sa.Double(),
            nullable=True,
            comment="Moving time by distance; 5.5 is 5:30",
        ),
        sa.Column(
            "pace_min_per_mi",
            sa.Double(),
            nullable=True,
            comment="Moving time by distance; 8.5 is 8:30",
        ),
        sa.Column(
            "pace_min_per_100m",
            sa.Double(),
            nullable=True,
            comment="Moving time by distance, for swims; 1.75 is 1:45",
        ),
        sa.Column(
            "average_heartrate_bpm", sa.Double(), nullable=True, comment="Average heart rate"
        ),
        sa.Column("max_heartrate_bpm", sa.Double(), nullable=True, comment="Highest heart rate"),
        sa.Column("average_cadence_rpm", sa.Double(), nullable=True, comment="Average cadence"),
        sa.Column(
            "average_power_w",
            sa.Double(),
            nullable=True,
            comment="Average power, measured or estimated by Strava",
        ),
        sa.Column(
            "weighted_average_power_w",
            sa.Double(),
            nullable=True,
            comment="Weighted average power; only where a device measured it",
        ),
        sa.Column("max_power_w", sa.Double(), nullable=True, comment="Highest power"),
        sa.Column("total_work_kj", sa.Double(), nullable=True, comment="Work"),
        sa.Column("calories_kcal", sa.Double(), nullable=True, comment="Energy"),
        sa.Column(
            "relative_effort",
            sa.Double(),
            nullable=True,
            comment="Strava's relative effort, from heart rate",
        ),
        sa.Column("training_load", sa.Double(), nullable=True, comment="Strava's training load"),
        sa.Column(
            "intensity_pct",
            sa.Double(),
            nullable=True,
            comment="Intensity, per cent of threshold power",
        ),
        sa.Column(
            "perceived_exertion",
            sa.Double(),
            nullable=True,
            comment="The athlete's own rating, 1 to 10",
        ),
        sa.Column("total_steps", sa.Integer(), nullable=True, comment="Steps"),
        sa.Column(
            "average_temperature_c",
            sa.Double(),
            nullable=True,
            comment="Average temperature by the device",
        ),
        sa.Column(
            "average_temperature_f",
            sa.Double(),
            nullable=True,
            comment="Average temperature by the device",
        ),
        sa.Column("gear_id", sa.Integer(), nullable=True, comment="Bike or shoes"),
        sa.Column("gear_name", sa.String(), nullable=True, comment="Bike or shoes"),
        sa.Column("gear_type", sa.String(), nullable=True, comment="bike or shoe"),
        sa.Column("weather_temperature_c", sa.Double(), nullable=True, comment="Air temperature"),
        sa.Column("weather_temperature_f", sa.Double(), nullable=True, comment="Air temperature"),
        sa.Column(
            "weather_apparent_temperature_c",
            sa.Double(),
            nullable=True,
            comment="What it feels like",
        ),
        sa.Column(
            "weather_apparent_temperature_f",
            sa.Double(),
            nullable=True,
            comment="What it feels like",
        ),
        sa.Column("weather_humidity_pct", sa.Double(), nullable=True, comment="Relative humidity"),
        sa.Column("weather_wind_speed_kmh", sa.Double(), nullable=True, comment="Wind speed"),
        sa.Column("weather_wind_speed_mph", sa.Double(), nullable=True, comment="Wind speed"),
        sa.Column(
            "weather_wind_bearing_deg",
            sa.Double(),
            nullable=True,
            comment="Where the wind comes from, 0 to 359",
        ),
        sa.Column(
            "weather_precipitation_intensity_mmph",
            sa.Double(),
            nullable=True,
            comment="Rain or snow",
        ),
        sa.Column("weather_cloud_cover_pct", sa.Double(), nullable=True, comment="Clouds"),
        sa.Column("weather_uv_index", sa.Double(), nullable=True, comment="UV index"),
        sa.Column("latitude", sa.Double(), nullable=True, comment="Position of the start"),
        sa.Column("longitude", sa.Double(), nullable=True, comment="Position of the start"),
        sa.Column("end_latitude", sa.Double(), nullable=True, comment="Position of the end"),
        sa.Column("end_longitude", sa.Double(), nullable=True, comment="Position of the end"),
        sa.Column(
            "device_name", sa.String(), nullable=True, comment="Device or app that recorded it"
        ),
        sa.Column(
            "kudos_count", sa.Integer(), nullable=True, comment="Kudos; known from the API only"
        ),
        sa.Column(
            "achievement_count",
            sa.Integer(),
            nullable=True,
            comment="Achievements; known from the API only",
        ),
        sa.Column(
            "athlete_count",
            sa.Integer(),
            nullable=True,
            comment="Athletes who did it together; known from the API only",
        ),
        sa.Column(
            "has_track",
            sa.Boolean(),
            nullable=False,
            comment="Whether track_points has points of it",
        ),
        sa.Column("is_commute", sa.Boolean(), nullable=True, comment="A commute"),
        sa.Column(
            "is_trainer",
            sa.Boolean(),
            nullable=True,
            comment="Indoors on a trainer; known from the API only",
        ),
        sa.Column("is_manual", sa.Boolean(), nullable=True, comment="Entered by hand"),
        sa.Column(
            "is_private",
            sa.Boolean(),
            nullable=True,
            comment="Only the athlete sees it; known from the API only",
        ),
        sa.Column("is_flagged", sa.Boolean(), nullable=True, comment="Flagged on Strava"),
        sa.Column(
            "is_race", sa.Boolean(), nullable=False, comment="Tagged as a race or competition"
        ),
        sa.Column("is_long_run", sa.Boolean(), nullable=True, comment="Tagged as a long run"),
        sa.Column(
            "is_virtual",
            sa.Boolean(),
            nullable=False,
            comment="VirtualRun, VirtualRide or VirtualRow",
        ),
        sa.Column("strava_url", sa.String(), nullable=False, comment="Page of the activity"),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activities.activity_id"],
            name=op.f("fk_activity_facts_activity_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"],
            ["athletes.athlete_id"],
            name=op.f("fk_activity_facts_athlete_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["gear_id"],
            ["gear.gear_id"],
            name=op.f("fk_activity_facts_gear_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["local_date"], ["dates.date"], name=op.f("fk_activity_facts_local_date")
        ),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_activity_facts")),
        comment="One row per activity that has not vanished from Strava, in friendly units; made "
        "anew by each run that changes something",
    )
    with op.batch_alter_table("activity_facts") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_activity_facts_athlete_id"), ["athlete_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_activity_facts_gear_id"), ["gear_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_activity_facts_local_date"), ["local_date"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_activity_facts_sport_group_local_date"),
            ["sport_group", "local_date"],
            unique=False,
        )

    op.create_table(
        "personal_records",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column(
            "sport_group", sa.String(), nullable=False, comment="run, ride ... as in activity_facts"
        ),
        sa.Column(
            "name",
            sa.String(),
            nullable=False,
            comment="Strava's name of the distance (400m, 1K ...)",
        ),
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column("source", sa.String(), nullable=False, comment="api or computed"),
        sa.Column("local_date", sa.Date(), nullable=True, comment="Local day of the activity"),
        sa.Column(
            "record_index",
            sa.Integer(),
            nullable=False,
            comment="1 for the first, 2 for its first improvement ...",
        ),
        sa.Column("distance_m", sa.Double(), nullable=True, comment="Distance"),
        sa.Column(
            "elapsed_time_s",
            sa.Double(),
            nullable=False,
            comment="Elapsed time, which is what counts",
        ),
        sa.Column(
            "pace_min_per_km", sa.Double(), nullable=True, comment="Elapsed time by distance"
        ),
        sa.Column(
            "pace_min_per_mi", sa.Double(), nullable=True, comment="Elapsed time by distance"
        ),
        sa.Column(
            "average_speed_kmh", sa.Double(), nullable=True, comment="Distance by elapsed time"
        ),
        sa.Column(
            "improvement_s",
            sa.Double(),
            nullable=True,
            comment="By how much it beat the record before",
        ),
        sa.Column(
            "beaten_date", sa.Date(), nullable=True, comment="Local day on which it was beaten"
        ),
        sa.Column("is_current", sa.Boolean(), nullable=False, comment="It stands"),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activities.activity_id"],
            name=op.f("fk_personal_records_activity_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"],
            ["athletes.athlete_id"],
            name=op.f("fk_personal_records_athlete_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "athlete_id", "sport_group", "name", "activity_id", name=op.f("pk_personal_records")
        ),
        comment="One row each time the best time over a standard distance was improved; from "
        "best_efforts, the API's word before ours, without flagged activities",
    )
    with op.batch_alter_table("personal_records") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_personal_records_activity_id"), ["activity_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_personal_records_name_is_current"), ["name", "is_current"], unique=False
        )

    op.create_table(
        "power_curve",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column(
            "duration_s", sa.Integer(), autoincrement=False, nullable=False, comment="Duration"
        ),
        sa.Column(
            "power_w",
            sa.Double(),
            nullable=True,
            comment="Highest average power over that duration; zero is a value",
        ),
        sa.Column(
            "start_elapsed_s",
            sa.Double(),
            nullable=True,
            comment="Where it begins, since tracks.start_time_utc",
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.activity_id"], name=op.f("fk_power_curve_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "duration_s", name=op.f("pk_power_curve")),
        comment="One row per activity with power and fixed duration (1 s to 5 h): its best average",
    )
    op.create_table(
        "split_pace",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column("unit", sa.String(), nullable=False, comment="km or mi"),
        sa.Column(
            "split_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Order, from 0",
        ),
        sa.Column("source", sa.String(), nullable=False, comment="computed or api"),
        sa.Column("athlete_id", sa.BigInteger(), nullable=False, comment="Whose it is"),
        sa.Column("sport_type", sa.String(), nullable=True, comment="Run, TrailRun or VirtualRun"),
        sa.Column("local_date", sa.Date(), nullable=True, comment="Local day of the activity"),
        sa.Column(
            "distance_m", sa.Double(), nullable=True, comment="Distance; the last split is shorter"
        ),
        sa.Column("moving_time_s", sa.Double(), nullable=True, comment="Moving time"),
        sa.Column("pace_min_per_km", sa.Double(), nullable=True, comment="Moving time by distance"),
        sa.Column("pace_min_per_mi", sa.Double(), nullable=True, comment="Moving time by distance"),
        sa.Column(
            "average_speed_kmh", sa.Double(), nullable=True, comment="Distance by moving time"
        ),
        sa.Column(
            "elevation_difference_m",
            sa.Double(),
            nullable=True,
            comment="Altitude at the end less that at the start",
        ),
        sa.Column(
            "total_elevation_gain_m",
            sa.Double(),
            nullable=True,
            comment="Climb; empty where the split is the API's",
        ),
        sa.Column(
            "grade_pct", sa.Double(), nullable=True, comment="Elevation difference by distance"
        ),
        sa.Column(
            "average_heartrate_bpm", sa.Double(), nullable=True, comment="Average heart rate"
        ),
        sa.Column(
            "average_cadence_rpm",
            sa.Double(),
            nullable=True,
            comment="Average cadence; empty where the split is the API's",
        ),
        sa.Column(
            "average_power_w",
            sa.Double(),
            nullable=True,
            comment="Average power; empty where the split is the API's",
        ),
        sa.Column(
            "is_partial",
            sa.Boolean(),
            nullable=True,
            comment="The rest at the end, shorter than the unit",
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activities.activity_id"],
            name=op.f("fk_split_pace_activity_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"],
            ["athletes.athlete_id"],
            name=op.f("fk_split_pace_athlete_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("activity_id", "unit", "split_index", name=op.f("pk_split_pace")),
        comment="One row per kilometre and per mile of a run; ours, where there are none of ours "
        "the API's, so filter by unit only",
    )
    with op.batch_alter_table("split_pace") as batch_op:
        batch_op.create_index(batch_op.f("ix_split_pace_athlete_id"), ["athlete_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_split_pace_unit_local_date"), ["unit", "local_date"], unique=False
        )

    op.create_table(
        "zone_times",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column("zone_type", sa.String(), nullable=False, comment="heartrate or power"),
        sa.Column(
            "zone_index", sa.Integer(), autoincrement=False, nullable=False, comment="Zone, from 1"
        ),
        sa.Column("lower_bound", sa.Double(), nullable=True, comment="From, in beats/min or W"),
        sa.Column(
            "upper_bound",
            sa.Double(),
            nullable=True,
            comment="Up to, in beats/min or W; empty for the last zone",
        ),
        sa.Column("time_s", sa.Double(), nullable=True, comment="Time in the zone"),
        sa.Column(
            "source",
            sa.String(),
            nullable=False,
            comment="api: zones of the Strava account; default: Strava's percentages of maximum "
            "heart rate or FTP",
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.activity_id"], name=op.f("fk_zone_times_activity_id")
        ),
        sa.PrimaryKeyConstraint(
            "activity_id", "zone_type", "zone_index", name=op.f("pk_zone_times")
        ),
        comment="One row per activity and heart-rate or power zone: how long it was in it",
    )
    with op.batch_alter_table("splits") as batch_op:
        batch_op.add_column(
            sa.Column(
                "total_elevation_gain_m", sa.Double(), nullable=True, comment="Climb; computed only"
            )
        )
        batch_op.add_column(
            sa.Column(
                "average_cadence_rpm",
                sa.Double(),
                nullable=True,
                comment="Average cadence; computed only",
            )
        )
        batch_op.add_column(
            sa.Column(
                "average_power_w",
                sa.Double(),
                nullable=True,
                comment="Average power; computed only",
            )
        )
        batch_op.add_column(
            sa.Column(
                "is_partial",
                sa.Boolean(),
                nullable=True,
                comment="The rest at the end, shorter than the unit",
            )
        )

    with op.batch_alter_table("tracks") as batch_op:
        batch_op.add_column(
            sa.Column(
                "route_polyline",
                sa.Text(),
                nullable=True,
                comment="The simplified route, in Google's encoding with five decimals",
            )
        )
        batch_op.add_column(
            sa.Column(
                "min_latitude", sa.Double(), nullable=True, comment="Southern edge of the route"
            )
        )
        batch_op.add_column(
            sa.Column(
                "min_longitude", sa.Double(), nullable=True, comment="Western edge of the route"
            )
        )
        batch_op.add_column(
            sa.Column(
                "max_latitude", sa.Double(), nullable=True, comment="Northern edge of the route"
            )
        )
        batch_op.add_column(
            sa.Column(
                "max_longitude", sa.Double(), nullable=True, comment="Eastern edge of the route"
            )
        )
        batch_op.add_column(
            sa.Column(
                "is_derived",
                sa.Boolean(),
                nullable=True,
                comment="Splits, efforts and curves were computed from these points",
            )
        )

    # Filled by the run, the purge or the migrate that made them.
    op.execute("DELETE FROM sync_state WHERE name = 'marts:stale'")
    op.execute("INSERT INTO sync_state (name, value) VALUES ('marts:stale', 'yes')")


def downgrade() -> None:
    op.execute("DELETE FROM sync_state WHERE name = 'marts:stale'")
    with op.batch_alter_table("tracks") as batch_op:
        batch_op.drop_column("is_derived")
        batch_op.drop_column("max_longitude")
        batch_op.drop_column("max_latitude")
        batch_op.drop_column("min_longitude")
        batch_op.drop_column("min_latitude")
        batch_op.drop_column("route_polyline")

    with op.batch_alter_table("splits") as batch_op:
        batch_op.drop_column("is_partial")
        batch_op.drop_column("average_power_w")
        batch_op.drop_column("average_cadence_rpm")
        batch_op.drop_column("total_elevation_gain_m")

    op.drop_table("zone_times")
    op.drop_table("split_pace")
    op.drop_table("power_curve")
    op.drop_table("personal_records")
    op.drop_table("activity_facts")
    op.drop_table("gear_mileage")
    op.drop_table("year_to_date")
    op.drop_table("streaks")
    op.drop_table("period_summary")
    op.drop_table("eddington")
    op.drop_table("daily_load")
    op.drop_table("athlete_zones")
    op.drop_table("dates")
