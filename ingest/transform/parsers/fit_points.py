"""Reads the record messages of a FIT file as the columns of ``track_points``."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.transform.parsers.clocks import NOTHING_KNOWN, Expected, stray, usable
from ingest.transform.parsers.fit_columns import Messages, coalesce, developer_column, times
from ingest.transform.parsers.fit_profile import (
    FIRST_DATE,
    FIT_EPOCH,
    LAST_DATE,
    field_spec,
    message_number,
)
from ingest.transform.parsers.fit_stream import Stream
from ingest.transform.parsers.fit_untimed import with_times
from ingest.transform.parsers.fit_values import FewMessages
from ingest.transform.records import BoolArray, FloatArray, IntArray

#: Column -> fields of a record; the first one with a value counts.
_FIELDS: Final = {
    "altitude_m": ("enhanced_altitude", "altitude"),
    "distance_m": ("distance",),
    "speed_mps": ("enhanced_speed", "speed"),
    "heartrate_bpm": ("heart_rate",),
    "cadence_rpm": ("cadence", "cadence256"),
    "power_w": ("power",),
    "temperature_c": ("temperature",),
}
#: Bytes of a packed speed and distance, and the value that means "not measured".
_PACKED: Final = 3
_NOTHING: Final = 0xFFFFFF


def read_points(
    stream: Stream, expected: Expected = NOTHING_KNOWN
) -> tuple[FloatArray, dict[str, FloatArray], str | None]:
    """The FIT time of each point, its columns, and a sentence about points that a wrong clock cost.

    There are no points if no record has a time.
    """
    records = Messages(stream, "record")
    if not records.count:
        return np.empty(0), {}, None
    found = with_times(stream, records.offsets, times(stream, records))
    right = _usable(found, expected)
    wrong = stray(int((~right & ~np.isnan(found)).sum()), records.count)
    moments, kept = _moments(found, right)
    if not len(moments):
        return moments, {}, wrong
    columns = {
        name: column for name, column in _columns(stream, records).items() if column is not None
    }
    if kept is not None:
        columns = {name: column[kept] for name, column in columns.items()}
    return (
        moments,
        {name: column for name, column in columns.items() if not np.isnan(column).all()},
        wrong,
    )


def _moments(found: FloatArray, usable_ones: BoolArray) -> tuple[FloatArray, IntArray | None]:
    """The times of the points that are kept, and which records they are (``None``: all of them).

    A record without a time is kept if there are timed records before and after it.
    """
    if usable_ones.all():
        return found, None
    timed = np.flatnonzero(usable_ones)
    if not len(timed):
        return found[:0], timed
    kept = np.flatnonzero(usable_ones | np.isnan(found))
    kept = kept[(kept >= timed[0]) & (kept <= timed[-1])]
    return np.interp(kept, timed, found[timed]), kept


def _usable(found: FloatArray, expected: Expected) -> BoolArray:
    dates = (found >= FIRST_DATE) & (found < LAST_DATE)
    if not dates.any():
        # Without a date, seconds since the device was switched on are better than nothing.
        return (found >= 0) & (found < FIRST_DATE)
    return usable(np.where(dates, found + FIT_EPOCH, np.nan), expected)


def _columns(stream: Stream, records: Messages) -> dict[str, FloatArray | None]:
    latitude, longitude = records.positions("position_lat", "position_long")
    columns: dict[str, FloatArray | None] = {"latitude": latitude, "longitude": longitude}
    columns |= {name: records.first_of(*fields) for name, fields in _FIELDS.items()}
    speed, distance = _compressed_speed_distance(stream, records)
    columns["speed_mps"] = coalesce(columns["speed_mps"], speed)
    columns["distance_m"] = coalesce(columns["distance_m"], distance)
    return _with_developer_fields(stream, records, columns)


def _compressed_speed_distance(
    stream: Stream, records: Messages
) -> tuple[FloatArray | None, FloatArray | None]:
    """Speed (the low 12 of 24 bits) and distance (the other 12, which overflow every 256 m).

    Three bytes of 0xFF mean "not measured", as in fitparse's null_compressed_speed_dist.fit.
    """
    parts = records.raw_bytes(field_spec("record", "compressed_speed_distance").number)
    if parts.shape[1] < _PACKED:
        return None, None
    packed = parts[:, :_PACKED] @ [1.0, 256.0, 65536.0]
    packed[packed == _NOTHING] = np.nan
    known = np.flatnonzero(~np.isnan(packed))
    bits = packed[known].astype(np.int64)
    speed, distance = np.full(records.count, np.nan), np.full(records.count, np.nan)
    speed[known] = (bits & 0xFFF) / 100
    distance[known] = (
        _accumulated(bits >> 12, np.searchsorted(stream.starts, records.offsets[known])) / 16
    )
    return speed, distance


def _accumulated(
    low: IntArray,
    part: IntArray,
) -> FloatArray:
    """Totals of a 12-bit counter that overflows; it starts anew in each chained file (``part``)."""
    overflows = np.cumsum(np.diff(low, prepend=0) < 0)
    first = np.flatnonzero(np.diff(part, prepend=-1))
    before = np.repeat(overflows[first], np.diff(np.append(first, len(part))))
    return (low + ((overflows - before) << 12)).astype(np.float64)


def _with_developer_fields(
    stream: Stream, records: Messages, columns: dict[str, FloatArray | None]
) -> dict[str, FloatArray | None]:
    """Use developer fields that replace a native one (like Stryd's power) if that has no values."""
    if not any(group.definition.developer_fields for group in records.groups):
        return columns
    for (key, base_type), (name, scale, offset) in _natives(stream).items():
        present = columns[name]
        if present is None or np.isnan(present).all():
            found = developer_column(records, key, base_type)
            columns[name] = present if found is None else _finite(found / scale - offset)
    return columns


def _finite(column: FloatArray) -> FloatArray:
    # The file states the scale, which may be next to zero.
    column[~np.isfinite(column)] = np.nan
    return column


def _natives(stream: Stream) -> dict[tuple[tuple[int, int], int], tuple[str, float, float]]:
    """Developer fields that declare a native record field.

    (Developer field, base type) -> (our column, scale, offset).
    """
    described = FewMessages(stream, "field_description")
    column_of = {
        field_spec("record", field).number: name
        for name, fields in _FIELDS.items()
        for field in fields
    }
    names = (
        "developer_data_index",
        "field_definition_number",
        "fit_base_type_id",
        "native_mesg_num",
        "native_field_num",
        "scale",
        "offset",
    )
    found = {}
    for index, number, base_type, message, native, scale, offset in zip(
        *map(described.values, names), strict=True
    ):
        if index is None or number is None or base_type is None or native not in column_of:
            continue
        if message in (None, message_number("record")):
            found[(int(index), int(number)), int(base_type)] = (
                column_of[int(native)],
                scale or 1.0,
                offset or 0.0,
            )
    return found
