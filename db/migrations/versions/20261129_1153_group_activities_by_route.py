"""Group activities by route."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261129_1153"
down_revision: str | None = "20261129_1141"


def upgrade() -> None:
    op.create_table(
        "route_groups",
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column("athlete_id", sa.BigInteger(), nullable=False, comment="Whose it is"),
        sa.Column(
            "route_id",
            sa.BigInteger(),
            nullable=False,
            comment="The route: the first activity on it",
        ),
        sa.Column(
            "route_name",
            sa.String(),
            nullable=True,
            comment="Title of the first activity on the route",
        ),
        sa.Column(
            "sport_group", sa.String(), nullable=False, comment="run, ride ... as in activity_facts"
        ),
        sa.Column(
            "activity_count", sa.Integer(), nullable=False, comment="Activities on the route"
        ),
        sa.Column(
            "visit_index",
            sa.Integer(),
            nullable=False,
            comment="1 for the first activity on the route ...",
        ),
        sa.Column("name", sa.String(), nullable=True, comment="Title of the activity"),
        sa.Column("local_date", sa.Date(), nullable=True, comment="Local day of the activity"),
        sa.Column(
            "route_length_km",
            sa.Double(),
            nullable=False,
            comment="Length of the route as recorded",
        ),
        sa.Column("distance_km", sa.Double(), nullable=True, comment="Distance of the activity"),
        sa.Column(
            "moving_time_s",
            sa.Double(),
            nullable=True,
            comment="Moving time, which decides the rank",
        ),
        sa.Column(
            "pace_min_per_km", sa.Double(), nullable=True, comment="Moving time divided by distance"
        ),
        sa.Column("average_speed_kmh", sa.Double(), nullable=True, comment="Average speed"),
        sa.Column(
            "average_heartrate_bpm", sa.Double(), nullable=True, comment="Average heart rate"
        ),
        sa.Column(
            "time_rank",
            sa.Integer(),
            nullable=True,
            comment="1 for the least moving time on the route; of equal times the earlier "
            "activity is first; empty without a time",
        ),
        sa.Column("is_fastest", sa.Boolean(), nullable=False, comment="Whether time_rank is 1"),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activities.activity_id"],
            name=op.f("fk_route_groups_activity_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"],
            ["athletes.athlete_id"],
            name=op.f("fk_route_groups_athlete_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["route_id"],
            ["activities.activity_id"],
            name=op.f("fk_route_groups_route_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_route_groups")),
        comment="One row per activity on a route that an athlete did at least twice in a sport "
        "group: equal start and end, length within 3 %, and the same way between them, "
        "in the same direction; routes below 1 km do not count",
    )
    with op.batch_alter_table("route_groups") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_route_groups_athlete_id_route_id"),
            ["athlete_id", "route_id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_route_groups_route_id"), ["route_id"], unique=False)

    with op.batch_alter_table("tracks") as batch_op:
        batch_op.add_column(
            sa.Column(
                "route_shape",
                sa.Text(),
                nullable=True,
                comment="The places after each twentieth of the route, as polyline: routes are "
                "compared by them; empty below 1 km",
            )
        )
        batch_op.add_column(
            sa.Column(
                "route_length_m",
                sa.Double(),
                nullable=True,
                comment="Length of the simplified route",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("tracks") as batch_op:
        batch_op.drop_column("route_length_m")
        batch_op.drop_column("route_shape")

    with op.batch_alter_table("route_groups") as batch_op:
        batch_op.drop_index(batch_op.f("ix_route_groups_route_id"))
        batch_op.drop_index(batch_op.f("ix_route_groups_athlete_id_route_id"))

    op.drop_table("route_groups")
