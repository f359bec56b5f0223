"""Tell where activities started."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261129_1216"
down_revision: str | None = "20261129_1153"


def upgrade() -> None:
    op.create_table(
        "activity_places",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column("latitude", sa.Double(), nullable=False, comment="Position that was looked up"),
        sa.Column("longitude", sa.Double(), nullable=False, comment="Position that was looked up"),
        sa.Column(
            "country",
            sa.String(),
            nullable=True,
            comment="Country; empty more than 100 km from any town",
        ),
        sa.Column("region", sa.String(), nullable=True, comment="State, canton, province ..."),
        sa.Column("city", sa.String(), nullable=True, comment="Town"),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activities.activity_id"],
            name=op.f("fk_activity_places_activity_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_activity_places")),
        comment="One row per activity with a position: the nearest town of its start, with more "
        "than 1,000 inhabitants (GeoNames); no rows without the extra places",
    )
    with op.batch_alter_table("activity_facts") as batch_op:
        batch_op.add_column(
            sa.Column(
                "country",
                sa.String(),
                nullable=True,
                comment="Country of the start: that of the nearest town; empty without the "
                "extra places",
            )
        )
        batch_op.add_column(
            sa.Column(
                "region",
                sa.String(),
                nullable=True,
                comment="State, canton, province ... of that town",
            )
        )
        batch_op.add_column(sa.Column("city", sa.String(), nullable=True, comment="That town"))


def downgrade() -> None:
    with op.batch_alter_table("activity_facts") as batch_op:
        batch_op.drop_column("city")
        batch_op.drop_column("region")
        batch_op.drop_column("country")

    op.drop_table("activity_places")
