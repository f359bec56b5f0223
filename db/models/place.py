"""Defines the table of places where activities started."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from db.models.base import Base, key, real, word


class ActivityPlace(Base):
    """The place where an activity started."""

    __tablename__ = "activity_places"
    __table_args__ = {
        "comment": "One row per activity with a position: the nearest town of its start, with more "
        "than 1,000 inhabitants (GeoNames); no rows without the extra places"
    }

    activity_id: Mapped[int] = key(
        sa.BigInteger, "The activity", sa.ForeignKey("activities.activity_id", ondelete="CASCADE")
    )
    latitude: Mapped[float] = real("Position that was looked up", nullable=False)
    longitude: Mapped[float] = real("Position that was looked up", nullable=False)
    country: Mapped[str | None] = word("Country; empty more than 100 km from any town")
    region: Mapped[str | None] = word("State, canton, province ...")
    city: Mapped[str | None] = word("Town")
