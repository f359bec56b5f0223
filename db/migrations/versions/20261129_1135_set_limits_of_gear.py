"""Set limits of gear."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261129_1135"
down_revision: str | None = "20261129_1128"


def upgrade() -> None:
    with op.batch_alter_table("gear") as batch_op:
        batch_op.add_column(
            sa.Column(
                "distance_limit_m",
                sa.Double(),
                nullable=True,
                comment="Distance after which it is due to be replaced, from gear_limits.csv in "
                "the playground",
            )
        )

    with op.batch_alter_table("gear_mileage") as batch_op:
        batch_op.add_column(
            sa.Column(
                "distance_limit_km",
                sa.Double(),
                nullable=True,
                comment="Distance after which the gear is due to be replaced, from "
                "gear_limits.csv in the playground; empty for components",
            )
        )
        batch_op.add_column(
            sa.Column(
                "is_due",
                sa.Boolean(),
                nullable=True,
                comment="Whether distance_km has reached distance_limit_km; empty where no limit "
                "is set",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("gear_mileage") as batch_op:
        batch_op.drop_column("is_due")
        batch_op.drop_column("distance_limit_km")

    with op.batch_alter_table("gear") as batch_op:
        batch_op.drop_column("distance_limit_m")
