"""Defines what is known of loose device files: those that no export and no API names."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from db.models.base import Base, big, flag, key, real, text, utc, whole, word


class LooseRecording(Base):
    """What a loose device file recorded of one activity, and where that counts."""

    __tablename__ = "loose_recordings"
    __table_args__ = (
        sa.Index(None, "athlete_id"),
        sa.Index(None, "content_hash"),
        {
            "comment": "One row per session of each loose device file: what it recorded, and which "
            "activity it belongs to"
        },
    )

    provisional_id: Mapped[int] = key(
        sa.BigInteger, "Id made from the file's contents; negative, so that it is none of Strava's"
    )
    athlete_id: Mapped[int] = big("Whose file it is", nullable=False)
    content_hash: Mapped[str] = word("Hash of the file's unpacked bytes", nullable=False)
    session_index: Mapped[int] = whole("Which session of the file it is, from 0", nullable=False)
    file_name: Mapped[str] = word("The file, as import_files names it", nullable=False)
    activity_id: Mapped[int | None] = big(
        "The activity whose row this recording tells of; empty if that has a better source"
    )
    start_time_utc: Mapped[datetime | None] = utc("Start")
    elapsed_time_s: Mapped[float | None] = real("Duration with pauses")
    sport_type: Mapped[str | None] = word("Sport as the file names it")
    device_name: Mapped[str | None] = word("Device that recorded it")
    device_serial_number: Mapped[str | None] = word("Serial number")
    point_count: Mapped[int] = whole("Points in the file", nullable=False)
    position_count: Mapped[int] = whole("Points with a position", nullable=False)
    heartrate_count: Mapped[int] = whole("Points with a heart rate", nullable=False)
    power_count: Mapped[int] = whole("Points with power", nullable=False)
    distance_count: Mapped[int] = whole("Points with a distance", nullable=False)
    is_partial: Mapped[bool] = flag("Only a part of the file could be read", nullable=False)
    route_polyline: Mapped[str | None] = text(
        "The simplified route, as Google's encoded polyline with five decimals"
    )
    payload: Mapped[str] = text("JSON: what the file says of the activity", nullable=False)


class ActivityAlias(Base):
    """A provisional id under which an activity may have been known before."""

    __tablename__ = "activity_aliases"
    __table_args__ = {
        "comment": "One row per provisional id of a loose device file and the activity that it "
        "turned out to be"
    }

    provisional_id: Mapped[int] = key(sa.BigInteger, "The provisional, negative id")
    activity_id: Mapped[int] = key(
        sa.BigInteger, "The activity", sa.ForeignKey("activities.activity_id")
    )
    athlete_id: Mapped[int] = big("Whose it is", nullable=False)
