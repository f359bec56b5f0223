"""Let flags of activity_facts be unknown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261128_0317"
down_revision: str | None = "20261128_0315"


def upgrade() -> None:
    _set_nullable(True)
    op.execute("DELETE FROM sync_state WHERE name = 'marts:stale'")
    op.execute("INSERT INTO sync_state (name, value) VALUES ('marts:stale', 'yes')")


def downgrade() -> None:
    op.execute("UPDATE activity_facts SET is_race = false WHERE is_race IS NULL")
    op.execute("UPDATE activity_facts SET is_virtual = false WHERE is_virtual IS NULL")
    _set_nullable(False)


def _set_nullable(nullable: bool) -> None:
    with op.batch_alter_table("activity_facts") as batch_op:
        for name in ("is_race", "is_virtual"):
            batch_op.alter_column(name, existing_type=sa.Boolean(), nullable=nullable)
