"""Say where the sport of an activity comes from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261128_0310"
down_revision: str | None = "20261128_0259"


def upgrade() -> None:
    with op.batch_alter_table("activities") as batch_op:
        batch_op.add_column(
            sa.Column(
                "sport_type_source",
                sa.String(),
                nullable=True,
                comment="Where sport_type comes from: api, export (a known label), file (the "
                "device's word) or guess (a label as speakers of a language use it)",
            )
        )

    # Until now only labels that are known, and the API, told a sport; rows that nothing is new of
    # are not folded again.
    op.execute(
        "UPDATE activities SET sport_type_source = CASE WHEN EXISTS ("
        "SELECT 1 FROM activity_observations WHERE activity_observations.activity_id = "
        "activities.activity_id"
        " AND activity_observations.source IN ('api_summary', 'api_detail')"
        ") THEN 'api' ELSE 'export' END WHERE sport_type IS NOT NULL"
    )


def downgrade() -> None:
    with op.batch_alter_table("activities") as batch_op:
        batch_op.drop_column("sport_type_source")
