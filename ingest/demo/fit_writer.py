"""Writes a track as the FIT file of a sports watch or a bike computer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from ingest.demo import fit_layout as layout
from ingest.demo.athlete import Plan
from ingest.demo.fit_messages import EPOCH_S, Message, wrap
from ingest.demo.totals import Totals, lap_totals, session_totals, weighted_power
from ingest.demo.track import DemoTrack, Length
from ingest.transform.records import FloatArray

_GARMIN: Final = 1
_WATCH: Final = (2691, 3_900_000_001, 13.30)
_BIKE_COMPUTER: Final = (2530, 3_900_000_002, 9.75)
_SEMICIRCLES: Final = 2**31 / 180
# Values of the FIT profile: events, event types, triggers.
_TIMER, _SESSION, _LAP, _ACTIVITY, _LENGTH = 0, 8, 9, 26, 28
_START, _STOP, _STOP_ALL = 0, 1, 4
_BY_DISTANCE, _AT_END, _MANUAL = 2, 7, 0
#: Message after a point, sorted: pool lengths first, then the lap, then the stopped clock.
_Mark = tuple[int, int, bytes]


def fit_bytes(plan: Plan, track: DemoTrack) -> bytes:
    """The whole file: messages in the order in which a device writes them, a length or lap after
    its last record.
    """
    start = int(plan.start.timestamp()) - EPOCH_S
    columns = _columns(track, start)
    record = layout.record_message(columns)
    rows = record.rows(columns)
    pieces, done = [_head(plan, start, record)], 0
    for point, _, message in sorted(
        (*_length_marks(track, start), *_lap_marks(plan, track, start), *_pause_marks(track, start))
    ):
        end = (point + 1) * record.size
        pieces += (rows[done:end], message)
        done = end
    pieces += (rows[done:], _tail(plan, track, start))
    return wrap(b"".join(pieces))


def _columns(track: DemoTrack, start: int) -> dict[str, FloatArray]:
    columns: dict[str, FloatArray | None] = {
        "timestamp": (track.elapsed_s + start).astype(np.float64),
        "position_lat": None if track.latitude is None else track.latitude * _SEMICIRCLES,
        "position_long": None if track.longitude is None else track.longitude * _SEMICIRCLES,
        "distance": track.distance_m,
        "enhanced_altitude": track.altitude_m,
        "enhanced_speed": track.speed_mps,
        "power": track.power_w,
        "heart_rate": track.heartrate_bpm,
        "cadence": track.cadence_rpm,
        "temperature": track.temperature_c,
    }
    return {name: column for name, column in columns.items() if column is not None}


def _head(plan: Plan, start: int, record: Message) -> bytes:
    product, serial, version = _BIKE_COMPUTER if plan.kind.fit_sport == 2 else _WATCH
    definitions = b"".join(message.definition() for message in (*layout.MESSAGES, record))
    device = {"timestamp": start, "manufacturer": _GARMIN}
    return b"".join(
        (
            definitions,
            layout.FILE_ID.data(
                type=4,
                manufacturer=_GARMIN,
                product=product,
                serial_number=serial,
                time_created=start,
            ),
            layout.FILE_CREATOR.data(software_version=version * 100),
            layout.DEVICE_INFO.data(
                **device,
                device_index=0,
                serial_number=serial,
                product=product,
                software_version=version,
            ),
            layout.DEVICE_INFO.data(
                **device, device_index=1, device_type=120
            ),  # the heart rate strap
            _event(start, _START),
        )
    )


def _event(when: int, event_type: int) -> bytes:
    return layout.EVENT.data(timestamp=when, event=_TIMER, event_type=event_type, event_group=0)


def _pause_marks(track: DemoTrack, start: int) -> Iterator[_Mark]:
    for point in track.pauses:
        stop, again = start + int(track.elapsed_s[point]), start + int(track.elapsed_s[point + 1])
        yield point, 2, _event(stop, _STOP_ALL) + _event(again, _START)


def _length_marks(track: DemoTrack, start: int) -> Iterator[_Mark]:
    for index, length in enumerate(track.lengths):
        end = length.start_s + length.duration_s
        yield end - 1, 0, _length(index, length, start, track.pool_length_m or 0.0)


def _length(index: int, length: Length, start: int, pool_m: float) -> bytes:
    swum: dict[str, float] = {}
    if length.is_active:
        swum = {
            "total_strokes": length.strokes,
            "avg_speed": pool_m / length.duration_s,
            "swim_stroke": 0,
            "avg_swimming_cadence": length.strokes * 60 / length.duration_s,
        }
    return layout.LENGTH.data(
        message_index=index,
        timestamp=start + length.start_s + length.duration_s,
        event=_LENGTH,
        event_type=_STOP,
        start_time=start + length.start_s,
        total_elapsed_time=length.duration_s,
        total_timer_time=length.duration_s,
        length_type=int(length.is_active),
        **swum,
    )


def _lap_marks(plan: Plan, track: DemoTrack, start: int) -> Iterator[_Mark]:
    laps, seen = lap_totals(track), 0
    for index, lap in enumerate(laps):
        last = index == len(laps) - 1
        swum = sum(
            1
            for length in track.lengths[seen:]
            if length.start_s + length.duration_s <= _end(lap) + 1
        )
        trigger = _AT_END if last else _MANUAL if track.lengths else _BY_DISTANCE
        values = _shared_fields(track, lap, start) | {
            "message_index": index,
            "event": _LAP,
            "intensity": 0,
            "lap_trigger": trigger,
            "sport": plan.kind.fit_sport,
            "sub_sport": plan.kind.fit_sub_sport,
        }
        if track.lengths:
            values |= {"num_lengths": swum, "first_length_index": seen}
        if track.latitude is not None and track.longitude is not None:
            values["end_position_lat"] = float(track.latitude[lap.last]) * _SEMICIRCLES
            values["end_position_long"] = float(track.longitude[lap.last]) * _SEMICIRCLES
        seen += swum
        yield lap.last, 1, layout.LAP.data(**values)


def _end(total: Totals) -> int:
    return total.start_s + total.elapsed_s


def _shared_fields(track: DemoTrack, total: Totals, start: int) -> dict[str, float | None]:
    """The fields that laps and sessions share."""
    values: dict[str, float | None] = {
        "timestamp": start + _end(total),
        "event_type": _STOP,
        "start_time": start + total.start_s,
        "total_elapsed_time": total.elapsed_s,
        "total_timer_time": total.timer_s,
        "total_distance": total.distance_m,
        "total_calories": total.calories_kcal,
        "avg_speed": total.average_speed_mps,
        "max_speed": total.max_speed_mps,
        "avg_heart_rate": total.average_heartrate_bpm,
        "max_heart_rate": total.max_heartrate_bpm,
        "avg_cadence": total.average_cadence_rpm,
        "max_cadence": total.max_cadence_rpm,
        "avg_power": total.average_power_w,
        "max_power": total.max_power_w,
    }
    if track.altitude_m is not None:
        values |= {"total_ascent": total.gain_m, "total_descent": total.loss_m}
    if track.latitude is not None and track.longitude is not None:
        values["start_position_lat"] = float(track.latitude[total.first]) * _SEMICIRCLES
        values["start_position_long"] = float(track.longitude[total.first]) * _SEMICIRCLES
    return values


def _tail(plan: Plan, track: DemoTrack, start: int) -> bytes:
    """The end of the clock, the session and the activity with its local time."""
    total = session_totals(track)
    end = start + _end(total)
    values = _shared_fields(track, total, start) | {
        "message_index": 0,
        "event": _SESSION,
        "sport": plan.kind.fit_sport,
        "sub_sport": plan.kind.fit_sub_sport,
        "first_lap_index": 0,
        "num_laps": len(track.lap_ends),
        "trigger": 0,
        "normalized_power": None if track.power_w is None else weighted_power(track.power_w),
        "avg_temperature": None
        if track.temperature_c is None
        else float(track.temperature_c.mean()),
    }
    if track.pool_length_m:
        active = sum(length.is_active for length in track.lengths)
        values |= {
            "pool_length": track.pool_length_m,
            "pool_length_unit": 0,
            "num_lengths": active,
        }
    activity = layout.ACTIVITY.data(
        timestamp=end,
        total_timer_time=total.timer_s,
        num_sessions=1,
        type=0,
        event=_ACTIVITY,
        event_type=_STOP,
        local_timestamp=end + plan.utc_offset_s,
    )
    return _event(end, _STOP_ALL) + layout.SESSION.data(**values) + activity
