"""Reads the places and altitudes of a GPX, TCX or FIT course, whose points need no times.

The parsers of device files cannot be asked: they leave out what was planned, and points that have
no time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from ingest.errors import CorruptFile, NoSamples
from ingest.transform.parsers import sniff
from ingest.transform.parsers.fit_columns import Messages
from ingest.transform.parsers.fit_stream import read_stream
from ingest.transform.parsers.fit_values import FewMessages
from ingest.transform.parsers.gunzip import gunzip, is_gzip
from ingest.transform.parsers.point_columns import numbers
from ingest.transform.parsers.regular_xml import read_points
from ingest.transform.parsers.xml_points import PointReader, RawPoints
from ingest.transform.parsers.xml_text import as_utf8
from ingest.transform.positions import cleaned
from ingest.transform.records import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCourse:
    """The points of a course file; NaN where a value is missing, all arrays of one length."""

    name: str | None
    latitude: FloatArray
    longitude: FloatArray
    altitude_m: FloatArray
    #: As the file tells it; GPX files tell none.
    distance_m: FloatArray
    #: How many tracks or courses the file has, one after the other.
    count: int = 1
    #: Why only a part of the file could be read.
    damage: str | None = None


class _XmlReader(PointReader):
    """Collects points, and the names of elements that hold them."""

    #: Local name of the element that is one course.
    COURSE: ClassVar[str]
    #: Elements whose name counts if the course has none.
    ABOUT: ClassVar[tuple[str, ...]] = ()
    NAME: ClassVar[str] = "name"

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, str] = {}
        self.count = 0

    def opened(self, name: str, _attributes: Mapping[str, str]) -> None:
        """Called when an element outside of points begins."""
        self.count += name == self.COURSE

    def closed(self, name: str, text: str) -> None:
        """Called when an element outside of points ends; keeps the first name of each kind."""
        if name == self.NAME and text and self.path:
            self.names.setdefault(self.path[-1], text)

    @property
    def name(self) -> str | None:
        """The name of the course."""
        return next((self.names[at] for at in (self.COURSE, *self.ABOUT) if at in self.names), None)


class _TrackReader(_XmlReader):
    TAG = POINT = "trkpt"
    COURSE = "trk"
    ABOUT = ("metadata", "gpx")
    ATTRIBUTES = ("lat", "lon")
    FIELDS: ClassVar[Mapping[str, str]] = {"ele": "altitude_m"}
    FRAME = ("<gpx><trk><trkseg>", "</trkseg></trk></gpx>")


class _RouteReader(_TrackReader):
    TAG = POINT = "rtept"
    COURSE = "rte"
    FRAME = ("<gpx><rte>", "</rte></gpx>")


class _TcxReader(_XmlReader):
    TAG, POINT = "Trackpoint", "trackpoint"
    COURSE = "course"
    FIELDS: ClassVar[Mapping[str, str]] = {
        "latitudedegrees": "lat",
        "longitudedegrees": "lon",
        "altitudemeters": "altitude_m",
        "distancemeters": "distance_m",
    }
    FRAME = (
        "<TrainingCenterDatabase><Courses><Course><Track>",
        "</Track></Course></Courses></TrainingCenterDatabase>",
    )


def read_course(data: bytes, origin: str) -> RawCourse:
    """Read the bytes of a course file, gzipped or not.

    Raises:
        IngestError: ``CorruptFile``, ``UnsupportedFormat``, ``NoSamples`` or ``TooLarge``.
    """
    data = gunzip(data, origin) if is_gzip(data) else data
    return _READERS[sniff(data, origin)](data, origin)


def _gpx(data: bytes, origin: str) -> RawCourse:
    """A file may have both; the track is then the finer one."""
    data = as_utf8(data)
    track, raw = read_points(data, _TrackReader, origin)
    if raw.count:
        return _of_xml(track, raw)
    route, raw = read_points(data, _RouteReader, origin)
    return _some(_of_xml(route, raw), origin, "neither a track nor a route")


def _tcx(data: bytes, origin: str) -> RawCourse:
    reader, raw = read_points(as_utf8(data), _TcxReader, origin)
    return _some(_of_xml(reader, raw), origin, "neither a course nor a track")


def _of_xml(reader: _XmlReader, raw: RawPoints) -> RawCourse:
    columns = {name: numbers(texts) for name, texts in raw.columns.items()}
    unknown = np.full(raw.count, np.nan)

    def column(name: str) -> FloatArray:
        found = columns.get(name)
        return unknown if found is None else found

    latitude, longitude = cleaned(column("lat"), column("lon"))
    return RawCourse(
        name=reader.name,
        latitude=latitude,
        longitude=longitude,
        altitude_m=column("altitude_m"),
        distance_m=column("distance_m"),
        count=reader.count,
        damage=raw.damage,
    )


def _fit(data: bytes, origin: str) -> RawCourse:
    stream = read_stream(data, origin)
    records, courses = Messages(stream, "record"), FewMessages(stream, "course")
    unknown = np.full(records.count, np.nan)
    latitude, longitude = records.positions("position_lat", "position_long")
    altitude = records.first_of("enhanced_altitude", "altitude")
    distance = records.numbers("distance")
    course = RawCourse(
        name=next(filter(None, courses.texts("name")), None),
        latitude=unknown if latitude is None else latitude,
        longitude=unknown if longitude is None else longitude,
        altitude_m=unknown if altitude is None else altitude,
        distance_m=unknown if distance is None else distance,
        damage=stream.partial,
    )
    return _some(course, origin, "no points; it may be a workout, or a device's settings")


def _some(course: RawCourse, origin: str, lacking: str) -> RawCourse:
    """The course, if it has points."""
    if len(course.latitude):
        return course
    if course.damage is not None:
        raise CorruptFile(origin, course.damage)
    raise NoSamples(origin, f"holds {lacking}")


_READERS: Final[Mapping[str, Callable[[bytes, str], RawCourse]]] = {
    "gpx": _gpx,
    "tcx": _tcx,
    "fit": _fit,
}
