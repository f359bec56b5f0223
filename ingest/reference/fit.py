"""Reads the points of a FIT file by fitparse: slow, and the measure of our own reader."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from fitparse import FitFile
from fitparse.profile import MESSAGE_TYPES
from fitparse.utils import FitParseError

from ingest.errors import CorruptFile
from ingest.reference.foreign import LED_ASTRAY
from ingest.transform.records import POINT_COLUMNS, FloatArray

_RECORD: Final = 20
#: Column -> fields of a record, the better first.
_FIELDS: Final = {
    "time": ("timestamp",),
    "latitude": ("position_lat",),
    "longitude": ("position_long",),
    "altitude_m": ("enhanced_altitude", "altitude"),
    "distance_m": ("distance",),
    "speed_mps": ("enhanced_speed", "speed"),
    "heartrate_bpm": ("heart_rate",),
    "cadence_rpm": ("cadence",),
    "power_w": ("power",),
    "temperature_c": ("temperature",),
}


def messages(data: bytes, *names: str, origin: str = "fitparse") -> list[Any]:
    """The messages of these names, checksums not compared.

    Raises:
        CorruptFile: fitparse gives up, be it after a thousand good messages.
    """
    try:
        return list(FitFile(data, check_crc=False).get_messages(names))
    except (FitParseError, *LED_ASTRAY) as err:
        raise CorruptFile(origin, f"fitparse: {err}") from err


def points(data: bytes) -> dict[str, FloatArray]:
    """One value per record message in each of ``POINT_COLUMNS`` and in ``time`` (seconds since
    1970), NaN where it is missing.

    Records without a time have NaN there too. Arrays count as missing, except those of one element.

    Raises:
        CorruptFile: as ``messages``.
    """
    records = [_known(message) for message in messages(data, "record")]
    columns = {
        name: np.array([_first(record, fields) for record in records], dtype=np.float64)
        for name, fields in _FIELDS.items()
    }
    for name, fields in _FIELDS.items():
        if np.isnan(
            columns[name]
        ).all():  # Stryd's power is a developer field that declares the native one
            natives = tuple(f"native {field}" for field in fields)
            columns[name] = np.array(
                [_first(record, natives) for record in records], dtype=np.float64
            )
    fraction = np.array(
        [record.get("fractional_cadence", 0.0) for record in records], dtype=np.float64
    )
    columns["cadence_rpm"] += fraction
    for name in ("latitude", "longitude"):
        columns[name] = columns[name] * (180.0 / 2**31)
    known = columns["time"][~np.isnan(columns["time"])]
    columns["elapsed_s"] = columns["time"] - (known[0] if len(known) else np.nan)
    return {name: columns[name] for name in ("time", *POINT_COLUMNS)}


def _known(message: Any) -> dict[str, float]:
    """The first value that each field of a message has, its own before one that is unpacked from
    another field.
    """
    found: dict[str, float] = {}
    for field in sorted(message.fields, key=lambda field: field.field_def is None):
        value = _number(field.value)
        if value is not None:
            found.setdefault(_name(field), value)
    return found


def _name(field: Any) -> str:
    """The field's name; of a developer field that declares a native one ``native`` and its name."""
    native = getattr(field.field, "native_field_num", None)
    known = MESSAGE_TYPES[_RECORD].fields.get(native)
    return str(field.name) if native is None or known is None else f"native {known.name}"


def _number(value: Any) -> float | None:
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).timestamp()
    return float(value) if isinstance(value, int | float) else None


def _first(record: dict[str, float], fields: tuple[str, ...]) -> float:
    return next((record[field] for field in fields if field in record), np.nan)
