"""Take in loose device files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "20261129_0807"
down_revision: str | None = "20261128_2100"


def upgrade() -> None:
    op.create_table(
        "loose_recordings",
        sa.Column(
            "provisional_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Id made from the file's contents; negative, so that it is none of Strava's",
        ),
        sa.Column("athlete_id", sa.BigInteger(), nullable=False, comment="Whose file it is"),
        sa.Column(
            "content_hash", sa.String(), nullable=False, comment="Hash of the file's unpacked bytes"
        ),
        sa.Column(
            "session_index",
            sa.Integer(),
            nullable=False,
            comment="Which session of the file it is, from 0",
        ),
        sa.Column(
            "file_name", sa.String(), nullable=False, comment="The file, as import_files names it"
        ),
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            nullable=True,
            comment="The activity whose row this recording tells of; empty if that has a "
            "better source",
        ),
        sa.Column("start_time_utc", sa.TIMESTAMP(), nullable=True, comment="Start"),
        sa.Column("elapsed_time_s", sa.Double(), nullable=True, comment="Duration with pauses"),
        sa.Column(
            "sport_type",
            sa.String(),
            nullable=True,
            comment="Sport as the file names it",
        ),
        sa.Column("device_name", sa.String(), nullable=True, comment="Device that recorded it"),
        sa.Column("device_serial_number", sa.String(), nullable=True, comment="Serial number"),
        sa.Column("point_count", sa.Integer(), nullable=False, comment="Points in the file"),
        sa.Column("position_count", sa.Integer(), nullable=False, comment="Points with a position"),
        sa.Column(
            "heartrate_count", sa.Integer(), nullable=False, comment="Points with a heart rate"
        ),
        sa.Column("power_count", sa.Integer(), nullable=False, comment="Points with power"),
        sa.Column("distance_count", sa.Integer(), nullable=False, comment="Points with a distance"),
        sa.Column(
            "is_partial",
            sa.Boolean(),
            nullable=False,
            comment="Only a part of the file could be read",
        ),
        sa.Column(
            "route_polyline",
            sa.Text(),
            nullable=True,
            comment="The simplified route, as Google's encoded polyline with five decimals",
        ),
        sa.Column(
            "payload", sa.Text(), nullable=False, comment="JSON: what the file says of the activity"
        ),
        sa.PrimaryKeyConstraint("provisional_id", name=op.f("pk_loose_recordings")),
        comment="One row per session of each loose device file: what it recorded, and which "
        "activity it belongs to",
    )
    with op.batch_alter_table("loose_recordings") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_loose_recordings_athlete_id"), ["athlete_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_loose_recordings_content_hash"), ["content_hash"], unique=False
        )

    op.create_table(
        "activity_aliases",
        sa.Column(
            "provisional_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The provisional, negative id",
        ),
        sa.Column(
            "activity_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The activity",
        ),
        sa.Column("athlete_id", sa.BigInteger(), nullable=False, comment="Whose it is"),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activities.activity_id"],
            name=op.f("fk_activity_aliases_activity_id"),
        ),
        sa.PrimaryKeyConstraint("provisional_id", "activity_id", name=op.f("pk_activity_aliases")),
        comment="One row per provisional id of a loose device file and the activity that it "
        "turned out to be",
    )
    with op.batch_alter_table("activities") as batch_op:
        batch_op.add_column(
            sa.Column(
                "known_from",
                sa.String(),
                nullable=True,
                comment="export, api (where no export holds it) or file (only a loose device file "
                "tells of it)",
            )
        )

    with op.batch_alter_table("activity_facts") as batch_op:
        batch_op.add_column(
            sa.Column(
                "known_from",
                sa.String(),
                nullable=True,
                comment="export, api (where no export holds it) or file (only a loose device file "
                "tells of it)",
            )
        )

    # Until now no file came but with an export.
    op.execute(
        "UPDATE activities SET known_from = CASE WHEN EXISTS ("
        "SELECT 1 FROM activity_observations WHERE activity_observations.activity_id = "
        "activities.activity_id AND activity_observations.source = 'export'"
        ") THEN 'export' ELSE 'api' END"
    )
    op.execute("DELETE FROM sync_state WHERE name = 'marts:stale'")
    op.execute("INSERT INTO sync_state (name, value) VALUES ('marts:stale', 'yes')")


def downgrade() -> None:
    with op.batch_alter_table("activity_facts") as batch_op:
        batch_op.drop_column("known_from")

    with op.batch_alter_table("activities") as batch_op:
        batch_op.drop_column("known_from")

    op.drop_table("activity_aliases")
    with op.batch_alter_table("loose_recordings") as batch_op:
        batch_op.drop_index(batch_op.f("ix_loose_recordings_content_hash"))
        batch_op.drop_index(batch_op.f("ix_loose_recordings_athlete_id"))

    op.drop_table("loose_recordings")
