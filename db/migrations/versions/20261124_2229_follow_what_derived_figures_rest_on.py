"""Follow what derived figures rest on, and let charts find days and durations by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261124_2229"
down_revision: str | None = "20261121_0227"


def upgrade() -> None:
    with op.batch_alter_table("activity_facts") as batch_op:
        batch_op.add_column(
            sa.Column(
                "iso_year", sa.Integer(), nullable=True, comment="Year that the ISO week belongs to"
            )
        )

    with op.batch_alter_table("daily_load") as batch_op:
        batch_op.create_index(batch_op.f("ix_daily_load_date"), ["date"], unique=False)

    with op.batch_alter_table("power_curve") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_power_curve_duration_s_power_w"), ["duration_s", "power_w"], unique=False
        )

    with op.batch_alter_table("tracks") as batch_op:
        batch_op.add_column(
            sa.Column(
                "derived_from",
                sa.String(),
                nullable=True,
                comment="What splits, efforts, curves and zone times of these points rest on "
                "beside them: version, kind of sport, zones",
            )
        )
        batch_op.drop_column("is_derived")

    # Filled by the run, the purge or the migrate that made them.
    op.execute("DELETE FROM sync_state WHERE name = 'marts:stale'")
    op.execute("INSERT INTO sync_state (name, value) VALUES ('marts:stale', 'yes')")


def downgrade() -> None:
    with op.batch_alter_table("tracks") as batch_op:
        batch_op.add_column(
            sa.Column(
                "is_derived",
                sa.Boolean(),
                nullable=True,
                comment="Splits, efforts and curves were computed from these points",
            )
        )
        batch_op.drop_column("derived_from")

    with op.batch_alter_table("power_curve") as batch_op:
        batch_op.drop_index(batch_op.f("ix_power_curve_duration_s_power_w"))

    with op.batch_alter_table("daily_load") as batch_op:
        batch_op.drop_index(batch_op.f("ix_daily_load_date"))

    with op.batch_alter_table("activity_facts") as batch_op:
        batch_op.drop_column("iso_year")
