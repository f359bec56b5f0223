"""Defines the small tables of an export: plans, clubs, stars, comments, media and the like."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from db.models.base import Base, big, flag, key, real, refers, text, utc, whole, word


def _owner() -> Mapped[int]:
    return key(sa.BigInteger, "Whose it is", sa.ForeignKey("athletes.athlete_id"))


def _place(file: str) -> Mapped[int]:
    return key(sa.Integer, f"Place in {file}, from 0")


class Media(Base):
    """Photos and videos."""

    __tablename__ = "media"
    __table_args__ = {
        "comment": "One row per photo or video: those of the export, and those of the API for "
        "activities without any in the export"
    }

    athlete_id: Mapped[int] = _owner()
    filename: Mapped[str] = key(sa.String, "Path in the export; if source is api, the unique id")
    activity_id: Mapped[int | None] = refers(
        sa.BigInteger, "activities.activity_id", "The activity it belongs to", index=True
    )
    media_index: Mapped[int | None] = whole("Order inside the activity, from 0")
    media_type: Mapped[str | None] = word("photo or video, by the name")
    caption: Mapped[str | None] = text("Caption")
    source: Mapped[str] = word("export or api", nullable=False, server_default="export")
    url: Mapped[str | None] = text("Address of the largest size, if source is api")


class Route(Base):
    """Routes the athlete created."""

    __tablename__ = "routes"
    __table_args__ = {"comment": "One row per route the athlete created, from routes.csv"}

    athlete_id: Mapped[int] = _owner()
    route_index: Mapped[int] = _place("routes.csv")
    name: Mapped[str | None] = word("Name")
    filename: Mapped[str | None] = word("GPX file in the export")
    gpx_name: Mapped[str | None] = word("Name inside the GPX file")


class Segment(Base):
    """Segments the athlete created."""

    __tablename__ = "segments"
    __table_args__ = {"comment": "One row per segment the athlete created, from segments.csv"}

    athlete_id: Mapped[int] = _owner()
    segment_index: Mapped[int] = _place("segments.csv")
    name: Mapped[str | None] = word("Name")
    activity_id: Mapped[int | None] = big("Activity it was created from, which may be gone")
    start_latitude: Mapped[float | None] = real("Start")
    start_longitude: Mapped[float | None] = real("Start")
    end_latitude: Mapped[float | None] = real("End")
    end_longitude: Mapped[float | None] = real("End")


class Goal(Base):
    """Goals."""

    __tablename__ = "goals"
    __table_args__ = {"comment": "One row per goal, from goals.csv"}

    athlete_id: Mapped[int] = _owner()
    goal_index: Mapped[int] = _place("goals.csv")
    goal_type: Mapped[str | None] = word("Distance, time, count ... as Strava words it")
    activity_type_label: Mapped[str | None] = word("Sport as the export writes it")
    sport_type: Mapped[str | None] = word("Strava's sport_type")
    target: Mapped[float | None] = real(
        "The goal, in the unit of its type (metres, seconds, count)"
    )
    start_time_utc: Mapped[datetime | None] = utc("From")
    end_time_utc: Mapped[datetime | None] = utc("Until")
    segment_id: Mapped[int | None] = big("Strava's segment id, for goals on a segment")
    time_period: Mapped[str | None] = word("Week, year ... as Strava words it")
    interval_time: Mapped[str | None] = word("Strava's column Interval Time")


class Club(Base):
    """Clubs."""

    __tablename__ = "clubs"
    __table_args__ = {"comment": "One row per club, from clubs.csv and memberships.csv"}

    athlete_id: Mapped[int] = _owner()
    club_index: Mapped[int] = _place("clubs.csv, then memberships.csv")
    name: Mapped[str | None] = word("Name")
    joined_at: Mapped[datetime | None] = utc("When the athlete joined")
    description: Mapped[str | None] = text("Description")
    club_type: Mapped[str | None] = word("Kind of club, as Strava words it")
    club_sport: Mapped[str | None] = word("Sport of the club, as Strava words it")
    city: Mapped[str | None] = word("City")
    state: Mapped[str | None] = word("State")
    country: Mapped[str | None] = word("Country")
    website: Mapped[str | None] = word("Web site")


class Challenge(Base):
    """Challenges."""

    __tablename__ = "challenges"
    __table_args__ = {
        "comment": "One row per challenge joined, from global_challenges.csv and "
        "group_challenges.csv"
    }

    athlete_id: Mapped[int] = _owner()
    challenge_index: Mapped[int] = _place("global_challenges.csv, then group_challenges.csv")
    challenge_type: Mapped[str | None] = word("global or group")
    joined_at: Mapped[datetime | None] = utc("When the athlete joined")
    name: Mapped[str | None] = word("Name")
    is_completed: Mapped[bool | None] = flag("Whether it was completed")


class Comment(Base):
    """Comments."""

    __tablename__ = "comments"
    __table_args__ = {
        "comment": "One row per comment the athlete wrote; the export does not say on what"
    }

    athlete_id: Mapped[int] = _owner()
    comment_index: Mapped[int] = _place("comments.csv")
    commented_at: Mapped[datetime | None] = utc("When it was written")
    comment: Mapped[str | None] = text("Text of the comment")


class Reaction(Base):
    """Kudos given."""

    __tablename__ = "reactions"
    __table_args__ = {
        "comment": "One row per reaction (kudos) the athlete gave, from reactions.csv"
    }

    athlete_id: Mapped[int] = _owner()
    reaction_index: Mapped[int] = _place("reactions.csv")
    reacted_at: Mapped[datetime | None] = utc("When it was given")
    reaction_type: Mapped[str | None] = word("Kudos, ... as Strava words it")
    parent_type: Mapped[str | None] = word("What it was given to: Activity, Comment, ...")
    parent_id: Mapped[int | None] = big("Id of what it was given to")


class StarredSegment(Base):
    """Starred segments."""

    __tablename__ = "starred_segments"
    __table_args__ = {"comment": "One row per starred segment, from starred_segments.csv"}

    athlete_id: Mapped[int] = _owner()
    star_index: Mapped[int] = _place("starred_segments.csv")
    starred_at: Mapped[datetime | None] = utc("When it was starred")
    segment_id: Mapped[int | None] = big("Strava's segment id")


class StarredRoute(Base):
    """Starred routes."""

    __tablename__ = "starred_routes"
    __table_args__ = {"comment": "One row per starred route, from starred_routes.csv"}

    athlete_id: Mapped[int] = _owner()
    star_index: Mapped[int] = _place("starred_routes.csv")
    starred_at: Mapped[datetime | None] = utc("When it was starred")
    route_id: Mapped[int | None] = big("Strava's route id")
    route_id_text: Mapped[str | None] = word(
        "route_id as text: ids above 2^53 are rounded by JavaScript"
    )
