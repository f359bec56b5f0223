"""Keep what figures rest on beside points: pauses, the device's timer, climb and descent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261128_0354"
down_revision: str | None = "20261128_0317"


def upgrade() -> None:
    op.create_table(
        "track_pauses",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column(
            "pause_index",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Order, from 0",
        ),
        sa.Column(
            "start_elapsed_s",
            sa.Double(),
            nullable=False,
            comment="Begin, since tracks.start_time_utc",
        ),
        sa.Column(
            "end_elapsed_s", sa.Double(), nullable=False, comment="End, since tracks.start_time_utc"
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.activity_id"], name=op.f("fk_track_pauses_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "pause_index", name=op.f("pk_track_pauses")),
        comment="One row per pause that the device's timer, or the API, tells of an activity",
    )
    with op.batch_alter_table("sessions") as batch_op:
        batch_op.add_column(
            sa.Column(
                "timer_time_s", sa.Double(), nullable=True, comment="Time on the device's timer"
            )
        )

    with op.batch_alter_table("split_pace") as batch_op:
        batch_op.add_column(
            sa.Column(
                "elevation_loss_m",
                sa.Double(),
                nullable=True,
                comment="Descent; empty where the split is the API's",
            )
        )

    with op.batch_alter_table("splits") as batch_op:
        batch_op.add_column(
            sa.Column(
                "elevation_loss_m", sa.Double(), nullable=True, comment="Descent; computed only"
            )
        )

    with op.batch_alter_table("tracks") as batch_op:
        batch_op.add_column(
            sa.Column(
                "timer_time_s",
                sa.Double(),
                nullable=True,
                comment="Time on the device's timer, which stands still in pauses",
            )
        )
        batch_op.add_column(
            sa.Column(
                "device_ascent_m",
                sa.Double(),
                nullable=True,
                comment="Climb as the device summed it up",
            )
        )
        batch_op.add_column(
            sa.Column(
                "device_descent_m",
                sa.Double(),
                nullable=True,
                comment="Descent as the device summed it up",
            )
        )
        batch_op.add_column(
            sa.Column(
                "is_barometric",
                sa.Boolean(),
                nullable=True,
                comment="The altitude is a barometer's; known of FIT files only",
            )
        )
        batch_op.add_column(
            sa.Column(
                "has_moving_stream",
                sa.Boolean(),
                nullable=True,
                comment="track_pauses are all that Strava does not count as moving; empty where "
                "the points were read before pauses were kept",
            )
        )

    op.execute("DELETE FROM sync_state WHERE name = 'marts:stale'")
    op.execute("INSERT INTO sync_state (name, value) VALUES ('marts:stale', 'yes')")


def downgrade() -> None:
    with op.batch_alter_table("tracks") as batch_op:
        batch_op.drop_column("has_moving_stream")
        batch_op.drop_column("is_barometric")
        batch_op.drop_column("device_descent_m")
        batch_op.drop_column("device_ascent_m")
        batch_op.drop_column("timer_time_s")

    with op.batch_alter_table("splits") as batch_op:
        batch_op.drop_column("elevation_loss_m")

    with op.batch_alter_table("split_pace") as batch_op:
        batch_op.drop_column("elevation_loss_m")

    with op.batch_alter_table("sessions") as batch_op:
        batch_op.drop_column("timer_time_s")

    op.drop_table("track_pauses")
