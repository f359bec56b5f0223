"""create the core tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261120_2244"
down_revision: str | None = None

#: SQLite has no twin of this view: it could not give time_utc a type.
_TIMED = """
CREATE VIEW track_points_timed AS
SELECT p.activity_id, p.point_index,
       t.start_time_utc + p.elapsed_s * interval '1 second' AS time_utc, p.elapsed_s,
       p.latitude, p.longitude, p.altitude_m, p.distance_m, p.speed_mps, p.heartrate_bpm,
       p.cadence_rpm, p.power_w, p.temperature_c
FROM track_points p JOIN tracks t ON t.activity_id = p.activity_id
"""
_TIMED_COMMENTS = {
    "activity_id": "The activity",
    "point_index": "Order in the file, from 0",
    "time_utc": "Time of the point",
    "elapsed_s": "Time since tracks.start_time_utc",
    "latitude": "WGS 84 latitude",
    "longitude": "WGS 84 longitude",
    "altitude_m": "Altitude as the device recorded it",
    "distance_m": "Distance since the start",
    "speed_mps": "Speed",
    "heartrate_bpm": "Heart rate",
    "cadence_rpm": "Cadence",
    "power_w": "Power; zero is a value",
    "temperature_c": "Temperature by the device",
}


def upgrade() -> None:
    op.create_table(
        "athletes",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Strava's athlete id; 0 where an export does not tell whose it is",
        ),
        sa.Column("first_name", sa.String(), nullable=True, comment="First name"),
        sa.Column("last_name", sa.String(), nullable=True, comment="Last name"),
        sa.Column("sex", sa.String(), nullable=True, comment="Sex, in Strava's word"),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="What the athlete says of themselves"
        ),
        sa.Column("city", sa.String(), nullable=True, comment="City of the profile"),
        sa.Column("state", sa.String(), nullable=True, comment="State of the profile"),
        sa.Column("country", sa.String(), nullable=True, comment="Country of the profile"),
        sa.Column(
            "weight_kg",
            sa.Double(),
            nullable=True,
            comment="Weight in the preferences, else in the profile",
        ),
        sa.Column("ftp_w", sa.Double(), nullable=True, comment="Functional threshold power"),
        sa.Column("max_heartrate_bpm", sa.Double(), nullable=True, comment="Maximum heart rate"),
        sa.Column(
            "athlete_type",
            sa.String(),
            nullable=True,
            comment="Runner or cyclist, in Strava's word",
        ),
        sa.Column(
            "measurement_preference",
            sa.String(),
            nullable=True,
            comment="Metric or imperial, as the athlete sees Strava",
        ),
        sa.PrimaryKeyConstraint("athlete_id", name=op.f("pk_athletes")),
        comment="One row per athlete: profile and preferences of the newest export",
    )
    op.create_table(
        "data_dictionary",
        sa.Column(
            "table_name", sa.String(), autoincrement=False, nullable=False, comment="Table or view"
        ),
        sa.Column(
            "column_name",
            sa.String(),
            autoincrement=False,
            nullable=False,
            comment="Column; empty for the table itself",
        ),
        sa.Column("unit", sa.String(), nullable=True, comment="Unit"),
        sa.Column("description", sa.Text(), nullable=True, comment="Meaning"),
        sa.PrimaryKeyConstraint("table_name", "column_name", name=op.f("pk_data_dictionary")),
        comment="What every table and column of this database means, and in which unit",
    )
    op.create_table(
        "import_runs",
        sa.Column(
            "run_id",
            sa.Integer(),
            autoincrement=True,
            nullable=False,
            comment="Key of this database",
        ),
        sa.Column("started_at", sa.TIMESTAMP(), nullable=False, comment="Start"),
        sa.Column(
            "finished_at",
            sa.TIMESTAMP(),
            nullable=True,
            comment="End; empty when the run was killed",
        ),
        sa.Column("status", sa.String(), nullable=False, comment="running, done or failed"),
        sa.Column("version", sa.String(), nullable=False, comment="Version of strava-ingest"),
        sa.Column(
            "activities_new",
            sa.Integer(),
            nullable=True,
            comment="Activities seen for the first time",
        ),
        sa.Column(
            "activities_changed",
            sa.Integer(),
            nullable=True,
            comment="Activities with new facts or a new file",
        ),
        sa.Column(
            "activities_unchanged", sa.Integer(), nullable=True, comment="Activities as they were"
        ),
        sa.Column(
            "activities_vanished",
            sa.Integer(),
            nullable=True,
            comment="Activities that a newer export no longer holds",
        ),
        sa.Column("files_read", sa.Integer(), nullable=True, comment="Device files read"),
        sa.Column("points_written", sa.BigInteger(), nullable=True, comment="Track points written"),
        sa.Column(
            "issues", sa.Integer(), nullable=True, comment="Inputs that could not be read whole"
        ),
        sa.Column("seconds", sa.Double(), nullable=True, comment="Duration in seconds"),
        sa.Column("error", sa.Text(), nullable=True, comment="Why the run failed"),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_import_runs")),
        comment="One row per run of the importer",
    )
    op.create_table(
        "sync_state",
        sa.Column("name", sa.String(), autoincrement=False, nullable=False, comment="What"),
        sa.Column("value", sa.Text(), nullable=True, comment="Its value"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sync_state")),
        comment="What the importer remembers between runs, by name",
    )
    op.create_table(
        "challenges",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column(
            "challenge_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Place in global_challenges.csv, then group_challenges.csv, from 0",
        ),
        sa.Column("challenge_type", sa.String(), nullable=True, comment="global or group"),
        sa.Column("joined_at", sa.TIMESTAMP(), nullable=True, comment="When the athlete joined"),
        sa.Column("name", sa.String(), nullable=True, comment="Name"),
        sa.Column("is_completed", sa.Boolean(), nullable=True, comment="Whether it was completed"),
        sa.ForeignKeyConstraint(
            ["athlete_id"], ["athletes.athlete_id"], name=op.f("fk_challenges_athlete_id")
        ),
        sa.PrimaryKeyConstraint("athlete_id", "challenge_index", name=op.f("pk_challenges")),
        comment="One row per challenge joined, from global_challenges.csv and group_challenges.csv",
    )
    op.create_table(
        "clubs",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column(
            "club_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Place in clubs.csv, then memberships.csv, from 0",
        ),
        sa.Column("name", sa.String(), nullable=True, comment="Name"),
        sa.Column("joined_at", sa.TIMESTAMP(), nullable=True, comment="When the athlete joined"),
        sa.Column("description", sa.Text(), nullable=True, comment="Description"),
        sa.Column(
            "club_type", sa.String(), nullable=True, comment="Kind of club, in Strava's word"
        ),
        sa.Column(
            "club_sport", sa.String(), nullable=True, comment="Sport of the club, in Strava's word"
        ),
        sa.Column("city", sa.String(), nullable=True, comment="City"),
        sa.Column("state", sa.String(), nullable=True, comment="State"),
        sa.Column("country", sa.String(), nullable=True, comment="Country"),
        sa.Column("website", sa.String(), nullable=True, comment="Web site"),
        sa.ForeignKeyConstraint(
            ["athlete_id"], ["athletes.athlete_id"], name=op.f("fk_clubs_athlete_id")
        ),
        sa.PrimaryKeyConstraint("athlete_id", "club_index", name=op.f("pk_clubs")),
        comment="One row per club, from clubs.csv and memberships.csv",
    )
    op.create_table(
        "comments",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column(
            "comment_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Place in comments.csv, from 0",
        ),
        sa.Column("commented_at", sa.TIMESTAMP(), nullable=True, comment="When"),
        sa.Column("comment", sa.Text(), nullable=True, comment="What"),
        sa.ForeignKeyConstraint(
            ["athlete_id"], ["athletes.athlete_id"], name=op.f("fk_comments_athlete_id")
        ),
        sa.PrimaryKeyConstraint("athlete_id", "comment_index", name=op.f("pk_comments")),
        comment="One row per comment the athlete wrote; the export does not say on what",
    )
    op.create_table(
        "gear",
        sa.Column(
            "gear_id",
            sa.Integer(),
            autoincrement=True,
            nullable=False,
            comment="Key of this database",
        ),
        sa.Column("athlete_id", sa.BigInteger(), nullable=False, comment="Whose gear it is"),
        sa.Column(
            "strava_gear_id",
            sa.String(),
            nullable=True,
            comment="Exact id of the API (b1234 or g1234); the export does not know it",
        ),
        sa.Column("name", sa.String(), nullable=False, comment="Name as activities show it"),
        sa.Column(
            "name_key",
            sa.String(),
            nullable=False,
            comment="Normalised name, by which gear is matched",
        ),
        sa.Column("gear_type", sa.String(), nullable=True, comment="bike or shoe"),
        sa.Column("nickname", sa.String(), nullable=True, comment="The athlete's own name of it"),
        sa.Column("brand", sa.String(), nullable=True, comment="Brand"),
        sa.Column("model", sa.String(), nullable=True, comment="Model"),
        sa.Column(
            "default_sport_types",
            sa.String(),
            nullable=True,
            comment="Sport types it is the default for, in Strava's words",
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"], ["athletes.athlete_id"], name=op.f("fk_gear_athlete_id")
        ),
        sa.PrimaryKeyConstraint("gear_id", name=op.f("pk_gear")),
        sa.UniqueConstraint("athlete_id", "name_key", name=op.f("uq_gear_athlete_id_name_key")),
        comment="One row per bike or pair of shoes, from bikes.csv, shoes.csv and the names that "
        "activities carry",
    )
    op.create_table(
        "goals",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column(
            "goal_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Place in goals.csv, from 0",
        ),
        sa.Column(
            "goal_type",
            sa.String(),
            nullable=True,
            comment="Distance, time, count ... in Strava's word",
        ),
        sa.Column(
            "activity_type_label",
            sa.String(),
            nullable=True,
            comment="Sport as the export writes it",
        ),
        sa.Column("sport_type", sa.String(), nullable=True, comment="Strava's sport_type"),
        sa.Column(
            "target",
            sa.Double(),
            nullable=True,
            comment="The goal, in the unit of its type (metres, seconds, count)",
        ),
        sa.Column("start_time_utc", sa.TIMESTAMP(), nullable=True, comment="From"),
        sa.Column("end_time_utc", sa.TIMESTAMP(), nullable=True, comment="Until"),
        sa.Column(
            "segment_id",
            sa.BigInteger(),
            nullable=True,
            comment="Strava's segment id, for goals on a segment",
        ),
        sa.Column(
            "time_period", sa.String(), nullable=True, comment="Week, year ... in Strava's word"
        ),
        sa.Column(
            "interval_time", sa.String(), nullable=True, comment="Strava's column Interval Time"
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"], ["athletes.athlete_id"], name=op.f("fk_goals_athlete_id")
        ),
        sa.PrimaryKeyConstraint("athlete_id", "goal_index", name=op.f("pk_goals")),
        comment="One row per goal, from goals.csv",
    )
    op.create_table(
        "import_files",
        sa.Column(
            "file_id",
            sa.Integer(),
            autoincrement=True,
            nullable=False,
            comment="Key of this database",
        ),
        sa.Column(
            "athlete_id", sa.BigInteger(), nullable=False, comment="Whose export it belongs to"
        ),
        sa.Column("file_kind", sa.String(), nullable=False, comment="export, table or activity"),
        sa.Column(
            "name",
            sa.String(),
            nullable=False,
            comment="Path inside the export; for an export its own name and a hash of its "
            "directory",
        ),
        sa.Column("origin", sa.String(), nullable=False, comment="ZIP or folder it was read from"),
        sa.Column("exported_at", sa.TIMESTAMP(), nullable=False, comment="Date of that export"),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True, comment="Size"),
        sa.Column("crc32", sa.BigInteger(), nullable=True, comment="CRC-32 of the bytes"),
        sa.Column(
            "modified_at",
            sa.TIMESTAMP(),
            nullable=True,
            comment="Time of the file in an unpacked folder",
        ),
        sa.Column(
            "activity_ids",
            sa.Text(),
            nullable=True,
            comment="Ids of the activities that name a device file",
        ),
        sa.Column(
            "content_hash",
            sa.String(),
            nullable=True,
            comment="For an export: equal for all its copies, packed or not",
        ),
        sa.Column(
            "file_format", sa.String(), nullable=True, comment="fit, gpx, tcx, csv, zip or folder"
        ),
        sa.Column(
            "parser_version",
            sa.Integer(),
            nullable=True,
            comment="Version of the parser that read it",
        ),
        sa.Column(
            "status", sa.String(), nullable=False, comment="read, partial, failed or missing"
        ),
        sa.Column(
            "row_count", sa.Integer(), nullable=True, comment="Points, rows or activities read"
        ),
        sa.Column("run_id", sa.Integer(), nullable=False, comment="The run that read it"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_runs.run_id"], name=op.f("fk_import_files_run_id")
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_import_files")),
        sa.UniqueConstraint(
            "athlete_id",
            "file_kind",
            "name",
            name=op.f("uq_import_files_athlete_id_file_kind_name"),
        ),
        comment="One row per input (export, CSV or device file) as it was last read",
    )
    op.create_table(
        "import_issues",
        sa.Column(
            "issue_id",
            sa.Integer(),
            autoincrement=True,
            nullable=False,
            comment="Key of this database",
        ),
        sa.Column(
            "athlete_id", sa.BigInteger(), nullable=False, comment="Whose export it belongs to"
        ),
        sa.Column("origin", sa.String(), nullable=False, comment="ZIP or folder it was found in"),
        sa.Column("name", sa.String(), nullable=False, comment="The input: path inside the export"),
        sa.Column(
            "activity_id", sa.BigInteger(), nullable=True, comment="The activity that misses it"
        ),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            comment="missing, corrupt, partial, empty, unsupported, too-large, table, unknown ...",
        ),
        sa.Column("reason", sa.Text(), nullable=False, comment="What is wrong, for people"),
        sa.Column("found_at", sa.TIMESTAMP(), nullable=False, comment="When it was found"),
        sa.Column("run_id", sa.Integer(), nullable=False, comment="The run that found it"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_runs.run_id"], name=op.f("fk_import_issues_run_id")
        ),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_import_issues")),
        comment="One row per input that could not be read whole, and why; gone once it can be read",
    )
    with op.batch_alter_table("import_issues", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_import_issues_activity_id"), ["activity_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_import_issues_athlete_id_name"), ["athlete_id", "name"], unique=False
        )

    op.create_table(
        "reactions",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column(
            "reaction_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Place in reactions.csv, from 0",
        ),
        sa.Column("reacted_at", sa.TIMESTAMP(), nullable=True, comment="When"),
        sa.Column(
            "reaction_type", sa.String(), nullable=True, comment="Kudos, ... in Strava's word"
        ),
        sa.Column(
            "parent_type",
            sa.String(),
            nullable=True,
            comment="What it was given to: Activity, Comment, ...",
        ),
        sa.Column(
            "parent_id", sa.BigInteger(), nullable=True, comment="Id of what it was given to"
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"], ["athletes.athlete_id"], name=op.f("fk_reactions_athlete_id")
        ),
        sa.PrimaryKeyConstraint("athlete_id", "reaction_index", name=op.f("pk_reactions")),
        comment="One row per reaction (kudos) the athlete gave, from reactions.csv",
    )
    op.create_table(
        "routes",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column(
            "route_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Place in routes.csv, from 0",
        ),
        sa.Column("name", sa.String(), nullable=True, comment="Name"),
        sa.Column("filename", sa.String(), nullable=True, comment="GPX file inside the export"),
        sa.Column("gpx_name", sa.String(), nullable=True, comment="Name inside the GPX file"),
        sa.ForeignKeyConstraint(
            ["athlete_id"], ["athletes.athlete_id"], name=op.f("fk_routes_athlete_id")
        ),
        sa.PrimaryKeyConstraint("athlete_id", "route_index", name=op.f("pk_routes")),
        comment="One row per route the athlete made, from routes.csv",
    )
    op.create_table(
        "segments",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column(
            "segment_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Place in segments.csv, from 0",
        ),
        sa.Column("name", sa.String(), nullable=True, comment="Name"),
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            nullable=True,
            comment="Activity it was made from; it may be gone",
        ),
        sa.Column("start_latitude", sa.Double(), nullable=True, comment="Start"),
        sa.Column("start_longitude", sa.Double(), nullable=True, comment="Start"),
        sa.Column("end_latitude", sa.Double(), nullable=True, comment="End"),
        sa.Column("end_longitude", sa.Double(), nullable=True, comment="End"),
        sa.ForeignKeyConstraint(
            ["athlete_id"], ["athletes.athlete_id"], name=op.f("fk_segments_athlete_id")
        ),
        sa.PrimaryKeyConstraint("athlete_id", "segment_index", name=op.f("pk_segments")),
        comment="One row per segment the athlete made, from segments.csv",
    )
    op.create_table(
        "starred_routes",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column(
            "star_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Place in starred_routes.csv, from 0",
        ),
        sa.Column("starred_at", sa.TIMESTAMP(), nullable=True, comment="When"),
        sa.Column("route_id", sa.BigInteger(), nullable=True, comment="Strava's route id"),
        sa.Column(
            "route_id_text",
            sa.String(),
            nullable=True,
            comment="The same as text: these ids pass 2^53, which JavaScript rounds",
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"], ["athletes.athlete_id"], name=op.f("fk_starred_routes_athlete_id")
        ),
        sa.PrimaryKeyConstraint("athlete_id", "star_index", name=op.f("pk_starred_routes")),
        comment="One row per starred route, from starred_routes.csv",
    )
    op.create_table(
        "starred_segments",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column(
            "star_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Place in starred_segments.csv, from 0",
        ),
        sa.Column("starred_at", sa.TIMESTAMP(), nullable=True, comment="When"),
        sa.Column("segment_id", sa.BigInteger(), nullable=True, comment="Strava's segment id"),
        sa.ForeignKeyConstraint(
            ["athlete_id"], ["athletes.athlete_id"], name=op.f("fk_starred_segments_athlete_id")
        ),
        sa.PrimaryKeyConstraint("athlete_id", "star_index", name=op.f("pk_starred_segments")),
        comment="One row per starred segment, from starred_segments.csv",
    )
    op.create_table(
        "activities",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Strava's activity id",
        ),
        sa.Column("athlete_id", sa.BigInteger(), nullable=False, comment="Whose activity it is"),
        sa.Column("name", sa.Text(), nullable=True, comment="Title"),
        sa.Column("description", sa.Text(), nullable=True, comment="Description"),
        sa.Column("private_note", sa.Text(), nullable=True, comment="Private note"),
        sa.Column(
            "sport_type",
            sa.String(),
            nullable=True,
            comment="Strava's sport_type (Run, Ride, ...); empty when the label is unknown",
        ),
        sa.Column(
            "activity_type_label",
            sa.String(),
            nullable=True,
            comment="Sport as the export writes it, in the athlete's language",
        ),
        sa.Column("start_time_utc", sa.TIMESTAMP(), nullable=True, comment="Start"),
        sa.Column(
            "start_time_local",
            sa.TIMESTAMP(),
            nullable=True,
            comment="Start on the clock of the place, where that is known",
        ),
        sa.Column("timezone_name", sa.String(), nullable=True, comment="IANA zone of the start"),
        sa.Column(
            "utc_offset_s", sa.Integer(), nullable=True, comment="Local time minus UTC at the start"
        ),
        sa.Column(
            "timezone_source",
            sa.String(),
            nullable=False,
            comment="Where local time comes from: api, file, position, neighbour, home or unknown",
        ),
        sa.Column("distance_m", sa.Double(), nullable=True, comment="Distance as Strava counts it"),
        sa.Column("moving_time_s", sa.Double(), nullable=True, comment="Moving time"),
        sa.Column("elapsed_time_s", sa.Double(), nullable=True, comment="Elapsed time"),
        sa.Column("timer_time_s", sa.Double(), nullable=True, comment="Time on the device's timer"),
        sa.Column("total_elevation_gain_m", sa.Double(), nullable=True, comment="Climb"),
        sa.Column("elevation_loss_m", sa.Double(), nullable=True, comment="Descent"),
        sa.Column("elev_high_m", sa.Double(), nullable=True, comment="Highest point"),
        sa.Column("elev_low_m", sa.Double(), nullable=True, comment="Lowest point"),
        sa.Column("max_grade_pct", sa.Double(), nullable=True, comment="Steepest grade"),
        sa.Column("average_grade_pct", sa.Double(), nullable=True, comment="Net grade"),
        sa.Column(
            "average_positive_grade_pct", sa.Double(), nullable=True, comment="Average grade uphill"
        ),
        sa.Column(
            "average_negative_grade_pct",
            sa.Double(),
            nullable=True,
            comment="Average grade downhill",
        ),
        sa.Column(
            "average_speed_mps", sa.Double(), nullable=True, comment="Distance by moving time"
        ),
        sa.Column("max_speed_mps", sa.Double(), nullable=True, comment="Highest speed"),
        sa.Column(
            "average_elapsed_speed_mps",
            sa.Double(),
            nullable=True,
            comment="Distance by elapsed time",
        ),
        sa.Column(
            "average_grade_adjusted_speed_mps",
            sa.Double(),
            nullable=True,
            comment="Speed on flat ground that costs the same effort",
        ),
        sa.Column(
            "grade_adjusted_distance_m",
            sa.Double(),
            nullable=True,
            comment="Distance on flat ground that costs the same effort",
        ),
        sa.Column(
            "dirt_distance_m", sa.Double(), nullable=True, comment="Distance on unpaved ways"
        ),
        sa.Column(
            "newly_explored_distance_m",
            sa.Double(),
            nullable=True,
            comment="Distance on ways not travelled before",
        ),
        sa.Column(
            "newly_explored_dirt_distance_m",
            sa.Double(),
            nullable=True,
            comment="The same, unpaved",
        ),
        sa.Column("downhill_distance_m", sa.Double(), nullable=True, comment="Distance downhill"),
        sa.Column("uphill_time_s", sa.Double(), nullable=True, comment="Time uphill"),
        sa.Column("downhill_time_s", sa.Double(), nullable=True, comment="Time downhill"),
        sa.Column(
            "other_time_s", sa.Double(), nullable=True, comment="Time neither uphill nor downhill"
        ),
        sa.Column(
            "number_of_runs", sa.Integer(), nullable=True, comment="Runs of a ski or snowboard day"
        ),
        sa.Column(
            "average_heartrate_bpm", sa.Double(), nullable=True, comment="Average heart rate"
        ),
        sa.Column("max_heartrate_bpm", sa.Double(), nullable=True, comment="Highest heart rate"),
        sa.Column("average_cadence_rpm", sa.Double(), nullable=True, comment="Average cadence"),
        sa.Column("max_cadence_rpm", sa.Double(), nullable=True, comment="Highest cadence"),
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
        sa.Column("power_count", sa.Integer(), nullable=True, comment="Samples with power"),
        sa.Column("total_work_j", sa.Double(), nullable=True, comment="Work"),
        sa.Column("calories_kcal", sa.Double(), nullable=True, comment="Energy"),
        sa.Column(
            "relative_effort",
            sa.Double(),
            nullable=True,
            comment="Strava's relative effort, from heart rate",
        ),
        sa.Column(
            "perceived_exertion",
            sa.Double(),
            nullable=True,
            comment="The athlete's own rating, 1 to 10",
        ),
        sa.Column(
            "perceived_relative_effort",
            sa.Double(),
            nullable=True,
            comment="Relative effort from the athlete's rating",
        ),
        sa.Column(
            "prefer_perceived_exertion",
            sa.Boolean(),
            nullable=True,
            comment="Whether the athlete prefers their own rating",
        ),
        sa.Column("training_load", sa.Double(), nullable=True, comment="Strava's training load"),
        sa.Column(
            "intensity_pct",
            sa.Double(),
            nullable=True,
            comment="Intensity, per cent of threshold power",
        ),
        sa.Column(
            "average_temperature_c",
            sa.Double(),
            nullable=True,
            comment="Average temperature by the device",
        ),
        sa.Column(
            "max_temperature_c",
            sa.Double(),
            nullable=True,
            comment="Highest temperature by the device",
        ),
        sa.Column("total_steps", sa.Integer(), nullable=True, comment="Steps"),
        sa.Column("total_cycles", sa.Integer(), nullable=True, comment="Strokes or pedal turns"),
        sa.Column("pool_length_m", sa.Double(), nullable=True, comment="Length of the pool"),
        sa.Column("total_sets", sa.Integer(), nullable=True, comment="Sets of a strength workout"),
        sa.Column(
            "total_reps", sa.Integer(), nullable=True, comment="Repetitions of a strength workout"
        ),
        sa.Column(
            "total_weight_lifted_kg", sa.Double(), nullable=True, comment="Weight lifted in all"
        ),
        sa.Column("jump_count", sa.Integer(), nullable=True, comment="Mountain bike jumps"),
        sa.Column("total_grit", sa.Double(), nullable=True, comment="Mountain bike grit"),
        sa.Column("average_flow", sa.Double(), nullable=True, comment="Mountain bike flow"),
        sa.Column("carbon_saved_kg", sa.Double(), nullable=True, comment="CO2 saved by a commute"),
        sa.Column(
            "activity_count", sa.Integer(), nullable=True, comment="Strava's column Activity Count"
        ),
        sa.Column(
            "athlete_weight_kg",
            sa.Double(),
            nullable=True,
            comment="The athlete's weight at the time",
        ),
        sa.Column(
            "bike_weight_kg", sa.Double(), nullable=True, comment="The bike's weight at the time"
        ),
        sa.Column("gear_id", sa.Integer(), nullable=True, comment="Bike or shoes"),
        sa.Column(
            "export_bike_id",
            sa.BigInteger(),
            nullable=True,
            comment="Bike id of the export: rounded to float32 in older rows, so never a key",
        ),
        sa.Column(
            "export_gear_id",
            sa.BigInteger(),
            nullable=True,
            comment="Shoe id of the export: rounded to float32 in older rows, so never a key",
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
            "flag_code", sa.Integer(), nullable=True, comment="Strava's flag number: 0, 1 or 2"
        ),
        sa.Column("is_recovery", sa.Boolean(), nullable=True, comment="Tagged as recovery"),
        sa.Column("is_with_pet", sa.Boolean(), nullable=True, comment="Tagged as with a pet"),
        sa.Column("is_competition", sa.Boolean(), nullable=True, comment="Tagged as a competition"),
        sa.Column("is_long_run", sa.Boolean(), nullable=True, comment="Tagged as a long run"),
        sa.Column("is_for_a_cause", sa.Boolean(), nullable=True, comment="Tagged as for a cause"),
        sa.Column("is_with_kid", sa.Boolean(), nullable=True, comment="Tagged as with a kid"),
        sa.Column(
            "weather_observation_time_utc",
            sa.TIMESTAMP(),
            nullable=True,
            comment="When the weather was observed (older rows: to 128 s)",
        ),
        sa.Column(
            "weather_condition_code",
            sa.Integer(),
            nullable=True,
            comment="Strava's weather code, 1 to 8, undocumented",
        ),
        sa.Column("weather_temperature_c", sa.Double(), nullable=True, comment="Air temperature"),
        sa.Column(
            "weather_apparent_temperature_c",
            sa.Double(),
            nullable=True,
            comment="What it feels like",
        ),
        sa.Column("weather_dewpoint_c", sa.Double(), nullable=True, comment="Dew point"),
        sa.Column(
            "weather_humidity", sa.Double(), nullable=True, comment="Relative humidity, 0 to 1"
        ),
        sa.Column("weather_pressure_hpa", sa.Double(), nullable=True, comment="Air pressure"),
        sa.Column("weather_wind_speed_mps", sa.Double(), nullable=True, comment="Wind speed"),
        sa.Column("weather_wind_gust_mps", sa.Double(), nullable=True, comment="Gusts"),
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
        sa.Column(
            "weather_precipitation_probability",
            sa.Double(),
            nullable=True,
            comment="Probability of rain or snow, 0 to 1",
        ),
        sa.Column(
            "weather_precipitation_type_code",
            sa.Integer(),
            nullable=True,
            comment="Strava's code of rain or snow, undocumented",
        ),
        sa.Column("weather_cloud_cover", sa.Double(), nullable=True, comment="Clouds, 0 to 1"),
        sa.Column(
            "weather_visibility_m",
            sa.Double(),
            nullable=True,
            comment="Visibility; 16093 means 10 miles or more",
        ),
        sa.Column("weather_uv_index", sa.Double(), nullable=True, comment="UV index"),
        sa.Column("weather_ozone_du", sa.Double(), nullable=True, comment="Ozone"),
        sa.Column(
            "weather_sunrise_time_utc",
            sa.TIMESTAMP(),
            nullable=True,
            comment="Sunrise (older rows: to 128 s)",
        ),
        sa.Column(
            "weather_sunset_time_utc",
            sa.TIMESTAMP(),
            nullable=True,
            comment="Sunset (older rows: to 128 s)",
        ),
        sa.Column(
            "weather_moon_phase", sa.Double(), nullable=True, comment="Phase of the moon, 0 to 1"
        ),
        sa.Column(
            "device_name", sa.String(), nullable=True, comment="Device or app that recorded it"
        ),
        sa.Column(
            "start_latitude",
            sa.Double(),
            nullable=True,
            comment="Position of the first point that has one",
        ),
        sa.Column(
            "start_longitude",
            sa.Double(),
            nullable=True,
            comment="Position of the first point that has one",
        ),
        sa.Column(
            "end_latitude",
            sa.Double(),
            nullable=True,
            comment="Position of the last point that has one",
        ),
        sa.Column(
            "end_longitude",
            sa.Double(),
            nullable=True,
            comment="Position of the last point that has one",
        ),
        sa.Column(
            "has_track",
            sa.Boolean(),
            nullable=False,
            comment="Whether track_points has points of it",
        ),
        sa.Column(
            "vanished_at",
            sa.TIMESTAMP(),
            nullable=True,
            comment="Date of the export that no longer holds it; empty while it exists on Strava",
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"], ["athletes.athlete_id"], name=op.f("fk_activities_athlete_id")
        ),
        sa.ForeignKeyConstraint(["gear_id"], ["gear.gear_id"], name=op.f("fk_activities_gear_id")),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_activities")),
        comment="One row per activity, whatever source it came from",
    )
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activities_athlete_id"), ["athlete_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_activities_gear_id"), ["gear_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_activities_sport_type"), ["sport_type"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_activities_start_time_local"), ["start_time_local"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_activities_start_time_utc"), ["start_time_utc"], unique=False
        )

    op.create_table(
        "gear_components",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column(
            "component_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Place in components.csv, from 0",
        ),
        sa.Column("gear_id", sa.Integer(), nullable=True, comment="The bike it belongs to"),
        sa.Column(
            "component_type",
            sa.String(),
            nullable=True,
            comment="Chain, frame, ... in Strava's word",
        ),
        sa.Column("brand", sa.String(), nullable=True, comment="Brand"),
        sa.Column("model", sa.String(), nullable=True, comment="Model"),
        sa.ForeignKeyConstraint(
            ["athlete_id"], ["athletes.athlete_id"], name=op.f("fk_gear_components_athlete_id")
        ),
        sa.ForeignKeyConstraint(
            ["gear_id"], ["gear.gear_id"], name=op.f("fk_gear_components_gear_id")
        ),
        sa.PrimaryKeyConstraint("athlete_id", "component_index", name=op.f("pk_gear_components")),
        comment="One row per component of a bike, from components.csv",
    )
    with op.batch_alter_table("gear_components", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gear_components_gear_id"), ["gear_id"], unique=False)

    op.create_table(
        "activity_observations",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column(
            "source", sa.String(), nullable=False, comment="export, file, api_summary or api_detail"
        ),
        sa.Column("athlete_id", sa.BigInteger(), nullable=False, comment="Whose activity it is"),
        sa.Column(
            "observed_at",
            sa.TIMESTAMP(),
            nullable=False,
            comment="Date of the export, or time of the API's answer",
        ),
        sa.Column(
            "digest",
            sa.String(),
            nullable=True,
            comment="Hash of the row of activities.csv that it was read from",
        ),
        sa.Column(
            "payload",
            sa.Text(),
            nullable=False,
            comment="JSON: fields by column name, and what nobody knows",
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activities.activity_id"],
            name=op.f("fk_activity_observations_activity_id"),
        ),
        sa.PrimaryKeyConstraint("activity_id", "source", name=op.f("pk_activity_observations")),
        comment="What each source said of an activity, the newest of each; activities is folded "
        "from these",
    )
    with op.batch_alter_table("activity_observations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_activity_observations_athlete_id_source"),
            ["athlete_id", "source"],
            unique=False,
        )

    op.create_table(
        "laps",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column(
            "lap_index", sa.Integer(), autoincrement=False, nullable=False, comment="Order, from 0"
        ),
        sa.Column("source", sa.String(), nullable=False, comment="file or api"),
        sa.Column("start_time_utc", sa.TIMESTAMP(), nullable=True, comment="Start"),
        sa.Column("elapsed_time_s", sa.Double(), nullable=True, comment="Elapsed time"),
        sa.Column(
            "moving_time_s",
            sa.Double(),
            nullable=True,
            comment="Moving time, else time on the timer",
        ),
        sa.Column("distance_m", sa.Double(), nullable=True, comment="Distance"),
        sa.Column("average_speed_mps", sa.Double(), nullable=True, comment="Average speed"),
        sa.Column("max_speed_mps", sa.Double(), nullable=True, comment="Highest speed"),
        sa.Column(
            "average_heartrate_bpm", sa.Double(), nullable=True, comment="Average heart rate"
        ),
        sa.Column("max_heartrate_bpm", sa.Double(), nullable=True, comment="Highest heart rate"),
        sa.Column("average_cadence_rpm", sa.Double(), nullable=True, comment="Average cadence"),
        sa.Column("max_cadence_rpm", sa.Double(), nullable=True, comment="Highest cadence"),
        sa.Column("average_power_w", sa.Double(), nullable=True, comment="Average power"),
        sa.Column("max_power_w", sa.Double(), nullable=True, comment="Highest power"),
        sa.Column("total_elevation_gain_m", sa.Double(), nullable=True, comment="Climb"),
        sa.Column("elevation_loss_m", sa.Double(), nullable=True, comment="Descent"),
        sa.Column("calories_kcal", sa.Double(), nullable=True, comment="Energy"),
        sa.Column(
            "average_temperature_c", sa.Double(), nullable=True, comment="Average temperature"
        ),
        sa.Column("start_latitude", sa.Double(), nullable=True, comment="Position of the start"),
        sa.Column("start_longitude", sa.Double(), nullable=True, comment="Position of the start"),
        sa.Column("end_latitude", sa.Double(), nullable=True, comment="Position of the end"),
        sa.Column("end_longitude", sa.Double(), nullable=True, comment="Position of the end"),
        sa.Column(
            "trigger", sa.String(), nullable=True, comment="What ended the lap, in the file's word"
        ),
        sa.Column(
            "intensity", sa.String(), nullable=True, comment="active, rest, ... in the file's word"
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.activity_id"], name=op.f("fk_laps_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "lap_index", name=op.f("pk_laps")),
        comment="One row per lap, from the device file or the API",
    )
    op.create_table(
        "media",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column(
            "filename",
            sa.String(),
            autoincrement=False,
            nullable=False,
            comment="Path inside the export",
        ),
        sa.Column(
            "activity_id", sa.BigInteger(), nullable=True, comment="The activity it belongs to"
        ),
        sa.Column(
            "media_index", sa.Integer(), nullable=True, comment="Order inside the activity, from 0"
        ),
        sa.Column("media_type", sa.String(), nullable=True, comment="photo or video, by the name"),
        sa.Column("caption", sa.Text(), nullable=True, comment="Caption"),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.activity_id"], name=op.f("fk_media_activity_id")
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"], ["athletes.athlete_id"], name=op.f("fk_media_athlete_id")
        ),
        sa.PrimaryKeyConstraint("athlete_id", "filename", name=op.f("pk_media")),
        comment="One row per photo or video of the export, linked through the Media column of "
        "activities.csv",
    )
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_activity_id"), ["activity_id"], unique=False)

    op.create_table(
        "sessions",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column(
            "session_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Order, from 0",
        ),
        sa.Column("start_time_utc", sa.TIMESTAMP(), nullable=True, comment="Start"),
        sa.Column("elapsed_time_s", sa.Double(), nullable=True, comment="Elapsed time"),
        sa.Column(
            "moving_time_s",
            sa.Double(),
            nullable=True,
            comment="Moving time, else time on the timer",
        ),
        sa.Column("distance_m", sa.Double(), nullable=True, comment="Distance"),
        sa.Column("average_speed_mps", sa.Double(), nullable=True, comment="Average speed"),
        sa.Column("max_speed_mps", sa.Double(), nullable=True, comment="Highest speed"),
        sa.Column(
            "average_heartrate_bpm", sa.Double(), nullable=True, comment="Average heart rate"
        ),
        sa.Column("max_heartrate_bpm", sa.Double(), nullable=True, comment="Highest heart rate"),
        sa.Column("average_cadence_rpm", sa.Double(), nullable=True, comment="Average cadence"),
        sa.Column("max_cadence_rpm", sa.Double(), nullable=True, comment="Highest cadence"),
        sa.Column("average_power_w", sa.Double(), nullable=True, comment="Average power"),
        sa.Column("max_power_w", sa.Double(), nullable=True, comment="Highest power"),
        sa.Column("total_elevation_gain_m", sa.Double(), nullable=True, comment="Climb"),
        sa.Column("elevation_loss_m", sa.Double(), nullable=True, comment="Descent"),
        sa.Column("calories_kcal", sa.Double(), nullable=True, comment="Energy"),
        sa.Column(
            "average_temperature_c", sa.Double(), nullable=True, comment="Average temperature"
        ),
        sa.Column("start_latitude", sa.Double(), nullable=True, comment="Position of the start"),
        sa.Column("start_longitude", sa.Double(), nullable=True, comment="Position of the start"),
        sa.Column("end_latitude", sa.Double(), nullable=True, comment="Position of the end"),
        sa.Column("end_longitude", sa.Double(), nullable=True, comment="Position of the end"),
        sa.Column("sport", sa.String(), nullable=True, comment="Sport in the file's own word"),
        sa.Column(
            "sub_sport", sa.String(), nullable=True, comment="Sub-sport in the file's own word"
        ),
        sa.Column("pool_length_m", sa.Double(), nullable=True, comment="Length of the pool"),
        sa.Column("num_laps", sa.Integer(), nullable=True, comment="Laps of this session"),
        sa.Column(
            "first_lap_index",
            sa.Integer(),
            nullable=True,
            comment="Its first lap, in the file's own count",
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.activity_id"], name=op.f("fk_sessions_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "session_index", name=op.f("pk_sessions")),
        comment="One row per session of a device file: one leg of a multisport file, else the "
        "whole",
    )
    op.create_table(
        "swim_lengths",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column(
            "length_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Order, from 0",
        ),
        sa.Column("start_time_utc", sa.TIMESTAMP(), nullable=True, comment="Start"),
        sa.Column("elapsed_time_s", sa.Double(), nullable=True, comment="Elapsed time"),
        sa.Column("moving_time_s", sa.Double(), nullable=True, comment="Time on the timer"),
        sa.Column("is_active", sa.Boolean(), nullable=True, comment="Swum, not rested at the wall"),
        sa.Column(
            "stroke",
            sa.String(),
            nullable=True,
            comment="freestyle, breaststroke, ... in the file's word",
        ),
        sa.Column("total_strokes", sa.Integer(), nullable=True, comment="Strokes"),
        sa.Column("average_speed_mps", sa.Double(), nullable=True, comment="Average speed"),
        sa.Column("average_cadence_rpm", sa.Double(), nullable=True, comment="Strokes per minute"),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.activity_id"], name=op.f("fk_swim_lengths_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "length_index", name=op.f("pk_swim_lengths")),
        comment="One row per pool length of a swim, or stretch at the wall",
    )
    op.create_table(
        "track_points",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column(
            "point_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Order in the file, from 0",
        ),
        sa.Column(
            "elapsed_s", sa.Double(), nullable=True, comment="Time since tracks.start_time_utc"
        ),
        sa.Column("latitude", sa.Double(), nullable=True, comment="WGS 84 latitude"),
        sa.Column("longitude", sa.Double(), nullable=True, comment="WGS 84 longitude"),
        sa.Column(
            "altitude_m", sa.Double(), nullable=True, comment="Altitude as the device recorded it"
        ),
        sa.Column("distance_m", sa.Double(), nullable=True, comment="Distance since the start"),
        sa.Column("speed_mps", sa.Double(), nullable=True, comment="Speed"),
        sa.Column("heartrate_bpm", sa.Double(), nullable=True, comment="Heart rate"),
        sa.Column("cadence_rpm", sa.Double(), nullable=True, comment="Cadence"),
        sa.Column("power_w", sa.Double(), nullable=True, comment="Power; zero is a value"),
        sa.Column("temperature_c", sa.Double(), nullable=True, comment="Temperature by the device"),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.activity_id"], name=op.f("fk_track_points_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "point_index", name=op.f("pk_track_points")),
        comment="One row per recorded point, in file order",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tracks",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column("source", sa.String(), nullable=False, comment="file or api"),
        sa.Column("file_name", sa.String(), nullable=True, comment="Device file inside the export"),
        sa.Column("file_format", sa.String(), nullable=True, comment="fit, gpx or tcx, by content"),
        sa.Column(
            "start_time_utc",
            sa.TIMESTAMP(),
            nullable=True,
            comment="The moment that elapsed_s counts from; it can differ from the activity's "
            "start by hours",
        ),
        sa.Column("point_count", sa.Integer(), nullable=False, comment="Rows in track_points"),
        sa.Column(
            "is_partial",
            sa.Boolean(),
            nullable=False,
            comment="Only a part of the file could be read",
        ),
        sa.Column("partial_reason", sa.String(), nullable=True, comment="Why"),
        sa.Column(
            "is_time_naive",
            sa.Boolean(),
            nullable=False,
            comment="The file's times carry no zone, so they were anchored to the activity's start",
        ),
        sa.Column(
            "is_distance_computed",
            sa.Boolean(),
            nullable=False,
            comment="distance_m is the sum over positions, not the device's word",
        ),
        sa.Column(
            "parser_version",
            sa.Integer(),
            nullable=True,
            comment="Version of the parser that read it",
        ),
        sa.Column("file_sport", sa.String(), nullable=True, comment="Sport in the file's own word"),
        sa.Column(
            "file_title",
            sa.String(),
            nullable=True,
            comment="Name that the file gives the activity",
        ),
        sa.Column("device_manufacturer", sa.String(), nullable=True, comment="Manufacturer"),
        sa.Column("device_product", sa.String(), nullable=True, comment="Product"),
        sa.Column("device_serial_number", sa.String(), nullable=True, comment="Serial number"),
        sa.Column(
            "device_software_version", sa.String(), nullable=True, comment="Software version"
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.activity_id"], name=op.f("fk_tracks_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_tracks")),
        comment="One row per activity whose device file or streams could be read: what its points "
        "are",
    )
    op.create_table(
        "workout_sets",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column(
            "set_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Order inside the activity, from 0",
        ),
        sa.Column("exercise_name", sa.String(), nullable=True, comment="Exercise"),
        sa.Column("repetitions", sa.Integer(), nullable=True, comment="Repetitions"),
        sa.Column("duration_s", sa.Double(), nullable=True, comment="Duration"),
        sa.Column("weight_kg", sa.Double(), nullable=True, comment="Weight lifted"),
        sa.Column(
            "start_offset_s",
            sa.Double(),
            nullable=True,
            comment="Start, from the file's milliseconds",
        ),
        sa.Column(
            "superset_id",
            sa.BigInteger(),
            nullable=True,
            comment="Sets with the same number belong together",
        ),
        sa.Column(
            "perceived_exertion", sa.Double(), nullable=True, comment="Rate of perceived exertion"
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.activity_id"], name=op.f("fk_workout_sets_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "set_index", name=op.f("pk_workout_sets")),
        comment="One row per strength set, from structured_details.csv",
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_TIMED)
        for column, meaning in _TIMED_COMMENTS.items():
            op.execute(f"COMMENT ON COLUMN track_points_timed.{column} IS '{meaning}'")
        op.execute(
            "COMMENT ON VIEW track_points_timed IS 'Track points with their time of day in UTC'"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP VIEW track_points_timed")
    op.drop_table("workout_sets")
    op.drop_table("tracks")
    op.drop_table("track_points")
    op.drop_table("swim_lengths")
    op.drop_table("sessions")
    op.drop_table("media")
    op.drop_table("laps")
    op.drop_table("activity_observations")
    op.drop_table("gear_components")
    op.drop_table("activities")
    op.drop_table("starred_segments")
    op.drop_table("starred_routes")
    op.drop_table("segments")
    op.drop_table("routes")
    op.drop_table("reactions")
    op.drop_table("import_issues")
    op.drop_table("import_files")
    op.drop_table("goals")
    op.drop_table("gear")
    op.drop_table("comments")
    op.drop_table("clubs")
    op.drop_table("challenges")
    op.drop_table("sync_state")
    op.drop_table("import_runs")
    op.drop_table("data_dictionary")
    op.drop_table("athletes")
