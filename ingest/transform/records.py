"""Defines what every source produces: observations and recordings.

Code that works on these records knows nothing of files or APIs. All times are aware UTC, all
numbers SI (see the suffix of each name). ``None`` and NaN mean "not known"; zero is a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
#: Places in another array.
IndexArray = NDArray[np.intp]
Source = Literal["export", "file", "loose_file", "api_summary", "api_detail"]
#: Sources of tracks that are device files: those of exports, and loose ones.
FILES: Final = ("file", "loose_file")

#: The columns of ``track_points``, in the order of the table.
POINT_COLUMNS: Final = (
    "elapsed_s",
    "latitude",
    "longitude",
    "altitude_m",
    "distance_m",
    "speed_mps",
    "heartrate_bpm",
    "cadence_rpm",
    "power_w",
    "temperature_c",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EffortRow:
    """A stretch of an activity and its totals: the fields that laps and sessions share."""

    start_time_utc: datetime | None = None
    elapsed_time_s: float | None = None
    moving_time_s: float | None = None
    distance_m: float | None = None
    average_speed_mps: float | None = None
    max_speed_mps: float | None = None
    average_heartrate_bpm: float | None = None
    max_heartrate_bpm: float | None = None
    average_cadence_rpm: float | None = None
    max_cadence_rpm: float | None = None
    average_power_w: float | None = None
    max_power_w: float | None = None
    total_elevation_gain_m: float | None = None
    elevation_loss_m: float | None = None
    calories_kcal: float | None = None
    average_temperature_c: float | None = None
    start_latitude: float | None = None
    start_longitude: float | None = None
    end_latitude: float | None = None
    end_longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LapRow(EffortRow):
    """One lap; ``lap_index`` counts from 0 in file order.

    ``trigger`` is what ended the lap, as the file writes it (manual, distance, session_end ...).
    """

    lap_index: int
    trigger: str | None = None
    intensity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow(EffortRow):
    """One FIT session (one leg of a multisport file; nearly always exactly one)."""

    session_index: int
    sport: str | None = None
    sub_sport: str | None = None
    timer_time_s: float | None = None
    pool_length_m: float | None = None
    num_laps: int | None = None
    first_lap_index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthRow:
    """One pool length of a swim, or one idle stretch at the wall (``is_active`` False)."""

    length_index: int
    start_time_utc: datetime | None = None
    elapsed_time_s: float | None = None
    moving_time_s: float | None = None
    is_active: bool | None = None
    stroke: str | None = None
    total_strokes: int | None = None
    average_speed_mps: float | None = None
    average_cadence_rpm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRow:
    """One set of a strength workout; the rests between sets are none."""

    set_index: int
    exercise_name: str | None = None
    repetitions: int | None = None
    duration_s: float | None = None
    weight_kg: float | None = None
    start_time_utc: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What recorded the file.

    ``name`` is for people (``Garmin fenix5``); the other fields are as the file writes them.
    """

    name: str | None = None
    manufacturer: str | None = None
    product: str | None = None
    serial_number: str | None = None
    software_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFigures:
    """What a device, or the API, tells beside the points; derived figures depend on it."""

    #: Seconds that the device's timer ran; it stops in pauses.
    timer_time_s: float | None = None
    #: Total climb and descent as the device counted them.
    ascent_m: float | None = None
    descent_m: float | None = None
    #: Whether the altitude comes from a barometer rather than from GPS.
    is_barometric: bool | None = None
    #: Begin and end of each pause, in ``elapsed_s``.
    pauses: tuple[tuple[float, float], ...] = ()
    #: Whether ``pauses`` come from the API's ``moving`` stream and so are exactly the time that
    #: Strava does not count as moving.
    has_moving_stream: bool = False


NO_FIGURES: Final = DeviceFigures()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What one device file, or the API's streams, hold of one activity.

    ``points`` maps names of ``POINT_COLUMNS`` to float64 arrays of one length, NaN where a value is
    missing; a column without any value is left out. If there are points, there is ``elapsed_s``: it
    counts from ``start_time_utc`` and has no NaN.
    """

    format: str
    start_time_utc: datetime | None = None
    points: Mapping[str, FloatArray] = field(default_factory=dict)
    laps: tuple[LapRow, ...] = ()
    sessions: tuple[SessionRow, ...] = ()
    lengths: tuple[LengthRow, ...] = ()
    sets: tuple[SetRow, ...] = ()
    figures: DeviceFigures = NO_FIGURES
    device: Device = Device()
    sport: str | None = None
    name: str | None = None
    #: Local wall time minus UTC, from FIT's ``activity.local_timestamp`` or the offset that the
    #: file's times carry.
    utc_offset_s: int | None = None
    #: Why only a part of the file or of the streams could be read; ``None`` when all was read.
    partial: str | None = None
    #: What was corrected (a wrong unit, a wrong clock), one plain sentence each.
    corrections: tuple[str, ...] = ()
    #: Whether the file's times carry no zone. ``start_time_utc`` is then a wall clock, and must be
    #: replaced by the activity's start.
    naive_time: bool = False
    #: Whether ``distance_m`` is the haversine sum of the positions instead of the device's
    #: distance.
    distance_is_haversine: bool = False

    @property
    def point_count(self) -> int:
        """How many track points there are."""
        elapsed = self.points.get("elapsed_s")
        return 0 if elapsed is None else len(elapsed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one source says of one activity at one moment.

    ``fields`` maps column names of ``activities`` (plus the few internal ones that ``merge``
    documents) to values. The value ``None`` says that the field is empty; a missing key says
    nothing. ``extra`` keeps the columns of the CSV that the importer does not know, by their label.
    """

    activity_id: int
    athlete_id: int
    source: Source
    observed_at: datetime
    fields: Mapping[str, Any]
    extra: Mapping[str, str] = field(default_factory=dict)
    #: Hash of what the observation was read from; rows with equal hashes are equal.
    digest: str | None = None
    #: The API's answer as it came.
    raw: Mapping[str, Any] | None = None


class WantedActivity(NamedTuple):
    """An activity whose row in activities.csv names a device file, and what the row says of it."""

    activity_id: int
    start_time_utc: datetime | None = None
    elapsed_time_s: float | None = None
    #: The API's sport that the row's label means.
    sport_type: str | None = None
    #: The API's sport that the label probably means, where its language is not known.
    guessed_sport_type: str | None = None

    @classmethod
    def of(cls, activity_id: int, fields: Mapping[str, Any]) -> WantedActivity:
        """Made from those fields of an ``export`` observation that are named in ``WANTED``."""
        return cls(activity_id, *map(fields.get, WANTED))


#: The fields of an ``export`` observation that a ``WantedActivity`` has.
WANTED: Final = WantedActivity._fields[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A problem with one input, as ``import_issues`` keeps it."""

    origin: str
    kind: str
    reason: str
    activity_id: int | None = None


def as_dict(row: Any) -> dict[str, Any]:
    """The fields of a row by name; the row must have at least two.

    ``dataclasses.asdict`` would also copy the values deeply, which is slow.
    """
    kind: Any = type(row)
    names, values = row_fields(kind)
    return dict(zip(names, values(row), strict=True))


@cache
def row_fields(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """The names of the fields that rows of a type have, and what gives their values."""
    names = getattr(kind, "_fields", None) or tuple(f.name for f in fields(kind))
    return names, attrgetter(*names)
