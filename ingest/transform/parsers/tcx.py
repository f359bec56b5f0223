"""Reads a TCX file as a ``Recording`` with points, laps and device.

A file with more than one Activity gives one session for each. Points without position are kept,
points without time only between timed neighbours of their lap, and points with a wrong time are
dropped. Courses are plans rather than recordings and are skipped. Distances and speeds come out in
metres and metres per second, whatever unit the file used, as far as its positions and laps show the
unit. Without a distance in the file, positions give it. A lap's ``trigger`` and ``intensity`` are
the file's words in lower case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import numpy as np

from ingest.errors import CorruptFile, NoSamples
from ingest.transform.parsers.clocks import NOTHING_KNOWN, Expected
from ingest.transform.parsers.point_columns import clock, numbers, ordered, partial
from ingest.transform.parsers.regular_xml import read_points
from ingest.transform.parsers.tcx_laps import figures_of, lap_row, session_rows, without_zone
from ingest.transform.parsers.tcx_reader import TcxReader
from ingest.transform.parsers.units import (
    Witnesses,
    agrees,
    in_metres,
    in_mps,
    lap_total,
    lap_units,
    sane_distances,
    way_along,
)
from ingest.transform.parsers.xml_points import RawPoints
from ingest.transform.parsers.xml_text import as_utf8
from ingest.transform.path import track_length
from ingest.transform.positions import cleaned
from ingest.transform.records import POINT_COLUMNS, BoolArray, Device, FloatArray, LapRow, Recording

#: Serial numbers that programs write which do not know the real one.
_NO_SERIAL: Final = ("0", "4294967295")


def parse(data: bytes, origin: str, expected: Expected = NOTHING_KNOWN) -> Recording:
    """Read a TCX file; ``expected`` helps to find times that are wrong.

    Raises:
        CorruptFile: neither a point nor a lap can be read, or the XML declares entities.
        NoSamples: there are neither laps nor points with a time.
    """
    reader, raw = read_points(as_utf8(data), TcxReader, origin)
    return build(raw, reader, origin, expected)


def build(
    raw: RawPoints, reader: TcxReader, origin: str, expected: Expected = NOTHING_KNOWN
) -> Recording:
    """Build the recording from what a reader has collected."""
    columns = {name: numbers(texts) for name, texts in raw.columns.items() if name != "time"}
    times = clock(raw.columns["time"], raw.breaks, expected)
    laps = tuple(lap_row(index, lap) for index, lap in enumerate(reader.laps))
    timed = bool(times.known.any())
    if not timed and not laps:
        raise _nothing(raw, origin)
    start, elapsed = times.elapsed(times.known) if timed else (_first_start(laps), None)
    sport = next((activity.sport for activity in reader.activities if activity.sport), None)
    points, computed, said = _in_units(_points(columns, elapsed, times.known), laps, sport)
    laps, said_of_laps = lap_units(laps, points)
    sessions = session_rows(reader.activities, laps)
    return Recording(
        format="tcx",
        start_time_utc=start,
        points=points,
        laps=laps,
        sessions=sessions if len(sessions) > 1 else (),
        figures=figures_of(laps),
        device=_device(reader.creator),
        sport=sport,
        utc_offset_s=times.offset_s,
        partial=partial(raw, times),
        corrections=said + said_of_laps,
        naive_time=times.naive if timed else without_zone(reader.laps),
        distance_is_haversine=computed,
    )


def _in_units(
    points: dict[str, FloatArray], laps: Sequence[LapRow], sport: str | None
) -> tuple[dict[str, FloatArray], bool, tuple[str, ...]]:
    """Convert the points to metres and metres per second.

    Also returns whether their distance was measured along positions, and what was converted.
    """
    if not points:
        return points, False, ()
    points, said = _in_metres(points, laps)
    distance = None if "distance_m" in points else track_length(points, sport)
    if distance is not None:
        points["distance_m"] = distance
    if "speed_mps" in points:
        points["speed_mps"], more = in_mps(
            points["speed_mps"], points["elapsed_s"], points.get("distance_m")
        )
        said += more
    return (
        {name: points[name] for name in POINT_COLUMNS if name in points},
        distance is not None,
        said,
    )


def _in_metres(
    points: dict[str, FloatArray], laps: Sequence[LapRow]
) -> tuple[dict[str, FloatArray], tuple[str, ...]]:
    """Convert the file's distance to metres, or remove it where it holds no usable value."""
    distance = points.pop("distance_m", None)
    if distance is None:
        return points, ()
    distance = sane_distances(distance)
    laps_m = lap_total(laps)
    path = None
    if "latitude" in points and not agrees(laps_m, distance, points["elapsed_s"]):
        path = way_along(points["latitude"], points["longitude"], distance)
    # A sensor that was not connected leaves zeros.
    if np.isnan(distance).all() or (path and not distance.any()):
        return points, ()
    witnesses = Witnesses(path_m=path, laps_m=laps_m)
    points["distance_m"], said = in_metres(distance, points["elapsed_s"], witnesses)
    return points, said


def _points(
    columns: Mapping[str, FloatArray | None], elapsed: FloatArray | None, kept: BoolArray
) -> dict[str, FloatArray]:
    """The columns of the points that are kept.

    A position with only one coordinate counts as none. RunCadence fills gaps of Cadence.
    """
    if elapsed is None:
        return {}
    points = {name: column[kept] for name, column in columns.items() if column is not None}
    points["elapsed_s"] = elapsed
    latitude, longitude = points.pop("latitude", None), points.pop("longitude", None)
    if latitude is not None and longitude is not None:
        points["latitude"], points["longitude"] = cleaned(latitude, longitude)
    run_cadence = points.pop("run_cadence", None)
    if run_cadence is not None:
        cadence = points.get("cadence_rpm", run_cadence)
        points["cadence_rpm"] = np.where(np.isnan(cadence), run_cadence, cadence)
    return ordered(points)


def _first_start(laps: tuple[LapRow, ...]) -> datetime | None:
    return next((lap.start_time_utc for lap in laps if lap.start_time_utc), None)


def _device(creator: Mapping[str, str]) -> Device:
    serial = creator.get("unitid")
    version = [creator[name] for name in ("versionmajor", "versionminor") if name in creator]
    return Device(
        name=creator.get("name"),
        product=creator.get("productid"),
        serial_number=None if serial in _NO_SERIAL else serial,
        software_version=".".join(version) or None,
    )


def _nothing(raw: RawPoints, origin: str) -> CorruptFile | NoSamples:
    if raw.damage is not None:
        return CorruptFile(origin, raw.damage)
    if raw.count:
        return NoSamples(
            origin, f"none of the {raw.count} track points has a time, and there are no laps"
        )
    return NoSamples(origin, "holds neither laps nor track points")
