"""Sums up a track, or a part of it, in the single numbers that devices and Strava show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.demo.kinds import MAX_HR, REST_HR, WEIGHT_KG
from ingest.demo.track import DemoTrack
from ingest.transform.records import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The totals of a lap or of a session, from one point to another."""

    first: int
    last: int
    start_s: int
    elapsed_s: int
    timer_s: int
    distance_m: float
    average_speed_mps: float
    max_speed_mps: float
    average_heartrate_bpm: float
    max_heartrate_bpm: float
    average_cadence_rpm: float
    max_cadence_rpm: float
    average_power_w: float | None
    max_power_w: float | None
    gain_m: float
    loss_m: float
    calories_kcal: float


def totals(track: DemoTrack, first: int, last: int) -> Totals:
    """The totals from point ``first`` to point ``last``."""
    start, end = int(track.elapsed_s[first]), int(track.elapsed_s[last])
    stopped = sum(
        int(track.elapsed_s[p + 1] - track.elapsed_s[p]) for p in track.pauses if first <= p < last
    )
    timer = end - start - stopped
    distance = float(track.distance_m[last] - track.distance_m[first])
    part = slice(first, last + 1)
    hr, cadence, power = track.heartrate_bpm[part], track.cadence_rpm[part], track.power_w
    gain, loss = climb(None if track.altitude_m is None else track.altitude_m[part])
    return Totals(
        first=first,
        last=last,
        start_s=start,
        elapsed_s=end - start,
        timer_s=timer,
        distance_m=round(distance, 2),
        average_speed_mps=distance / max(timer, 1),
        max_speed_mps=float(track.speed_mps[part].max()),
        average_heartrate_bpm=float(hr.mean()),
        max_heartrate_bpm=float(hr.max()),
        average_cadence_rpm=float(cadence.mean()),
        max_cadence_rpm=float(cadence.max()),
        average_power_w=None if power is None else float(power[part].mean()),
        max_power_w=None if power is None else float(power[part].max()),
        gain_m=gain,
        loss_m=loss,
        calories_kcal=calories(float(hr.mean()), timer),
    )


def session_totals(track: DemoTrack) -> Totals:
    """The totals of everything."""
    return totals(track, 0, track.count - 1)


def lap_totals(track: DemoTrack) -> list[Totals]:
    """The totals of each lap; a lap begins where the one before it ended."""
    starts = (0, *track.lap_ends[:-1])
    return [totals(track, first, last) for first, last in zip(starts, track.lap_ends, strict=True)]


def climb(altitude_m: FloatArray | None) -> tuple[float, float]:
    """Metres up and metres down."""
    if altitude_m is None:
        return 0.0, 0.0
    steps = np.diff(altitude_m)
    return float(steps[steps > 0].sum()), float(-steps[steps < 0].sum())


def calories(heartrate_bpm: float, seconds: int) -> float:
    """Kilocalories by heart rate and weight (a rule of thumb)."""
    per_minute = max(0.63 * heartrate_bpm + 0.2 * WEIGHT_KG - 55, 15) / 4.184
    return per_minute * seconds / 60


def relative_effort(heartrate_bpm: float, seconds: int) -> int:
    """Relative effort: minutes weighted by how hard the heart worked."""
    reserve = max(heartrate_bpm - REST_HR, 1) / (MAX_HR - REST_HR)
    return round(seconds / 60 * reserve * 0.64 * float(np.exp(1.92 * reserve)) * 0.9)


def weighted_power(power_w: FloatArray) -> float:
    """The fourth root of the mean fourth power of half-minute averages."""
    sums = np.cumsum(np.concatenate(([0.0], power_w)))
    window = min(30, len(power_w))
    rolling = (sums[window:] - sums[:-window]) / window
    return float(np.mean(rolling**4) ** 0.25)


def grade_adjusted_m(distance_m: FloatArray, grade: FloatArray) -> float:
    """Metres that the same effort would have covered on flat ground."""
    return float((np.diff(distance_m, prepend=0.0) * (1 + 3.2 * grade + 14 * grade**2)).sum())
