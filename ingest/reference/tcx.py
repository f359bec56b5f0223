"""Reads the points of a TCX file by tcxreader: slow, and the measure of our own reader."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final
from xml.etree import ElementTree

import numpy as np
from tcxreader.tcxreader import TCXReader

from ingest.errors import CorruptFile
from ingest.transform.records import FloatArray

_COLUMNS: Final = (
    "time",
    "latitude",
    "longitude",
    "altitude_m",
    "distance_m",
    "heartrate_bpm",
    "cadence_rpm",
    "speed_mps",
    "power_w",
)


def points(data: bytes) -> dict[str, FloatArray]:
    """One value per Trackpoint in each column that tcxreader gives, and in ``time`` (seconds since
    1970); NaN where it is missing.

    Points without position are there. ``elapsed_s`` and ``temperature_c`` are not given.

    Raises:
        CorruptFile: tcxreader gives up.
    """
    try:
        # It takes the path of a file by its own word, and whatever ElementTree takes in fact;
        # blanks in front it does not bear.
        exercise = TCXReader().read(BytesIO(data.strip()), only_gps=False)
    except (
        ElementTree.ParseError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as err:
        raise CorruptFile("tcxreader", f"tcxreader: {err}") from err
    found = [_values(point) for point in exercise.trackpoints]
    table = np.array(found, dtype=np.float64).reshape(len(found), len(_COLUMNS))
    return {name: table[:, at].copy() for at, name in enumerate(_COLUMNS)}


def _values(point: Any) -> list[float | None]:
    extension = point.tpx_ext
    return [
        _epoch(point.time),
        point.latitude,
        point.longitude,
        point.elevation,
        point.distance,
        point.hr_value,
        extension.get("RunCadence") if point.cadence is None else point.cadence,
        extension.get("Speed"),
        extension.get("Watts"),
    ]


def _epoch(time: datetime | None) -> float | None:
    if time is None:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
