"""Tell the sets of device files from those of exports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261128_0315"
down_revision: str | None = "20261128_0310"


def upgrade() -> None:
    with op.batch_alter_table("workout_sets") as batch_op:
        batch_op.add_column(
            sa.Column(
                "source",
                sa.String(),
                server_default="export",
                nullable=False,
                comment="export or file",
            )
        )


def downgrade() -> None:
    # Without the column they would count as the export's.
    op.execute("DELETE FROM workout_sets WHERE source = 'file'")
    with op.batch_alter_table("workout_sets") as batch_op:
        batch_op.drop_column("source")
