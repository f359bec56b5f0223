"""Defines records of splits, efforts and zones, and of what the API's detail shows.

They complete those of ``records``. All times are aware UTC, all numbers SI (see the suffix of each
name); ``None`` means "not known", zero is a value. What each activity has dozens of is a named
tuple: on their way from a parser process into the database they cost a fifth of dataclasses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from ingest.transform.records import LapRow


class SplitRow(NamedTuple):
    """One kilometre or mile; ``split_index`` counts from 0."""

    unit: Literal["km", "mi"]
    split_index: int
    distance_m: float | None = None
    elapsed_time_s: float | None = None
    moving_time_s: float | None = None
    elevation_difference_m: float | None = None
    average_speed_mps: float | None = None
    average_grade_adjusted_speed_mps: float | None = None
    average_heartrate_bpm: float | None = None
    pace_zone: int | None = None
    total_elevation_gain_m: float | None = None
    elevation_loss_m: float | None = None
    average_cadence_rpm: float | None = None
    average_power_w: float | None = None
    #: Mean grade without its sign, so that up and down do not cancel each other out.
    steepness_pct: float | None = None
    #: True for a last split that is shorter than its unit; ``None`` where the source does not say.
    is_partial: bool | None = None


class BestEffortRow(NamedTuple):
    """The fastest stretch of a standard distance inside a run.

    ``start_index`` and ``end_index`` are indexes into the activity's streams.
    """

    name: str
    best_effort_id: int | None = None
    best_effort_id_text: str | None = None
    distance_m: float | None = None
    elapsed_time_s: float | None = None
    moving_time_s: float | None = None
    start_time_utc: datetime | None = None
    start_index: int | None = None
    end_index: int | None = None
    pr_rank: int | None = None


class PowerPoint(NamedTuple):
    """The highest mean power over a duration.

    ``start_elapsed_s`` is where the stretch began, in ``elapsed_s`` of the points.
    """

    duration_s: int
    power_w: float
    start_elapsed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneRow:
    """One zone of an athlete: above ``lower_bound``, up to and including ``upper_bound``.

    Bounds are bpm or W; the last zone has no upper bound.
    """

    zone_type: str
    zone_index: int
    lower_bound: float | None
    upper_bound: float | None


class ZoneTimeRow(NamedTuple):
    """The time an activity spent in one zone.

    The zone reaches from above ``lower_bound`` up to and including ``upper_bound`` (bpm or W); the
    last zone has no upper bound. ``source`` tells whose zones these are: "api" for the athlete's
    own, "default" for percentages of maximum heart rate or FTP.
    """

    zone_type: Literal["heartrate", "power"]
    zone_index: int
    lower_bound: float
    upper_bound: float | None
    time_s: float
    source: str


class HeartrateBandRow(NamedTuple):
    """What was done at heart rates from ``from_bpm`` on and below ``below_bpm``.

    ``work_j`` was done in ``power_time_s``, the part of ``time_s`` in which power is known.
    """

    from_bpm: int
    below_bpm: int
    time_s: float
    distance_m: float | None = None
    power_time_s: float | None = None
    work_j: float | None = None


#: What an athlete gives for heart beats.
Basis = Literal["pace", "grade_adjusted_pace", "power"]


class DecouplingRow(NamedTuple):
    """How much less an athlete gave per beat in the second half of an activity.

    Efficiencies are metres per beat, or W per beats/min where ``basis`` is power.
    """

    basis: Basis
    moving_time_s: float
    variation_pct: float
    first_half_efficiency: float
    second_half_efficiency: float
    decoupling_pct: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentEffortRow:
    """One effort on a Strava segment, with the segment's own data."""

    segment_effort_id: int
    segment_effort_id_text: str
    effort_index: int
    segment_id: int | None = None
    segment_id_text: str | None = None
    name: str | None = None
    start_time_utc: datetime | None = None
    start_time_local: datetime | None = None
    elapsed_time_s: float | None = None
    moving_time_s: float | None = None
    distance_m: float | None = None
    start_index: int | None = None
    end_index: int | None = None
    average_heartrate_bpm: float | None = None
    max_heartrate_bpm: float | None = None
    average_cadence_rpm: float | None = None
    average_power_w: float | None = None
    is_device_power: bool | None = None
    pr_rank: int | None = None
    kom_rank: int | None = None
    is_hidden: bool | None = None
    segment_sport_type: str | None = None
    segment_distance_m: float | None = None
    segment_average_grade_pct: float | None = None
    segment_maximum_grade_pct: float | None = None
    segment_elev_high_m: float | None = None
    segment_elev_low_m: float | None = None
    segment_climb_category: int | None = None
    segment_start_latitude: float | None = None
    segment_start_longitude: float | None = None
    segment_end_latitude: float | None = None
    segment_end_longitude: float | None = None
    segment_city: str | None = None
    segment_state: str | None = None
    segment_country: str | None = None
    is_segment_private: bool | None = None
    is_segment_starred: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRow:
    """A photo or video that the API shows; ``url`` leads to its largest size."""

    unique_id: str
    media_index: int
    media_type: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GearRow:
    """A bike (``b1234``) or pair of shoes (``g1234``) as the API shows it."""

    strava_gear_id: str
    name: str
    nickname: str | None = None
    is_retired: bool | None = None
    distance_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """The rows that the API's detail of an activity holds beside its fields."""

    laps: tuple[LapRow, ...] = ()
    splits: tuple[SplitRow, ...] = ()
    best_efforts: tuple[BestEffortRow, ...] = ()
    segment_efforts: tuple[SegmentEffortRow, ...] = ()
    photos: tuple[PhotoRow, ...] = ()
    gear: GearRow | None = None
