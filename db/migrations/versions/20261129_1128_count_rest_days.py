"""Count rest days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261129_1128"
down_revision: str | None = "20261129_0839"


def upgrade() -> None:
    op.execute("DELETE FROM daily_load")
    with op.batch_alter_table("daily_load") as batch_op:
        batch_op.add_column(
            sa.Column(
                "rest_days",
                sa.Integer(),
                nullable=False,
                comment="Days since the last day with an activity of any sport: 0 on such a day, "
                "1 on the first rest day after it ...",
            )
        )
    op.execute("DELETE FROM sync_state WHERE name = 'marts:stale'")
    op.execute("INSERT INTO sync_state (name, value) VALUES ('marts:stale', 'yes')")


def downgrade() -> None:
    with op.batch_alter_table("daily_load") as batch_op:
        batch_op.drop_column("rest_days")
