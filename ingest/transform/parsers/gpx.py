"""Reads a GPX file (1.0, 1.1, any namespace or none) as a ``Recording`` of all its tracks.

Elements are recognised by their local name, so that heart rate is found under any prefix. A point
is dropped, and counted in ``partial``, if its time is wrong, or if it has none and does not lie
between two timed points of its segment. ``distance_m`` is the haversine sum of the positions, also
over gaps between segments, but without jumps faster than anyone moves; a point without position
gets it from its neighbours. Times without zone are read as UTC; if no time has a zone, the
recording is marked ``naive_time``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ingest.errors import CorruptFile, NoSamples
from ingest.transform.parsers.clocks import NOTHING_KNOWN, Expected
from ingest.transform.parsers.point_columns import clock, numbers, ordered, partial
from ingest.transform.parsers.regular_xml import read_points
from ingest.transform.parsers.units import in_mps
from ingest.transform.parsers.xml_points import PointReader, RawPoints
from ingest.transform.parsers.xml_text import as_utf8
from ingest.transform.path import track_length
from ingest.transform.positions import cleaned
from ingest.transform.records import BoolArray, Device, FloatArray, Recording


class GpxReader(PointReader):
    """Collects ``trkpt`` elements, the file's creator, and name and type of the first track."""

    TAG: ClassVar[str] = "trkpt"
    POINT: ClassVar[str] = "trkpt"
    ATTRIBUTES: ClassVar[tuple[str, ...]] = ("lat", "lon")
    FIELDS: ClassVar[Mapping[str, str]] = {
        "ele": "altitude_m",
        "time": "time",
        "hr": "heartrate_bpm",
        "heartrate": "heartrate_bpm",
        "bpm": "heartrate_bpm",
        "cad": "cadence_rpm",
        "cadence": "cadence_rpm",
        "power": "power_w",
        "powerinwatts": "power_w",
        "watts": "power_w",
        "atemp": "temperature_c",
        "temp": "temperature_c",
        "temperature": "temperature_c",
        "speed": "speed_mps",
    }
    FRAME: ClassVar[tuple[str, str]] = ("<gpx><trk><trkseg>", "</trkseg></trk></gpx>")

    def __init__(self) -> None:
        super().__init__()
        self.creator: str | None = None
        self.about: dict[str, str] = {}

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        """Called at the beginning of the file and of each segment."""
        if name == "trkseg":
            self.breaks.append(len(self.points))
        elif name == "gpx":
            self.creator = (attributes.get("creator") or "").strip() or None

    def closed(self, name: str, text: str) -> None:
        """Called at the end of a track's name or type; the first text of each is kept."""
        if name in ("name", "type") and text and self.path[-1:] == ["trk"]:
            self.about.setdefault(name, text)

    def _has_fields(self, attributes: dict[str, str]) -> bool:
        return "lat" in attributes and "lon" in attributes


def parse(data: bytes, origin: str, expected: Expected = NOTHING_KNOWN) -> Recording:
    """Read a GPX file; ``expected`` helps to find times that are wrong.

    Raises:
        CorruptFile: no point can be read, or the XML declares entities.
        NoSamples: there is no track point, none with a position or another value, or none with a
            time.
    """
    reader, raw = read_points(as_utf8(data), GpxReader, origin)
    return build(raw, reader, origin, expected)


def build(
    raw: RawPoints, reader: GpxReader, origin: str, expected: Expected = NOTHING_KNOWN
) -> Recording:
    """Build the recording from what a reader has collected."""
    if not raw.count:
        raise _nothing(raw, origin, "holds no track points")
    columns = {name: numbers(texts) for name, texts in raw.columns.items() if name != "time"}
    latitude, longitude = columns.pop("lat"), columns.pop("lon")
    told = _tell_something(latitude, longitude, columns)
    columns["latitude"], columns["longitude"] = _positions(latitude, longitude)
    known = {name: column for name, column in columns.items() if column is not None}
    times = clock(raw.columns["time"], raw.breaks, expected)
    has_values = not all(np.isnan(column).all() for column in known.values())
    if not has_values or not times.known.any():
        what = "time" if has_values else "position"
        raise _nothing(raw, origin, f"none of the {raw.count} track points has a {what}")
    kept = times.known if told is None or not (times.known & told).any() else times.known & told
    start, elapsed = times.elapsed(kept)
    sport = reader.about.get("type")
    points = {name: column[kept] for name, column in known.items()} | {"elapsed_s": elapsed}
    distance = track_length(points, sport)
    corrections: tuple[str, ...] = ()
    if "speed_mps" in points:
        points["speed_mps"], corrections = in_mps(points["speed_mps"], elapsed, distance)
    return Recording(
        format="gpx",
        start_time_utc=start,
        points=ordered({**points, "distance_m": distance}),
        device=Device(name=reader.creator),
        sport=sport,
        name=reader.about.get("name"),
        utc_offset_s=times.offset_s,
        partial=partial(raw, times, _placeless(int((times.known & ~kept).sum()), raw.count)),
        corrections=corrections,
        naive_time=times.naive,
        distance_is_haversine=distance is not None,
    )


def _tell_something(
    latitude: FloatArray | None,
    longitude: FloatArray | None,
    columns: Mapping[str, FloatArray | None],
) -> BoolArray | None:
    """Which points have a position or a sensor's value; ``None`` means that all count.

    An altitude without a position does not count.
    """
    if latitude is None or longitude is None:
        return None
    told = ~(np.isnan(latitude) | np.isnan(longitude))
    if told.all():
        return None
    for name, column in columns.items():
        if column is not None and name != "altitude_m":
            told |= ~np.isnan(column)
    return told


def _positions(
    latitude: FloatArray | None, longitude: FloatArray | None
) -> tuple[FloatArray, FloatArray] | tuple[None, None]:
    return (None, None) if latitude is None or longitude is None else cleaned(latitude, longitude)


def _nothing(raw: RawPoints, origin: str, reason: str) -> CorruptFile | NoSamples:
    return NoSamples(origin, reason) if raw.damage is None else CorruptFile(origin, raw.damage)


def _placeless(count: int, total: int) -> str | None:
    """A sentence about points without a position and a value, ``None`` if there are none."""
    have = "has" if count == 1 else "have"
    told = f"{count} of {total} points {have} neither a position nor a sensor's value"
    return told if count else None
