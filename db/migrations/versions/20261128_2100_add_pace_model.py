"""Add the curve that predictions find, which BI tools can chart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261128_2100"
down_revision: str | None = "20261128_2033"


def upgrade() -> None:
    op.create_table(
        "pace_model",
        sa.Column(
            "athlete_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Whose it is",
        ),
        sa.Column("sport_type", sa.String(), nullable=False, comment="Run or TrailRun"),
        sa.Column(
            "grade_pct",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Grade, from -30 to 30",
        ),
        sa.Column(
            "factor",
            sa.Double(),
            nullable=False,
            comment="Pace on the grade by pace on flat ground, of this athlete",
        ),
        sa.Column(
            "prior_factor",
            sa.Double(),
            nullable=False,
            comment="The same by the published curve that thin data fall back to",
        ),
        sa.Column(
            "support_km",
            sa.Double(),
            nullable=False,
            comment="Distance that the athlete has run at the grade: what factor rests on",
        ),
        sa.Column("as_of", sa.Date(), nullable=False, comment="Last day that the curve knows of"),
        sa.ForeignKeyConstraint(
            ["athlete_id"],
            ["athletes.athlete_id"],
            name=op.f("fk_pace_model_athlete_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "athlete_id", "sport_type", "grade_pct", name=op.f("pk_pace_model")
        ),
        comment="One row per athlete, sport and grade in %: pace on it by pace on flat ground; "
        "written by predict, as of the last prediction",
    )


def downgrade() -> None:
    op.drop_table("pace_model")
