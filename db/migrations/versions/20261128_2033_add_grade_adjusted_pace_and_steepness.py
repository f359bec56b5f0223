"""Add grade-adjusted pace, and the steepness of splits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261128_2033"
down_revision: str | None = "20261128_0354"


def upgrade() -> None:
    with op.batch_alter_table("activity_facts") as batch_op:
        batch_op.add_column(
            sa.Column(
                "grade_adjusted_pace_min_per_km",
                sa.Double(),
                nullable=True,
                comment="Pace on flat ground that costs the same effort: Strava's, else "
                "computed from the points; of runs only",
            )
        )
        batch_op.add_column(
            sa.Column(
                "grade_adjusted_pace_min_per_mi",
                sa.Double(),
                nullable=True,
                comment="Pace on flat ground that costs the same effort: Strava's, else "
                "computed from the points; of runs only",
            )
        )

    with op.batch_alter_table("split_pace") as batch_op:
        batch_op.add_column(
            sa.Column(
                "grade_adjusted_pace_min_per_km",
                sa.Double(),
                nullable=True,
                comment="Pace on flat ground that costs the same effort",
            )
        )
        batch_op.add_column(
            sa.Column(
                "grade_adjusted_pace_min_per_mi",
                sa.Double(),
                nullable=True,
                comment="Pace on flat ground that costs the same effort",
            )
        )
        batch_op.add_column(
            sa.Column(
                "steepness_pct",
                sa.Double(),
                nullable=True,
                comment="Rises and falls over pieces of about 100 m, added up without their "
                "signs and divided by the distance; empty if the split is the API's",
            )
        )

    with op.batch_alter_table("splits") as batch_op:
        batch_op.add_column(
            sa.Column(
                "steepness_pct",
                sa.Double(),
                nullable=True,
                comment="Rises and falls over pieces of about 100 m, added up without their "
                "signs and divided by the distance; only in computed splits of runs",
            )
        )

    op.execute("DELETE FROM sync_state WHERE name = 'marts:stale'")
    op.execute("INSERT INTO sync_state (name, value) VALUES ('marts:stale', 'yes')")


def downgrade() -> None:
    with op.batch_alter_table("splits") as batch_op:
        batch_op.drop_column("steepness_pct")

    with op.batch_alter_table("split_pace") as batch_op:
        batch_op.drop_column("steepness_pct")
        batch_op.drop_column("grade_adjusted_pace_min_per_mi")
        batch_op.drop_column("grade_adjusted_pace_min_per_km")

    with op.batch_alter_table("activity_facts") as batch_op:
        batch_op.drop_column("grade_adjusted_pace_min_per_mi")
        batch_op.drop_column("grade_adjusted_pace_min_per_km")
