"""Defines the FIT messages that the demo writes: which fields, in which order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from fitdecode.profile import MESSAGE_TYPES

from ingest.demo.fit_messages import Field, Message
from ingest.transform.parsers.fit_profile import message_number


def _message(local: int, name: str, fields: str) -> Message:
    """A message; numbers, types and units of its fields are those of the FIT profile."""
    number = message_number(name)
    known = {field.name: field for field in MESSAGE_TYPES[number].fields.values()}
    return Message(local, number, tuple(_field(known[field]) for field in fields.split()))


def _field(known: Any) -> Field:
    return Field(known.name, known.def_num, known.base_type, known.scale or 1, known.offset or 0)


FILE_ID: Final = _message(0, "file_id", "type manufacturer product serial_number time_created")
FILE_CREATOR: Final = _message(1, "file_creator", "software_version")
DEVICE_INFO: Final = _message(
    2,
    "device_info",
    "timestamp device_index device_type manufacturer serial_number product software_version",
)
EVENT: Final = _message(3, "event", "timestamp event event_type event_group")
LENGTH: Final = _message(
    5,
    "length",
    "message_index timestamp event event_type start_time total_elapsed_time total_timer_time "
    "total_strokes avg_speed swim_stroke avg_swimming_cadence length_type",
)
LAP: Final = _message(
    6,
    "lap",
    "message_index timestamp event event_type start_time start_position_lat start_position_long "
    "end_position_lat end_position_long total_elapsed_time total_timer_time total_distance "
    "total_calories avg_speed max_speed avg_heart_rate max_heart_rate avg_cadence max_cadence "
    "avg_power max_power total_ascent total_descent intensity lap_trigger sport num_lengths "
    "first_length_index sub_sport",
)
SESSION: Final = _message(
    7,
    "session",
    "message_index timestamp event event_type start_time start_position_lat start_position_long "
    "sport sub_sport total_elapsed_time total_timer_time total_distance total_calories avg_speed "
    "max_speed avg_heart_rate max_heart_rate avg_cadence max_cadence avg_power max_power "
    "total_ascent total_descent first_lap_index num_laps trigger num_lengths normalized_power "
    "pool_length pool_length_unit avg_temperature",
)
ACTIVITY: Final = _message(
    8,
    "activity",
    "timestamp total_timer_time num_sessions type event event_type local_timestamp",
)
#: All messages but the records, whose fields depend on the sensors.
MESSAGES: Final = (FILE_ID, FILE_CREATOR, DEVICE_INFO, EVENT, LENGTH, LAP, SESSION, ACTIVITY)


def record_message(fields: Iterable[str]) -> Message:
    """The records of one file: the fields that its sensors fill."""
    return _message(4, "record", " ".join(fields))
