"""Reads the points of a TCX file by tcxreader: slow, and the measure of our own reader."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final
from xml.etree import ElementTree

from tcxreader.tcxreader import TCXReader

from ingest.errors import CorruptFile
from ingest.reference.foreign import LED_ASTRAY, as_columns, since_1970
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
    except (ElementTree.ParseError, *LED_ASTRAY) as err:
        raise CorruptFile("tcxreader", f"tcxreader: {err}") from err
    return as_columns(_COLUMNS, map(_values, exercise.trackpoints))


def _values(point: Any) -> list[float | None]:
    extension = point.tpx_ext
    return [
        since_1970(point.time),
        point.latitude,
        point.longitude,
        point.elevation,
        point.distance,
        point.hr_value,
        extension.get("RunCadence") if point.cadence is None else point.cadence,
        extension.get("Speed"),
        extension.get("Watts"),
    ]
