"""Defines the tables of athletes and their gear."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from db.models.base import Base, big, column, flag, key, real, refers, surrogate, text, whole, word


class Athlete(Base):
    """One athlete: profile.csv and general_preferences.csv of the newest export."""

    __tablename__ = "athletes"
    __table_args__ = {
        "comment": "One row per athlete: profile and preferences of the newest export"
    }

    athlete_id: Mapped[int] = key(
        sa.BigInteger, "Strava's athlete id; 0 where an export does not tell whose it is"
    )
    first_name: Mapped[str | None] = word("First name")
    last_name: Mapped[str | None] = word("Last name")
    sex: Mapped[str | None] = word("Sex, in Strava's word")
    description: Mapped[str | None] = text("What the athlete says of themselves")
    city: Mapped[str | None] = word("City of the profile")
    state: Mapped[str | None] = word("State of the profile")
    country: Mapped[str | None] = word("Country of the profile")
    weight_kg: Mapped[float | None] = real("Weight in the preferences, else in the profile")
    ftp_w: Mapped[float | None] = real("Functional threshold power")
    max_heartrate_bpm: Mapped[float | None] = real("Maximum heart rate")
    athlete_type: Mapped[str | None] = word("Runner or cyclist, in Strava's word")
    measurement_preference: Mapped[str | None] = word(
        "Metric or imperial units, as the athlete has chosen on Strava"
    )


class AthleteZone(Base):
    """A heart-rate or power zone."""

    __tablename__ = "athlete_zones"
    __table_args__ = {"comment": "One row per heart-rate or power zone of an athlete, as it is now"}

    athlete_id: Mapped[int] = key(
        sa.BigInteger, "Whose it is", sa.ForeignKey("athletes.athlete_id")
    )
    zone_type: Mapped[str] = column(sa.String, "heartrate or power", primary_key=True)
    zone_index: Mapped[int] = key(sa.Integer, "Zone, from 1")
    lower_bound: Mapped[float | None] = real("From, in beats/min or W")
    upper_bound: Mapped[float | None] = real("Up to, in beats/min or W; empty for the last zone")
    source: Mapped[str] = word(
        "api: zones of the Strava account; default: percentages of maximum heart rate (Strava's) "
        "or of FTP (Coggan's)",
        nullable=False,
    )


class Gear(Base):
    """Bikes and shoes."""

    __tablename__ = "gear"
    __table_args__ = (
        sa.UniqueConstraint("athlete_id", "name_key"),
        {
            "comment": "One row per bike or pair of shoes, from bikes.csv, shoes.csv, the names in "
            "activities, and the API"
        },
    )

    gear_id: Mapped[int] = surrogate("Key of this database")
    athlete_id: Mapped[int] = refers(
        sa.BigInteger, "athletes.athlete_id", "Whose gear it is", nullable=False
    )
    strava_gear_id: Mapped[str | None] = word(
        "Exact id of the API (b1234 or g1234); exports lack it, so it is matched by name and by "
        "the rounded id"
    )
    name: Mapped[str] = word("Name as activities show it", nullable=False)
    name_key: Mapped[str] = word("Normalised name, by which gear is matched", nullable=False)
    gear_type: Mapped[str | None] = word("bike or shoe")
    nickname: Mapped[str | None] = word("The athlete's own name of it")
    brand: Mapped[str | None] = word("Brand")
    model: Mapped[str | None] = word("Model")
    default_sport_types: Mapped[str | None] = word(
        "Sport types for which it is the default, in Strava's words"
    )
    source: Mapped[str] = word(
        "export, or api if no export names it", nullable=False, server_default="export"
    )
    strava_name: Mapped[str | None] = word("Name that the API shows; known from the API only")
    is_retired: Mapped[bool | None] = flag("Out of use; known from the API only")
    distance_m: Mapped[float | None] = real(
        "Distance on Strava's own counter; known from the API only"
    )
    distance_limit_m: Mapped[float | None] = real(
        "Distance after which it is due to be replaced, from gear_limits.csv in the playground"
    )


class GearComponent(Base):
    """Components of bikes."""

    __tablename__ = "gear_components"
    __table_args__ = {"comment": "One row per component of a bike, from components.csv"}

    athlete_id: Mapped[int] = key(
        sa.BigInteger, "Whose it is", sa.ForeignKey("athletes.athlete_id")
    )
    component_index: Mapped[int] = key(sa.Integer, "Place in components.csv, from 0")
    gear_id: Mapped[int | None] = refers(
        sa.Integer, "gear.gear_id", "The bike it belongs to", index=True
    )
    component_type: Mapped[str | None] = word("Chain, frame, ... in Strava's word")
    brand: Mapped[str | None] = word("Brand")
    model: Mapped[str | None] = word("Model")


class WorkoutSet(Base):
    """Strength sets."""

    __tablename__ = "workout_sets"
    __table_args__ = {
        "comment": "One row per strength set, from structured_details.csv, else from the device "
        "file"
    }

    activity_id: Mapped[int] = key(
        sa.BigInteger, "The activity", sa.ForeignKey("activities.activity_id")
    )
    set_index: Mapped[int] = key(sa.Integer, "Order inside the activity, from 0")
    exercise_name: Mapped[str | None] = word("Exercise")
    repetitions: Mapped[int | None] = whole("Repetitions")
    duration_s: Mapped[float | None] = real("Duration")
    weight_kg: Mapped[float | None] = real("Weight lifted")
    start_offset_s: Mapped[float | None] = real("Start, since that of the workout")
    superset_id: Mapped[int | None] = big("Sets with the same number belong together")
    perceived_exertion: Mapped[float | None] = real("Rate of perceived exertion")
    source: Mapped[str] = word("export or file", nullable=False, server_default="export")
