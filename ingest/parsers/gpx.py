"""Bytes of a GPX file in (1.0, 1.1, any namespace or none), a ``Recording`` with the points of all its tracks out.

Elements are known by their local name, so that heart rate is found under any prefix. A point without position, and one
without time whose neighbours in its segment have none either, is dropped and counted in ``partial``. ``distance_m`` is the
haversine sum within segments. Times without zone are read as UTC and marked ``naive_time`` if no time has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ingest.errors import CorruptFile, NoSamples
from ingest.parsers.point_columns import clock, numbers, ordered
from ingest.parsers.regular_xml import read_points
from ingest.parsers.xml_points import PointReader, RawPoints
from ingest.parsers.xml_text import as_utf8
from ingest.positions import cleaned, path_length
from ingest.rows import Device, FloatArray, Recording


class GpxReader(PointReader):
    """Listens for ``trkpt``; keeps the creator and the name and type of the first track."""

    TAG: ClassVar[str] = "trkpt"
    POINT: ClassVar[str] = "trkpt"
    ATTRIBUTES: ClassVar[tuple[str, ...]] = ("lat", "lon")
    FIELDS: ClassVar[Mapping[str, str]] = {
        "ele": "altitude_m",
        "time": "time",
        "hr": "heartrate_bpm",
        "heartrate": "heartrate_bpm",
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
        """A segment begins, or the file."""
        if name == "trkseg":
            self.breaks.append(len(self.points))
        elif name == "gpx":
            self.creator = (attributes.get("creator") or "").strip() or None

    def closed(self, name: str, text: str) -> None:
        """Name or type of a track; the first one that says something counts."""
        if name in ("name", "type") and text and self.path[-1:] == ["trk"]:
            self.about.setdefault(name, text)

    def _has_fields(self, attributes: dict[str, str]) -> bool:
        return "lat" in attributes and "lon" in attributes


def parse(data: bytes, origin: str) -> Recording:
    """Read a GPX file.

    Raises:
        CorruptFile: no point can be read, or the XML declares entities.
        NoSamples: there is no track point, none with a position, or none with a time.
    """
    reader, raw = read_points(as_utf8(data), GpxReader, origin)
    return build(raw, reader, origin)


def build(raw: RawPoints, reader: GpxReader, origin: str) -> Recording:
    """The recording of what a reader has found."""
    if not raw.count:
        raise _nothing(raw, origin, "holds no track points")
    columns = {name: numbers(texts) for name, texts in raw.columns.items() if name != "time"}
    latitude, longitude = (_or_missing(columns.pop(name), raw.count) for name in GpxReader.ATTRIBUTES)
    latitude, longitude = cleaned(latitude, longitude)
    placed, times = ~np.isnan(latitude), clock(raw.columns["time"], raw.breaks)
    kept = placed & times.known
    if not kept.any():
        what = "position" if not placed.any() else "time"
        raise _nothing(raw, origin, f"none of the {raw.count} track points has a {what}")
    start, elapsed = times.elapsed(kept)
    points = {name: column[kept] for name, column in columns.items() if column is not None}
    points |= {"elapsed_s": elapsed, "latitude": latitude[kept], "longitude": longitude[kept]}
    points["distance_m"] = path_length(latitude[kept], longitude[kept])
    return Recording(
        format="gpx",
        start_time_utc=start,
        points=ordered(points),
        device=Device(name=reader.creator),
        sport=reader.about.get("type"),
        name=reader.about.get("name"),
        partial=_partial(raw, placed, times.known),
        naive_time=times.naive,
        distance_is_haversine=True,
    )


def _or_missing(column: FloatArray | None, count: int) -> FloatArray:
    return np.full(count, np.nan) if column is None else column


def _nothing(raw: RawPoints, origin: str, reason: str) -> CorruptFile | NoSamples:
    return NoSamples(origin, reason) if raw.damage is None else CorruptFile(origin, raw.damage)


def _partial(raw: RawPoints, placed: NDArray[np.bool_], timed: NDArray[np.bool_]) -> str | None:
    """What of the file is not in the recording."""
    lost = {"position": int((~placed).sum()), "time": int((placed & ~timed).sum())}
    reasons = [raw.damage] if raw.damage else []
    for what, count in lost.items():
        if count:
            reasons.append(f"{count} of {raw.count} points {'has' if count == 1 else 'have'} no {what}")
    return "; ".join(reasons) or None
