"""Reads fields of an activity from its recording, and cuts multi-session files into activities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np

from ingest.transform.derived import Derived
from ingest.transform.file_sports import file_sport_type
from ingest.transform.parsers.clocks import Expected, whole_clock
from ingest.transform.path import jumps, track_length
from ingest.transform.records import BoolArray, DeviceFigures, FloatArray, Recording, SessionRow
from ingest.transform.speeds import fastest_mps
from ingest.transform.timezones import zone_at

#: FIT's sub-sport of activities ridden or run in a game.
_VIRTUAL: Final = "virtual_activity"
_DAY_S = 86400.0
_EVER, _FOREVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def file_fields(recording: Recording, derived: Derived) -> dict[str, Any]:
    """What a device file, and the figures derived from its points, say of the activity itself.

    Distance, time and averages are left out: Strava's own are corrected, and the device's stay in
    laps, sessions and points.
    """
    found: dict[str, Any] = {}
    if recording.device.name:
        found["device_name"] = recording.device.name
    if recording.utc_offset_s is not None:
        found["file_utc_offset_s"] = recording.utc_offset_s
    if derived.power_curve:
        found["highest_power_w"] = derived.power_curve[0].power_w
    if any(session.sub_sport == _VIRTUAL for session in recording.sessions):
        found["is_position_virtual"] = True
    if (sport := file_sport_type(recording)) is not None:
        found["file_sport_type"] = sport
    ends = _ends(recording)
    if ends is not None:
        (
            (found["start_latitude"], found["start_longitude"]),
            (found["end_latitude"], found["end_longitude"]),
        ) = ends
        found["position_timezone_name"] = zone_at(found["start_latitude"], found["start_longitude"])
    return found


def _ends(recording: Recording) -> tuple[tuple[float, float], tuple[float, float]] | None:
    latitude, longitude = recording.points.get("latitude"), recording.points.get("longitude")
    if latitude is None or longitude is None:
        return None
    known = np.flatnonzero(~(np.isnan(latitude) | np.isnan(longitude)))
    if not len(known):
        return None
    first, last = known[0], known[-1]
    return (float(latitude[first]), float(longitude[first])), (
        float(latitude[last]),
        float(longitude[last]),
    )


def anchored(recording: Recording, activity_start: datetime | None) -> Recording:
    """The recording with a start in whole UTC seconds, as the database stores it.

    If the file's times have no zone, its first point is taken to be at the activity's start.
    """
    start = recording.start_time_utc
    if start is None:
        return recording
    if recording.naive_time and activity_start is not None:
        return _moved(recording, start, activity_start)
    if not start.microsecond:
        return recording
    points = dict(recording.points)
    if "elapsed_s" in points:
        points["elapsed_s"] = points["elapsed_s"] + start.microsecond / 1e6
    return replace(recording, start_time_utc=start.replace(microsecond=0), points=points)


def clock_corrected(recording: Recording, expected: Expected) -> Recording:
    """The recording moved to the start of its row, if its whole clock cannot be right.

    Any other difference between the two starts is left as it is.
    """
    recording = _without_stray_laps(recording)
    start = recording.start_time_utc
    reason = None if start is None else whole_clock(start, expected)
    if start is None or reason is None or expected.start is None:
        return recording
    moved = _moved(recording, start, expected.start)
    return replace(moved, corrections=(*recording.corrections, reason), naive_time=False)


def _without_stray_laps(recording: Recording) -> Recording:
    """Remove the start of laps that lie days away from all points."""
    start = recording.start_time_utc
    if start is None or not recording.point_count:
        return recording
    seconds = [
        (lap.start_time_utc - start).total_seconds() if lap.start_time_utc else 0.0
        for lap in recording.laps
    ]
    first, last = (
        float(recording.points["elapsed_s"].min()) - _DAY_S,
        float(recording.points["elapsed_s"].max()) + _DAY_S,
    )
    stray = [not first <= second <= last for second in seconds]
    if not any(stray):
        return recording
    laps = tuple(
        replace(x, start_time_utc=None) if bad else x
        for x, bad in zip(recording.laps, stray, strict=True)
    )
    told = (
        f"{sum(stray)} of {len(laps)} laps start days away from all points: their start is left out"
    )
    return replace(recording, laps=laps, corrections=(*recording.corrections, told))


def with_distance_of(recording: Recording, sport: str | None) -> Recording:
    """The recording with its haversine distance measured again for the activity's sport.

    The distance was measured for the sport that the file names. Where the activity has another one,
    whose limit of speed is different, other steps count as jumps of the GPS.
    """
    if not recording.distance_is_haversine or sport is None:
        return recording
    distance, elapsed = recording.points["distance_m"], recording.points["elapsed_s"]
    before, limit = fastest_mps(recording.sport), fastest_mps(sport)
    if limit == before or (limit < before and not jumps(distance, elapsed, limit)):
        return recording
    computed = track_length(recording.points, sport)
    return (
        recording
        if computed is None
        else replace(recording, points={**recording.points, "distance_m": computed})
    )


def _moved(recording: Recording, start: datetime, activity_start: datetime) -> Recording:
    """The recording moved to another start, with its laps, sessions, lengths and sets."""
    by = activity_start - start
    return replace(
        recording,
        start_time_utc=activity_start,
        laps=tuple(replace(x, start_time_utc=_later(x.start_time_utc, by)) for x in recording.laps),
        sessions=tuple(
            replace(x, start_time_utc=_later(x.start_time_utc, by)) for x in recording.sessions
        ),
        lengths=tuple(
            replace(x, start_time_utc=_later(x.start_time_utc, by)) for x in recording.lengths
        ),
        sets=tuple(replace(x, start_time_utc=_later(x.start_time_utc, by)) for x in recording.sets),
    )


def _later(time: datetime | None, by: timedelta) -> datetime | None:
    try:
        return time and time + by
    except OverflowError:  # the device's clock was at the year 1
        return None


def split(recording: Recording, starts: Sequence[datetime | None]) -> list[Recording]:
    """The recording cut for the rows that name its file: each gets the session nearest its start.

    A file with fewer than two sessions goes whole to every row.
    """
    sessions = [s for s in recording.sessions if s.start_time_utc is not None]
    if len(starts) < 2 or len(sessions) < 2:
        return [recording] * len(starts)
    return [leg_of(recording, _nearest(sessions, start)) for start in starts]


def _nearest(sessions: Sequence[SessionRow], start: datetime | None) -> SessionRow:
    if start is None:
        return sessions[0]
    return min(sessions, key=lambda s: abs(((s.start_time_utc or start) - start).total_seconds()))


def leg_of(recording: Recording, session: SessionRow) -> Recording:
    """The part of a recording that belongs to one session."""
    begin = session.start_time_utc
    assert begin is not None
    starts = [s.start_time_utc for s in recording.sessions if s.start_time_utc]
    end = min((s for s in starts if s > begin), default=_FOREVER)
    # The first session also gets what was recorded before it.
    begin = begin if min(starts) < begin else _EVER
    laps = [
        lap for lap in recording.laps if lap.start_time_utc and begin <= lap.start_time_utc < end
    ]
    lengths = [x for x in recording.lengths if x.start_time_utc and begin <= x.start_time_utc < end]
    sets = [x for x in recording.sets if x.start_time_utc and begin <= x.start_time_utc < end]
    start, points = _window(recording, begin, end)
    start = session.start_time_utc if start is None else start
    return replace(
        recording,
        start_time_utc=start,
        points=points,
        laps=tuple(replace(lap, lap_index=i) for i, lap in enumerate(laps)),
        lengths=tuple(replace(x, length_index=i) for i, x in enumerate(lengths)),
        sets=tuple(replace(x, set_index=i) for i, x in enumerate(sets)),
        sessions=(replace(session, session_index=0),),
        figures=_figures_of_leg(recording, session, start, points),
        sport=session.sport or recording.sport,
    )


def _figures_of_leg(
    recording: Recording,
    session: SessionRow,
    start: datetime | None,
    points: Mapping[str, FloatArray],
) -> DeviceFigures:
    """The figures of one session, with the pauses that lie in it."""
    pauses: tuple[tuple[float, float], ...] = ()
    if start is not None and recording.start_time_utc is not None and points:
        since, end = (
            (start - recording.start_time_utc).total_seconds(),
            float(points["elapsed_s"][-1]),
        )
        moved = ((begin - since, finish - since) for begin, finish in recording.figures.pauses)
        pauses = tuple((begin, finish) for begin, finish in moved if finish > 0 and begin < end)
    return DeviceFigures(
        timer_time_s=session.timer_time_s,
        ascent_m=session.total_elevation_gain_m,
        descent_m=session.elevation_loss_m,
        is_barometric=recording.figures.is_barometric,
        pauses=pauses,
    )


def _covered(distance: FloatArray, inside: BoolArray) -> float:
    """Metres that earlier sessions covered, where the device went on counting; else 0.

    Many devices begin each session at zero.
    """
    known = ~np.isnan(distance)
    begin = int(np.argmax(inside))
    before, within = distance[:begin][known[:begin]], distance[inside & known]
    return float(before[-1]) if len(before) and len(within) and before[-1] <= within[0] else 0.0


def _window(
    recording: Recording, begin: datetime, end: datetime
) -> tuple[datetime | None, dict[str, FloatArray]]:
    """The points from ``begin`` up to ``end``, their time counted from the first of them.

    Without points there is no start.
    """
    if recording.start_time_utc is None or not recording.point_count:
        return None, {}
    elapsed = recording.points["elapsed_s"]
    low = (begin - recording.start_time_utc).total_seconds()
    high = (end - recording.start_time_utc).total_seconds()
    inside = (elapsed >= low) & (elapsed < high)
    if not inside.any():
        return None, {}
    points = {name: values[inside] for name, values in recording.points.items()}
    first = float(points["elapsed_s"][0])
    points["elapsed_s"] = points["elapsed_s"] - first
    if "distance_m" in points:
        points["distance_m"] = points["distance_m"] - _covered(
            recording.points["distance_m"], inside
        )
    return recording.start_time_utc + timedelta(seconds=first), points
