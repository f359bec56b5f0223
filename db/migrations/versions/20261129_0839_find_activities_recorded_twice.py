"""Find activities recorded twice, and lead to no page that Strava does not have."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261129_0839"
down_revision: str | None = "20261129_0807"


def upgrade() -> None:
    op.create_table(
        "duplicate_candidates",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity that started first; of equal starts the one with the smaller id",
        ),
        sa.Column(
            "other_activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The other activity",
        ),
        sa.Column("athlete_id", sa.BigInteger(), nullable=False, comment="Whose they are"),
        sa.Column("local_date", sa.Date(), nullable=False, comment="Local day of the activity"),
        sa.Column("other_local_date", sa.Date(), nullable=False, comment="Local day of the other"),
        sa.Column("name", sa.String(), nullable=True, comment="Title of the activity"),
        sa.Column("other_name", sa.String(), nullable=True, comment="Title of the other"),
        sa.Column(
            "sport_type", sa.String(), nullable=True, comment="Strava's sport_type of the activity"
        ),
        sa.Column(
            "other_sport_type",
            sa.String(),
            nullable=True,
            comment="Strava's sport_type of the other",
        ),
        sa.Column(
            "start_time_utc", sa.TIMESTAMP(), nullable=False, comment="Start of the activity"
        ),
        sa.Column(
            "other_start_time_utc", sa.TIMESTAMP(), nullable=False, comment="Start of the other"
        ),
        sa.Column(
            "elapsed_time_s",
            sa.Double(),
            nullable=False,
            comment="Elapsed time of the activity; its moving time where that alone is known",
        ),
        sa.Column(
            "other_elapsed_time_s", sa.Double(), nullable=False, comment="The same of the other"
        ),
        sa.Column("distance_m", sa.Double(), nullable=True, comment="Distance of the activity"),
        sa.Column("other_distance_m", sa.Double(), nullable=True, comment="Distance of the other"),
        sa.Column(
            "device_name",
            sa.String(),
            nullable=True,
            comment="Device or app that recorded the activity",
        ),
        sa.Column(
            "other_device_name",
            sa.String(),
            nullable=True,
            comment="Device or app that recorded the other",
        ),
        sa.Column("overlap_s", sa.Double(), nullable=False, comment="Time that is in both"),
        sa.Column(
            "overlap_fraction",
            sa.Double(),
            nullable=False,
            comment="overlap_s divided by the shorter elapsed time, 0.8 to 1",
        ),
        sa.Column(
            "is_same_device",
            sa.Boolean(),
            nullable=True,
            comment="Whether one device recorded both; empty where the serial number of one is "
            "not known",
        ),
        sa.Column(
            "is_same_route",
            sa.Boolean(),
            nullable=True,
            comment="Whether they start and end within 100 m of each other; empty where a position "
            "is not known",
        ),
        sa.Column(
            "certainty",
            sa.String(),
            nullable=False,
            comment="high if device or route is the same, low if none is and the routes differ, "
            "else medium: nothing but their times tells",
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activities.activity_id"],
            name=op.f("fk_duplicate_candidates_activity_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"],
            ["athletes.athlete_id"],
            name=op.f("fk_duplicate_candidates_athlete_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["other_activity_id"],
            ["activities.activity_id"],
            name=op.f("fk_duplicate_candidates_other_activity_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "activity_id", "other_activity_id", name=op.f("pk_duplicate_candidates")
        ),
        comment="One row per pair of activities of an athlete that may be one, recorded twice: "
        "their times overlap by at least 80 % of the shorter, and their sports are of "
        "one group, or one is unknown; without activities that have vanished or lasted "
        "over 30 days",
    )
    with op.batch_alter_table("duplicate_candidates") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_duplicate_candidates_athlete_id"), ["athlete_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_duplicate_candidates_other_activity_id"),
            ["other_activity_id"],
            unique=False,
        )

    with op.batch_alter_table("activity_facts") as batch_op:
        batch_op.alter_column("strava_url", existing_type=sa.VARCHAR(), nullable=True)

    op.execute("DELETE FROM sync_state WHERE name = 'marts:stale'")
    op.execute("INSERT INTO sync_state (name, value) VALUES ('marts:stale', 'yes')")


def downgrade() -> None:
    op.execute("DELETE FROM activity_facts WHERE strava_url IS NULL")
    with op.batch_alter_table("activity_facts") as batch_op:
        batch_op.alter_column("strava_url", existing_type=sa.VARCHAR(), nullable=False)

    with op.batch_alter_table("duplicate_candidates") as batch_op:
        batch_op.drop_index(batch_op.f("ix_duplicate_candidates_other_activity_id"))
        batch_op.drop_index(batch_op.f("ix_duplicate_candidates_athlete_id"))

    op.drop_table("duplicate_candidates")
