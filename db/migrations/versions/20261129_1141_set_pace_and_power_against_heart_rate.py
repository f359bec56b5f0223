"""Set pace and power against heart rate."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261129_1141"
down_revision: str | None = "20261129_1135"


def upgrade() -> None:
    op.create_table(
        "pace_at_heart_rate",
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
            "month_start",
            sa.Date(),
            autoincrement=False,
            nullable=False,
            comment="First day of the month",
        ),
        sa.Column(
            "from_bpm",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Lowest heart rate of the band",
        ),
        sa.Column(
            "below_bpm", sa.Integer(), nullable=False, comment="The band ends below this heart rate"
        ),
        sa.Column(
            "activity_count",
            sa.Integer(),
            nullable=False,
            comment="Activities with that heart rate",
        ),
        sa.Column("time_s", sa.Double(), nullable=False, comment="Time on the move"),
        sa.Column("distance_km", sa.Double(), nullable=True, comment="Distance in that time"),
        sa.Column(
            "pace_min_per_km",
            sa.Double(),
            nullable=True,
            comment="Time divided by distance, of activities with a distance",
        ),
        sa.Column(
            "pace_min_per_mi",
            sa.Double(),
            nullable=True,
            comment="Time divided by distance, of activities with a distance",
        ),
        sa.Column(
            "average_speed_kmh",
            sa.Double(),
            nullable=True,
            comment="Distance divided by time, of activities with a distance",
        ),
        sa.Column(
            "average_power_w",
            sa.Double(),
            nullable=True,
            comment="Average power, of the time in which it is known; zero is a value",
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"],
            ["athletes.athlete_id"],
            name=op.f("fk_pace_at_heart_rate_athlete_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "athlete_id",
            "sport_group",
            "month_start",
            "from_bpm",
            name=op.f("pk_pace_at_heart_rate"),
        ),
        comment="One row per athlete, sport group, month and band of five beats per minute: "
        "pace and power at these heart rates, without rests; from heartrate_bands",
    )
    op.create_table(
        "decoupling",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column(
            "basis",
            sa.String(),
            nullable=False,
            comment="What is divided by heart rate: grade_adjusted_pace, pace (of runs without "
            "altitudes) or power",
        ),
        sa.Column(
            "moving_time_s",
            sa.Double(),
            nullable=False,
            comment="Time without rests, which is halved",
        ),
        sa.Column(
            "variation_pct",
            sa.Double(),
            nullable=False,
            comment="Standard deviation of speed or power by its mean, over blocks of five "
            "minutes: at most 10 for speed, 15 for power",
        ),
        sa.Column(
            "first_half_efficiency",
            sa.Double(),
            nullable=False,
            comment="Metres per heart beat, or W per beats/min, in the first half",
        ),
        sa.Column(
            "second_half_efficiency",
            sa.Double(),
            nullable=False,
            comment="The same in the second half",
        ),
        sa.Column(
            "decoupling_pct",
            sa.Double(),
            nullable=False,
            comment="By how much the second half is below the first; negative if it is above",
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.activity_id"], name=op.f("fk_decoupling_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_decoupling")),
        comment="One row per steady activity of at least 40 minutes with heart rate: how much "
        "less speed (of runs) or power (of other sports) a heart beat gave in its "
        "second half",
    )
    op.create_table(
        "heartrate_bands",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column(
            "from_bpm",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Lowest heart rate of the band",
        ),
        sa.Column(
            "below_bpm", sa.Integer(), nullable=False, comment="The band ends below this heart rate"
        ),
        sa.Column("time_s", sa.Double(), nullable=False, comment="Time on the move"),
        sa.Column("distance_m", sa.Double(), nullable=True, comment="Distance in that time"),
        sa.Column(
            "power_time_s",
            sa.Double(),
            nullable=True,
            comment="Part of time_s in which power is known",
        ),
        sa.Column("work_j", sa.Double(), nullable=True, comment="Work in power_time_s"),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.activity_id"], name=op.f("fk_heartrate_bands_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "from_bpm", name=op.f("pk_heartrate_bands")),
        comment="One row per activity and band of five beats per minute: time, distance and "
        "power at these heart rates, without rests",
    )
    with op.batch_alter_table("activity_facts") as batch_op:
        batch_op.add_column(
            sa.Column(
                "decoupling_pct",
                sa.Double(),
                nullable=True,
                comment="How much less speed (of runs) or power a heart beat gave in the second "
                "half; of steady activities of at least 40 minutes",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("activity_facts") as batch_op:
        batch_op.drop_column("decoupling_pct")

    op.drop_table("heartrate_bands")
    op.drop_table("decoupling")
    op.drop_table("pace_at_heart_rate")
