"""Bytes of a TCX file in, a ``Recording`` with points, laps and device out; more than one Activity gives one session each.

Points without position are kept, points without time only between timed neighbours of their lap. Courses are plans, not
recordings, and are passed over. A lap's ``trigger`` and ``intensity`` are the file's words in lower case.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.errors import CorruptFile, NoSamples
from ingest.parsers.point_columns import Clock, clock, numbers, ordered
from ingest.parsers.regular_xml import read_points
from ingest.parsers.tcx_laps import lap_rows, session_rows, without_zone
from ingest.parsers.tcx_reader import TcxReader
from ingest.parsers.xml_points import RawPoints
from ingest.parsers.xml_text import as_utf8
from ingest.positions import cleaned
from ingest.rows import Device, FloatArray, LapRow, Recording

#: What programs write that do not know the serial number.
_NO_SERIAL: Final = ("0", "4294967295")


def parse(data: bytes, origin: str) -> Recording:
    """Read a TCX file.

    Raises:
        CorruptFile: neither a point nor a lap can be read, or the XML declares entities.
        NoSamples: there are neither laps nor points with a time.
    """
    reader, raw = read_points(as_utf8(data), TcxReader, origin)
    return build(raw, reader, origin)


def build(raw: RawPoints, reader: TcxReader, origin: str) -> Recording:
    """The recording of what a reader has found."""
    columns = {name: numbers(texts) for name, texts in raw.columns.items() if name != "time"}
    times = clock(raw.columns["time"], raw.breaks)
    laps = lap_rows(reader.laps, columns, times)
    timed = bool(times.known.any())
    if not timed and not laps:
        raise _nothing(raw, origin)
    start, elapsed = times.elapsed(times.known) if timed else (_first_start(laps), None)
    sessions = session_rows(reader.activities, laps)
    return Recording(
        format="tcx",
        start_time_utc=start,
        points=_points(columns, elapsed, times.known),
        laps=laps,
        sessions=sessions if len(sessions) > 1 else (),
        device=_device(reader.creator),
        sport=next((activity.sport for activity in reader.activities if activity.sport), None),
        partial=_partial(raw, times),
        naive_time=times.naive if timed else without_zone(reader.laps),
    )


def _points(
    columns: Mapping[str, FloatArray | None], elapsed: FloatArray | None, kept: NDArray[np.bool_]
) -> dict[str, FloatArray]:
    """The columns of the points that are kept: half a position is none, RunCadence fills in for Cadence."""
    if elapsed is None:
        return {}
    points = {name: column[kept] for name, column in columns.items() if column is not None}
    points["elapsed_s"] = elapsed
    _clear_half_positions(points)
    run_cadence = points.pop("run_cadence", None)
    if run_cadence is not None:
        cadence = points.get("cadence_rpm", run_cadence)
        points["cadence_rpm"] = np.where(np.isnan(cadence), run_cadence, cadence)
    return ordered(points)


def _clear_half_positions(points: dict[str, FloatArray]) -> None:
    latitude, longitude = points.pop("latitude", None), points.pop("longitude", None)
    if latitude is None or longitude is None:
        return
    points["latitude"], points["longitude"] = cleaned(latitude, longitude)


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
        return NoSamples(origin, f"none of the {raw.count} track points has a time, and there are no laps")
    return NoSamples(origin, "holds neither laps nor track points")


def _partial(raw: RawPoints, times: Clock) -> str | None:
    """What of the file is not in the recording."""
    lost = int((~times.known).sum())
    reasons = [raw.damage] if raw.damage else []
    if lost:
        reasons.append(f"{lost} of {raw.count} points {'has' if lost == 1 else 'have'} no time")
    return "; ".join(reasons) or None
