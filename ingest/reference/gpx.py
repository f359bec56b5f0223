"""Reads the points of a GPX file by gpxpy: slow, and the measure of our own reader."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from xml.etree import ElementTree

import gpxpy
import gpxpy.gpx
import gpxpy.parser

from ingest.errors import CorruptFile
from ingest.reference.foreign import LED_ASTRAY, as_columns, since_1970
from ingest.transform.records import FloatArray

#: Column -> local names of extensions, the better first.
_EXTENSIONS: Final = {
    "heartrate_bpm": ("hr", "heartrate"),
    "cadence_rpm": ("cad", "cadence"),
    "power_w": ("power", "powerinwatts", "watts"),
    "temperature_c": ("atemp", "temp", "temperature"),
    "speed_mps": ("speed",),
}

# gpxpy takes lxml where it is installed, and is then half as fast.
gpxpy.parser.mod_etree = ElementTree  # type: ignore[attr-defined]  # a global of its own


def points(data: bytes) -> dict[str, FloatArray]:
    """One value per track point in each column that gpxpy gives, and in ``time`` (seconds since
    1970); NaN where it is missing.

    Naive times count as UTC. ``distance_m`` and ``elapsed_s`` are not given.

    Raises:
        CorruptFile: gpxpy gives up, be it for one point without position.
    """
    try:
        found = [_values(point) for point in _track_points(data)]
    except (gpxpy.gpx.GPXException, ElementTree.ParseError, *LED_ASTRAY) as err:
        raise CorruptFile("gpxpy", f"gpxpy: {err}") from err
    names = ("time", "latitude", "longitude", "altitude_m", *_EXTENSIONS)
    return as_columns(names, found)


def _track_points(data: bytes) -> Iterable[Any]:
    gpx = gpxpy.parse(data.strip())
    return (point for track in gpx.tracks for segment in track.segments for point in segment.points)


def _values(point: Any) -> list[float | None]:
    extensions = {
        element.tag.rpartition("}")[2].lower(): element.text
        for extension in point.extensions
        for element in extension.iter()
    }
    values = [_extension(extensions, names) for names in _EXTENSIONS.values()]
    if point.speed is not None:
        values[-1] = point.speed
    return [since_1970(point.time), point.latitude, point.longitude, point.elevation, *values]


def _extension(extensions: dict[str, str | None], names: Iterable[str]) -> float | None:
    texts = (extensions.get(name) for name in names)
    return next((float(text) for text in texts if text and text.strip()), None)
