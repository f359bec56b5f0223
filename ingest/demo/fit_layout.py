"""Defines the FIT messages that the demo writes: which fields, in which units."""

from __future__ import annotations

from typing import Final

from ingest.demo.fit_messages import Field, Message

_TIMESTAMP: Final = Field("timestamp", 253, "uint32")
_INDEX: Final = Field("message_index", 254, "uint16")
_EVENT: Final = (Field("event", 0, "enum"), Field("event_type", 1, "enum"))

FILE_ID: Final = Message(
    0,
    0,
    (
        Field("type", 0, "enum"),
        Field("manufacturer", 1, "uint16"),
        Field("product", 2, "uint16"),
        Field("serial_number", 3, "uint32z"),
        Field("time_created", 4, "uint32"),
    ),
)
FILE_CREATOR: Final = Message(1, 49, (Field("software_version", 0, "uint16"),))
DEVICE_INFO: Final = Message(
    2,
    23,
    (
        _TIMESTAMP,
        Field("device_index", 0, "uint8"),
        Field("device_type", 1, "uint8"),
        Field("manufacturer", 2, "uint16"),
        Field("serial_number", 3, "uint32z"),
        Field("product", 4, "uint16"),
        Field("software_version", 5, "uint16", 100),
    ),
)
EVENT: Final = Message(3, 21, (_TIMESTAMP, *_EVENT, Field("event_group", 4, "uint8")))
LENGTH: Final = Message(
    5,
    101,
    (
        _INDEX,
        _TIMESTAMP,
        *_EVENT,
        Field("start_time", 2, "uint32"),
        Field("total_elapsed_time", 3, "uint32", 1000),
        Field("total_timer_time", 4, "uint32", 1000),
        Field("total_strokes", 5, "uint16"),
        Field("avg_speed", 6, "uint16", 1000),
        Field("swim_stroke", 7, "enum"),
        Field("avg_swimming_cadence", 9, "uint8"),
        Field("length_type", 12, "enum"),
    ),
)
LAP: Final = Message(
    6,
    19,
    (
        _INDEX,
        _TIMESTAMP,
        *_EVENT,
        Field("start_time", 2, "uint32"),
        Field("start_position_lat", 3, "sint32"),
        Field("start_position_long", 4, "sint32"),
        Field("end_position_lat", 5, "sint32"),
        Field("end_position_long", 6, "sint32"),
        Field("total_elapsed_time", 7, "uint32", 1000),
        Field("total_timer_time", 8, "uint32", 1000),
        Field("total_distance", 9, "uint32", 100),
        Field("total_calories", 11, "uint16"),
        Field("avg_speed", 13, "uint16", 1000),
        Field("max_speed", 14, "uint16", 1000),
        Field("avg_heart_rate", 15, "uint8"),
        Field("max_heart_rate", 16, "uint8"),
        Field("avg_cadence", 17, "uint8"),
        Field("max_cadence", 18, "uint8"),
        Field("avg_power", 19, "uint16"),
        Field("max_power", 20, "uint16"),
        Field("total_ascent", 21, "uint16"),
        Field("total_descent", 22, "uint16"),
        Field("intensity", 23, "enum"),
        Field("lap_trigger", 24, "enum"),
        Field("sport", 25, "enum"),
        Field("num_lengths", 32, "uint16"),
        Field("first_length_index", 35, "uint16"),
        Field("sub_sport", 39, "enum"),
    ),
)
SESSION: Final = Message(
    7,
    18,
    (
        _INDEX,
        _TIMESTAMP,
        *_EVENT,
        Field("start_time", 2, "uint32"),
        Field("start_position_lat", 3, "sint32"),
        Field("start_position_long", 4, "sint32"),
        Field("sport", 5, "enum"),
        Field("sub_sport", 6, "enum"),
        Field("total_elapsed_time", 7, "uint32", 1000),
        Field("total_timer_time", 8, "uint32", 1000),
        Field("total_distance", 9, "uint32", 100),
        Field("total_calories", 11, "uint16"),
        Field("avg_speed", 14, "uint16", 1000),
        Field("max_speed", 15, "uint16", 1000),
        Field("avg_heart_rate", 16, "uint8"),
        Field("max_heart_rate", 17, "uint8"),
        Field("avg_cadence", 18, "uint8"),
        Field("max_cadence", 19, "uint8"),
        Field("avg_power", 20, "uint16"),
        Field("max_power", 21, "uint16"),
        Field("total_ascent", 22, "uint16"),
        Field("total_descent", 23, "uint16"),
        Field("first_lap_index", 25, "uint16"),
        Field("num_laps", 26, "uint16"),
        Field("trigger", 28, "enum"),
        Field("num_active_lengths", 33, "uint16"),
        Field("normalized_power", 34, "uint16"),
        Field("pool_length", 44, "uint16", 100),
        Field("pool_length_unit", 46, "enum"),
        Field("avg_temperature", 57, "sint8"),
    ),
)
ACTIVITY: Final = Message(
    8,
    34,
    (
        _TIMESTAMP,
        Field("total_timer_time", 0, "uint32", 1000),
        Field("num_sessions", 1, "uint16"),
        Field("type", 2, "enum"),
        Field("event", 3, "enum"),
        Field("event_type", 4, "enum"),
        Field("local_timestamp", 5, "uint32"),
    ),
)
#: All messages but the records, whose fields depend on the sensors.
MESSAGES: Final = (FILE_ID, FILE_CREATOR, DEVICE_INFO, EVENT, LENGTH, LAP, SESSION, ACTIVITY)

RECORD_FIELDS: Final = {
    "timestamp": _TIMESTAMP,
    "position_lat": Field("position_lat", 0, "sint32"),
    "position_long": Field("position_long", 1, "sint32"),
    "distance": Field("distance", 5, "uint32", 100),
    "enhanced_altitude": Field("enhanced_altitude", 78, "uint32", 5, 500),
    "enhanced_speed": Field("enhanced_speed", 73, "uint32", 1000),
    "power": Field("power", 7, "uint16"),
    "heart_rate": Field("heart_rate", 3, "uint8"),
    "cadence": Field("cadence", 4, "uint8"),
    "temperature": Field("temperature", 13, "sint8"),
}


def record_message(columns: tuple[str, ...]) -> Message:
    """The records of one file: the fields that its sensors fill."""
    return Message(4, 20, tuple(field for name, field in RECORD_FIELDS.items() if name in columns))
