"""Defines tracks and what belongs to them: points, laps, sessions, pool lengths.

Device files hold them, and so do the API's streams and details.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from db.models.base import Base, flag, key, real, text, utc, whole, word


class Track(Base):
    """Where an activity's points come from, and what goes with them."""

    __tablename__ = "tracks"
    __table_args__ = {
        "comment": "One row per activity whose device file or streams could be read: where its "
        "points come from"
    }

    activity_id: Mapped[int] = key(
        sa.BigInteger, "The activity", sa.ForeignKey("activities.activity_id")
    )
    source: Mapped[str] = word(
        "Where the points come from: file, api or loose_file (a device file of no export, used "
        "where the export has none), whichever has the richer ones (whole before partial, then "
        "more columns)",
        nullable=False,
    )
    file_name: Mapped[str | None] = word(
        "Device file in the export or the drop folder, also if the API's richer points are used"
    )
    file_format: Mapped[str | None] = word(
        "fit, gpx or tcx, by content; streams if there is no device file"
    )
    start_time_utc: Mapped[datetime | None] = utc(
        "Moment that elapsed_s counts from; it can differ from the activity's start by hours"
    )
    point_count: Mapped[int] = whole("Rows in track_points", nullable=False)
    position_count: Mapped[int | None] = whole("Points with a position")
    heartrate_count: Mapped[int | None] = whole("Points with a heart rate")
    power_count: Mapped[int | None] = whole("Points with power")
    distance_count: Mapped[int | None] = whole("Points with a distance")
    is_partial: Mapped[bool] = flag("Only a part of the file could be read", nullable=False)
    partial_reason: Mapped[str | None] = word("Why only a part could be read")
    is_time_naive: Mapped[bool] = flag(
        "Whether the file's times have no zone, so that they were moved to the activity's start",
        nullable=False,
    )
    is_distance_computed: Mapped[bool] = flag(
        "Whether distance_m is measured along positions instead of taken from the file",
        nullable=False,
    )
    parser_version: Mapped[int | None] = whole("Version of the parser that read it")
    file_sport: Mapped[str | None] = word("Sport as the file names it")
    file_title: Mapped[str | None] = word("Name that the file gives the activity")
    device_manufacturer: Mapped[str | None] = word("Manufacturer")
    device_product: Mapped[str | None] = word("Product")
    device_serial_number: Mapped[str | None] = word("Serial number")
    device_software_version: Mapped[str | None] = word("Software version")
    timer_time_s: Mapped[float | None] = real(
        "Time that the device's timer ran; it stops in pauses"
    )
    device_ascent_m: Mapped[float | None] = real("Total climb as the device counted it")
    device_descent_m: Mapped[float | None] = real("Total descent as the device counted it")
    is_barometric: Mapped[bool | None] = flag(
        "Whether the altitude comes from a barometer; known for FIT files only"
    )
    has_moving_stream: Mapped[bool | None] = flag(
        "Whether track_pauses are exactly the time that Strava does not count as moving; empty if "
        "the points were read before pauses were kept"
    )
    fetched_at: Mapped[datetime | None] = utc(
        "When the API's streams were fetched, or were found to be poorer than the device file's "
        "points"
    )
    route_polyline: Mapped[str | None] = text(
        "The simplified route, as Google's encoded polyline with five decimals"
    )
    min_latitude: Mapped[float | None] = real("Southern edge of the route")
    min_longitude: Mapped[float | None] = real("Western edge of the route")
    max_latitude: Mapped[float | None] = real("Northern edge of the route")
    max_longitude: Mapped[float | None] = real("Eastern edge of the route")
    route_shape: Mapped[str | None] = text(
        "The places after each twentieth of the route, as polyline: routes are compared by them; "
        "empty below 1 km"
    )
    route_length_m: Mapped[float | None] = real("Length of the simplified route")
    derived_from: Mapped[str | None] = word(
        "What splits, efforts, curves and zone times depend on besides the points: version, kind "
        "of sport, zones"
    )


class TrackPause(Base):
    """A pause, by the device's timer or the API's ``moving`` stream."""

    __tablename__ = "track_pauses"
    __table_args__ = {
        "comment": "One row per pause of an activity, by the device's timer or the API"
    }

    activity_id: Mapped[int] = key(
        sa.BigInteger, "The activity", sa.ForeignKey("activities.activity_id")
    )
    pause_index: Mapped[int] = key(sa.Integer, "Order, from 0")
    start_elapsed_s: Mapped[float] = real(
        "Begin, in seconds since tracks.start_time_utc", nullable=False
    )
    end_elapsed_s: Mapped[float] = real(
        "End, in seconds since tracks.start_time_utc", nullable=False
    )


class TrackPoint(Base):
    """One FIT record, one GPX or TCX trackpoint, or one index of API streams."""

    __tablename__ = "track_points"
    __table_args__ = {
        "comment": "One row per recorded point, in file order",
        "sqlite_with_rowid": False,
    }

    activity_id: Mapped[int] = key(
        sa.BigInteger, "The activity", sa.ForeignKey("activities.activity_id")
    )
    point_index: Mapped[int] = key(sa.Integer, "Order in the file, from 0")
    elapsed_s: Mapped[float | None] = real("Time since tracks.start_time_utc")
    latitude: Mapped[float | None] = real("WGS 84 latitude")
    longitude: Mapped[float | None] = real("WGS 84 longitude")
    altitude_m: Mapped[float | None] = real("Altitude as the device recorded it")
    distance_m: Mapped[float | None] = real("Distance since the start")
    speed_mps: Mapped[float | None] = real("Speed")
    heartrate_bpm: Mapped[float | None] = real("Heart rate")
    cadence_rpm: Mapped[float | None] = real("Cadence")
    power_w: Mapped[float | None] = real("Power; zero is a value")
    temperature_c: Mapped[float | None] = real("Temperature measured by the device")


class _Effort:
    """Columns that laps and sessions share."""

    start_time_utc: Mapped[datetime | None] = utc("Start")
    elapsed_time_s: Mapped[float | None] = real("Elapsed time")
    moving_time_s: Mapped[float | None] = real("Moving time, else time that the timer ran")
    distance_m: Mapped[float | None] = real("Distance")
    average_speed_mps: Mapped[float | None] = real("Average speed")
    max_speed_mps: Mapped[float | None] = real("Highest speed")
    average_heartrate_bpm: Mapped[float | None] = real("Average heart rate")
    max_heartrate_bpm: Mapped[float | None] = real("Highest heart rate")
    average_cadence_rpm: Mapped[float | None] = real("Average cadence")
    max_cadence_rpm: Mapped[float | None] = real("Highest cadence")
    average_power_w: Mapped[float | None] = real("Average power")
    max_power_w: Mapped[float | None] = real("Highest power")
    total_elevation_gain_m: Mapped[float | None] = real("Climb")
    elevation_loss_m: Mapped[float | None] = real("Descent")
    calories_kcal: Mapped[float | None] = real("Energy")
    average_temperature_c: Mapped[float | None] = real("Average temperature")
    start_latitude: Mapped[float | None] = real("Position of the start")
    start_longitude: Mapped[float | None] = real("Position of the start")
    end_latitude: Mapped[float | None] = real("Position of the end")
    end_longitude: Mapped[float | None] = real("Position of the end")


class Lap(_Effort, Base):
    """One lap."""

    __tablename__ = "laps"
    __table_args__ = {"comment": "One row per lap, from the device file or the API"}

    activity_id: Mapped[int] = key(
        sa.BigInteger, "The activity", sa.ForeignKey("activities.activity_id"), sort_order=-3
    )
    lap_index: Mapped[int] = key(sa.Integer, "Order, from 0", sort_order=-2)
    source: Mapped[str] = word("file or api", nullable=False, sort_order=-1)
    trigger: Mapped[str | None] = word("What ended the lap, as the file words it", sort_order=1)
    intensity: Mapped[str | None] = word("active, rest, ... as the file words it", sort_order=2)


class TrackSession(_Effort, Base):
    """One session of a FIT file."""

    __tablename__ = "sessions"
    __table_args__ = {
        "comment": "One row per session of a device file: one leg of a multisport activity, else "
        "all of it"
    }

    activity_id: Mapped[int] = key(
        sa.BigInteger, "The activity", sa.ForeignKey("activities.activity_id"), sort_order=-2
    )
    session_index: Mapped[int] = key(sa.Integer, "Order, from 0", sort_order=-1)
    sport: Mapped[str | None] = word("Sport as the file names it", sort_order=1)
    sub_sport: Mapped[str | None] = word("Sub-sport as the file names it", sort_order=2)
    timer_time_s: Mapped[float | None] = real("Time that the device's timer ran", sort_order=3)
    pool_length_m: Mapped[float | None] = real("Length of the pool", sort_order=3)
    num_laps: Mapped[int | None] = whole("Laps of this session", sort_order=4)
    first_lap_index: Mapped[int | None] = whole(
        "Its first lap, in the file's own numbering", sort_order=5
    )


class SwimLength(Base):
    """One pool length."""

    __tablename__ = "swim_lengths"
    __table_args__ = {"comment": "One row per pool length of a swim, or per rest at the wall"}

    activity_id: Mapped[int] = key(
        sa.BigInteger, "The activity", sa.ForeignKey("activities.activity_id")
    )
    length_index: Mapped[int] = key(sa.Integer, "Order, from 0")
    start_time_utc: Mapped[datetime | None] = utc("Start")
    elapsed_time_s: Mapped[float | None] = real("Elapsed time")
    moving_time_s: Mapped[float | None] = real("Time that the timer ran")
    is_active: Mapped[bool | None] = flag("Whether it was swum; else a rest at the wall")
    stroke: Mapped[str | None] = word("freestyle, breaststroke, ... as the file words it")
    total_strokes: Mapped[int | None] = whole("Strokes")
    average_speed_mps: Mapped[float | None] = real("Average speed")
    average_cadence_rpm: Mapped[float | None] = real("Strokes per minute")
