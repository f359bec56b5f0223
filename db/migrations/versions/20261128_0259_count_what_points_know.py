"""Count the points of each track that have a position, a heart rate, power and a distance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261128_0259"
down_revision: str | None = "20261124_2229"


def upgrade() -> None:
    with op.batch_alter_table("tracks") as batch_op:
        batch_op.add_column(
            sa.Column(
                "position_count", sa.Integer(), nullable=True, comment="Points with a position"
            )
        )
        batch_op.add_column(
            sa.Column(
                "heartrate_count", sa.Integer(), nullable=True, comment="Points with a heart rate"
            )
        )
        batch_op.add_column(
            sa.Column("power_count", sa.Integer(), nullable=True, comment="Points with power")
        )
        batch_op.add_column(
            sa.Column(
                "distance_count", sa.Integer(), nullable=True, comment="Points with a distance"
            )
        )

    # latitude + longitude is NULL where either is.
    op.execute(
        """
        UPDATE tracks SET (position_count, heartrate_count, power_count, distance_count) = (
            SELECT count(latitude + longitude), count(heartrate_bpm), count(power_w),
                   count(distance_m)
            FROM track_points WHERE track_points.activity_id = tracks.activity_id
        )
        """
    )


def downgrade() -> None:
    with op.batch_alter_table("tracks") as batch_op:
        batch_op.drop_column("distance_count")
        batch_op.drop_column("power_count")
        batch_op.drop_column("heartrate_count")
        batch_op.drop_column("position_count")
