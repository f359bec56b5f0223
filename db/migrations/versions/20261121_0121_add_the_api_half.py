"""Add what the API half needs: its queue, splits, best and segment efforts, and columns that only
the API fills.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261121_0121"
down_revision: str | None = "20261120_2244"


def upgrade() -> None:
    op.create_table(
        "purged_activities",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column("athlete_id", sa.BigInteger(), nullable=False, comment="Whose activity it is"),
        sa.Column("purged_at", sa.TIMESTAMP(), nullable=False, comment="When"),
        sa.Column(
            "seen_at",
            sa.TIMESTAMP(),
            nullable=True,
            comment="When the API listed it last, so that it does not count as vanished",
        ),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_purged_activities")),
        comment="Activities whose API data was purged; the API half leaves them alone unless asked",
    )
    op.create_table(
        "best_efforts",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column("source", sa.String(), nullable=False, comment="api: as Strava found it"),
        sa.Column(
            "name",
            sa.String(),
            nullable=False,
            comment="Strava's name of the distance (400m, 1K, Half-Marathon ...)",
        ),
        sa.Column("best_effort_id", sa.BigInteger(), nullable=True, comment="Strava's id"),
        sa.Column(
            "best_effort_id_text",
            sa.String(),
            nullable=True,
            comment="The same as text: these ids can pass 2^53, which JavaScript rounds",
        ),
        sa.Column("distance_m", sa.Double(), nullable=True, comment="Distance"),
        sa.Column("elapsed_time_s", sa.Double(), nullable=True, comment="Elapsed time"),
        sa.Column("moving_time_s", sa.Double(), nullable=True, comment="Moving time"),
        sa.Column("start_time_utc", sa.TIMESTAMP(), nullable=True, comment="Start"),
        sa.Column(
            "start_index",
            sa.Integer(),
            nullable=True,
            comment="First point, as Strava counts the activity's streams",
        ),
        sa.Column(
            "end_index",
            sa.Integer(),
            nullable=True,
            comment="Last point, as Strava counts the activity's streams",
        ),
        sa.Column(
            "pr_rank",
            sa.Integer(),
            nullable=True,
            comment="1 to 3 among the athlete's own at the time",
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.activity_id"], name=op.f("fk_best_efforts_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "source", "name", name=op.f("pk_best_efforts")),
        comment="One row per standard distance and run: its fastest stretch; source tells who "
        "found it",
    )
    op.create_table(
        "segment_efforts",
        sa.Column(
            "segment_effort_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Strava's id of the effort",
        ),
        sa.Column(
            "segment_effort_id_text",
            sa.String(),
            nullable=False,
            comment="The same as text: these ids pass 2^53, which JavaScript rounds",
        ),
        sa.Column("activity_id", sa.BigInteger(), nullable=False, comment="The activity"),
        sa.Column(
            "effort_index",
            sa.Integer(),
            nullable=False,
            comment="Order inside the activity, from 0",
        ),
        sa.Column(
            "segment_id", sa.BigInteger(), nullable=True, comment="Strava's id of the segment"
        ),
        sa.Column("segment_id_text", sa.String(), nullable=True, comment="The same as text"),
        sa.Column("name", sa.String(), nullable=True, comment="Name of the segment"),
        sa.Column("start_time_utc", sa.TIMESTAMP(), nullable=True, comment="Start"),
        sa.Column(
            "start_time_local",
            sa.TIMESTAMP(),
            nullable=True,
            comment="Start on the clock of the place",
        ),
        sa.Column("elapsed_time_s", sa.Double(), nullable=True, comment="Elapsed time"),
        sa.Column("moving_time_s", sa.Double(), nullable=True, comment="Moving time"),
        sa.Column("distance_m", sa.Double(), nullable=True, comment="Distance"),
        sa.Column(
            "start_index",
            sa.Integer(),
            nullable=True,
            comment="First point, as Strava counts the activity's streams",
        ),
        sa.Column(
            "end_index",
            sa.Integer(),
            nullable=True,
            comment="Last point, as Strava counts the activity's streams",
        ),
        sa.Column(
            "average_heartrate_bpm", sa.Double(), nullable=True, comment="Average heart rate"
        ),
        sa.Column("max_heartrate_bpm", sa.Double(), nullable=True, comment="Highest heart rate"),
        sa.Column("average_cadence_rpm", sa.Double(), nullable=True, comment="Average cadence"),
        sa.Column("average_power_w", sa.Double(), nullable=True, comment="Average power"),
        sa.Column(
            "is_device_power",
            sa.Boolean(),
            nullable=True,
            comment="Power was measured, not estimated",
        ),
        sa.Column(
            "pr_rank",
            sa.Integer(),
            nullable=True,
            comment="1 to 3 among the athlete's own at the time",
        ),
        sa.Column("kom_rank", sa.Integer(), nullable=True, comment="1 to 10 among all at the time"),
        sa.Column(
            "is_hidden",
            sa.Boolean(),
            nullable=True,
            comment="Hidden, because it is not one of the important ones",
        ),
        sa.Column(
            "segment_sport_type",
            sa.String(),
            nullable=True,
            comment="Ride or Run, in Strava's word",
        ),
        sa.Column(
            "segment_distance_m", sa.Double(), nullable=True, comment="Length of the segment"
        ),
        sa.Column(
            "segment_average_grade_pct",
            sa.Double(),
            nullable=True,
            comment="Average grade of the segment",
        ),
        sa.Column(
            "segment_maximum_grade_pct",
            sa.Double(),
            nullable=True,
            comment="Steepest grade of the segment",
        ),
        sa.Column(
            "segment_elev_high_m",
            sa.Double(),
            nullable=True,
            comment="Highest point of the segment",
        ),
        sa.Column(
            "segment_elev_low_m", sa.Double(), nullable=True, comment="Lowest point of the segment"
        ),
        sa.Column(
            "segment_climb_category",
            sa.Integer(),
            nullable=True,
            comment="0 to 5, 5 being hors catégorie",
        ),
        sa.Column(
            "segment_start_latitude", sa.Double(), nullable=True, comment="Start of the segment"
        ),
        sa.Column(
            "segment_start_longitude", sa.Double(), nullable=True, comment="Start of the segment"
        ),
        sa.Column("segment_end_latitude", sa.Double(), nullable=True, comment="End of the segment"),
        sa.Column(
            "segment_end_longitude", sa.Double(), nullable=True, comment="End of the segment"
        ),
        sa.Column("segment_city", sa.String(), nullable=True, comment="City of the segment"),
        sa.Column("segment_state", sa.String(), nullable=True, comment="State of the segment"),
        sa.Column("segment_country", sa.String(), nullable=True, comment="Country of the segment"),
        sa.Column(
            "is_segment_private",
            sa.Boolean(),
            nullable=True,
            comment="Only its maker sees the segment",
        ),
        sa.Column(
            "is_segment_starred", sa.Boolean(), nullable=True, comment="Starred by the athlete"
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.activity_id"], name=op.f("fk_segment_efforts_activity_id")
        ),
        sa.PrimaryKeyConstraint("segment_effort_id", name=op.f("pk_segment_efforts")),
        comment="One row per pass over a Strava segment, with what the segment is; from the API "
        "only",
    )
    with op.batch_alter_table("segment_efforts") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_segment_efforts_activity_id"), ["activity_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_segment_efforts_segment_id"), ["segment_id"], unique=False
        )

    op.create_table(
        "splits",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column("source", sa.String(), nullable=False, comment="api: as Strava computed it"),
        sa.Column("unit", sa.String(), nullable=False, comment="km or mi"),
        sa.Column(
            "split_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Order, from 0",
        ),
        sa.Column("distance_m", sa.Double(), nullable=True, comment="Distance"),
        sa.Column("elapsed_time_s", sa.Double(), nullable=True, comment="Elapsed time"),
        sa.Column("moving_time_s", sa.Double(), nullable=True, comment="Moving time"),
        sa.Column(
            "elevation_difference_m",
            sa.Double(),
            nullable=True,
            comment="Altitude at the end less that at the start",
        ),
        sa.Column(
            "average_speed_mps", sa.Double(), nullable=True, comment="Distance by moving time"
        ),
        sa.Column(
            "average_grade_adjusted_speed_mps",
            sa.Double(),
            nullable=True,
            comment="Speed on flat ground that costs the same effort",
        ),
        sa.Column(
            "average_heartrate_bpm", sa.Double(), nullable=True, comment="Average heart rate"
        ),
        sa.Column("pace_zone", sa.Integer(), nullable=True, comment="Strava's pace zone"),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.activity_id"], name=op.f("fk_splits_activity_id")
        ),
        sa.PrimaryKeyConstraint(
            "activity_id", "source", "unit", "split_index", name=op.f("pk_splits")
        ),
        comment="One row per kilometre and per mile of an activity; source tells who computed it",
    )
    op.create_table(
        "sync_queue",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column("item", sa.String(), nullable=False, comment="detail or streams"),
        sa.Column("athlete_id", sa.BigInteger(), nullable=False, comment="Whose activity it is"),
        sa.Column(
            "priority",
            sa.Integer(),
            nullable=False,
            comment="0 for new and changed activities, 1 for those that --enrich asks for",
        ),
        sa.Column(
            "start_time_utc",
            sa.TIMESTAMP(),
            nullable=True,
            comment="Start of the activity; the newest comes first",
        ),
        sa.Column("queued_at", sa.TIMESTAMP(), nullable=False, comment="Since when"),
        sa.Column("failed_days", sa.Integer(), nullable=False, comment="Days on which it failed"),
        sa.Column("failed_at", sa.TIMESTAMP(), nullable=True, comment="When it failed last"),
        sa.Column("error", sa.Text(), nullable=True, comment="How it failed"),
        sa.Column(
            "is_parked",
            sa.Boolean(),
            nullable=False,
            comment="Given up until the activity changes; import_issues tells why",
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.activity_id"], name=op.f("fk_sync_queue_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "item", name=op.f("pk_sync_queue")),
        comment="One row per request to the Strava API that is still to be made",
    )
    with op.batch_alter_table("activities") as batch_op:
        batch_op.add_column(
            sa.Column(
                "upload_id",
                sa.BigInteger(),
                nullable=True,
                comment="Strava's id of the upload; known from the API only",
            )
        )
        batch_op.add_column(
            sa.Column(
                "external_id",
                sa.String(),
                nullable=True,
                comment="Name under which the file was uploaded; known from the API only",
            )
        )
        batch_op.add_column(
            sa.Column(
                "visibility",
                sa.String(),
                nullable=True,
                comment="everyone, followers_only or only_me; known from the API only",
            )
        )
        batch_op.add_column(
            sa.Column(
                "workout_type",
                sa.Integer(),
                nullable=True,
                comment="Strava's number: run 1 race, 2 long run, 3 workout; ride 11 race, 12 "
                "workout",
            )
        )
        batch_op.add_column(
            sa.Column(
                "is_device_power",
                sa.Boolean(),
                nullable=True,
                comment="Power was measured, not estimated; known from the API only",
            )
        )
        batch_op.add_column(
            sa.Column(
                "is_hidden_from_home",
                sa.Boolean(),
                nullable=True,
                comment="Not shown in followers' feeds; known from the API only",
            )
        )
        batch_op.add_column(
            sa.Column(
                "kudos_count", sa.Integer(), nullable=True, comment="Kudos; known from the API only"
            )
        )
        batch_op.add_column(
            sa.Column(
                "comment_count",
                sa.Integer(),
                nullable=True,
                comment="Comments; known from the API only",
            )
        )
        batch_op.add_column(
            sa.Column(
                "achievement_count",
                sa.Integer(),
                nullable=True,
                comment="Achievements; known from the API only",
            )
        )
        batch_op.add_column(
            sa.Column(
                "pr_count",
                sa.Integer(),
                nullable=True,
                comment="Personal records on segments; known from the API only",
            )
        )
        batch_op.add_column(
            sa.Column(
                "athlete_count",
                sa.Integer(),
                nullable=True,
                comment="Athletes who did it together; known from the API only",
            )
        )
        batch_op.add_column(
            sa.Column(
                "photo_count",
                sa.Integer(),
                nullable=True,
                comment="Photos; known from the API only",
            )
        )

    with op.batch_alter_table("gear") as batch_op:
        batch_op.add_column(
            sa.Column(
                "source",
                sa.String(),
                server_default="export",
                nullable=False,
                comment="export, or api where no export names it",
            )
        )
        batch_op.add_column(
            sa.Column(
                "strava_name",
                sa.String(),
                nullable=True,
                comment="Name that the API shows; known from the API only",
            )
        )
        batch_op.add_column(
            sa.Column(
                "is_retired",
                sa.Boolean(),
                nullable=True,
                comment="Out of use; known from the API only",
            )
        )
        batch_op.add_column(
            sa.Column(
                "distance_m",
                sa.Double(),
                nullable=True,
                comment="What Strava's own counter shows; known from the API only",
            )
        )

    with op.batch_alter_table("import_runs") as batch_op:
        batch_op.add_column(
            sa.Column(
                "api_requests", sa.Integer(), nullable=True, comment="Requests to the Strava API"
            )
        )
        batch_op.add_column(
            sa.Column(
                "queue_left", sa.Integer(), nullable=True, comment="Requests that were left to do"
            )
        )
        batch_op.add_column(
            sa.Column(
                "resume_at",
                sa.TIMESTAMP(),
                nullable=True,
                comment="When the API's limits let the next run go on; empty when they did not "
                "stop it",
            )
        )

    with op.batch_alter_table("media") as batch_op:
        batch_op.add_column(
            sa.Column(
                "source",
                sa.String(),
                server_default="export",
                nullable=False,
                comment="export or api",
            )
        )
        batch_op.add_column(
            sa.Column(
                "url", sa.Text(), nullable=True, comment="Where the largest size is, for the API's"
            )
        )

    with op.batch_alter_table("tracks") as batch_op:
        batch_op.add_column(
            sa.Column(
                "fetched_at",
                sa.TIMESTAMP(),
                nullable=True,
                comment="When streams were fetched; empty for files",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("tracks") as batch_op:
        batch_op.drop_column("fetched_at")

    with op.batch_alter_table("media") as batch_op:
        batch_op.drop_column("url")
        batch_op.drop_column("source")

    with op.batch_alter_table("import_runs") as batch_op:
        batch_op.drop_column("resume_at")
        batch_op.drop_column("queue_left")
        batch_op.drop_column("api_requests")

    with op.batch_alter_table("gear") as batch_op:
        batch_op.drop_column("distance_m")
        batch_op.drop_column("is_retired")
        batch_op.drop_column("strava_name")
        batch_op.drop_column("source")

    with op.batch_alter_table("activities") as batch_op:
        batch_op.drop_column("photo_count")
        batch_op.drop_column("athlete_count")
        batch_op.drop_column("pr_count")
        batch_op.drop_column("achievement_count")
        batch_op.drop_column("comment_count")
        batch_op.drop_column("kudos_count")
        batch_op.drop_column("is_hidden_from_home")
        batch_op.drop_column("is_device_power")
        batch_op.drop_column("workout_type")
        batch_op.drop_column("visibility")
        batch_op.drop_column("external_id")
        batch_op.drop_column("upload_id")

    op.drop_table("sync_queue")
    op.drop_table("splits")
    op.drop_table("segment_efforts")
    op.drop_table("best_efforts")
    op.drop_table("purged_activities")
