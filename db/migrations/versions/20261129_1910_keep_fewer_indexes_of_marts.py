"""Keep fewer indexes of marts: those that begin with the athlete are enough."""

from __future__ import annotations

from alembic import op

revision: str = "20261129_1910"
down_revision: str | None = "20261129_1250"


def upgrade() -> None:
    op.drop_index(op.f("ix_year_to_date_sport_group_year"), table_name="year_to_date")
    op.drop_index(op.f("ix_split_pace_unit_local_date"), table_name="split_pace")
    op.drop_index(op.f("ix_split_pace_athlete_id"), table_name="split_pace")
    columns = ["athlete_id", "local_date"]
    op.create_index(op.f("ix_split_pace_athlete_id_local_date"), "split_pace", columns)


def downgrade() -> None:
    op.drop_index(op.f("ix_split_pace_athlete_id_local_date"), table_name="split_pace")
    op.create_index(op.f("ix_split_pace_athlete_id"), "split_pace", ["athlete_id"])
    op.create_index(op.f("ix_split_pace_unit_local_date"), "split_pace", ["unit", "local_date"])
    columns = ["sport_group", "year"]
    op.create_index(op.f("ix_year_to_date_sport_group_year"), "year_to_date", columns)
